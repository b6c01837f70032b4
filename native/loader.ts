/** Training sequences cut from mapped shards, in the order of a run: a pure function of seed, sources and stages (native/src/loader.cc). */
import { DataError } from "../errors/index.js";
import { addon } from "./addon.js";

/** The token lists of a source's shards, as their headers place them. */
export interface StreamLayout {
  readonly paths: readonly string[];
  /** Bytes of each file. */
  readonly sizes: Float64Array;
  /** [batches, 5]: shard (index into paths), rows, place of the offsets (int32), place of the ids (uint32), number of ids. */
  readonly batches: Float64Array;
  /** [deleted rows, 2]: batch and row in it, ascending. */
  readonly gone: Float64Array;
  /** Ids are below this number. */
  readonly vocabularySize: number;
}

/** The documents of a source that are kept, one after the other. */
export interface TokenStream {
  readonly tokens: number;
}

export interface SequenceBatch {
  /** [sequences, length + 1], row-major: the first `length` ids of a row are the input, the last `length` the labels. */
  readonly tokens: Int32Array;
  /**
   * Where the documents of a sequence begin: boundaries[offsets[i] .. offsets[i + 1]) of sequence i, ascending from 0 and ending with
   * `length`, as attention kernels for packed sequences take it (cu_seqlens). The first may begin before the sequence does.
   */
  readonly boundaries: Int32Array;
  /** sequences + 1 ascending offsets into boundaries. */
  readonly offsets: Int32Array;
  /** Of each sequence, the index of its source. */
  readonly sources: Int32Array;
}

/** One thread's reader. It holds nothing that depends on what was read before. */
export interface SequenceLoader {
  /** Fills tokens [count, length + 1] with the sequences first .. first + count of the run; the rest of a batch is returned. */
  read(first: number, count: number, tokens: Int32Array): Omit<SequenceBatch, "tokens">;
  /** [count, 3]: source, epoch and number (in the source's own order) of each sequence. */
  places(first: number, count: number): Float64Array;
}

const native = addon as {
  readonly TokenStream: new (
    paths: readonly string[],
    sizes: Float64Array,
    batches: Float64Array,
    gone: Float64Array,
    ceiling: number,
  ) => TokenStream;
  readonly SequenceLoader: new (
    streams: readonly TokenStream[],
    length: number,
    seed: number,
    stages: Float64Array,
  ) => SequenceLoader;
};

/** Maps shards as they are needed; they must not be changed while the stream is open. Throws CORPUS_DAMAGED, RangeError. */
export function openTokenStream({ paths, sizes, batches, gone, vocabularySize }: StreamLayout): TokenStream {
  return coded(() => new native.TokenStream(paths, sizes, batches, gone, vocabularySize));
}

/**
 * `stages`: for each its number of sequences and a whole weight for each stream, all below 2^53. A stream of t tokens has
 * floor((t - 1) / length) sequences. Throws RangeError where a stream with a weight has none, or a number is out of range.
 */
export function openSequenceLoader(
  streams: readonly TokenStream[],
  length: number,
  seed: number,
  stages: Float64Array,
): SequenceLoader {
  const loader = new native.SequenceLoader(streams, length, seed, stages);
  return {
    read: (first, count, tokens) => coded(() => loader.read(first, count, tokens)),
    places: (first, count) => loader.places(first, count),
  };
}

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, file, message } = cause as { code?: unknown; file?: string; message: string };
    if (code !== "CORPUS_DAMAGED") throw cause;
    throw new DataError(code, { ...(file === undefined ? {} : { file }), detail: message, cause });
  }
}
