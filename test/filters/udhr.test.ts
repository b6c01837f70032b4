import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { Batch } from "../../corpus/index.js";
import { quality } from "../../filters/quality/index.js";
import { toxicity } from "../../filters/toxicity/index.js";
import { utf8Column } from "../../formats/index.js";
import { testInput } from "../inputs.js";

/** The text files of a ZIP archive by name (PKWARE APPNOTE 4.3.12, deflated or stored entries). */
function textsOf(path: string): ReadonlyMap<string, string> {
  const zip = readFileSync(path);
  const texts = new Map<string, string>();
  for (let at = zip.readUInt32LE(zip.lastIndexOf("PK\x05\x06") + 16); zip.readUInt32LE(at) === 0x02014b50; ) {
    const name = zip.toString("utf8", at + 46, at + 46 + zip.readUInt16LE(at + 28));
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    const text = (zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes).toString("utf8");
    if (name.endsWith(".txt")) texts.set(name.replace(/^.*\/|\.txt$/g, ""), text);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return texts;
}

const archive = testInput("books/nltk/udhr2.zip");

test.skipIf(archive === undefined)("no translation of the Declaration of Human Rights is called obscene", async () => {
  const texts = textsOf(archive ?? "");
  const parameters = toxicity.parameters.parse({});
  const filter = await toxicity.open(parameters, await toxicity.prepare(parameters, { baseFolder: "", assetFolder: "" }));
  const names = [...texts.keys()];
  for (const languages of [names, names.map(() => "und")]) {
    const batch = new Batch(Object.entries({ text: utf8Column(texts.values()), language: utf8Column(languages) }));
    const { verdicts, columns } = filter.process(batch);
    expect(verdicts?.filter(({ keep }) => !keep)).toEqual([]);
    if (languages === names) expect(Math.max(...(columns?.toxicity_matches?.values ?? []))).toBeLessThan(3);
  }
});

test.skipIf(archive === undefined)(
  "Gopher's rules keep 95 % of its translations, and all of the largest languages",
  async () => {
    const texts = textsOf(archive ?? "");
    const filter = await quality.open(quality.parameters.parse({}), []);
    const { verdicts } = filter.process(new Batch([["text", utf8Column(texts.values())]]));
    const dropped = [...texts.keys()].filter((_, i) => verdicts?.[i]?.keep === false);
    expect(dropped.length / texts.size).toBeLessThan(0.05);
    for (const name of "eng deu_1996 fra spa ita por_BR rus arb hin ben jpn cmn_hans kor tha vie amh mal mya kat".split(" ")) {
      expect(dropped).not.toContain(name);
    }
  },
);
