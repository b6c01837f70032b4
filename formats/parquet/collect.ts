/** Gathers the values that a general reader hands out, one by one, into a column, and says what type a column has. */
import type { SchemaElement } from "hyparquet";
import { repairUtf8 } from "../../native/index.js";
import { BytesBuilder, type BytesColumn, type Column, type ColumnType, rowsOf } from "../columns.js";

export class ColumnCollector {
  readonly #bytes: BytesBuilder | undefined;
  readonly #numbers: Float64Array | undefined;
  #row = 0;

  constructor(
    private readonly type: ColumnType,
    private readonly element: SchemaElement | undefined,
    rows: number,
  ) {
    if (type === "utf8" || type === "binary") this.#bytes = new BytesBuilder(type);
    else this.#numbers = new Float64Array(rows);
  }

  add(data: ArrayLike<unknown>, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const value = data[i];
      if (this.#bytes !== undefined) this.#bytes.append(value instanceof Uint8Array ? value : new Uint8Array(0));
      else if (this.#numbers !== undefined && this.#row < this.#numbers.length) this.#numbers[this.#row] = this.#number(value);
      this.#row++;
    }
  }

  finish(): Column {
    if (this.#bytes !== undefined) return wellFormed(this.#bytes.finish());
    const values = (this.#numbers ?? new Float64Array()).subarray(0, this.#row);
    switch (this.type) {
      case "timestamp":
        return { type: "timestamp", values };
      case "int32":
        return values.some(Number.isNaN) ? { type: "float64", values } : { type: "int32", values: Int32Array.from(values) };
      default:
        return { type: "float64", values };
    }
  }

  #number(value: unknown): number {
    if (value instanceof Date) return value.getTime();
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "boolean") return value ? 1 : 0;
    return typeof value === "number" && this.element !== undefined ? value : Number.NaN;
  }
}

/** Repairs ill-formed UTF-8 row by row, where there is any. */
export function wellFormed(column: BytesColumn): BytesColumn {
  if (column.type === "binary" || repairUtf8(column.values) === column.values) return column;
  const builder = new BytesBuilder("utf8", column.values.length);
  for (let row = 0; row < rowsOf(column); row++) {
    builder.append(repairUtf8(column.values.subarray(column.offsets[row], column.offsets[row + 1])));
  }
  return builder.finish();
}

export function typeOf(element: SchemaElement): ColumnType {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (type === "BYTE_ARRAY")
    return logical?.type === "STRING" || converted === "UTF8" || logical?.type === "JSON" ? "utf8" : "binary";
  if (type === "FIXED_LEN_BYTE_ARRAY") return "binary";
  if (type === "INT96" || logical?.type === "TIMESTAMP" || logical?.type === "DATE" || converted === "DATE") return "timestamp";
  if (converted === "TIMESTAMP_MILLIS" || converted === "TIMESTAMP_MICROS") return "timestamp";
  const isUnsigned = converted === "UINT_32" || (logical?.type === "INTEGER" && !logical.isSigned && logical.bitWidth === 32);
  return type === "INT32" && !isUnsigned ? "int32" : "float64";
}
