/** Texts from Parquet files (FineWeb's columns) and Arrow IPC files, a row a document. */
import { captureId, parseDate } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { bytesAt, type Column, isBytes, openParquet, readArrow, rowsOf, stringAt } from "../../formats/index.js";
import type { InputFile } from "../inputs.js";
import type { Slice } from "../unit.js";
import { type Field, fieldPaths, pathsOf } from "./jsonl.js";
import { ChunkBuilder, isUnread, untilDamage } from "./rows.js";
import type { Chunk, SourceOptions } from "./source.js";

type Columns = Readonly<Record<string, Column>>;

export function readTableSource(options: SourceOptions): AsyncGenerator<Chunk> {
  const chunks = new ChunkBuilder(options);
  return untilDamage(chunks, readRows(chunks, options));
}

async function* readRows(chunks: ChunkBuilder, options: SourceOptions): AsyncGenerator<Chunk> {
  const { input, slice } = options;
  for await (const part of input.format === "parquet" ? parquetRows(input, slice) : arrowRows(input)) {
    if ("columns" in part) yield* addRows(chunks, part.first, part.columns, options);
    else {
      const { first, rows, damage } = part;
      const place = { offset: first, length: rows, unit: "row", index: first - slice.start, url: "" } as const;
      chunks.quarantine({ ...place, reason: "parquet-corrupt", detail: damage, countKnown: false });
    }
  }
}

/** Rows of a table in order; or, of a Parquet file, a row group that is damaged, behind which the next one can be read. */
type Part =
  | { readonly first: number; readonly columns: Columns }
  | { readonly first: number; readonly rows: number; readonly damage: string };

/** Rows are read this many at a time. */
const step = 1024;

async function* parquetRows(input: InputFile, slice: Slice): AsyncGenerator<Part> {
  const file = await openParquet(input.path);
  try {
    const names = new Set(file.columns.map((column) => column.name));
    const fields = Object.keys(fieldPaths) as Field[];
    const wanted = fields
      .map((field) => pathsOf(input, field).find((path) => names.has(path)))
      .filter((name) => name !== undefined);
    const columns = [...new Set(wanted)];
    for (const { firstRow, rows } of file.rowGroups) {
      const [start, end] = [Math.max(firstRow, slice.start), Math.min(firstRow + rows, slice.end)];
      for (let first = start; first < end; first += step) {
        try {
          yield { first, columns: await file.readRows(first, Math.min(first + step, end), { columns }) };
        } catch (error) {
          if (!(error instanceof DataError) || error.code !== "PARQUET_CORRUPT") throw error;
          yield { first, rows: end - first, damage: error.site.detail ?? "" };
          break;
        }
      }
    }
  } finally {
    await file.close();
  }
}

async function* arrowRows(input: InputFile): AsyncGenerator<Part> {
  let first = 0;
  for await (const batch of readArrow(input.path)) {
    const columns = Object.fromEntries(
      Object.entries(batch).filter(
        (entry): entry is [string, Column] => "type" in entry[1] && entry[1].type !== "list<uint32>",
      ),
    );
    yield { first, columns };
    const [any] = Object.values(columns);
    first += any === undefined ? 0 : rowsOf(any);
  }
}

/**
 * Looks for the column with the text before any row is read; a file that cannot be opened is left for reading to report.
 * @throws DataError COLUMN_MISSING
 */
export async function checkTextColumn(input: Pick<InputFile, "path" | "format" | "columns">): Promise<void> {
  if (input.format !== "parquet") return;
  let names: ReadonlySet<string>;
  try {
    const file = await openParquet(input.path);
    names = new Set(file.columns.map(({ name }) => name));
    await file.close();
  } catch (error) {
    if (error instanceof DataError && error.code === "PARQUET_CORRUPT") return;
    throw error;
  }
  if (!pathsOf(input, "text").some((path) => names.has(path))) throw noText(input, [...names]);
}

function noText(input: Pick<InputFile, "path" | "columns">, there: readonly string[] = []): DataError {
  const found = there.length === 0 ? "" : `; there are ${there.slice(0, 20).join(", ")}`;
  return new DataError("COLUMN_MISSING", {
    file: input.path,
    detail: `no text in any of ${pathsOf(input, "text").join(", ")}${found}`,
  });
}

function* addRows(chunks: ChunkBuilder, first: number, columns: Columns, options: SourceOptions): Generator<Chunk> {
  const { input, slice, select } = options;
  const column = (field: Field): Column | undefined => {
    const name = pathsOf(input, field).find((path) => Object.hasOwn(columns, path));
    return name === undefined ? undefined : columns[name];
  };
  const text = column("text");
  if (text === undefined || !isBytes(text)) throw noText(input);
  const [url, id, date, language] = [column("url"), column("id"), column("date"), column("language")];
  for (let row = 0; row < rowsOf(text); row++) {
    const position = first + row;
    const index = position - slice.start;
    const decision = select(index);
    if (decision === "ignore") continue;
    const place = { offset: position, length: 1, unit: "row", index, url: string(url, row), countKnown: true } as const;
    if (decision === "quarantine") {
      chunks.quarantine({ ...place, reason: "worker-death", detail: "reading it killed its worker twice" });
      continue;
    }
    const bytes = bytesAt(text, row);
    if (bytes.length === 0) {
      chunks.skip("empty-text");
      continue;
    }
    if (bytes.length > options.recordBytes) {
      chunks.quarantine({ ...place, reason: "too-large", detail: `${bytes.length} bytes of text` });
      continue;
    }
    const stated = date === undefined ? undefined : isBytes(date) ? stringAt(date, row) : date.values[row];
    const captured = typeof stated === "number" && date?.type === "timestamp" ? stated : parseDate(stated);
    const sourceId = string(id, row);
    const address = place.url !== "" ? place.url : /^https?:\/\//.test(sourceId) ? sourceId : "";
    const known = address !== "" && !Number.isNaN(captured);
    yield* chunks.add("documents", {
      id: known ? captureId(Buffer.from(address), captured, bytes) : chunks.positionId(position),
      url: address,
      captured_at: captured,
      locator_file: input.file,
      locator_offset: position,
      locator_length: 1,
      locator_unit: "row",
      source_id: sourceId,
      text: bytes,
      title: "",
      declared_language: string(language, row),
      unread_date: isUnread(stated, captured),
    });
  }
}

function string(column: Column | undefined, row: number): string {
  if (column === undefined) return "";
  return isBytes(column) ? stringAt(column, row) : String(column.values[row]);
}
