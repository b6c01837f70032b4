/** Sinks that gather rows from decoded pages into one column. */
import type { BytesColumn, Column, ColumnType, NumberColumn, NumberType } from "./columns.js";
import { uninitialised } from "./memory.js";
import { utf8Rows } from "./wellformed.js";

/** Shorter rows are copied byte by byte: a call to copy them costs more than the copy. */
const short = 24;

export class BytesGatherer {
  #values: Uint8Array;
  #offsets = new Int32Array(64);
  #size = 0;
  #rows = 0;

  /** @param capacity bytes to make room for at once */
  constructor(
    private readonly type: "utf8" | "binary",
    capacity = 4096,
  ) {
    this.#values = uninitialised(capacity);
  }

  /** Bytes gathered so far. */
  get size(): number {
    return this.#size;
  }

  /** Rows [from, to) of a page whose row i is data[starts[i] .. starts[i] + lengths[i]). */
  append(data: Uint8Array, starts: Int32Array, lengths: Int32Array, from: number, to: number): void {
    let more = 0;
    for (let i = from; i < to; i++) more += lengths[i];
    this.#reserve(more, to - from);
    const values = this.#values;
    let size = this.#size;
    for (let i = from; i < to; i++) {
      const start = starts[i];
      const length = lengths[i];
      if (length < short) for (let k = 0; k < length; k++) values[size + k] = data[start + k];
      else values.set(data.subarray(start, start + length), size);
      size += length;
      this.#offsets[++this.#rows] = size;
    }
    this.#size = size;
  }

  finish(): BytesColumn {
    const values = this.#values.subarray(0, this.#size);
    const offsets = this.#offsets.subarray(0, this.#rows + 1);
    return this.type === "utf8" ? utf8Rows(values, offsets) : { type: "binary", values, offsets };
  }

  #reserve(bytes: number, rows: number): void {
    if (this.#size + bytes > 0x7fffffff) throw new RangeError("a column passes 2 GiB");
    if (this.#size + bytes > this.#values.length) {
      const grown = uninitialised(Math.min(Math.max(this.#values.length * 2, this.#size + bytes), 0x7fffffff));
      grown.set(this.#values.subarray(0, this.#size));
      this.#values = grown;
    }
    if (this.#rows + rows + 1 > this.#offsets.length) {
      const grown = new Int32Array(Math.max(this.#offsets.length * 2, this.#rows + rows + 1));
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
  }
}

const arrays = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array, timestamp: Float64Array };

export function numberArray(type: NumberType, length: number): NumberColumn["values"] {
  return new arrays[type](length);
}

export class NumberGatherer {
  #values: NumberColumn["values"];
  #rows = 0;

  constructor(private readonly type: NumberType) {
    this.#values = numberArray(type, 64);
  }

  append(values: NumberColumn["values"], from: number, to: number): void {
    const rows = this.#rows + to - from;
    if (rows > this.#values.length) {
      const grown = numberArray(this.type, Math.max(this.#values.length * 2, rows));
      grown.set(this.#values.subarray(0, this.#rows));
      this.#values = grown;
    }
    this.#values.set(values.subarray(from, to), this.#rows);
    this.#rows = rows;
  }

  finish(): NumberColumn {
    return { type: this.type, values: this.#values.subarray(0, this.#rows) };
  }
}

export function isBytesType(type: ColumnType): type is BytesColumn["type"] {
  return type === "utf8" || type === "binary";
}

export function emptyColumn(type: ColumnType): Column {
  if (isBytesType(type)) return { type, values: new Uint8Array(0), offsets: new Int32Array(1) };
  return { type, values: numberArray(type, 0) };
}
