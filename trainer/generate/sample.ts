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
  const candidates: number[] = [];
  for (let token = 0; token < logits.length; token++) if (allowed(token) && logits[token] > Number.NEGATIVE_INFINITY) candidates.push(token);
  if (candidates.length === 0) throw new RangeError("no token has a finite logit");
  // Of equal logits the lower id comes first, so that nothing rests on the order of sorting.
  candidates.sort((a, b) => logits[b] - logits[a] || a - b);
  const [best] = candidates;
  if (temperature === 0) return best;
  const kept = topK === 0 ? candidates : candidates.slice(0, topK);
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
