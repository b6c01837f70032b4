/** What a corpus is does not depend on where its inputs lie, and a plan refuses what a run would refuse. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { ParquetWriter, utf8Column } from "../../formats/index.js";
import { loadRecipe, rehearse } from "../../pipeline/index.js";
import { differences, fingerprint } from "../durability/harness.mjs";
import { codeOf, root, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("portable");
afterAll(remove);

const robots = join(root, "examples/quickstart/robots.warc.gz");

it("a corpus made from absolute paths is the same, byte for byte, wherever its inputs lie", async () => {
  const corpora = ["here", "there"].map((name) => {
    const place = join(folder, name);
    writeLines(join(place, "a.jsonl"), texts(30));
    cpSync(robots, join(place, "robots.warc.gz"));
    const recipe = writeRecipe(join(place, "recipe.yaml"), {
      inputs: [{ path: join(place, "a.jsonl") }],
      stages: [{ consent: { robots: [join(place, "robots.warc.gz")] } }, "extract", "tokenize"],
    });
    return { recipe, corpus: join(place, "corpus") };
  });
  for (const { recipe, corpus } of corpora) await runBuilt(recipe, corpus);
  const [here, there] = corpora.map(({ corpus }) => {
    const found = fingerprint(corpus);
    // Cuts are remembered by path, and are no part of the corpus.
    return Object.fromEntries(Object.entries(found).filter(([path]) => !path.startsWith("units/cuts/")));
  });
  expect(differences(here ?? {}, there ?? {})).toEqual([]);
  expect(readFileSync(join(corpora[0]?.corpus ?? "", "manifest.json"), "utf8")).not.toContain(folder);
});

it("a limit that changed is in the manifest, and no unit is done again", async () => {
  writeLines(join(folder, "limits/a.jsonl"), texts(10));
  const recipe = (share: number) =>
    writeRecipe(join(folder, "limits/recipe.yaml"), {
      inputs: [{ path: "*.jsonl" }],
      stages: ["extract", "tokenize"],
      limits: { quarantine_share: share },
    });
  const corpus = join(folder, "limits/corpus");
  const before = await runBuilt(recipe(0.5), corpus);
  const after = await runBuilt(recipe(0.25), corpus);
  expect(after.manifest.recipe).toMatchObject({ limits: { quarantine_share: 0.25 } });
  expect(after.manifest.shards).toEqual(before.manifest.shards);
  expect(after.times.tokenize).toBeUndefined();
});

it("remembered cuts that are damaged are made anew", async () => {
  const corpus = join(folder, "limits/corpus");
  const recipe = join(folder, "limits/recipe.yaml");
  const before = fingerprint(corpus);
  const [cuts = ""] = readdirSync(join(corpus, "units/cuts"));
  writeFileSync(join(corpus, "units/cuts", cuts), '{"sha256":"0","extent":"bytes","slices":[{"start":-1,"end":1e9}]}');
  await runBuilt(recipe, corpus);
  expect(differences(before, fingerprint(corpus))).toEqual([]);
});

it.each([
  ["warc", "a.jsonl", Buffer.from('{"text":"a"}\n')],
  ["jsonl", "a.warc.gz", gzipSync(Buffer.from("WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"))],
  ["parquet", "a.warc", Buffer.from("WARC/1.0\r\n")],
  ["jsonl", "a.parquet", Buffer.from("PAR1xxxxPAR1")],
])("an input that the recipe calls %s and that is another is refused by name: %s", async (format, name, bytes) => {
  const place = join(folder, `wrong-${format}-${name}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, name), bytes);
  const recipe = writeRecipe(join(place, "recipe.yaml"), {
    inputs: [{ path: name, format }],
    stages: ["extract", "tokenize"],
  });
  expect(await codeOf(runBuilt(recipe, join(place, "corpus")))).toBe("INPUT_FORMAT_WRONG");
  expect(await codeOf(rehearse(loadRecipe(recipe)))).toBe("INPUT_FORMAT_WRONG");
});

it("a plan refuses robots captures that are not there, and a table without a text column", async () => {
  const place = join(folder, "refused");
  writeLines(join(place, "a.jsonl"), texts(1));
  const parts: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => void parts.push(bytes) };
  const file = new ParquetWriter(sink, [{ name: "body", type: "utf8" }], { codec: "uncompressed" });
  file.write({ body: utf8Column(["a"]) });
  file.finish();
  writeFileSync(join(place, "b.parquet"), Buffer.concat(parts));
  const recipe = (path: string, stages: readonly unknown[]) =>
    writeRecipe(join(place, "recipe.yaml"), { inputs: [{ path }], stages });
  const noRobots = recipe("a.jsonl", [{ consent: { robots: ["nowhere/*.warc.gz"] } }, "extract", "tokenize"]);
  expect(await codeOf(rehearse(loadRecipe(noRobots)))).toBe("INPUT_NOT_FOUND");
  const noText = recipe("b.parquet", ["extract", "tokenize"]);
  expect(await codeOf(rehearse(loadRecipe(noText)))).toBe("COLUMN_MISSING");
  expect(await codeOf(runBuilt(noText, join(place, "corpus")))).toBe("COLUMN_MISSING");
});
