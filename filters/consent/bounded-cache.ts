/** A cache that forgets what was used least recently, bounded by the sum of its entries' costs (entries, or octets). */

export class BoundedCache<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly cost: number }>();
  #cost = 0;

  /** @param capacity the greatest sum of costs; an entry that costs more than all of it is kept until the next one comes */
  constructor(private readonly capacity: number) {}

  /** The sum of the costs of what is kept. */
  get cost(): number {
    return this.#cost;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: K, value: V, cost = 1): void {
    const old = this.#entries.get(key);
    if (old !== undefined) this.#cost -= old.cost;
    this.#entries.delete(key);
    for (const [oldest, entry] of this.#entries) {
      if (this.#cost + cost <= this.capacity) break;
      this.#entries.delete(oldest);
      this.#cost -= entry.cost;
    }
    this.#entries.set(key, { value, cost });
    this.#cost += cost;
  }
}
