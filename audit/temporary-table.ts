/** A Parquet file in a scratch folder, for rows that SQL is to join with the corpus's tables. */
import { closeSync, openSync, writeSync } from "node:fs";
import { type Column, type ColumnType, ParquetWriter } from "../formats/index.js";

export class TemporaryTable {
  readonly #handle: number;
  readonly #writer: ParquetWriter;

  constructor(
    readonly path: string,
    schema: Readonly<Record<string, ColumnType>>,
  ) {
    const handle = openSync(path, "w");
    this.#handle = handle;
    const sink = { write: (bytes: Uint8Array) => void writeSync(handle, bytes) };
    const fields = Object.entries(schema).map(([name, type]) => ({ name, type }));
    this.#writer = new ParquetWriter(sink, fields, { codec: "uncompressed" });
  }

  write(columns: Readonly<Record<string, Column>>): void {
    this.#writer.write(columns);
  }

  close(): void {
    this.#writer.finish();
    closeSync(this.#handle);
  }
}
