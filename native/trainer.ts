/**
 * Training of Apertus models (Apertus technical report 2025, section 2): one model with its gradients, moments and average, and what is
 * done to them. Schedules, objectives and loops are the trainer's. Everything is float32 but, if asked for, the inputs of matrix products.
 */
import { DataError } from "../errors/index.js";
import { addon } from "./addon.js";

/** Number format of what linear layers multiply. Master weights, gradients, attention scores and all sums stay float32. */
export type TrainingDtype = "float32" | "bfloat16";

/** Whole numbers above 0: below 2^24, layers and heads up to 4096, headWidth even and up to 512. */
export interface NativeModelShape {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Divides `heads`. */
  readonly kvHeads: number;
  readonly headWidth: number;
  /** Width of the network between up and down projection. */
  readonly hidden: number;
  readonly normEpsilon: number;
  /** Radians a position of the rotary embedding, headWidth / 2 of them, after any scaling. */
  readonly inverseFrequencies: Float64Array;
}

export interface TensorInfo {
  /** As Hugging Face's ApertusForCausalLM names it. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** A model's buffers, one float32 for each parameter: first moments fast and slow, second moment, average of the weights. */
export type TensorKind = "weight" | "gradient" | "m1" | "m2" | "v" | "average";

/** The tokens of one micro-batch, row-major. Ids below the vocabulary. */
export interface TrainingBatch {
  /** [rows, length + 1]: the first `length` of a row are read, the last `length` are predicted. */
  readonly tokens: Int32Array;
  readonly rows: number;
  readonly length: number;
  /** [rows, length], 1 where the position counts; without it all do. */
  readonly mask?: Uint8Array;
  /** Where documents begin, as `SequenceBatch` has it: attention stops there. Without it a row is one document. */
  readonly documents?: { readonly boundaries: Int32Array; readonly offsets: Int32Array };
}

/** Sums of -ln(probability of the token), in float64 over the tokens in their order. */
export interface LossSums {
  readonly loss: number;
  readonly counted: number;
  readonly lossAll: number;
  readonly all: number;
}

/** One step; what changes from step to step (schedules, bias corrections) is the caller's to work out. */
export interface OptimiserStep {
  /** AdEMAMix (arXiv:2409.03137), or AdamW (arXiv:1711.05101), which reads neither beta3 nor alpha. */
  readonly kind: "ademamix" | "adamw";
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly beta3: number;
  readonly alpha: number;
  /** 1 - beta1^t and 1 - beta2^t. */
  readonly correction1: number;
  readonly correction2: number;
  readonly epsilon: number;
  /** Of matrices; norms and slopes of the activation never decay. Multiplied by the learning rate. */
  readonly weightDecay: number;
  /** Gradients are multiplied by it first, as clipping wants. */
  readonly gradientScale: number;
}

/** Continues one sequence; what it has read stays in a cache of keys and values. */
export interface NativeGenerator {
  /** Tokens read so far. */
  readonly length: number;
  /** Reads tokens and gives the logits [vocabulary] behind the last of them. RangeError where they exceed `maxLength`. */
  next(tokens: Int32Array): Promise<Float32Array>;
}

interface NativeHandle {
  tensors(): TensorInfo[];
  backend(): string;
  initialise(seed: number, std: number): void;
  read(kind: TensorKind, name: string): Float32Array;
  write(kind: TensorKind, name: string, values: Float32Array): void;
  accumulate(batch: TrainingBatch & { readonly scale: number }): Promise<LossSums>;
  evaluate(batch: TrainingBatch): Promise<LossSums>;
  losses(batch: TrainingBatch): Promise<Float32Array>;
  logits(batch: TrainingBatch): Promise<Float32Array>;
  zeroGradients(): void;
  gradientNorm(): Promise<number>;
  step(options: OptimiserStep, slow: boolean): Promise<void>;
  averageWeights(rate: number): Promise<void>;
  swapWeightsWithAverage(): void;
  generator(maxLength: number): NativeGenerator;
}

const native = addon as {
  readonly TrainerModel: new (shape: NativeModelShape, threads: number, half: boolean, instructions: string) => NativeHandle;
};

export interface NativeModelOptions {
  readonly backend?: "cpu";
  /** 1 to 1024. The same bits for any number. */
  readonly threads: number;
  readonly dtype: TrainingDtype;
  /** Keeps to a set of instructions; without it the best of this processor is taken. They differ by rounding. */
  readonly instructions?: "plain" | "avx2" | "avx512" | "neon";
}

/**
 * A model and its training state, which exists from the moment it is needed: 4 bytes a parameter for weights, gradients, each moment and
 * the average, and while a micro-batch runs 4 (2 width + (2 heads + 2 kvHeads) headWidth + hidden + heads) bytes a token and layer.
 * The same calls give the same bits, run after run and for any number of threads, on one kind of processor.
 * One asynchronous call at a time: any other call meanwhile throws an Error. What exceeds this machine's memory throws, or rejects with,
 * TRAINING_OUT_OF_MEMORY; arguments out of their range a RangeError.
 */
export class NativeModel {
  /** Trained tensors, in the order of the model. */
  readonly tensors: readonly TensorInfo[];
  /** What really runs, such as "cpu avx2, 2 threads, float32". */
  readonly backend: string;
  readonly #model: NativeHandle;

