/** SQL and samples over a corpus: what they show, and what a statement cannot do. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queryCorpus, type Row, sampleCorpus } from "../../audit/index.js";
import { withPlaceholders } from "../../audit/sample.js";
import { CorpusFolder } from "../../corpus/index.js";
import { fingerprint } from "../durability/harness.mjs";
import { codeOf, root, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("query");
const corpus = new CorpusFolder(join(folder, "corpus"));

beforeAll(async () => {
  writeLines(join(folder, "a.jsonl"), [
    ...texts(12),
    { text: "short", url: "https://a.example/short" },
    { text: "brief", url: "https://a.example/brief" },
    { text: "A story of the press that nobody may read here.", url: "https://press.example/1", date: "2023-05-01" },
  ]);
  writeFileSync(join(folder, "secret.csv"), "secret\n1\n");
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: [
      { consent: { robots: [join(root, "examples/quickstart/robots.warc.gz")] } },
      "extract",
      { quality: { min_words: 5 } },
      "pii",
      "tokenize",
    ],
  });
  await runBuilt(recipe, corpus.root);
});

afterAll(remove);

async function rows(statement: string): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const row of queryCorpus(corpus, statement)) all.push(row);
  return all;
}

describe("a statement", () => {
  it("sees every table of the corpus, an empty one too", async () => {
    expect(await rows("SELECT count(*)::INTEGER AS n FROM documents")).toEqual([{ n: 12 }]);
    expect(await rows("SELECT stage || '/' || rule AS rule, count(*)::INTEGER AS n FROM ledger GROUP BY 1 ORDER BY 1")).toEqual(
      [
        { rule: "consent/robots-disallow", n: 1 },
        { rule: "quality/too-few-words", n: 2 },
      ],
    );
    expect(await rows("SELECT count(*)::INTEGER AS n FROM text JOIN documents USING (id) WHERE text LIKE 'Document%'")).toEqual(
      [{ n: 12 }],
    );
    expect(await rows("SELECT url, reason FROM quarantine")).toEqual([]);
    expect(await rows("SELECT octet_length(bytes) > 0 AS full FROM blobs LIMIT 1")).toEqual([{ full: true }]);
  });

  it("can be stopped, whatever it does, and leaves nothing behind", async () => {
    const before = readdirSync(tmpdir());
    const endless = "SELECT count(*) FROM range(100000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5";
    const stop = new AbortController();
    setTimeout(() => stop.abort("enough"), 200);
    const asked = async (): Promise<void> => {
      for await (const _ of queryCorpus(corpus, endless, { signal: stop.signal }));
    };
    await expect(asked()).rejects.toMatchObject({ code: "SQL_STOPPED", message: expect.stringContaining("enough") });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("apertus-data-query-"))).toEqual(
      before.filter((name) => name.startsWith("apertus-data-query-")),
    );
  });

  it.each([
    "SELECT * FROM read_csv('SECRET')",
    "SELECT * FROM 'SECRET'",
    "COPY documents TO 'FOLDER/out.csv'",
    "COPY documents TO 'CORPUS/out.parquet'",
    "EXPLAIN ANALYZE COPY documents TO 'CORPUS/out.parquet'",
    "EXPLAIN SELECT 1",
    "SELECT * FROM read_text('CORPUS/manifest.json')",
    "CREATE TABLE t AS SELECT 1",
    "ATTACH 'FOLDER/x.duckdb' AS x",
    "SET enable_external_access = true",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT 1; SELECT 2",
    "DROP VIEW documents",
    "SELEC",
    "",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
  ])("can only select, one at a time, from what the corpus holds: %s", async (statement) => {
    const before = fingerprint(corpus.root);
    const text = statement
      .replace("SECRET", join(folder, "secret.csv"))
      .replace("FOLDER", folder)
      .replace("CORPUS", corpus.root);
    expect(await codeOf(rows(text))).toBe("SQL_INVALID");
    expect(fingerprint(corpus.root)).toEqual(before);
    expect(existsSync(join(folder, "out.csv"))).toBe(false);
  });
});

describe("a sample", () => {
  it("has so many of what was kept and of each rule, with the texts that were kept", async () => {
    const groups = await sampleCorpus(corpus, { each: 1, seed: "0" });
    expect(groups.map(({ group, documents, samples }) => [group, documents, samples.length])).toEqual([
      ["kept", 12, 1],
      ["consent/robots-disallow", 1, 1],
      ["quality/too-few-words", 2, 1],
    ]);
    const [kept, consent, quality] = groups.map(({ samples }) => samples[0]);
    expect(kept?.text).toMatch(/written by somebody\d+@example\.org/);
    expect(kept?.redacted).toMatch(/written by <email-pii>\.\nIt has two/);
    // The text of a page whose owner opted out is nowhere.
    expect(consent?.text).toBeNull();
    expect(consent?.evidence).toMatchObject({ state: "rules" });
    expect(["short", "brief"]).toContain(quality?.text);
    expect(groups[2]?.meaning).toBe("The page has too few words.");
  });

  it("is the same for the same seed, and can be of one rule", async () => {
    const ask = (seed: string, each: number) =>
      sampleCorpus(corpus, { each, seed, rules: ["quality/too-few-words"] }).then((groups) =>
        groups.flatMap(({ samples }) => samples.map(({ row }) => String(row.url))),
      );
    expect(await ask("0", 1)).toEqual(await ask("0", 1));
    expect((await ask("0", 5)).toSorted()).toEqual(["https://a.example/brief", "https://a.example/short"]);
    const firsts = new Set(
      await Promise.all(["0", "1", "2", "3", "4", "5", "6", "7"].map(async (seed) => (await ask(seed, 1))[0])),
    );
    expect(firsts.size).toBe(2);
  });
});

it("placeholders stand where the spans are, in bytes", () => {
  expect(withPlaceholders("Grüße an a@b.ch und 10.0.0.1", '[[11,6,"email"],[22,8,"ip"]]')).toBe(
    "Grüße an <email-pii> und <ip-pii>",
  );
  expect(withPlaceholders("nothing", "[]")).toBe("nothing");
});
