/**
 * The Goldfish loss (Hans et al. 2024): one label in k has no loss, chosen by a hash of the h labels that end with it, so that a passage
 * that comes again has its holes in the same places and is never learnt word by word. Two hashes: the table of Apertus, bit for bit,
 * and one of 62 bits that has no degenerate windows.
 */
import { mersenneTwister } from "./mersenne-twister.js";
import { tableSize, windowKeys } from "./window-products.js";

export interface GoldfishSettings {
  /** One label in k is dropped, on average. */
  readonly k: number;
  /** Labels that the hash sees, the one in question included. */
  readonly h: number;
  /**
   * `table`: a wrapping product of ids as key into a table of random numbers, as in Apertus's training code. With large h one window in
   * ten has a product of 0, since factors of two add up, so that fewer labels are dropped than asked for.
   * `hash`: two polynomials over prime fields (Karp and Rabin, 1987), mixed.
   */
  readonly mode: "table" | "hash";
}

/** The 47th Fibonacci prime: the seed of Apertus's table. */
const tableSeed = 2_971_215_073;

let table: Float32Array | undefined;

/** Uniform numbers from 0 to 1 as torch.rand draws them on a CPU: the low 24 bits of a word. */
export function goldfishTable(): Float32Array {
  if (table !== undefined) return table;
  const word = mersenneTwister(tableSeed);
  table = new Float32Array(tableSize);
  for (let i = 0; i < tableSize; i++) table[i] = (word() & 0xff_ffff) / 0x100_0000;
  return table;
}

/**
 * Clears the places of a mask whose labels are dropped. The first h - 1 labels are never dropped; documents do not count.
 * @param labels one sequence's, each from 0 to 2^31 - 1
 * @param mask of the same length
 * @returns how many labels are dropped
 */
export function applyGoldfish(labels: Int32Array, mask: Uint8Array, { k, h, mode }: GoldfishSettings): number {
  return mode === "table" ? applyTable(labels, mask, k, h) : applyHash(labels, mask, k, h);
}

function applyTable(labels: Int32Array, mask: Uint8Array, k: number, h: number): number {
  const numbers = goldfishTable();
  const keys = windowKeys(labels, h);
  // The comparison is in float32, as torch's.
  const limit = Math.fround(1 / k);
  let dropped = 0;
  for (let i = h - 1; i < labels.length; i++) {
    if (numbers[keys[i]] >= limit) continue;
    mask[i] = 0;
    dropped++;
  }
  return dropped;
}

/** The two largest primes below 2^31, and a base for each that has no pattern in it (digits of pi and of e). */
const fields = [
  { prime: 2_147_483_647, base: 314_159_265 },
  { prime: 2_147_483_629, base: 271_828_182 },
] as const;

function applyHash(labels: Int32Array, mask: Uint8Array, k: number, h: number): number {
  const [first, second] = fields.map(({ prime, base }) => rollingHashes(labels, h, prime, base));
  const limit = 0x1_0000_0000 / k;
  let dropped = 0;
  for (let i = h - 1; i < labels.length; i++) {
    if (mixed(first[i], second[i]) >= limit) continue;
    mask[i] = 0;
    dropped++;
  }
  return dropped;
}

function rollingHashes(labels: Int32Array, h: number, prime: number, base: number): Uint32Array {
  let leaving = 1;
  for (let i = 0; i < h; i++) leaving = product(leaving, base, prime);
  const hashes = new Uint32Array(labels.length);
  let hash = 0;
  for (let i = 0; i < labels.length; i++) {
    // One is added, so that windows of zeros of different lengths differ.
    hash = (product(hash, base, prime) + labels[i] + 1) % prime;
    if (i >= h) hash = (hash + prime - product(leaving, (labels[i - h] + 1) % prime, prime)) % prime;
    hashes[i] = hash;
  }
  return hashes;
}

/** a * b modulo a prime below 2^31, in steps that a double holds exactly. */
function product(a: number, b: number, prime: number): number {
  return (((((a >>> 16) * b) % prime) * 0x1_0000 + (a & 0xffff) * b) % prime) as number;
}

/** 32 bits that all of both words decide (the finaliser of MurmurHash3, Appleby, on one word after the other). */
function mixed(a: number, b: number): number {
  return finalised(finalised(a ^ 0x9e37_79b9) ^ b);
}

function finalised(word: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
