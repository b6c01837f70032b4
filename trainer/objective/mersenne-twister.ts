/** MT19937 (Matsumoto and Nishimura, 1998), as torch's CPU generator draws from it. */

const size = 624;
const shift = 397;

/** The next 32-bit word of a seed below 2^32, at each call. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) state[i] = Math.imul(1_812_433_253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let at = size;
  return () => {
    if (at === size) {
      twist(state);
      at = 0;
    }
    let word = state[at++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c_5680;
    word ^= (word << 15) & 0xefc6_0000;
    return (word ^ (word >>> 18)) >>> 0;
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const joined = (state[i] & 0x8000_0000) | (state[(i + 1) % size] & 0x7fff_ffff);
    state[i] = state[(i + shift) % size] ^ (joined >>> 1) ^ ((joined & 1) * 0x9908_b0df);
  }
}
