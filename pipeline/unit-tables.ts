/** The tables that a unit leaves besides its documents, row by row: their columns, and a writer. */
import { type Attempt, identityColumns } from "../corpus/index.js";
import { BytesBuilder, type Column, type ColumnType, ParquetWriter } from "../formats/index.js";

export type TableSchema = Readonly<Record<string, ColumnType>>;

export const ledgerSchema: TableSchema = {
  ...identityColumns,
  host_key: "utf8",
  source: "utf8",
  stage: "utf8",
  rule: "utf8",
  /** Id of the evidence: SHA-256 of its canonical JSON. */
  evidence: "utf8",
};

export const evidenceSchema: TableSchema = { id: "utf8", evidence: "utf8" };

export const blobSchema: TableSchema = { sha256: "utf8", media_type: "utf8", bytes: "binary" };

export const quarantineSchema: TableSchema = {
  source: "utf8",
  locator_file: "utf8",
  locator_offset: "float64",
  locator_length: "float64",
  locator_unit: "utf8",
  position: "float64",
  url: "utf8",
  host_key: "utf8",
  reason: "utf8",
  detail: "utf8",
  count_known: "uint8",
};

export type Cell = Uint8Array | string | number;

export function fieldsOf(schema: TableSchema): readonly { readonly name: string; readonly type: ColumnType }[] {
  return Object.entries(schema).map(([name, type]) => ({ name, type }));
}

/** A Parquet file written row by row; not even created where no row comes. */
export class RowTable {
  #writer: ParquetWriter | undefined;
  #builders: Record<string, BytesBuilder | number[]> = {};
  #pending = 0;
  #bytes = 0;
  #rows = 0;

  constructor(
    private readonly attempt: Attempt,
    private readonly name: string,
    private readonly schema: TableSchema,
  ) {}

  add(row: Readonly<Record<string, Cell>>): void {
    for (const [name, type] of Object.entries(this.schema)) {
      this.#builders[name] ??= type === "utf8" || type === "binary" ? new BytesBuilder(type) : [];
      const builder = this.#builders[name];
      const cell = row[name];
      if (Array.isArray(builder)) builder.push(typeof cell === "number" ? cell : Number.NaN);
      else if (cell instanceof Uint8Array) builder.append(cell);
      else builder.appendString(String(cell ?? ""));
      if (cell instanceof Uint8Array) this.#bytes += cell.length;
    }
    this.#rows++;
    if (++this.#pending >= 4096 || this.#bytes >= 4 << 20) this.#flush();
  }

  finish(): void {
    this.#flush();
    this.#writer?.finish();
    this.attempt.setRows(this.name, this.#rows);
  }

  #flush(): void {
    if (this.#pending === 0) return;
    this.#writer ??= new ParquetWriter(this.attempt.create(this.name), fieldsOf(this.schema), { codec: "zstd" });
    const columns: Record<string, Column> = {};
    for (const [name, type] of Object.entries(this.schema)) {
      const builder = this.#builders[name];
      if (!Array.isArray(builder)) columns[name] = builder.finish();
      else if (type === "uint8") columns[name] = { type, values: Uint8Array.from(builder) };
      else columns[name] = { type: type === "timestamp" ? type : "float64", values: Float64Array.from(builder) };
    }
    this.#writer.write(columns);
    this.#builders = {};
    this.#pending = 0;
    this.#bytes = 0;
  }
}
