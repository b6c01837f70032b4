import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decompress } from "@bokuweb/zstd-wasm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { binaryColumn, bytesAt, loadZstd, utf8Column } from "../../formats/index.js";
import { openTokenizer } from "../../tokenizer/index.js";
import { testInput } from "../inputs.js";
import { referenceEncode } from "./reference.js";

const tokenizer = await openTokenizer("apertus");
const ordinary = await openTokenizer("apertus", { mathematicsTokens: false });

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/tokenizer/${name}.json`, import.meta.url), "utf8")) as T;
}

function encode(rows: readonly Uint8Array[], with_ = tokenizer): number[][] {
  const { values, offsets } = with_.encodeBatch(binaryColumn(rows), { bos: false, eos: false });
  return rows.map((_, row) => [...values.subarray(offsets[row], offsets[row + 1])]);
}

test.for(["languages", "odd"])("%s: the tokens are those of Hugging Face tokenizers", (name) => {
  const rows = fixture<{ text: string; ids: number[] }[]>(name);
  const found = encode(rows.map(({ text }) => Buffer.from(text, "utf8")));
  for (const [row, { text, ids }] of rows.entries()) expect(found[row], JSON.stringify(text)).toEqual(ids);
});

test("bytes that are not UTF-8 have the tokens of Hugging Face's merges, one symbol a byte", () => {
  const rows = fixture<{ hex: string; ids: number[] }[]>("ill-formed");
  const found = encode(rows.map(({ hex }) => Buffer.from(hex, "hex")));
  for (const [row, { hex, ids }] of rows.entries()) expect(found[row], hex).toEqual(ids);
});

test("every code point has the class that Hugging Face's regular expressions give it", () => {
  const header = readFileSync(new URL("../../native/src/generated/bpe_tables.h", import.meta.url), "utf8");
  const numbers = (name: string) =>
    (new RegExp(`${name}\\[\\d+\\] = \\{([^}]*)\\}`).exec(header)?.[1] ?? "").split(",").slice(0, -1).map(Number);
  const [blocks, classes] = [numbers("kBlocks"), numbers("kClasses")];
  const found = Uint8Array.from({ length: 0x110000 }, (_, c) => classes[(blocks[c >> 7] << 7) | (c & 127)]);
  expect(createHash("sha256").update(found).digest("hex")).toBe(fixture<Record<string, string>>("digests").classes);
});

const pieces = fc.oneof(
  fc.constantFrom(
    ..."abzABZ09 .,/'-_<>{}\\\n\r\t\u0085\u00a0\u2028\u3000\u200b\ufeff\u0000éÉßǅʰªあ漢йЙ\u0301\u0903\u20dd٣½Ⅷ👩🏽\u200d\ue000",
  ),
  fc.constantFrom(
    "the",
    " and",
    "ing",
    "  ",
    "\r\n",
    "HTTP",
    "\u0301\u0301",
    "aaaa",
    "=====",
    "漢字",
    "\\begin{",
    "</s>",
    "कि",
  ),
);

test("any text has the tokens that the pattern and the list of merges define", () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const bytes = Buffer.from(parts.join(""), "utf8");
      expect(encode([bytes], ordinary)[0]).toEqual(referenceEncode(bytes));
    }),
    { numRuns: 600 },
  );
});

test("any bytes have the tokens that the pattern and the list of merges define", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom([0xed, 0xa0, 0x80], [0xe0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xc0, 0xaf])
      .map((b) => Uint8Array.from(b)),
    pieces.map((piece) => new Uint8Array(Buffer.from(piece, "utf8"))),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 12 }), (parts) => {
      const all = Buffer.concat(parts);
      expect(encode([all], ordinary)[0]).toEqual(referenceEncode(all));
    }),
    { numRuns: 300 },
  );
});

test("long pretokens have the tokens that the list of merges defines", () => {
  const few = fc.tuple(
    fc.subarray(["a", "A", "b", "e", "=", "-", " ", "\n", "漢", "\u0301"], { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat(2), { minLength: 40, maxLength: 160 }),
  );
  fc.assert(
    fc.property(few, ([letters, picks]) => {
      const bytes = Buffer.from(picks.map((i) => letters[i % letters.length]).join(""), "utf8");
      expect(encode([bytes], ordinary)[0]).toEqual(referenceEncode(bytes));
    }),
    { numRuns: 100 },
  );
});

function digestOfTokens(rows: readonly Uint8Array[]): string {
  const { values, offsets } = tokenizer.encodeBatch(binaryColumn(rows), { bos: false, eos: false });
  const hash = createHash("sha256");
  for (let row = 0; row < rows.length; row++) {
    hash.update(Uint32Array.of(offsets[row + 1] - offsets[row])).update(values.subarray(offsets[row], offsets[row + 1]));
  }
  return hash.digest("hex");
}

const books = testInput("books/austen_janeaustenr");
test.skipIf(books === undefined)("six novels have the tokens of Hugging Face tokenizers", () => {
  const files = readdirSync(books ?? "").sort();
  const rows = files.map((file) => Buffer.from(readFileSync(join(books ?? "", file)).toString("utf8"), "utf8"));
  expect(digestOfTokens(rows)).toBe(fixture<Record<string, string>>("digests").books);
});

const lid = testInput("lid/dev");
test.skipIf(lid === undefined)("60,000 lines in 1,800 languages have the tokens of Hugging Face tokenizers", async () => {
  await loadZstd();
  const rows = readdirSync(lid ?? "")
    .filter((file) => file.endsWith(".tsv.zst"))
    .sort()
    .flatMap((file) =>
      Buffer.from(decompress(readFileSync(join(lid ?? "", file)), { defaultHeapSize: 1 << 26 }))
        .toString("utf8")
        .split("\n"),
    )
    .filter((line) => line.includes("\t"))
    .map((line) => Buffer.from(line.slice(line.indexOf("\t") + 1), "utf8"));
  expect(digestOfTokens(rows)).toBe(fixture<Record<string, string>>("digests").lid);
});

test("a row of a column has the tokens of its text alone", () => {
  const texts = ["word", " word", "", "\n", "wordword", " "];
  const column = utf8Column(texts);
  const { values, offsets } = tokenizer.encodeBatch(column, { bos: false, eos: false });
  for (const [row] of texts.entries()) {
    expect([...values.subarray(offsets[row], offsets[row + 1])]).toEqual(encode([bytesAt(column, row)])[0]);
  }
});
