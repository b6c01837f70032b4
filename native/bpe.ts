/** Byte-level BPE over batches of text: bytes in, token ids out, one call a batch (native/src/bpe.cc). */
import { DataError } from "../errors/index.js";
import { addon } from "./addon.js";

/** A token that is found in text before it is cut into pretokens, the leftmost first and of those the longest. */
export interface AddedToken {
  readonly text: Uint8Array;
  readonly id: number;
  /** Whether it comes from text; where not, its text is left as text, and no part of it is found as another token. */
  readonly find: boolean;
  /** It takes the white space in front of it, and behind it. */
  readonly leftStrip?: boolean;
  readonly rightStrip?: boolean;
  /** Only where no word goes on at its ends. */
  readonly singleWord?: boolean;
}

/** Patterns that native/src/bpe_scanner.h cuts without a regular expression. */
export type KnownPattern = "tekken" | "gpt2" | "cl100k" | "llama3" | "cl100k-end" | "qwen2" | "o200k" | "o200k-ascii";

export type SplitBehaviour = "Removed" | "Isolated" | "MergedWithPrevious" | "MergedWithNext" | "Contiguous";

/** One cut of every piece that the stage before it left. */
export type SplitStage =
  | { readonly known: KnownPattern }
  | { readonly pattern: Uint8Array; readonly behaviour: SplitBehaviour; readonly invert: boolean }
  /** A space in front of each piece that does not begin with one. */
  | { readonly prefixSpace: true };

/** Which merge comes first: native/src/bpe_vocabulary.h, MergeOrder. */
export const mergeOrder = { ranks: 0, derived: 1, listed: 2 } as const;

export interface BpeSettings {
  /** The tokens by rank, each as one byte of length and its bytes; 0 and four bytes, lowest first, for a longer one. */
  readonly packed: Uint8Array;
  readonly order: keyof typeof mergeOrder;
  /** For `listed`: left and right rank of each merge. */
  readonly merges?: Uint32Array;
  /** The id of each rank; without them the token of rank r has the id firstId + r. */
  readonly ids?: Uint32Array;
  readonly firstId?: number;
  /** A pretoken that is a token is that token, whether or not the merges lead to it. */
  readonly wholeFirst: boolean;
  readonly stages: readonly SplitStage[];
  /** Added tokens of the text as it is, and of the text as it is normalised. */
  readonly raw: readonly AddedToken[];
  readonly normalised?: readonly AddedToken[];
  /** The caller normalises, and so looks for the raw ones itself, with findRaw. */
  readonly normalises?: boolean;
}

/** Spans that become one token each; the layout of Redactions (corpus/verdict.ts). */
export interface TokenSpans {
  readonly rows: Int32Array;
  readonly start: Int32Array;
  readonly length: Int32Array;
  readonly ids: Uint32Array;
}

/** Row i is values[offsets[i] .. offsets[i + 1]). */
export interface TokenBatch {
  readonly values: Uint32Array;
  /** rows + 1 ascending offsets into values. */
  readonly offsets: Int32Array;
}

/** One tokenizer's state; it belongs to the thread that made it. */
interface NativeBpe {
  encodeBatch(values: Uint8Array, offsets: Int32Array, bos: number, eos: number, spans: TokenSpans | undefined): TokenBatch;
  count(text: Uint8Array): number;
  decode(ids: Uint32Array): Uint8Array;
  offsets(ids: Uint32Array): Float64Array;
  findRaw(text: Uint8Array): Uint32Array;
}

const native = addon as { readonly Bpe: new (settings: object) => NativeBpe };

export class Bpe {
  readonly #bpe: NativeBpe;

  /** @throws DataError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED with what is wrong */
  constructor(
    settings: BpeSettings,
    readonly file: string,
  ) {
    const none = new Uint32Array(0);
    const { order, merges = none, ids = none, firstId = 0, normalised = [], normalises = false } = settings;
    this.#bpe = this.#coded(
      () => new native.Bpe({ ...settings, order: mergeOrder[order], merges, ids, firstId, normalised, normalises }),
    );
  }

  /**
   * The tokens of each row, between `bos` and `eos` where these are 0 or above. Each stretch of text between spans is cut into
   * pretokens by itself. Throws RangeError where offsets or spans are out of order or out of bounds.
   * @throws DataError TOKENIZER_TOO_SLOW
   */
  encodeBatch(values: Uint8Array, offsets: Int32Array, bos: number, eos: number, spans: TokenSpans | undefined): TokenBatch {
    return this.#coded(() => this.#bpe.encodeBatch(values, offsets, bos, eos, spans));
  }

  /** @throws DataError TOKENIZER_TOO_SLOW */
  count(text: Uint8Array): number {
    return this.#coded(() => this.#bpe.count(text));
  }

  /** The bytes of ordinary and added tokens; any other id gives nothing. */
  decode(ids: Uint32Array): Uint8Array {
    return this.#bpe.decode(ids);
  }

  /** Where each token begins in what decode gives, in bytes, and the end. */
  offsets(ids: Uint32Array): Float64Array {
    return this.#bpe.offsets(ids);
  }

  /** Start, end and id of each raw added token in a text. */
  findRaw(text: Uint8Array): Uint32Array {
    return this.#bpe.findRaw(text);
  }

  #coded<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const fault = cause as { readonly code?: unknown; readonly message?: unknown } | null;
      const code = codes.get(String(fault?.code));
      if (code === undefined) throw cause;
      throw new DataError(code, { file: this.file, detail: String(fault?.message), cause });
    }
  }
}

/** Of the codes that native/src/bpe.cc gives its errors. */
const codes = new Map<string, "TOKENIZER_INVALID" | "TOKENIZER_UNSUPPORTED" | "TOKENIZER_TOO_SLOW">([
  ["INVALID", "TOKENIZER_INVALID"],
  ["UNSUPPORTED", "TOKENIZER_UNSUPPORTED"],
  ["TOO_SLOW", "TOKENIZER_TOO_SLOW"],
]);
