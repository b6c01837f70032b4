/**
 * The two batches that flow through a run. A batch is a set of named columns of equal length; its columns have Arrow's memory
 * layout (formats/columns.ts), so a native kernel or an Arrow writer takes them without a copy.
 *
 * - A **CaptureBatch** is what a source of web captures yields: what the server sent, not yet read.
 * - A **DocumentBatch** is what extraction, or a source of texts, yields: UTF-8 text with annotation columns beside it.
 *
 * Both begin with the same columns (`identityColumns`), so a filter that only needs `url` and `captured_at` runs on either.
 */
import { type BytesColumn, type Column, isBytes, type NumberColumn, rowsOf, takeRows } from "../formats/index.js";

/** Columns of every batch. */
export const identityColumns = {
  /** 16 bytes: see corpus/identity.ts. */
  id: "binary",
  /** The capture's URL as the source gave it; empty where the source has none. */
  url: "utf8",
  /** When it was captured, milliseconds UTC; NaN where unknown. */
  captured_at: "timestamp",
  /** Where the record lies: the file relative to its input root (see corpus/locator.ts), */
  locator_file: "utf8",
  /** its offset and length in the unit that locator_unit names. */
  locator_offset: "float64",
  locator_length: "float64",
  /** "bytes" of the file, "inflated" bytes of a file compressed as one stream, or "row". */
  locator_unit: "utf8",
  /** The source's own name of the record: WARC-Record-ID, FineWeb's id, … */
  source_id: "utf8",
} as const satisfies Record<string, Column["type"]>;

/** Columns that a CaptureBatch adds. */
export const captureColumns = {
  ...identityColumns,
  /** HTTP status code; NaN where there was none. */
  status: "float64",
  /** The HTTP header block as captured, without the status line, bytes above 0x7F repaired to UTF-8. */
  headers: "utf8",
  /** The media type in lower case without parameters, e.g. text/html. */
  media_type: "utf8",
  /** The body after transfer and content encodings were undone. */
  payload: "binary",
} as const satisfies Record<string, Column["type"]>;

/** Columns that a DocumentBatch adds. Filters append annotation columns behind these. */
export const documentColumns = {
  ...identityColumns,
  /** Well-formed UTF-8. */
  text: "utf8",
  title: "utf8",
  /** The page's own claim of its language (html lang, or a column of the source); empty where it makes none. */
  declared_language: "utf8",
} as const satisfies Record<string, Column["type"]>;

export class Batch {
  readonly rows: number;
  readonly #columns: ReadonlyMap<string, Column>;

  constructor(columns: Iterable<readonly [string, Column]>) {
    this.#columns = new Map(columns);
    const [first] = this.#columns.values();
    this.rows = first === undefined ? 0 : rowsOf(first);
    for (const [name, column] of this.#columns) {
      if (rowsOf(column) !== this.rows) throw new RangeError(`column ${name} has ${rowsOf(column)} rows, not ${this.rows}`);
    }
  }

  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  column(name: string): Column {
    const column = this.#columns.get(name);
    if (column === undefined) throw new RangeError(`the batch has no column ${name}; it has ${this.names.join(", ")}`);
    return column;
  }

  bytes(name: string): BytesColumn {
    const column = this.column(name);
    if (!isBytes(column)) throw new TypeError(`column ${name} holds ${column.type}, not bytes`);
    return column;
  }

  numbers(name: string): NumberColumn {
    const column = this.column(name);
    if (isBytes(column)) throw new TypeError(`column ${name} holds ${column.type}, not numbers`);
    return column;
  }

  /** The same rows with columns added or replaced. */
  with(columns: Readonly<Record<string, Column>>): Batch {
    return new Batch([...this.#columns, ...Object.entries(columns)]);
  }

  without(...names: string[]): Batch {
    return new Batch([...this.#columns].filter(([name]) => !names.includes(name)));
  }

  /** The given rows, in the given order; shares memory where all rows are taken. */
  take(rows: Int32Array): Batch {
    if (rows.length === this.rows && rows.every((row, i) => row === i)) return this;
    return new Batch([...this.#columns].map(([name, column]) => [name, takeRows(column, rows)] as const));
  }
}
