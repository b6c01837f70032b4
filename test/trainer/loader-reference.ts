/** The order and the packing of the loader, written plainly: BigInt for its 64-bit arithmetic, arrays for its streams. */

const mask = (1n << 64n) - 1n;

function mix(value: bigint): bigint {
  let x = (value + 0x9e3779b97f4a7c15n) & mask;
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & mask;
  return x ^ (x >> 31n);
}

export function permuted(key: bigint, size: number, index: number): number {
  const bits = Math.max(2, size <= 1 ? 0 : (size - 1).toString(2).length);
  const low = BigInt(bits >> 1);
  const [lowMask, highMask] = [(1n << low) - 1n, (1n << (BigInt(bits) - low)) - 1n];
  const keys: bigint[] = [];
  for (let round = 0; round < 8; round++) keys.push(mix(keys.at(-1) ?? key));
  let at = BigInt(index);
  do {
    let [a, b] = [at >> low, at & lowMask];
    for (let round = 0; round < 8; round += 2) {
      a ^= mix(b ^ (keys[round] ?? 0n)) & highMask;
      b ^= mix(a ^ (keys[round + 1] ?? 0n)) & lowMask;
    }
    at = (a << low) | b;
  } while (at >= BigInt(size));
  return Number(at);
}

export interface ReferenceStage {
  readonly sequences: number;
  readonly weights: readonly number[];
}

const block = 1 << 10;
const keyOf = (seed: number, use: number, a: number, b: number): bigint =>
  mix((mix((mix((BigInt(seed) + BigInt(use)) & mask) + BigInt(a)) & mask) + BigInt(b)) & mask);

export function shares(weights: readonly number[], x: number): number[] {
  let [left, weight] = [BigInt(x), weights.reduce((sum, one) => sum + BigInt(one), 0n)];
  return weights.map((one) => {
    const share = weight === 0n ? 0n : (left * BigInt(one)) / weight;
    left -= share;
    weight -= BigInt(one);
    return Number(share);
  });
}

/** Source, epoch and sequence. */
export function placeAt(
  seed: number,
  sizes: readonly number[],
  stages: readonly ReferenceStage[],
  step: number,
): [number, number, number] {
  const given = sizes.map(() => 0);
  let [stage, x] = [0, step];
  for (; x >= (stages[stage]?.sequences ?? Infinity); stage++) {
    const { sequences, weights } = stages[stage] ?? { sequences: 0, weights: [] };
    x -= sequences;
    for (const [source, share] of shares(weights, sequences).entries()) given[source] = (given[source] ?? 0) + share;
  }
  const { sequences, weights } = stages[stage] ?? { sequences: 0, weights: [] };
  const first = Math.floor(x / block) * block;
  const last = Math.min(sequences, first + block);
  const [before, after] = [shares(weights, first), shares(weights, last)];
  let slot = permuted(keyOf(seed, 1, stage, first / block), last - first, x - first);
  for (const [source, size] of sizes.entries()) {
    const slots = (after[source] ?? 0) - (before[source] ?? 0);
    if (slot >= slots) {
      slot -= slots;
      continue;
    }
    const nth = (given[source] ?? 0) + (before[source] ?? 0) + slot;
    const epoch = Math.floor(nth / size);
    return [source, epoch, permuted(keyOf(seed, 2, source, epoch), size, nth % size)];
  }
  throw new Error("no source");
}

/** A sequence and its boundaries, from the documents that are kept. */
export function sequenceOf(
  documents: readonly (readonly number[])[],
  length: number,
  sequence: number,
): { readonly tokens: number[]; readonly boundaries: number[] } {
  const stream = documents.flat();
  const from = sequence * length;
  const boundaries = [0];
  let start = 0;
  for (const { length: tokens } of documents) {
    const at = start - from;
    if (tokens > 0 && at > 0 && at < length) boundaries.push(at);
    start += tokens;
  }
  return { tokens: stream.slice(from, from + length + 1), boundaries: [...boundaries, length] };
}
