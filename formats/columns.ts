/**
 * Columns as Apache Arrow lays them out in memory (Arrow columnar format 1.5, "Physical memory layout"), small enough to be
 * handed to native kernels as two typed arrays and to Arrow or Parquet writers without a copy.
 */

/** Row i is values[offsets[i] .. offsets[i + 1]); utf8 says that every row is well-formed UTF-8. */
export interface BytesColumn {
  readonly type: "utf8" | "binary";
  readonly values: Uint8Array;
  /** rows + 1 ascending offsets into values. */
  readonly offsets: Int32Array;
}

export type NumberType = "uint8" | "int32" | "float32" | "float64" | "timestamp";

/** One number a row; NaN means null. A timestamp is milliseconds since 1970-01-01 UTC. */
export interface NumberColumn {
  readonly type: NumberType;
  readonly values: Float64Array | Float32Array | Int32Array | Uint8Array;
}

export type Column = BytesColumn | NumberColumn;
export type ColumnType = Column["type"];

export function isBytes(column: Column): column is BytesColumn {
  return column.type === "utf8" || column.type === "binary";
}

export function rowsOf(column: Column): number {
  return isBytes(column) ? column.offsets.length - 1 : column.values.length;
}

/** The bytes of one row, as a view into the column. */
export function bytesAt(column: BytesColumn, row: number): Uint8Array {
  return column.values.subarray(column.offsets[row], column.offsets[row + 1]);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function stringAt(column: BytesColumn, row: number): string {
  return decoder.decode(bytesAt(column, row));
}

/** Collects rows of bytes into one column; the buffer doubles, so appending is linear. */
export class BytesBuilder {
  #values: Uint8Array<ArrayBuffer>;
  #offsets: number[] = [0];
  #size = 0;

  constructor(
    private readonly type: "utf8" | "binary",
    capacity = 1024,
  ) {
    this.#values = new Uint8Array(capacity);
  }

  get rows(): number {
    return this.#offsets.length - 1;
  }

  /** Bytes appended so far. */
  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#values.set(bytes, this.#size);
    this.#size += bytes.length;
    this.#offsets.push(this.#size);
  }

  appendString(text: string): void {
    this.#reserve(text.length * 3);
    this.#size += encoder.encodeInto(text, this.#values.subarray(this.#size)).written;
    this.#offsets.push(this.#size);
  }

  finish(): BytesColumn {
    return { type: this.type, values: this.#values.subarray(0, this.#size), offsets: Int32Array.from(this.#offsets) };
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#values.length) return;
    const grown = new Uint8Array(Math.max(this.#values.length * 2, this.#size + more));
    grown.set(this.#values.subarray(0, this.#size));
    this.#values = grown;
  }
}

const encoder = new TextEncoder();

/** A column made of whole values; convenient where there are few rows. */
export function utf8Column(rows: Iterable<string>): BytesColumn {
  const builder = new BytesBuilder("utf8");
  for (const row of rows) builder.appendString(row);
  return builder.finish();
}

export function binaryColumn(rows: Iterable<Uint8Array>): BytesColumn {
  const builder = new BytesBuilder("binary");
  for (const row of rows) builder.append(row);
  return builder.finish();
}

/** The given rows, in the given order. */
export function takeRows<C extends Column>(column: C, rows: ArrayLike<number>): C {
  if (!isBytes(column)) {
    const values = column.values.slice(0, 0).constructor as { new (length: number): typeof column.values };
    const taken = new values(rows.length);
    for (let i = 0; i < rows.length; i++) taken[i] = column.values[rows[i]];
    return { ...column, values: taken };
  }
  const offsets = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    offsets[i + 1] = offsets[i] + column.offsets[rows[i] + 1] - column.offsets[rows[i]];
  }
  const values = new Uint8Array(offsets[rows.length]);
  for (let i = 0; i < rows.length; i++) values.set(bytesAt(column, rows[i]), offsets[i]);
  return { ...column, values, offsets };
}
