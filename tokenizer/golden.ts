/**
 * Golden encodings: a few fixed texts with their tokens, stored beside tokenised data and encoded again by whoever reads it
 * (an idea of the Marin project). They catch what a digest of the vocabulary cannot: a change of the program.
 */
import { DataError } from "../errors/index.js";
import { type BytesColumn, utf8Column } from "../formats/index.js";
import type { TokenBatch } from "../native/index.js";

export interface Golden {
  readonly text: string;
  /** Without begin and end of document. */
  readonly ids: readonly number[];
}

/** Each of them breaks when one part of the tokenizer changes: cases, digits, white space, line ends, marks, scripts, bytes. */
export const goldenTexts: readonly string[] = [
  "",
  "Hello world!",
  "The year 2025 had 365 days;  two spaces,\ttab, \u00a0no-break, e.g. 3.14159.",
  "first line\r\n\r\n  second line\n\t\tthird // slash/\n/ \n",
  "HTTPServer iPhone ÉCOLE Straße ÀÉÎõü ǅ ʰaª ᾳ",
  "Grüezi mitenand! Allegra, co vai? Привет, мир. Καλημέρα κόσμε. שלום עולם مرحبا بالعالم",
  "你好，世界。こんにちは世界。 안녕하세요 세계 สวัสดีชาวโลก नमस्ते दुनिया",
  "👩‍👩‍👧‍👦 e\u0301\u0301\u0301 \u200b\u2028\u2029\u0085\u3000 ١٢٣ ४५६ Ⅷ ½",
  "const f = (x) => x?.y ?? [...x]; // see below\n#include <stdio.h>\n\\begin{align} \\frac{1}{2} \\end{align} \\boxed{7}",
  "</s> <email-pii> <s> <SPECIAL_999> [INST]",
  `${"a".repeat(300)}${" ".repeat(100)}${"=".repeat(80)}${"ab".repeat(60)}`,
];

/** What golden encodings need of a tokenizer. */
export interface Encoder {
  encodeBatch(text: BytesColumn, options: { readonly bos: boolean; readonly eos: boolean }): TokenBatch;
}

export function goldenOf(encoder: Encoder): readonly Golden[] {
  const encoded = encode(encoder, goldenTexts);
  return goldenTexts.map((text, row) => ({ text, ids: [...encoded[row]] }));
}

/** Throws TOKENIZER_MISMATCH where the tokenizer gives other tokens than these, or where there are none to compare with. */
export function checkGolden(tokenizer: Encoder, golden: readonly Golden[]): void {
  if (golden.length === 0)
    throw new DataError("TOKENIZER_MISMATCH", { detail: "there are no golden encodings to compare with" });
  const texts = golden.map(({ text }) => text);
  for (const [row, found] of encode(tokenizer, texts).entries()) {
    const { text, ids } = golden[row];
    if (ids.length === found.length && ids.every((id, i) => id === found[i])) continue;
    const detail = `${JSON.stringify(text.slice(0, 60))}: [${ids.slice(0, 8)}, …] is stored, [${found.slice(0, 8)}, …] is found`;
    throw new DataError("TOKENIZER_MISMATCH", { record: row, detail });
  }
}

function encode(encoder: Encoder, texts: readonly string[]): Uint32Array[] {
  const { values, offsets } = encoder.encodeBatch(utf8Column(texts), { bos: false, eos: false });
  return texts.map((_, row) => values.subarray(offsets[row], offsets[row + 1]));
}
