/**
 * Tables of a FlatBuffer (google/flatbuffers, docs "Internals"), read-only and strict: every place is checked, and a budget
 * bounds what one buffer may unfold to, because its tables may point at the same bytes any number of times.
 */
import { Malformed } from "../malformed.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

class BoundedBuffer {
  readonly view: DataView;
  #budget: number;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = bytes.length * 4 + 1024;
  }

  spend(amount: number): void {
    this.#budget -= amount;
    if (this.#budget < 0) throw new Malformed("metadata that repeats itself");
  }
}

/** Elements of a vector: the place of the first, and how many there are. */
export interface FlatVector {
  readonly view: DataView;
  readonly start: number;
  readonly length: number;
}

export class FlatTable {
  private constructor(
    private readonly buffer: BoundedBuffer,
    private readonly at: number,
  ) {}

  /** @throws RangeError or Malformed where the bytes are not a FlatBuffer, here or in any other method */
  static root(bytes: Uint8Array): FlatTable {
    const buffer = new BoundedBuffer(bytes);
    return new FlatTable(buffer, buffer.view.getUint32(0, true));
  }

  /** Whether the field is stored; otherwise it has its default, which is 0 unless the schema says otherwise. */
  has(slot: number): boolean {
    return this.#field(slot) !== 0;
  }

  bool(slot: number): boolean {
    return this.uint8(slot) !== 0;
  }

  uint8(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.buffer.view.getUint8(at);
  }

  int16(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.buffer.view.getInt16(at, true);
  }

  int32(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.buffer.view.getInt32(at, true);
  }

  int64(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : safe(this.buffer.view.getBigInt64(at, true));
  }

  string(slot: number): string {
    const { start, length } = this.vector(slot, 1);
    this.buffer.spend(length);
    return decoder.decode(this.buffer.bytes.subarray(start, start + length));
  }

  table(slot: number): FlatTable | undefined {
    const at = this.#field(slot);
    if (at === 0) return undefined;
    this.buffer.spend(4);
    return new FlatTable(this.buffer, at + this.buffer.view.getUint32(at, true));
  }

  tables(slot: number): FlatTable[] {
    const { start, length } = this.vector(slot, 4);
    this.buffer.spend(length * 4);
    return Array.from({ length }, (_, i) => {
      const at = start + i * 4;
      return new FlatTable(this.buffer, at + this.buffer.view.getUint32(at, true));
    });
  }

  /** @param width bytes an element */
  vector(slot: number, width: number): FlatVector {
    const { view } = this.buffer;
    const field = this.#field(slot);
    if (field === 0) return { view, start: 0, length: 0 };
    const at = field + view.getUint32(field, true);
    const length = view.getUint32(at, true);
    if (at + 4 + length * width > view.byteLength) throw new Malformed("a vector passes its metadata");
    return { view, start: at + 4, length };
  }

  /** Where a field's value lies, or 0 where it has its default. */
  #field(slot: number): number {
    const { view } = this.buffer;
    const vtable = this.at - view.getInt32(this.at, true);
    if (4 + slot * 2 + 2 > view.getUint16(vtable, true)) return 0;
    const offset = view.getUint16(vtable + 4 + slot * 2, true);
    return offset === 0 ? 0 : this.at + offset;
  }
}

export function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Malformed(`${value} is beyond any size`);
  return number;
}
