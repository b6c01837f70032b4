/** Texts for whoever tokenises otherwise: those that were tokenised here, and nothing that was redacted. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CorpusFolder, openManifest, writeDeletions } from "../../corpus/index.js";
import { readArrow } from "../../formats/index.js";
import { exportText, openTokenizer } from "../../tokenizer/index.js";
import { codeOf, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";
import { documents, makeCorpus } from "./small-corpus.js";

const { folder, remove } = scratchFolder("export-text");
afterAll(remove);
const corpus = new CorpusFolder(join(folder, "corpus"));

beforeAll(async () => {
  const umlauts = {
    text: "Grüße, 世界 👩‍👩‍👧‍👦: über@example.org, ä.b@example.org und </s>.",
    url: "https://a.example/",
    date: "2024-01-01",
  };
  writeLines(join(folder, "inputs/a.jsonl"), [...texts(20), umlauts, { text: "No address, no date." }]);
  writeLines(join(folder, "inputs/b.jsonl"), texts(5, 20));
  const stages = ["extract", "pii", "tokenize"];
  await runBuilt(writeRecipe(join(folder, "recipe.yaml"), { inputs: [{ path: "inputs/*.jsonl" }], stages }), corpus.root);
});

/** The shard's documents as text, special tokens by their names. */
async function decoded(): Promise<string[]> {
  const tokenizer = await openTokenizer("apertus");
  const found: string[] = [];
  for (const { path } of openManifest(corpus).shards) {
    for await (const { tokens } of readArrow(corpus.resolve(path), { columns: ["tokens"] })) {
      if (tokens?.type !== "list<uint32>") throw new Error("no lists");
      for (let row = 0; row + 1 < tokens.offsets.length; row++) {
        const ids = tokens.values.subarray(tokens.offsets[row], tokens.offsets[row + 1]);
        found.push(Buffer.from(tokenizer.decode(ids, { special: "names" })).toString());
      }
    }
  }
  return found;
}

function linesIn(out: string): { readonly text: string; readonly url?: string; readonly date?: string }[] {
  const files = readdirSync(out).filter((name) => name.endsWith(".jsonl"));
  return files.flatMap((name) =>
    readFileSync(join(out, name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
}

test("a text is what was tokenised, in the order of the shard, with placeholders for what was redacted", async () => {
  const out = join(folder, "out");
  const { record } = await exportText({ corpus, out });
  const lines = linesIn(out);
  expect(lines.map(({ text }) => `<s>${text}</s>`)).toEqual(await decoded());
  expect([record.documents, lines.length, record.tokens]).toEqual([27, 27, openManifest(corpus).totals.tokens]);
  expect(lines.filter(({ text }) => text.includes("<email-pii>")).length).toBeGreaterThan(20);
  expect(lines.some(({ text }) => text.includes("somebody"))).toBe(false);
  expect(lines[0]).toMatchObject({ url: "https://site0.example/0", date: "2024-01-01T00:00:00.000Z" });
  expect(lines.filter(({ url }) => url === undefined)).toHaveLength(1);
});

test("documents that a version takes away are left out", async () => {
  const manifest = openManifest(corpus);
  await writeDeletions(corpus, manifest, new Map([[manifest.shards[0].path, [0, 5, 26]]]), [], new Date());
  const out = join(folder, "out");
  const { record, written, removed } = await exportText({ corpus, out });
  expect([record.documents, written, removed.length]).toEqual([24, 1, 1]);
  const all = await decoded();
  expect(linesIn(out).map(({ text }) => `<s>${text}</s>`)).toEqual(all.filter((_, row) => ![0, 5, 26].includes(row)));
});

test("a corpus without texts leaves no folder", async () => {
  const { corpus: bare } = await makeCorpus(join(folder, "bare"), [[documents([3])]]);
  expect(await codeOf(exportText({ corpus: bare, out: join(folder, "none") }))).toBe("TEXT_MISSING");
  expect(existsSync(join(folder, "none"))).toBe(false);
});
