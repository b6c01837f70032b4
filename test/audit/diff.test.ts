/** Versions compared: what went, what came back, where, and why. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { diffVersions } from "../../audit/index.js";
import { CorpusFolder, type Manifest, openManifest, writeDeletions } from "../../corpus/index.js";
import { callCli } from "../cli/call.js";
import { codeOf, rowsOf, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("diff");
const corpus = new CorpusFolder(join(folder, "corpus"));
let manifest: Manifest;

beforeAll(async () => {
  writeLines(join(folder, "a.jsonl"), texts(30));
  // Batches of 256 rows go into shards whole, so one input file gives one batch.
  writeLines(join(folder, "b.jsonl"), texts(30, 30));
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: ["extract", "tokenize"],
    shards: { bytes: 65_536 },
  });
  await runBuilt(recipe, corpus.root);
  manifest = openManifest(corpus);
  const [first, second] = manifest.shards;
  await writeDeletions(corpus, manifest, new Map([[first?.path ?? "", [0, 3, 6]]]), [{ rule: "owner", hosts: 1 }], new Date(0));
  await writeDeletions(
    corpus,
    manifest,
    new Map([[(second ?? first)?.path ?? "", [1]]]),
    [{ rule: "url-list" }],
    new Date(1e12),
  );
});

afterAll(remove);

it("documents that went are counted with their tokens, by host, and named in order", async () => {
  const diff = await diffVersions(corpus, 0, 1);
  const documents = await rowsOf(corpus.root, "documents/*.parquet", "url, tokens, shard, row, host_key");
  const gone = documents.filter(({ shard, row }) => shard === manifest.shards[0]?.path && [0, 3, 6].includes(Number(row)));
  expect(diff.removed).toEqual({ documents: 3, tokens: gone.reduce((total, { tokens }) => total + Number(tokens), 0) });
  expect(diff.restored).toEqual({ documents: 0, tokens: 0 });
  expect(diff.documents).toEqual({ from: 60, to: 57 });
  expect(diff.pages.map(({ url }) => url)).toEqual(gone.map(({ url }) => url));
  expect(diff.hosts).toHaveLength(1);
  expect(diff.versions).toEqual([
    { version: 1, created_at: "1970-01-01T00:00:00.000Z", reasons: [{ rule: "owner", hosts: 1 }] },
  ]);
});

it("backwards, what went comes back; over two versions the reasons of both are told", async () => {
  const back = await diffVersions(corpus, 2, 0);
  expect(back.restored.documents).toBe(4);
  expect(back.removed.documents).toBe(0);
  expect(back.versions.map(({ reasons }) => reasons)).toEqual([[{ rule: "owner", hosts: 1 }], [{ rule: "url-list" }]]);
  expect((await diffVersions(corpus, 0, 2, 1)).pages).toHaveLength(1);
  expect((await diffVersions(corpus, 1, 1)).removed.documents).toBe(0);
});

it("a version that is not there has a code", async () => {
  expect(await codeOf(diffVersions(corpus, 0, 7))).toBe("VERSION_NOT_FOUND");
});

it("the verb compares the newest with the one before", async () => {
  const { stdout, status } = await callCli(folder, ["diff", corpus.root]);
  expect(status).toBe(0);
  expect(stdout).toContain("1 went");
  expect(stdout).toContain('{"rule":"url-list"}');
  const json = await callCli(folder, ["diff", corpus.root, "0", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ from: 0, to: 2, removed: { documents: 4 } });
  expect((await callCli(folder, ["diff", corpus.root, "x"])).status).toBe(2);
});
