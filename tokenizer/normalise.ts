/**
 * Normalisation of text before it is tokenised, where a vocabulary asks for it (Hugging Face: normalizers). Tokens that are found
 * in the text as it is are cut out first, and each stretch between them is normalised by itself.
 */
import { isAscii, isUtf8 } from "node:buffer";
import { BytesBuilder, type BytesColumn } from "../formats/index.js";
import type { TokenSpans } from "../native/index.js";

export type UnicodeForm = "NFC" | "NFD" | "NFKC" | "NFKD";

export type NormaliserStep =
  | { readonly kind: "form"; readonly form: UnicodeForm }
  | { readonly kind: "prepend"; readonly text: string }
  | { readonly kind: "replace"; readonly from: string; readonly to: string };

export type Normaliser = readonly NormaliserStep[];

/**
 * Characters that took part in normalisation only after Unicode 9.0. Hugging Face reads that version's tables, so that these stay
 * as they are and nothing is moved or joined across them. Found by comparing tokenizers 0.23.2 with V8, code point by code point.
 */
const unknownToHuggingFace = characters(`
7fd 897-89f 8ca-8d3 9fe c3c d3b-d3c eba 1715 1abf-1add 1ae0-1aeb 1df6-1dfa 32ff a7f1-a7f4 a82c ab69 105c9 105d2 105da
105e4 10781-10785 10787-107b0 107b2-107ba 10d24-10d27 10d69-10d6d 10eab-10eac 10efa-10efb 10efd-10eff 10f46-10f50
10f82-10f85 11070 1133b 11382-11385 1138b 1138e 11390-11391 113b8 113bb 113c2 113c5 113c7-113c9 113ce-113d0 1145e
11839-1183a 11930 11935 11938 1193d-1193e 11943 119e0 11a34 11a47 11a99 11d42 11d44-11d45 11d97 11f41-11f42 1611e-16129
1612f 16d63 16d67-16d6a 16ff0-16ff1 1ccd6-1ccf9 1e030-1e06d 1e08f 1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ef 1e5ee-1e5ef
1e6e3 1e6e6 1e6ee-1e6ef 1e6f5 1f16c 1fbf0-1fbf9
`);

/** Any run of the characters of a list of hexadecimal ranges. */
function characters(ranges: string): RegExp {
  const points = (range: string): string => range.replaceAll(/[0-9a-f]+/g, "\\u{$&}");
  return new RegExp(`([${ranges.trim().split(/\s+/).map(points).join("")}]+)`, "u");
}

/** A batch as the native encoder takes it: normalised text, and the spans that are tokens already. */
interface NormalBatch {
  readonly values: Uint8Array;
  readonly offsets: Int32Array;
  readonly spans: TokenSpans;
}

/**
 * @param find start, end and id of each token in a text as it is
 * @throws RangeError where spans fall, overlap, are empty or leave their text
 */
export function normaliseBatch(
  normaliser: Normaliser,
  text: BytesColumn,
  spans: TokenSpans | undefined,
  find: (text: Uint8Array) => Uint32Array,
): NormalBatch {
  const rows = text.offsets.length - 1;
  const batch = new BatchBuilder(rows, text.values.length);
  for (let row = 0; row < rows; row++) {
    const bytes = text.values.subarray(text.offsets[row], text.offsets[row + 1]);
    let done = 0;
    for (const { start, end, id } of spansOf(spans, row, rows, bytes.length)) {
      cut(batch, normaliser, bytes.subarray(done, start), find);
      batch.token(id, bytes.subarray(start, end));
      done = end;
    }
    cut(batch, normaliser, bytes.subarray(done), find);
    batch.endRow();
  }
  return batch.finish();
}

/** A stretch of text between spans: its tokens, and what lies between them normalised. */
function cut(batch: BatchBuilder, normaliser: Normaliser, text: Uint8Array, find: (text: Uint8Array) => Uint32Array): void {
  const tokens = find(text);
  let done = 0;
  for (let i = 0; i < tokens.length; i += 3) {
    const [start, end, id] = [tokens[i], tokens[i + 1], tokens[i + 2]];
    if (start > done) batch.text(normalise(normaliser, text.subarray(done, start)));
    batch.token(id, text.subarray(start, end));
    done = end;
  }
  if (done < text.length) batch.text(normalise(normaliser, text.subarray(done)));
}