  /** Weights are zeros until `initialise` or `write`. */
  constructor(shape: NativeModelShape, { threads, dtype, instructions }: NativeModelOptions) {
    if (dtype !== "float32" && dtype !== "bfloat16") throw new RangeError(`no such dtype: ${String(dtype)}`);
    this.#model = coded(() => new native.TrainerModel(shape, threads, dtype === "bfloat16", instructions ?? ""));
    this.tensors = this.#model.tensors();
    this.backend = this.#model.backend();
  }

  /**
   * Random weights as Apertus begins with: normal(0, std), projections into the residual stream narrower by sqrt(2 layers), norms 1, both
   * slopes of xIELU 0.8. The same bits on every machine. `seed` is a whole number below 2^53.
   */
  initialise(seed: number, std: number): void {
    coded(() => this.#model.initialise(seed, std));
  }

  /** A copy. Gradients and moments that no step has made yet are zeros; an average that does not exist is an Error. */
  read(kind: TensorKind, name: string): Float32Array {
    return coded(() => this.#model.read(kind, name));
  }

  write(kind: TensorKind, name: string, values: Float32Array): void {
    coded(() => this.#model.write(kind, name, values));
  }

  /** Forward and backward of one micro-batch: adds the gradients of scale * (sum of counted losses). */
  accumulate(batch: TrainingBatch & { readonly scale: number }): Promise<LossSums> {
    return codedAsync(() => this.#model.accumulate(batch));
  }

  /** Forward alone. */
  evaluate(batch: TrainingBatch): Promise<LossSums> {
    return codedAsync(() => this.#model.evaluate(batch));
  }

  /** [rows, length]: the loss of each token; the mask is not looked at. */
  losses(batch: TrainingBatch): Promise<Float32Array> {
    return codedAsync(() => this.#model.losses(batch));
  }

  zeroGradients(): void {
    coded(() => this.#model.zeroGradients());
  }

  /** Length of the whole gradient, summed in float64 in a fixed order. Infinity and NaN show. */
  gradientNorm(): Promise<number> {
    return codedAsync(() => this.#model.gradientNorm());
  }

  step(options: OptimiserStep): Promise<void> {
    return codedAsync(() => this.#model.step(options, options.kind === "ademamix"));
  }

  /** average += rate (weight - average). The first call makes it a copy of the weights, as a rate of 1 does. */
  averageWeights(rate: number): Promise<void> {
    return codedAsync(() => this.#model.averageWeights(rate));
  }

  /** To evaluate or save the average; a second call takes it back. An Error where there is no average. */
  swapWeightsWithAverage(): void {
    coded(() => this.#model.swapWeightsWithAverage());
  }

  /** [rows, length, vocabulary], of tokens [rows, length]. */
  logits(tokens: Int32Array, rows: number, length: number): Promise<Float32Array> {
    return codedAsync(() => this.#model.logits({ tokens, rows, length }));
  }

  /** With a cache of `maxLength` positions: 8 layers kvHeads headWidth bytes each. It reads the weights as they are at each call. */
  generator(maxLength: number): NativeGenerator {
    const generator = coded(() => this.#model.generator(maxLength));
    return {
      get length() {
        return generator.length;
      },
      next: (tokens) => codedAsync(() => generator.next(tokens)),
    };
  }
}

function translated(cause: unknown): unknown {
  const { code, message } = cause as { code?: unknown; message: string };
  return code === "TRAINING_OUT_OF_MEMORY" ? new DataError(code, { detail: message, cause }) : cause;
}

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw translated(cause);
  }
}

async function codedAsync<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw translated(cause);
  }
}
