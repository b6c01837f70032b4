import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { utf8Column } from "../../formats/index.js";
import { loadTokenizer, type Tokenizer } from "../../tokenizer/index.js";

const folder = new URL("../fixtures/tokenizer/small/", import.meta.url);
const at = (name: string): string => new URL(`${name}.json`, folder).pathname;

function encode(tokenizer: Tokenizer, texts: readonly string[]): readonly number[][] {
  const { values, offsets } = tokenizer.encodeBatch(utf8Column(texts), { bos: false, eos: false });
  return texts.map((_, row) => [...values.subarray(offsets[row], offsets[row + 1])]);
}

test.for(["spaced", "whole", "cased", "parts", "digits"])(
  "%s.json: the tokens are those of Hugging Face tokenizers",
  async (name) => {
    const rows = JSON.parse(readFileSync(at(`${name}.ids`), "utf8")) as readonly { text: string; ids: number[] }[];
    const tokenizer = await loadTokenizer(at(name));
    const found = encode(
      tokenizer,
      rows.map(({ text }) => text),
    );
    for (const [row, { text, ids }] of rows.entries()) expect(found[row], JSON.stringify(text)).toEqual(ids);
    if (!tokenizer.lossless) return;
    for (const [row, { text }] of rows.entries())
      expect(Buffer.from(tokenizer.decode(Uint32Array.from(found[row] ?? []))).toString()).toBe(text);
  },
);

test("which vocabularies give texts back is known", async () => {
  const lossless = async (name: string): Promise<boolean> => (await loadTokenizer(at(name))).lossless;
  expect(await Promise.all(["cased", "whole", "spaced", "parts", "digits"].map(lossless))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
