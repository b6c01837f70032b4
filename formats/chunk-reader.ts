/** Chunks that come out of a decompressor as one run of bytes; damage is kept aside until everything before it was read. */
import type { ByteReader } from "./file-window.js";
import { CompressionFault } from "./inflate-budget.js";

export class ChunkReader implements ByteReader {
  #head: Uint8Array = new Uint8Array(0);
  #position: number;
  #source: AsyncGenerator<Uint8Array, void> | undefined;
  #next: AsyncGenerator<Uint8Array, void> | undefined;
  #failure: CompressionFault | undefined;

  constructor(source: AsyncGenerator<Uint8Array, void>, position: number) {
    this.#source = source;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  /** Why the bytes ended, where that was damage. Known only once a peek or skip came short. */
  get failure(): CompressionFault | undefined {
    return this.#failure;
  }

  async peek(count: number): Promise<Uint8Array> {
    if (this.#head.length >= count) return this.#head;
    const parts = [this.#head];
    for (let size = this.#head.length; size < count; ) {
      const chunk = await this.#pull();
      if (chunk === undefined) break;
      parts.push(chunk);
      size += chunk.length;
    }
    const full = parts.filter((part) => part.length > 0);
    this.#head = full.length === 1 ? full[0] : Buffer.concat(full);
    return this.#head;
  }

  async skip(count: number): Promise<number> {
    let left = count;
    while (left > this.#head.length) {
      left -= this.#head.length;
      const chunk = await this.#pull();
      if (chunk === undefined) {
        this.#pass(this.#head.length);
        return count - left;
      }
      this.#position += this.#head.length;
      this.#head = chunk;
    }
    this.#pass(left);
    return count;
  }

  /** Reads to the end without keeping anything. */
  async drain(): Promise<void> {
    await this.skip(Number.MAX_SAFE_INTEGER);
  }

  /** Goes on with these chunks behind its own, which may have been pulled to their end already. */
  continueWith(source: AsyncGenerator<Uint8Array, void>): void {
    if (this.#source === undefined && this.#failure === undefined) this.#source = source;
    else this.#next = source;
  }

  async close(): Promise<void> {
    await this.#source?.return();
    await this.#next?.return();
  }

  #pass(count: number): void {
    this.#head = this.#head.subarray(count);
    this.#position += count;
  }

  async #pull(): Promise<Uint8Array | undefined> {
    while (this.#source !== undefined) {
      try {
        const { done, value } = await this.#source.next();
        if (!done) return value;
        this.#source = this.#next;
        this.#next = undefined;
      } catch (cause) {
        if (!(cause instanceof CompressionFault)) throw cause;
        this.#failure = cause;
        this.#source = undefined;
        this.#next = undefined;
      }
    }
    return undefined;
  }
}
