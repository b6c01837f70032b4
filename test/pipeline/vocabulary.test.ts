/** A recipe with a vocabulary of its own: tokens, the corpus's copy of the file, and what happens without it. */
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeTokens, readTokens, verifyCorpus } from "../../audit/index.js";
import { CorpusFolder, openManifest } from "../../corpus/index.js";
import { openTokenizerOf } from "../../tokenizer/index.js";
import { root, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("vocabulary");
afterAll(remove);
const corpus = new CorpusFolder(join(folder, "corpus"));
const vocabulary = join(folder, "whole.json");

function recipe(tokenizer: Readonly<Record<string, unknown>>): string {
  const stages = ["extract", { pii: { kinds: ["email"] } }, { tokenize: { tokenizer: { path: "whole.json", ...tokenizer } } }];
  return writeRecipe(join(folder, "recipe.yaml"), { name: "v", inputs: [{ path: "in.jsonl", source: "s" }], stages });
}

beforeAll(async () => {
  copyFileSync(join(root, "test/fixtures/tokenizer/small/whole.json"), vocabulary);
  writeLines(join(folder, "in.jsonl"), texts(3));
  await runBuilt(recipe({ placeholders: { email: "<think>" } }), corpus.root);
}, 60_000);

test("documents are tokens of the vocabulary, with its begin, end and placeholder", async () => {
  const ids = await readTokens(corpus, openManifest(corpus).shards[0]?.path ?? "", 0);
  expect(await decodeTokens(corpus, ids ?? new Uint32Array())).toBe(
    "<s>Document 0 was written by <think>.\nIt has two paragraphs.</s>",
  );
});

test("the manifest names the corpus's copy, and the tokenizer is found when the file is gone", async () => {
  rmSync(vocabulary);
  const { tokenizer } = openManifest(corpus);
  expect(tokenizer).toMatchObject({ name: "whole.json", bos: 0, eos: 1, pad: null });
  expect(tokenizer?.vocabulary?.file.path).toMatch(/^assets\/tokenizer-[0-9a-f]{16}-whole\.json$/);
  expect((await verifyCorpus(corpus)).faults).toEqual([]);
});

test("without the copy the corpus is damaged, and says so", async () => {
  const { tokenizer } = openManifest(corpus);
  if (tokenizer?.vocabulary === undefined) throw new Error("the manifest names no vocabulary");
  const { path } = tokenizer.vocabulary.file;
  rmSync(corpus.resolve(path));
  expect((await verifyCorpus(corpus)).faults).toContainEqual({ path, fault: "missing" });
  await expect(openTokenizerOf(corpus, tokenizer)).rejects.toMatchObject({ code: "TOKENIZER_UNKNOWN" });
});

test("a recipe whose vocabulary lacks a token that it needs is refused before anything is read", async () => {
  copyFileSync(join(root, "test/fixtures/tokenizer/small/whole.json"), vocabulary);
  const run = (tokenizer: Readonly<Record<string, unknown>>) => runBuilt(recipe(tokenizer), join(folder, "other"));
  await expect(run({})).rejects.toMatchObject({ code: "PLACEHOLDER_UNKNOWN" });
  copyFileSync(join(root, "test/fixtures/tokenizer/small/parts.json"), vocabulary);
  await expect(run({ eos: "<end>" })).rejects.toMatchObject({ code: "TOKENIZER_INVALID" });
  await expect(run({ path: "nowhere.json" })).rejects.toMatchObject({ code: "TOKENIZER_UNKNOWN" });
});
