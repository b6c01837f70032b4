/**
 * The shape of an Apertus model (technical report, section 2.1): pre-norm RMSNorm, per-head QK-norm before RoPE, grouped-query attention,
 * an MLP without gate around xIELU, no biases, embedding and output apart.
 */
import { DataError } from "../../errors/index.js";
import type { NativeModelShape } from "../../native/index.js";
import { inverseFrequencies, type RopeSettings } from "./rope.js";

export interface ModelConfiguration {
  readonly vocabulary: number;
  /** Of the residual stream. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  /** Width inside the MLP. */
  readonly hidden: number;
  readonly normEpsilon: number;
  readonly rope: RopeSettings;
  /** Positions that the model is made for. */
  readonly maxLength: number;
}

/** xIELU's constants, which are stored with a model and not trained (Huang and Schlag, 2025). */
export const xielu = { beta: 0.5, epsilon: -1e-6 } as const;

/** Standard deviation of the weights at the start; output matrices of attention and MLP have it over sqrt(2 layers). */
export const initialDeviation = 0.008944;

/** Trained parameters by what they are for. */
export interface ParameterCounts {
  /** The embedding and the output matrix. */
  readonly embeddings: number;
  readonly attention: number;
  readonly mlp: number;
  /** Norms, and the two scalars of each xIELU. */
  readonly vectors: number;
  readonly all: number;
}

export function countParameters(configuration: ModelConfiguration): ParameterCounts {
  const { vocabulary, width, layers, heads, kvHeads, headWidth, hidden } = configuration;
  const embeddings = 2 * vocabulary * width;
  const attention = layers * 2 * width * headWidth * (heads + kvHeads);
  const mlp = layers * 2 * width * hidden;
  const vectors = layers * (2 * width + 2 * headWidth + 2) + width;
  return { embeddings, attention, mlp, vectors, all: embeddings + attention + mlp + vectors };
}

export function nativeShape({ rope, maxLength: _, ...shape }: ModelConfiguration): NativeModelShape {
  return { ...shape, inverseFrequencies: inverseFrequencies(shape.headWidth, rope) };
}

/** @throws DataError MODEL_SHAPE_INVALID */
export function checkConfiguration(configuration: ModelConfiguration): void {
  const { heads, kvHeads, headWidth, normEpsilon, rope } = configuration;
  const fault = (detail: string): DataError => new DataError("MODEL_SHAPE_INVALID", { detail });
  for (const name of ["vocabulary", "width", "layers", "heads", "kvHeads", "headWidth", "hidden", "maxLength"] as const) {
    const value = configuration[name];
    if (!Number.isSafeInteger(value) || value < 1 || value > 2 ** 31 - 1) throw fault(`${name} is ${value}`);
  }
  if (heads % kvHeads !== 0) throw fault(`${heads} heads cannot share ${kvHeads} key-value heads`);
  if (headWidth % 2 !== 0) throw fault(`a head's width of ${headWidth} is odd, and RoPE turns pairs`);
  if (!(normEpsilon > 0 && normEpsilon < 1)) throw fault(`an epsilon of ${normEpsilon} for the norms`);
  const { theta, factor, lowFrequency, highFrequency, originalLength } = rope;
  const positive = [theta, factor, lowFrequency, highFrequency, originalLength].every((value) => value > 0 && value < 1e18);
  if (!positive || highFrequency <= lowFrequency) throw fault("RoPE's settings are not positive numbers, low before high");
}
