/**
 * Corpora as training sequences. The documents of a source stand one after the other, in the order of its shards, and every `length`
 * tokens a sequence begins; where documents begin in it is kept. Which sequence comes when is a pure function of seed, sources and stages:
 * a keyed permutation of each source's sequences for each epoch, and one of the places in the mixture. So any reader can begin at any
 * place, and the sequences of a step are the same whatever the number of ranks.
 */
import { type CorpusFolder, digestOf, type TokenizerEntry } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { openSequenceLoader, type SequenceBatch, type SequenceLoader } from "../../native/index.js";
import { openTokenizerOf } from "../../tokenizer/index.js";
import { type LoaderSource, type OpenSource, openSource } from "./source.js";

export interface LoaderStage {
  /** How many sequences it has. */
  readonly sequences: number;
  /** The part of each source by name, in any unit; sources that are not named give nothing. Left out: in proportion to their sizes. */
  readonly weights?: Readonly<Record<string, number>>;
}

export interface LoaderOptions {
  readonly sources: readonly LoaderSource[];
  /** Tokens of a sequence. */
  readonly length: number;
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** One after the other; a source goes on in the next where it stopped. Left out: every sequence once. */
  readonly stages?: readonly LoaderStage[];
}

export interface BatchOptions {
  /** Sequences of a step, of all ranks together; a multiple of `ranks`. */
  readonly size: number;
  readonly rank?: number;
  readonly ranks?: number;
  /** The first step. */
  readonly from?: number;
}

export interface TrainingBatch extends SequenceBatch {
  readonly step: number;
}

/** Where a training run stands: kept in its checkpoint. */
export interface LoaderState {
  /** Of everything that decides which sequence comes when. */
  readonly digest: string;
  /** Sequences that were read. */
  readonly sequences: number;
}

export interface Loader {
  readonly digest: string;
  /** Of all stages together. */
  readonly sequences: number;
  readonly sources: readonly (Omit<OpenSource, "stream"> & { readonly tokens: number; readonly sequences: number })[];
  /**
   * The sequences first .. first + count of the run.
   * @param into an Int32Array of [count, length + 1] to be filled instead of a new one
   * @throws DataError CORPUS_DAMAGED; RangeError where the run has fewer sequences
   */
  read(first: number, count: number, into?: Int32Array): SequenceBatch;
  /** One rank's part of each step, to the last step that is whole. Rank r has the r-th part of a step's sequences. */
  batches(options: BatchOptions): Generator<TrainingBatch, void, undefined>;
  /** [count, 3]: source, epoch and number of each sequence. */
  places(first: number, count: number): Float64Array;
  state(sequences: number): LoaderState;
  /** How many sequences were read. @throws DataError LOADER_STATE_DIFFERS where the state is of another order */
  resume(state: LoaderState): number;
}

/**
 * @throws DataError LOADER_INVALID where the options do not fit together, TOKENIZER_MISMATCH where sources were tokenised differently,
 * and what openSource throws
 */
export async function openLoader({ sources, length, seed, stages }: LoaderOptions): Promise<Loader> {
  if (sources.length === 0) throw invalid("no source is named");
  if (new Set(sources.map(({ name }) => name)).size < sources.length) throw invalid("two sources have one name");
  if (!isWhole(length, 1, 2 ** 28)) throw invalid(`a length of ${length}, not 1 to 2^28`);
  if (!isWhole(seed, 0, Number.MAX_SAFE_INTEGER)) throw invalid(`the seed ${seed} is no whole number from 0 to 2^53 - 1`);
  const open: OpenSource[] = [];
  // Opening a tokenizer takes longer than opening a source, and sources mostly share one.
  const checked = new Set<string>();
  const check = async (corpus: CorpusFolder, entry: TokenizerEntry): Promise<void> => {
    if (checked.has(digestOf(entry))) return;
    await openTokenizerOf(corpus, entry);
    checked.add(digestOf(entry));
  };
  for (const source of sources) open.push(await openSource(source, check));
  const [first, other] = [open[0], open.find(({ tokenizerDigest }) => tokenizerDigest !== open[0]?.tokenizerDigest)];
  if (other !== undefined)
    throw new DataError("TOKENIZER_MISMATCH", { detail: `${first?.name} and ${other.name} were tokenised differently` });
  const described = open.map(({ stream, ...rest }) => {
    return { ...rest, tokens: stream.tokens, sequences: Math.max(0, Math.floor((stream.tokens - 1) / length)) };
  });
  const all = described.reduce((sum, source) => sum + source.sequences, 0);
  const given = stages ?? [{ sequences: all }];
  const numbers = given.flatMap((stage, index) => [stage.sequences, ...weightsOf(stage, index, described)]);
  const sequences = given.reduce((sum, stage) => sum + stage.sequences, 0);
  if (!Number.isSafeInteger(sequences)) throw invalid("more than 2^53 sequences");
  const digest = digestOf({
    version: orderVersion,
    length,
    seed,
    stages: numbers,
    sources: described.map(({ name, shardsDigest, deletions }) => ({ name, shardsDigest, deletions })),
  });
  const streams = open.map(({ stream }) => stream);
  return new MappedLoader(
    openSequenceLoader(streams, length, seed, Float64Array.from(numbers)),
    length,
    digest,
    sequences,
    described,
  );
}

