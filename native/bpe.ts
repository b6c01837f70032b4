/** Byte-level BPE over batches of text: bytes in, token ids out, one call a batch (native/src/bpe.cc). */
import { addon } from "./addon.js";

/** A token found in the raw text before it is cut into pretokens. */
export interface AddedToken {
  readonly text: Uint8Array;
  readonly id: number;
}

/** Spans that become one token each; the layout of Redactions (corpus/verdict.ts), with the id of each kind. */
export interface PlaceholderSpans {
  readonly rows: Int32Array;
  readonly start: Int32Array;
  readonly length: Int32Array;
  readonly kind: Uint8Array;
  /** The token id of each kind. */
  readonly ids: Uint32Array;
}

/** Row i is values[offsets[i] .. offsets[i + 1]). */
export interface TokenBatch {
  readonly values: Uint32Array;
  /** rows + 1 ascending offsets into values. */
  readonly offsets: Int32Array;
}

/** One tokenizer's state; it belongs to the thread that made it. */
export interface Bpe {
  /**
   * The tokens of each row, between `bos` and `eos` where these are 0 or above. Each stretch of text between spans is cut into
   * pretokens by itself. Throws RangeError where offsets or spans are out of order or out of bounds.
   */
  encodeBatch(
    values: Uint8Array,
    offsets: Int32Array,
    bos: number,
    eos: number,
    spans: PlaceholderSpans | undefined,
  ): TokenBatch;
  count(text: Uint8Array): number;
  /** The bytes of ordinary and added tokens; any other id gives nothing. */
  decode(ids: Uint32Array): Uint8Array;
}

const native = addon as {
  readonly Bpe: new (vocabulary: Uint8Array, firstId: number, added: readonly AddedToken[], find: boolean) => Bpe;
};

/**
 * `vocabulary` holds the tokens by rank, each as one byte of length and its bytes; the token of rank r has the id firstId + r.
 * Pretokens are those of the tekken pattern; added tokens come from text only with `find`, but are always decoded. Throws Error where a token is cut off, empty or doubled, or a single byte has none.
 */
export function openBpe(vocabulary: Uint8Array, firstId: number, added: readonly AddedToken[], find: boolean): Bpe {
  return new native.Bpe(vocabulary, firstId, added, find);
}
