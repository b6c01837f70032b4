/**
 * Philox4x32-10, a counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): the n-th number is a
 * function of seed and n, so that any place of a text can be sampled again.
 */

/** Four words for a counter (four words) and a key (two). */
export function philox(counter: readonly [number, number, number, number], key: readonly [number, number]): Uint32Array {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const first = high(0xd251_1f53, a);
    const second = high(0xcd9e_8d57, c);
    [a, b, c, d] = [second ^ b ^ k0, Math.imul(0xcd9e_8d57, c), first ^ d ^ k1, Math.imul(0xd251_1f53, a)];
    k0 = (k0 + 0x9e37_79b9) | 0;
    k1 = (k1 + 0xbb67_ae85) | 0;
  }
  return Uint32Array.of(a, b, c, d);
}

/** The high word of a 32 by 32 bit product. */
function high(x: number, y: number): number {
  const [xLow, xHigh, yLow, yHigh] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16];
  const middle = xHigh * yLow + ((xLow * yLow) >>> 16);
  return (xHigh * yHigh + Math.floor((xLow * yHigh + (middle % 0x1_0000)) / 0x1_0000) + Math.floor(middle / 0x1_0000)) | 0;
}

/** The n-th uniform number of a seed, from 0 up to but not 1, of 53 bits. Seed and n are whole numbers below 2^53. */
export function uniformAt(seed: number, n: number): number {
  const words = (value: number): [number, number] => [value >>> 0, Math.floor(value / 0x1_0000_0000)];
  const [low, more] = philox([...words(n), 0, 0], words(seed));
  return (low * 0x20_0000 + (more >>> 11)) / 2 ** 53;
}
