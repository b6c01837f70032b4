/** Prediction by supervised fastText models, .bin and .ftz (Joulin et al. 2016, arXiv:1607.01759 and arXiv:1612.03651). */
import { DataError } from "../errors/index.js";
import { addon } from "./addon.js";

interface NativeModel {
  predict(values: Uint8Array, offsets: Int32Array, k: number): LabelPredictions;
  labels(): string[];
}

const native = addon as { FastTextModel: new (path: string, plain: boolean) => NativeModel };

/** Both arrays [rows, k], row-major, the most probable label of a row first. */
export interface LabelPredictions {
  /** Indices into `labels`; -1 where the text has no feature that the model knows. */
  readonly labels: Int32Array;
  /** 0 to 1. For softmax and one-vs-all the fastText program prints 0.00001 more (the guard of its logarithm). */
  readonly probabilities: Float32Array;
}

/** A model mapped from its file, which must not be changed while it is open. The memory is released with the object. */
export class FastTextModel {
  /** Names of the labels as the model has them, usually with the prefix `__label__`. */
  readonly labels: readonly string[];
  readonly #model: NativeModel;

  /**
   * `plain` keeps to instructions that every processor has; it changes the speed, never a bit of the answers.
   * Throws INPUT_NOT_FOUND, or MODEL_CORRUPT where the file is no supervised fastText model or its parts do not fit together.
   */
  constructor(path: string, { plain = false }: { readonly plain?: boolean } = {}) {
    try {
      this.#model = new native.FastTextModel(path, plain);
    } catch (cause) {
      const { code, message } = cause as { code?: unknown; message: string };
      if (code !== "INPUT_NOT_FOUND" && code !== "MODEL_CORRUPT") throw cause;
      throw new DataError(code, { file: path, detail: message, cause });
    }
    this.labels = this.#model.labels();
  }

  /**
   * Each row as the program would read it as one line: line feeds are white space, and `</s>` is appended.
   * The same bits on every processor. Throws a RangeError unless 1 <= k <= labels.length.
   */
  predict(values: Uint8Array, offsets: Int32Array, k: number): LabelPredictions {
    return this.#model.predict(values, offsets, k);
  }
}
