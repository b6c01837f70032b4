/**
 * A cache that forgets what was used least recently, bounded by the sum of its entries' costs (entries, or octets). It keeps two
 * generations, each of half the capacity: what is asked for moves to the young one, and when that is full the old one goes. So a hit
 * costs one look-up, where a list in order of use would take an entry out and put it in again each time.
 */

interface Entry<V> {
  readonly value: V;
  readonly cost: number;
}

export class BoundedCache<K, V> {
  #young = new Map<K, Entry<V>>();
  #old = new Map<K, Entry<V>>();
  #cost = 0;

  /** @param capacity the greatest sum of costs; an entry that costs more than half of it is kept until the next one comes */
  constructor(private readonly capacity: number) {}

  get(key: K): V | undefined {
    const entry = this.#young.get(key);
    if (entry !== undefined) return entry.value;
    const older = this.#old.get(key);
    if (older === undefined) return undefined;
    this.#old.delete(key);
    this.#put(key, older);
    return older.value;
  }

  set(key: K, value: V, cost = 1): void {
    this.#cost -= this.#young.get(key)?.cost ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
    this.#put(key, { value, cost });
  }

  #put(key: K, entry: Entry<V>): void {
    if (this.#young.size > 0 && this.#cost + entry.cost > this.capacity / 2) {
      this.#old = this.#cost > this.capacity / 2 ? new Map() : this.#young;
      this.#young = new Map();
      this.#cost = 0;
    }
    this.#young.set(key, entry);
    this.#cost += entry.cost;
  }
}
