/**
 * Writes Parquet (Apache Parquet format 2.x) from columns, a row group at a time, with hyparquet-writer. Strings go in as the
 * UTF-8 bytes that they are. The same columns give the same bytes.
 */
import { compress } from "@bokuweb/zstd-wasm";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter as Writer } from "hyparquet-writer";
import { bytesAt, type Column, type ColumnType, isBytes, rowsOf, takeRows } from "../columns.js";

/** Where bytes go; called in order. */
export interface SyncByteSink {
  write(bytes: Uint8Array): void;
}

export interface ParquetField {
  readonly name: string;
  readonly type: ColumnType;
}

export interface ParquetOptions {
  readonly codec: "zstd" | "uncompressed";
  /** A row group is closed at this many rows or 32 MiB of bytes, whichever comes first. */
  readonly rowGroupRows?: number;
}

const groupBytes = 32 << 20;
const zstdLevel = 3;

/** `loadZstd()` must have been awaited before a zstd file is written. */
export class ParquetWriter {
  readonly #writer: Writer;
  readonly #bytes: SinkWriter;
  readonly #groupRows: number;
  #pending: Readonly<Record<string, Column>>[] = [];
  #rows = 0;
  #size = 0;

  constructor(
    sink: SyncByteSink,
    private readonly fields: readonly ParquetField[],
    options: ParquetOptions,
  ) {
    this.#groupRows = options.rowGroupRows ?? 65_536;
    this.#bytes = new SinkWriter(sink);
    this.#writer = new Writer({
      writer: this.#bytes,
      schema: [{ name: "schema", num_children: fields.length }, ...fields.map(schemaElement)],
      codec: options.codec === "zstd" ? "ZSTD" : "UNCOMPRESSED",
      compressors: { ZSTD: (input) => compress(input, zstdLevel) },
      createdBy: "apertus-data",
    });
  }

  /** All fields, with equal numbers of rows. */
  write(columns: Readonly<Record<string, Column>>): void {
    const [first] = this.fields;
    if (first === undefined) return;
    const rows = rowsOf(columns[first.name]);
    for (let start = 0; start < rows; ) {
      const end = Math.min(rows, start + this.#groupRows - this.#rows);
      const all = start === 0 && end === rows;
      const range = Int32Array.from({ length: all ? 0 : end - start }, (_, i) => start + i);
      const part = Object.fromEntries(
        this.fields.map(({ name }) => [name, all ? columns[name] : takeRows(columns[name], range)]),
      );
      this.#pending.push(part);
      this.#rows += end - start;
      for (const column of Object.values(part)) this.#size += isBytes(column) ? column.values.length : 0;
      if (this.#rows >= this.#groupRows || this.#size >= groupBytes) this.#flush();
      start = end;
    }
  }

  finish(): void {
    this.#flush();
    this.#writer.finish();
    this.#bytes.flush();
  }

  #flush(): void {
    if (this.#rows === 0) return;
    const columnData = this.fields.map(({ name, type }) => {
      const data = this.#pending.flatMap((part) => cells(part[name], type));
      // A dictionary of texts costs time and never pays; bounds of texts and digests help nobody.
      const isContent = type === "binary" || name === "text" || name === "evidence" || name === "head_signals";
      return { name, data, ...(isContent ? { encoding: "PLAIN" as const, statistics: false } : {}) };
    });
    this.#writer.write({ columnData, rowGroupSize: this.#rows });
    this.#bytes.flush();
    this.#pending = [];
    this.#rows = 0;
    this.#size = 0;
  }
}

function schemaElement({ name, type }: ParquetField): SchemaElement {
  switch (type) {
    case "utf8":
      return {
        name,
        type: "BYTE_ARRAY",
        repetition_type: "REQUIRED",
        converted_type: "UTF8",
        logical_type: { type: "STRING" },
      };
    case "binary":
      return { name, type: "BYTE_ARRAY", repetition_type: "REQUIRED" };
    case "timestamp":
      return {
        name,
        type: "INT64",
        repetition_type: "OPTIONAL",
        converted_type: "TIMESTAMP_MILLIS",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
      };
    case "float32":
      return { name, type: "FLOAT", repetition_type: "OPTIONAL" };
    case "float64":
      return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
    case "uint8":
    case "int32":
      return { name, type: "INT32", repetition_type: "REQUIRED" };
  }
}

/** A column's rows as hyparquet-writer takes them; NaN becomes null. */
function cells(column: Column, type: ColumnType): unknown[] {
  if (isBytes(column)) return Array.from({ length: rowsOf(column) }, (_, row) => bytesAt(column, row));
  const nullable = type === "timestamp" || type === "float32" || type === "float64";
  return Array.from(column.values, (value) => {
    if (nullable && Number.isNaN(value)) return null;
    return type === "timestamp" ? BigInt(Math.trunc(value)) : value;
  });
}

/** hyparquet-writer's buffer, emptied into a sink after each row group. */
class SinkWriter extends ByteWriter {
  constructor(private readonly sink: SyncByteSink) {
    super(1 << 16);
  }

  flush(): void {
    if (this.index === 0) return;
    this.sink.write(this.getBytes().slice());
    this.index = 0;
  }
}