class BatchBuilder {
  readonly #values: BytesBuilder;
  readonly #offsets: Int32Array;
  readonly #rows: Int32Array;
  readonly #start: number[] = [];
  readonly #length: number[] = [];
  readonly #ids: number[] = [];
  #row = 0;

  constructor(rows: number, bytes: number) {
    this.#values = new BytesBuilder("binary", bytes + 64);
    this.#offsets = new Int32Array(rows + 1);
    this.#rows = new Int32Array(rows + 1);
  }

  text(bytes: Uint8Array): void {
    this.#values.append(bytes);
  }

  token(id: number, bytes: Uint8Array): void {
    this.#start.push(this.#values.size - this.#offsets[this.#row]);
    this.#length.push(bytes.length);
    this.#ids.push(id);
    this.#values.append(bytes);
  }

  endRow(): void {
    this.#row++;
    this.#offsets[this.#row] = this.#values.size;
    this.#rows[this.#row] = this.#ids.length;
  }

  finish(): NormalBatch {
    const spans = {
      rows: this.#rows,
      start: Int32Array.from(this.#start),
      length: Int32Array.from(this.#length),
      ids: Uint32Array.from(this.#ids),
    };
    return { values: this.#values.finish().values, offsets: this.#offsets, spans };
  }
}

function* spansOf(
  spans: TokenSpans | undefined,
  row: number,
  rows: number,
  size: number,
): Generator<{ readonly start: number; readonly end: number; readonly id: number }> {
  if (spans === undefined) return;
  const [from, to] = [spans.rows[row], spans.rows[row + 1]];
  const count = Math.min(spans.start.length, spans.length.length, spans.ids.length);
  if (spans.rows.length !== rows + 1 || from < 0 || from > to || to > count)
    throw new RangeError("redactions do not have the text's rows");
  let done = 0;
  for (let i = from; i < to; i++) {
    const [start, end] = [spans.start[i], spans.start[i] + spans.length[i]];
    if (start < done || end <= start || end > size)
      throw new RangeError("redactions overlap, fall, are empty or leave their text");
    yield { start, end, id: spans.ids[i] };
    done = end;
  }
}

/** Normalises well-formed text; ill-formed bytes stay what and where they are. */
export function normalise(normaliser: Normaliser, text: Uint8Array): Uint8Array {
  const plain = isAscii(text);
  if (plain && normaliser.every(({ kind }) => kind === "form")) return text;
  const { string, escaped } = plain || isUtf8(text) ? { string: utf8(text), escaped: false } : keepIllFormed(text);
  const normal = normaliser.reduce(apply, string);
  if (normal === string) return text;
  return escaped ? restore(normal) : Buffer.from(normal);
}

function apply(text: string, step: NormaliserStep): string {
  switch (step.kind) {
    case "form":
      return text
        .split(unknownToHuggingFace)
        .map((part, i) => (i % 2 === 0 ? part.normalize(step.form) : part))
        .join("");
    case "prepend":
      return text === "" ? "" : step.text + text;
    case "replace":
      return text.replaceAll(step.from, () => step.to);
  }
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** Each ill-formed byte as a lone low surrogate, U+DC80 to U+DCFF, which no form changes (the idea of PEP 383). */
function keepIllFormed(bytes: Uint8Array): { readonly string: string; readonly escaped: boolean } {
  let string = "";
  let done = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    string += utf8(bytes.subarray(done, at)) + String.fromCharCode(0xdc00 + bytes[at]);
    done = ++at;
  }
  return { string: string + utf8(bytes.subarray(done)), escaped: true };
}

/** Length of the well-formed sequence at a place, or 0 (The Unicode Standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

function restore(text: string): Uint8Array {
  const parts = text.split(/([\u{dc80}-\u{dcff}])/u);
  return Buffer.concat(parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Uint8Array.of(part.charCodeAt(0) - 0xdc00))));
}
