/**
 * What is held in memory of an archive's authorities once many of them are asked for: a Bloom filter, since most authorities that are
 * looked up have no capture (four spellings are asked of each site), and every 64th name, so that a search begins near its end.
 * Ten bits and a sixty-fourth of a name each: 35 MB for ten million authorities.
 */

/** Names between two that are held. */
export const stride = 64;
/** Bits of the filter for a name, and how many of them it sets: one name in 120 that is not there passes. */
const bitsPerName = 10;
const probes = 5;

export class AuthorityIndex {
  readonly #bits: Uint32Array;
  readonly #size: number;
  readonly #samples: string[] = [];

  /** @param names in ascending order of their octets, which are ASCII */
  constructor(count: number, names: Iterable<string>) {
    this.#size = Math.max(32, count * bitsPerName);
    this.#bits = new Uint32Array(Math.ceil(this.#size / 32));
    let number = 0;
    for (const name of names) {
      if (number++ % stride === 0) this.#samples.push(name);
      this.#visit(name, (word, bit) => {
        this.#bits[word] = (this.#bits[word] ?? 0) | bit;
        return true;
      });
    }
  }

  /** False where the name is surely not among them. */
  mayHold(name: string): boolean {
    return this.#visit(name, (word, bit) => ((this.#bits[word] ?? 0) & bit) !== 0);
  }

  /** The number of the last held name that is not above this one, times the stride; 0 where it is below all of them. */
  start(name: string): number {
    let low = 0;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#samples[middle] ?? "") <= name) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1) * stride;
  }

  /** The name's bits, one after the other while `each` says yes (Kirsch and Mitzenmacher 2006: two hashes do for all probes). */
  #visit(name: string, each: (word: number, bit: number) => boolean): boolean {
    // FNV-1a and, with another multiplier, a second one of its kind.
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (let i = 0; i < name.length; i++) {
      const octet = name.charCodeAt(i);
      a = Math.imul(a ^ octet, 0x01000193);
      b = Math.imul(b ^ octet, 0x85ebca6b);
      b ^= b >>> 15;
    }
    for (let i = 0; i < probes; i++) {
      const place = ((a >>> 0) + i * ((b | 1) >>> 0)) % this.#size;
      if (!each(place >>> 5, 1 << (place & 31))) return false;
    }
    return true;
  }
}
