/** Finding documents by site and rule, however they are spelled, and the text of one document in the one file that holds it. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRows, findText } from "../../audit/index.js";
import { CorpusFolder } from "../../corpus/index.js";
import type { RunResult } from "../../pipeline/index.js";
import { root, runBuilt, scratchFolder, writeLines, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("inspect");
const corpus = new CorpusFolder(join(folder, "corpus"));
afterAll(remove);

const urls = [
  "https://a.example/page?q=1#part",
  "HTTP://A.Example:80/page?q=1",
  "https://a.example:8080/page?q=1",
  "https://www.a.example/page",
  "https://www.a.example:8080/page",
  "https://ba.example/page",
  "https://b\u00fccher.example/\u00fc ber",
];
const stages = [
  "extract",
  { use: join(root, "examples/own-filter/shouting.mjs") },
  { quality: { min_words: 3, min_alphabetic_words: 0 } },
  "duplicates",
  "tokenize",
];

async function build(to: CorpusFolder, more: object = {}): Promise<RunResult> {
  return runBuilt(writeRecipe(join(folder, "r.yaml"), { inputs: [{ path: "*.jsonl" }], stages, ...more }), to.root);
}

beforeAll(async () => {
  const pages = urls.map((url, i) => ({ text: `the page with number ${i}`, url }));
  writeLines(join(folder, "a.jsonl"), [
    ...pages,
    { text: "same text in both files" },
    { text: "too short" },
    { text: "LOUD TEXT" },
  ]);
  writeLines(join(folder, "b.jsonl"), [{ text: "same text in both files" }, { text: "\u00e4nother text entirely" }]);
  await build(corpus);
});

const found = async (site: string): Promise<readonly unknown[]> =>
  (await findRows(corpus, "documents", { site, limit: 100 })).map(({ url }) => urls.indexOf(String(url))).sort();

describe("a site", () => {
  it.each([
    ["https://a.example/page?q=1", [0, 1]],
    ["a.example/page?q=1", [0, 1]],
    ["http://A.EXAMPLE.:80/page?q=1#elsewhere", [0, 1]],
    ["a.example:443/page?q=1", [0, 1]],
    ["a.example:8080/page?q=1", [2]],
    ["a.example/page", []],
    ["a.example", [0, 1, 2, 3, 4]],
    ["https://a.example/", [0, 1, 2, 3, 4]],
    ["a.example:8080", [2, 4]],
    ["www.a.example", [3, 4]],
    ["xn--bcher-kva.example/%C3%BC%20ber", [6]],
    ["b\u00fccher.example", [6]],
    ["[::1]", []],
  ])("%s is found however its URLs are spelled", async (site, wanted) => {
    expect(await found(site)).toEqual(wanted);
  });

  it.each(["http://[::1", "[::1", "", "a b", "http://", "a.example:port"])("%j is wrong usage", async (site) => {
    await expect(found(site)).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining(`--site ${site}`) });
  });
});

describe("a rule", () => {
  const dropped = async (rule: string): Promise<readonly unknown[]> =>
    (await findRows(corpus, "ledger", { rule, limit: 100 })).map((row) => `${row.stage}/${row.rule}`);

  it.each([
    ["quality/too-few-words", ["quality/too-few-words"]],
    ["too-few-words", ["quality/too-few-words"]],
    ["shouting/shouting", ["shouting/shouting"]],
    ["exact-duplicate", ["duplicates/exact-duplicate"]],
    ["quality/bullet-lines", []],
  ])("%s", async (rule, wanted) => {
    expect(await dropped(rule)).toEqual(wanted);
  });

  it.each(["nonsense", "language/too-few-words", "quality/", ""])(
    "%j is wrong usage, and the rules are named",
    async (rule) => {
      await expect(dropped(rule)).rejects.toMatchObject({
        code: "USAGE",
        mend: expect.stringMatching(/dropped something: .*shouting\/shouting.*dropped nothing: .*quality\/bullet-lines/),
      });
    },
  );
});

describe("the text of a document", () => {
  it("lies in the file and row that the documents table names", async () => {
    const documents = await findRows(corpus, "documents", { limit: 100 });
    expect(documents).toHaveLength(9);
    for (const row of documents) {
      const text = (await findText(corpus, row)) ?? "";
      expect(Buffer.byteLength(text)).toBe(row.text_bytes);
      expect([...text].length).toBe(row.text_characters);
      if (row.url !== "") expect(text).toBe(`the page with number ${urls.indexOf(String(row.url))}`);
    }
  });

  it("of a dropped document is found by its place in the input", async () => {
    const texts = (await findRows(corpus, "ledger", { limit: 100 })).map((row) => findText(corpus, row));
    expect((await Promise.all(texts)).sort()).toEqual(["LOUD TEXT", "same text in both files", "too short"]);
  });

  it("is nowhere where the recipe does not keep it", async () => {
    const without = new CorpusFolder(join(folder, "without"));
    const { manifest } = await build(without, { storage: { text: "delete" } });
    expect(manifest.text).toEqual([]);
    const rows = await findRows(without, "documents", { limit: 100 });
    expect(new Set(rows.map(({ text_file, text_row }) => `${text_file} ${text_row}`))).toEqual(new Set([" -1"]));
    expect(await findText(without, rows[0] ?? {})).toBeUndefined();
  });
});