class MappedLoader implements Loader {
  constructor(
    private readonly native: SequenceLoader,
    private readonly length: number,
    readonly digest: string,
    readonly sequences: number,
    readonly sources: Loader["sources"],
  ) {}

  read(first: number, count: number, into?: Int32Array): SequenceBatch {
    const tokens = into ?? new Int32Array(count * (this.length + 1));
    return { tokens, ...this.native.read(first, count, tokens) };
  }

  *batches({ size, rank = 0, ranks = 1, from = 0 }: BatchOptions): Generator<TrainingBatch, void, undefined> {
    if (!isWhole(ranks, 1, 2 ** 31) || !isWhole(rank, 0, ranks - 1)) throw invalid(`rank ${rank} of ${ranks}`);
    if (!isWhole(size, 1, 2 ** 31) || size % ranks !== 0)
      throw invalid(`a step of ${size} sequences cannot be shared by ${ranks} ranks`);
    const part = size / ranks;
    for (let step = from; (step + 1) * size <= this.sequences; step++)
      yield { step, ...this.read(step * size + rank * part, part) };
  }

  places(first: number, count: number): Float64Array {
    return this.native.places(first, count);
  }

  state(sequences: number): LoaderState {
    return { digest: this.digest, sequences };
  }

  resume({ digest, sequences }: LoaderState): number {
    if (digest !== this.digest || !isWhole(sequences, 0, this.sequences)) {
      throw new DataError("LOADER_STATE_DIFFERS", {
        detail: `the state is of ${digest} at ${sequences}, this loader is ${this.digest} with ${this.sequences} sequences`,
      });
    }
    return sequences;
  }
}

/** Raised whenever a seed may give another order than before. */
const orderVersion = 1;

/** Fine enough for any mixture, and sums of them stay far below 2^53. */
const weightUnits = 2 ** 40;

/** Whole weights in the order of the sources. */
function weightsOf(stage: LoaderStage, index: number, sources: readonly { name: string; sequences: number }[]): number[] {
  const what = `stage ${index + 1}`;
  if (!isWhole(stage.sequences, 0, Number.MAX_SAFE_INTEGER)) throw invalid(`${what} has ${stage.sequences} sequences`);
  const { weights } = stage;
  if (weights === undefined) {
    if (sources.every(({ sequences }) => sequences === 0)) throw invalid("no source has as many tokens as a sequence");
    return sources.map(({ sequences }) => sequences);
  }
  for (const [name, weight] of Object.entries(weights)) {
    const source = sources.find((one) => one.name === name);
    if (source === undefined) throw invalid(`${what} names ${name}, which is no source`);
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw invalid(`${what} gives ${name} the weight ${weight}`);
    if (weight > 0 && source.sequences === 0) throw invalid(`${name} has fewer tokens than a sequence`);
  }
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) throw invalid(`${what} has no weight above 0`);
  return sources.map(({ name }) => {
    const weight = Object.hasOwn(weights, name) ? weights[name] : 0;
    return weight === 0 ? 0 : Math.max(1, Math.round((weight / total) * weightUnits));
  });
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function invalid(detail: string): DataError {
  return new DataError("LOADER_INVALID", { detail });
}
