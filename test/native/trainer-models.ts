/** Small models with every shape that a kernel may stumble over, and what the trainer's tests do with them. */
import { addon } from "../../native/addon.js";
import { NativeModel, type NativeModelOptions, type NativeModelShape, type TrainingBatch } from "../../native/index.js";
import { oracleLosses, type Weights } from "./trainer-oracle.js";

/** Mulberry32, 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shapeOf(sides: Omit<NativeModelShape, "normEpsilon" | "inverseFrequencies">): NativeModelShape {
  const inverseFrequencies = Float64Array.from({ length: sides.headWidth / 2 }, (_, i) => 100 ** ((-2 * i) / sides.headWidth));
  return { ...sides, normEpsilon: 1e-5, inverseFrequencies };
}

/** A model with weights far from any initialisation: norms and slopes are no constants, scores differ. */
export function randomModel(
  shape: NativeModelShape,
  options: NativeModelOptions,
  seed = 1,
): { model: NativeModel; weights: Weights } {
  const model = new NativeModel(shape, options);
  const random = seeded(seed);
  const weights = new Map<string, Float64Array>();
  for (const { name, shape: sides } of model.tensors) {
    const count = sides.reduce((product, side) => product * side, 1);
    const spread = 1.5 / Math.sqrt(sides.at(-1) ?? 1);
    const values = Float32Array.from({ length: count }, () => {
      const uniform = 2 * random() - 1;
      return sides.length === 1 ? (name.includes("alpha") ? uniform : 1 + 0.4 * uniform) : spread * uniform;
    });
    model.write("weight", name, values);
    weights.set(name, Float64Array.from(values));
  }
  return { model, weights };
}

export function randomBatch(
  shape: NativeModelShape,
  rows: number,
  length: number,
  seed = 2,
): TrainingBatch & { readonly mask: Uint8Array } {
  const random = seeded(seed);
  return {
    tokens: Int32Array.from({ length: rows * (length + 1) }, () => Math.floor(random() * shape.vocabulary)),
    mask: Uint8Array.from({ length: rows * length }, (_, i) => (i === 0 || random() < 0.8 ? 1 : 0)),
    rows,
    length,
  };
}

/** Splits each row at random, as a loader's boundaries have it. */
export function randomDocuments(rows: number, length: number, seed = 3): NonNullable<TrainingBatch["documents"]> {
  const random = seeded(seed);
  const boundaries: number[] = [];
  const offsets = [0];
  for (let row = 0; row < rows; row++) {
    boundaries.push(0);
    for (let at = 1; at < length; at++) if (random() < 0.08) boundaries.push(at);
    boundaries.push(length);
    offsets.push(boundaries.length);
  }
  return { boundaries: Int32Array.from(boundaries), offsets: Int32Array.from(offsets) };
}

/** Of the sum of counted losses. */
export function oracleLoss(shape: NativeModelShape, weights: Weights, batch: TrainingBatch): number {
  return oracleLosses(shape, weights, batch).reduce((sum, loss, i) => sum + (batch.mask?.[i] === 0 ? 0 : loss), 0);
}

export const length2 = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0));

/** The sets of instructions that this processor has. */
export const instructionSets = (["plain", "avx2", "avx512", "neon"] as const).filter((instructions) => {
  try {
    (addon as { peakRate: (threads: number, instructions: string, rounds: number) => number }).peakRate(1, instructions, 1);
    return true;
  } catch {
    return false;
  }
});
