/**
 * Training of supervised fastText models (Joulin et al. 2016, arXiv:1607.01759): what it writes, the fastText program and
 * `FastTextModel` read. The same lines and settings give the same bytes, whatever the number of threads and the processor.
 */
import { DataError } from "../errors/index.js";
import { addon } from "./addon.js";

interface NativeTrainer {
  add(values: Uint8Array, offsets: Int32Array, labels: Int32Array): void;
  run(lines: number): TrainingState;
  write(path: string, dsub: number, norms: boolean): void;
}

const native = addon as {
  FastTextTrainer: new (settings: FastTextSettings & { readonly plain: boolean }, labels: readonly string[]) => NativeTrainer;
};

export interface FastTextSettings {
  /** 1 to 4096. */
  readonly dimensions: number;
  /** Passes over the lines, at least 1. */
  readonly epochs: number;
  /** Learning rate at the start; it falls to 0 by the end. */
  readonly rate: number;
  /** A word has a row of its own if a pass reads it this often, at least 1. */
  readonly leastCount: number;
  /** Words with a row of their own, at most; the most frequent. */
  readonly mostWords: number;
  /** Longest run of words that is a feature; 1 for single words. */
  readonly wordNgrams: number;
  /** Rows that n-grams of characters and of words share by their hash. */
  readonly buckets: number;
  /** Lengths of character n-grams, in characters; a `longest` of 0 for none. */
  readonly shortest: number;
  readonly longest: number;
  /** One sigmoid a label instead of one softmax over all. */
  readonly oneVsAll: boolean;
  /** Lines of each label in a pass, the cap and, by repetition, the floor; 0 reads every line once. */
  readonly linesPerLabel: number;
  /** Share of the lines, 0 to 1, that a pass cuts to `shortestCut` to `longestCut` characters at words' bounds. */
  readonly cut: number;
  readonly shortestCut: number;
  readonly longestCut: number;
  /** Share of a line's features, 0 to 0.99, that is left out at random, anew each time the line is read. */
  readonly dropout: number;
  readonly seed: number;
  /** At most 4 are used: a batch has four tiles of lines. */
  readonly threads: number;
}

export interface TrainingState {
  readonly done: boolean;
  /** Of all lines of all passes, 0 to 1. */
  readonly share: number;
  /** Mean of -ln(probability of the right label) over the lines just read. */
  readonly loss: number;
  /** Words with a row of their own. */
  readonly words: number;
}

export class FastTextTrainer {
  readonly #trainer: NativeTrainer;

  /**
   * `labels` without the prefix `__label__`. `plain` keeps to instructions that every processor has: slower, the same bytes.
   * Throws a RangeError where a setting is outside its range, TRAINING_IMPOSSIBLE where a label cannot stand in a model file.
   */
  constructor(settings: FastTextSettings, labels: readonly string[], { plain = false }: { readonly plain?: boolean } = {}) {
    const bad = labels.find((label) => /[\s\u0000]/.test(label) || label === "" || !label.isWellFormed());
    if (bad !== undefined)
      throw new DataError("TRAINING_IMPOSSIBLE", { detail: `the label ${JSON.stringify(bad)}: white space, or nothing` });
    if (new Set(labels).size < labels.length) throw new DataError("TRAINING_IMPOSSIBLE", { detail: "a label is named twice" });
    this.#trainer = new native.FastTextTrainer({ ...settings, plain }, labels);
  }

  /** Adds rows with the index of each one's label. The text is kept until the trainer is let go. Only before the first `run`. */
  add(values: Uint8Array, offsets: Int32Array, labels: Int32Array): void {
    coded(() => this.#trainer.add(values, offsets, labels));
  }

  /**
   * Trains on about so many more lines, and says how far it is; the first call also counts the words.
   * Throws TRAINING_IMPOSSIBLE: fewer than two labels, a label without a line, nothing to learn from, or too much for memory.
   */
  run(lines: number): TrainingState {
    return coded(() => this.#trainer.run(lines));
  }

  /**
   * Writes the model, once `run` said done: plain (.bin), or product-quantised (.ftz) in parts of `dsub` dimensions, with `norms` the
   * length of each row apart, which costs a byte a row and keeps more of the quality. Throws MODEL_NOT_WRITABLE.
   */
  write(path: string, quantise?: { readonly dsub: number; readonly norms: boolean }): void {
    coded(() => this.#trainer.write(path, quantise?.dsub ?? 0, quantise?.norms ?? false), path);
  }
}

function coded<T>(act: () => T, file?: string): T {
  try {
    return act();
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string };
    if (code !== "TRAINING_IMPOSSIBLE" && code !== "MODEL_NOT_WRITABLE") throw cause;
    throw new DataError(code, { detail: message, cause, ...(file === undefined ? {} : { file }) });
  }
}
