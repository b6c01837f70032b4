/** `verify` on corpora whose files are whole, each by itself, and do not belong together. */
import { createHash } from "node:crypto";
import { cpSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyCorpus } from "../../audit/index.js";
import { CorpusFolder, digestOf, openManifest, writeDeletions } from "../../corpus/index.js";
import { literal, openSql } from "../../formats/index.js";
import { root, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("verify");
const whole = join(folder, "whole");

beforeAll(async () => {
  writeLines(join(folder, "a.jsonl"), [
    ...texts(20),
    ...Array.from({ length: 3 }, (_, i) => ({ text: `Story ${i}.`, url: `https://press.example/${i}`, date: "2023-05-01" })),
  ]);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: [{ consent: { robots: [join(root, "examples/quickstart/robots.warc.gz")] } }, "extract", "tokenize"],
    storage: { units: "delete" },
  });
  await runBuilt(recipe, whole);
});

afterAll(remove);

/** A copy of the corpus with one table rewritten, and the manifest telling the new file's size and digest. */
async function forged(table: "documents" | "ledger" | "evidence" | "blobs", select: string): Promise<CorpusFolder> {
  const corpus = join(folder, `forged-${table}-${createHash("sha256").update(select).digest("hex").slice(0, 6)}`);
  cpSync(whole, corpus, { recursive: true });
  const path = join(corpus, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const [entry] = manifest.tables[table];
  const file = join(corpus, entry.path);
  const sql = await openSql({ memoryBytes: 128e6, spillFolder: tmpdir() });
  await sql.run(
    `COPY (${select.replace("TABLE", `read_parquet(${literal(file)})`)}) TO ${literal(`${file}.new`)} (FORMAT parquet)`,
  );
  sql.close();
  renameSync(`${file}.new`, file);
  entry.bytes = statSync(file).size;
  entry.sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  writeFileSync(path, JSON.stringify(manifest));
  return new CorpusFolder(corpus);
}

async function faultsOf(corpus: CorpusFolder): Promise<string> {
  return (await verifyCorpus(corpus)).faults.map(({ path, fault }) => `${path}: ${fault}`).join("\n");
}

it("a whole corpus has no faults", async () => {
  expect(await faultsOf(new CorpusFolder(whole))).toBe("");
});

it("documents that stand in each other's place in the shards are found", async () => {
  const corpus = await forged(
    "documents",
    "SELECT * REPLACE (CASE row WHEN 0 THEN 1 WHEN 1 THEN 0 ELSE row END::INTEGER AS row) FROM TABLE",
  );
  expect(await faultsOf(corpus)).toMatch(/row 0: another document's id(.|\n)*row 1: another document's id/);
});

it("a count of tokens that is not the shard's is found", async () => {
  const corpus = await forged("documents", "SELECT * REPLACE ((tokens + (row = 3)::INTEGER)::INTEGER AS tokens) FROM TABLE");
  expect(await faultsOf(corpus)).toMatch(/row 3: \d+ tokens, the documents table says \d+/);
});

it("two documents in one place are found", async () => {
  const corpus = await forged("documents", "SELECT * REPLACE (CASE row WHEN 5 THEN 4 ELSE row END::INTEGER AS row) FROM TABLE");
  expect(await faultsOf(corpus)).toContain("is placed in");
});

it("evidence that was reworded is found", async () => {
  const corpus = await forged(
    "evidence",
    "SELECT * REPLACE (replace(evidence, 'Disallow: /', 'Disallow: /x') AS evidence) FROM TABLE",
  );
  expect(await faultsOf(corpus)).toContain("is not the digest of its evidence");
});

it("a captured robots.txt that was edited, or is gone, is found", async () => {
  const edited = await forged("blobs", "SELECT * REPLACE (encode('User-agent: *') AS bytes) FROM TABLE");
  expect(await faultsOf(edited)).toContain("is not the digest of its captured bytes");
  const gone = await forged("blobs", "SELECT * FROM TABLE WHERE false");
  expect(await faultsOf(gone)).toContain("rests on captured bytes that are not there");
});

it("evidence that the ledger names and that is gone is found", async () => {
  const corpus = await forged("evidence", "SELECT * FROM TABLE WHERE false");
  expect(await faultsOf(corpus)).toContain("is evidence that is not there");
});

it("a row under another host's key is found", async () => {
  const corpus = await forged("documents", "SELECT * REPLACE ('https://evil.example/' AS url) FROM TABLE");
  expect(await faultsOf(corpus)).toContain("https://evil.example/ stands under the host key");
});

it("a drop whose rule was changed is found", async () => {
  const corpus = await forged("ledger", "SELECT * REPLACE ('robots-empty' AS rule) FROM TABLE");
  expect(await faultsOf(corpus)).toMatch(/3 documents dropped by consent\/robots-empty in ledger\/, 0 counted/);
});

it("a file outside the corpus is not looked at", async () => {
  const corpus = await forged("blobs", "SELECT * FROM TABLE");
  const manifest = JSON.parse(readFileSync(corpus.manifest(), "utf8"));
  manifest.tables.blobs[0].path = "../../secret";
  writeFileSync(corpus.manifest(), JSON.stringify(manifest));
  expect(await faultsOf(corpus)).toContain("../../secret: it lies outside the corpus");
});

it("a corpus without its versions is not whole", async () => {
  const corpus = join(folder, "no-version");
  cpSync(whole, corpus, { recursive: true });
  rmSync(join(corpus, "versions"), { recursive: true });
  expect(await faultsOf(new CorpusFolder(corpus))).toContain("version 0 is missing");
});

it("rows that a later version lets back in are found, though its digest is right", async () => {
  const place = join(folder, "back");
  cpSync(whole, place, { recursive: true });
  const corpus = new CorpusFolder(place);
  const manifest = openManifest(corpus);
  const shard = manifest.shards[0]?.path ?? "";
  await writeDeletions(corpus, manifest, new Map([[shard, [0, 1]]]), [], new Date(0));
  const { digest: _, ...second } = await writeDeletions(corpus, manifest, new Map([[shard, [2]]]), [], new Date(0));
  const forged = { ...second, deletions: [] };
  writeFileSync(corpus.version(2), JSON.stringify({ ...forged, digest: digestOf(forged) }));
  expect(await faultsOf(corpus)).toContain(`all rows of ${shard} are back`);
});
