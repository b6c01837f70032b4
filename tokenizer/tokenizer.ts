/**
 * A byte-level BPE tokenizer over batches of text, whatever file its vocabulary comes from. No special token comes from text,
 * unless whoever opened it allowed that: a page that has `</s>` in its text ends no document.
 */
import type { Redactions } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import type { BytesColumn } from "../formats/index.js";
import { Bpe, type BpeSettings, type TokenBatch, type TokenSpans } from "../native/index.js";
import { type Golden, goldenOf } from "./golden.js";
import { type Normaliser, normaliseBatch } from "./normalise.js";
import type { SpecialTokens } from "./special.js";

export interface EncodeOptions {
  /**
   * Spans that become the one placeholder token of their kind. The text between spans is tokenised piece by piece, each as if it
   * stood alone.
   */
  readonly redactions?: Redactions;
  /** Put the begin-of-document token in front of each row, where the vocabulary has one. */
  readonly bos: boolean;
  /** Put the end-of-document token behind each row, where the vocabulary has one. */
  readonly eos: boolean;
}

export interface DecodeOptions {
  /** What special tokens become: nothing, or their names. */
  readonly special: "nothing" | "names";
}

export interface Tokenizer {
  readonly name: string;
  /** SHA-256, hex, over everything that decides which tokens a text has: vocabulary, special ids, pattern, version. */
  readonly digest: string;
  /** Ids are below this number. */
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
  /** Fixed texts with their tokens, to be stored in the manifest; see checkGolden. */
  readonly golden: readonly Golden[];
  /** Whether decode gives back every text to the byte: not so where the vocabulary normalises text or puts a space in front. */
  readonly lossless: boolean;
  /**
   * Takes any bytes: an ill-formed byte counts as one symbol that is neither letter, digit nor white space.
   * Throws PLACEHOLDER_UNKNOWN for a redaction of a kind without a token, TOKENIZER_TOO_SLOW where a pattern of a loaded file is not linear on a
   * text, RangeError for spans out of order or out of bounds.
   */
  encodeBatch(text: BytesColumn, options: EncodeOptions): TokenBatch;
  /** The bytes that the ids were encoded from, for every list of ids that came from text, if lossless. Throws TOKEN_UNKNOWN. */
  decode(ids: Uint32Array, options?: DecodeOptions): Uint8Array;
  /** Where each token begins in decode(ids), in bytes, and behind them its length. Throws TOKEN_UNKNOWN. */
  offsets(ids: Uint32Array): Float64Array;
  /** Number of tokens of one text, without begin and end. */
  count(text: Uint8Array): number;
}

/** What a tokenizer is made of. */
export interface TokenizerParts {
  readonly name: string;
  /** For messages. */
  readonly file: string;
  readonly digest: string;
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
  readonly settings: BpeSettings;
  readonly normaliser?: Normaliser;
  readonly lossless: boolean;
  /** Ids below the vocabulary's size that are no token. */
  readonly holes?: ReadonlySet<number>;
}

/** @throws DataError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function makeTokenizer(parts: TokenizerParts): Tokenizer {
  return new BpeTokenizer(parts);
}

class BpeTokenizer implements Tokenizer {
  readonly name: string;
  readonly digest: string;
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
  readonly lossless: boolean;
  readonly golden: readonly Golden[];
  readonly #bpe: Bpe;
  readonly #normaliser: Normaliser | undefined;
  readonly #holes: ReadonlySet<number>;
  readonly #special: ReadonlyMap<number, string>;

  constructor({ name, file, digest, vocabularySize, special, settings, normaliser, lossless, holes }: TokenizerParts) {
    this.name = name;
    this.digest = digest;
    this.vocabularySize = vocabularySize;
    this.special = special;
    this.lossless = lossless;
    this.#holes = holes ?? new Set();
    this.#special = new Map([...special.names].filter(([id]) => !special.inText.includes(id)));
    this.#normaliser = normaliser;
    this.#bpe = new Bpe({ ...settings, normalises: normaliser !== undefined }, file);
    this.golden = goldenOf(this);
  }

  encodeBatch(text: BytesColumn, { redactions, bos, eos }: EncodeOptions): TokenBatch {
    const first = bos ? (this.special.bos ?? -1) : -1;
    const last = eos ? (this.special.eos ?? -1) : -1;
    const spans = redactions && this.#spans(redactions);
    if (this.#normaliser === undefined) return this.#bpe.encodeBatch(text.values, text.offsets, first, last, spans);
    const normal = normaliseBatch(this.#normaliser, text, spans, (piece) => this.#bpe.findRaw(piece));
    return this.#bpe.encodeBatch(normal.values, normal.offsets, first, last, normal.spans);
  }

  decode(ids: Uint32Array, options: DecodeOptions = { special: "nothing" }): Uint8Array {
    this.#known(ids);
    const parts: Uint8Array[] = [];
    let done = 0;
    for (const [at, id] of ids.entries()) {
      const name = this.#special.get(id);
      if (name === undefined) continue;
      if (at > done) parts.push(this.#bpe.decode(ids.subarray(done, at)));
      if (options.special === "names") parts.push(new TextEncoder().encode(name));
      done = at + 1;
    }
    if (done === 0) return this.#bpe.decode(ids);
    parts.push(this.#bpe.decode(ids.subarray(done)));
    return Buffer.concat(parts);
  }

  offsets(ids: Uint32Array): Float64Array {
    this.#known(ids);
    return this.#bpe.offsets(ids);
  }

  count(text: Uint8Array): number {
    if (this.#normaliser === undefined) return this.#bpe.count(text);
    const column: BytesColumn = { type: "binary", values: text, offsets: Int32Array.of(0, text.length) };
    return this.encodeBatch(column, { bos: false, eos: false }).values.length;
  }

  #known(ids: Uint32Array): void {
    const unknown = ids.findIndex((id) => id >= this.vocabularySize || this.#holes.has(id));
    if (unknown !== -1) throw new DataError("TOKEN_UNKNOWN", { record: unknown, detail: String(ids[unknown]) });
  }

  #spans({ rows, start, length, kind, kinds }: Redactions): TokenSpans {
    const tokens = kinds.map((name) => this.special.placeholders.get(name));
    const ids = Uint32Array.from(kind, (of) => {
      if (of >= kinds.length) throw new RangeError("a redaction is of no kind");
      const id = tokens[of];
      if (id === undefined) throw new DataError("PLACEHOLDER_UNKNOWN", { detail: kinds[of] ?? "" });
      return id;
    });
    return { rows, start, length, ids };
  }
}
