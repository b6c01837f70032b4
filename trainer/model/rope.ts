/**
 * Angles of rotary position embedding (Su et al. 2021) with Llama 3's scaling of low frequencies, which Apertus has switched on from
 * the start of pretraining. The one place where they are computed: kernels and exports take them from here.
 */

export interface RopeSettings {
  readonly theta: number;
  /** How much slower the slowest pairs turn. */
  readonly factor: number;
  /** Wavelengths above originalLength / lowFrequency are stretched by the factor, below originalLength / highFrequency left. */
  readonly lowFrequency: number;
  readonly highFrequency: number;
  readonly originalLength: number;
}

export const apertusRope: RopeSettings = {
  theta: 500_000,
  factor: 8,
  lowFrequency: 1,
  highFrequency: 4,
  originalLength: 8192,
};

/** Radians a position, for each of the headWidth / 2 pairs. */
export function inverseFrequencies(headWidth: number, rope: RopeSettings): Float64Array {
  const { theta, factor, lowFrequency, highFrequency, originalLength } = rope;
  return Float64Array.from({ length: headWidth / 2 }, (_, pair) => {
    const frequency = theta ** ((-2 * pair) / headWidth);
    const turns = (originalLength * frequency) / (2 * Math.PI);
    if (turns > highFrequency) return frequency;
    if (turns < lowFrequency) return frequency / factor;
    const smooth = (turns - lowFrequency) / (highFrequency - lowFrequency);
    return (1 - smooth) * (frequency / factor) + smooth * frequency;
  });
}
