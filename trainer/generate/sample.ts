/** The next token from logits: temperature, the k most likely, the fewest that have a share of p (Holtzman et al. 2020), then a draw. */

export interface SamplingSettings {
  /** 0: the most likely token always. */
  readonly temperature: number;
  /** 0: all. */
  readonly topK: number;
  /** 1: all. */
  readonly topP: number;
}

/**
 * @param uniform from 0 up to but not 1
 * @param allowed tokens that may come, where not all may
 */
export function sampleToken(
  logits: Float32Array,
  uniform: number,
  { temperature, topK, topP }: SamplingSettings,
  allowed: (token: number) => boolean = () => true,
): number {
  const kept = likeliest(logits, temperature === 0 ? 1 : topK, allowed);
  const [best] = kept;
  if (best === undefined) throw new RangeError("no token has a finite logit");
  if (temperature === 0) return best;
  const weights = kept.map((token) => Math.exp((logits[token] - logits[best]) / temperature));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  let share = 0;
  while (count < weights.length && share < topP * whole) share += weights[count++];
  let left = uniform * share;
  for (let i = 0; i < count; i++) {
    left -= weights[i];
    if (left < 0) return kept[i];
  }
  return kept[Math.max(0, count - 1)];
}

/** Room for ids in a sorted number, behind the 32 bits of a logit. */
const ids = 2 ** 21;

/**
 * Tokens by falling logit, of equal ones the lower id first, so that nothing rests on the order of sorting. Logit and id are packed into
 * one number each: numbers are sorted ten times as fast as with a function that compares.
 */
function likeliest(logits: Float32Array, most: number, allowed: (token: number) => boolean): readonly number[] {
  const bits = new Int32Array(logits.buffer, logits.byteOffset, logits.length);
  const keys = new Float64Array(logits.length);
  let count = 0;
  for (let token = 0; token < logits.length; token++) {
    if (!Number.isFinite(logits[token]) || !allowed(token)) continue;
    // The bits of a float ascend with it above 0, and descend below.
    const ascending = bits[token] < 0 ? ~bits[token] >>> 0 : bits[token] + 2 ** 31;
    keys[count++] = (2 ** 32 - 1 - ascending) * ids + token;
  }
  const sorted = keys.subarray(0, count).sort();
  return Array.from(most === 0 ? sorted : sorted.subarray(0, most), (key) => key % ids);
}
