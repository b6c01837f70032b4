/**
 * robots.txt captures out of tables, a row each: Parquet, and JSON lines, plain or compressed. Crawlers that do not keep WARC files
 * leave such tables, and so do queries of Common Crawl's index joined with the bodies. The columns are those of `columns` below;
 * docs/consent.md says what may stand in them.
 */
import { isUtf8 } from "node:buffer";
import { parseDate } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import {
  bytesAt,
  type Column,
  isBytes,
  openParquet,
  parseJsonObject,
  readLines,
  rowsOf,
  stringAt,
} from "../../formats/index.js";
import { splitUrl } from "./authority.js";
import type { RobotsCapture } from "./capture.js";
import type { WarcTally } from "./warc-captures.js";

/** Names that a column may have; the first that is there is read. */
const columns = {
  host: ["host", "domain", "authority"],
  url: ["url"],
  date: ["date", "captured_at", "timestamp", "fetch_time"],
  status: ["status", "status_code", "fetch_status"],
  body: ["body", "content", "robots_txt"],
  truncated: ["truncated", "content_truncated"],
  location: ["location"],
} as const;
type Field = keyof typeof columns;

/** Rows of a Parquet file that are held at a time. A row group is decoded as a whole where it has at most 256 MiB. */
const step = 512;
/** Far above what is parsed of a robots.txt, even with every octet escaped. */
const maxLineBytes = 16 << 20;

/** A value of a row: text, a number, bytes, a truth value; null and undefined where there is none. */
type Value = unknown;

/**
 * @param file how the table is named in the captures
 * @param wanted the path of the file that a host alone stands for
 * @throws DataError COLUMN_NOT_FOUND, PARQUET_CORRUPT where nothing of the file can be read, and what opening it throws
 */
export async function* tableCapturesOf(
  path: string,
  file: string,
  format: "parquet" | "jsonl",
  tally: WarcTally,
  wanted = "/robots.txt",
): AsyncGenerator<RobotsCapture, void> {
  for await (const { row, get, fault } of format === "parquet" ? parquetRows(path) : jsonRows(path)) {
    tally.records++;
    const found = fault ?? captureOf(get, file, row, wanted);
    if (typeof found !== "string") yield { ...found, wanted };
    else {
      tally.faults++;
      tally.first ??= `${file}, row ${row}: ${found}`;
    }
  }
}

interface Row {
  /** Counted from 0. */
  readonly row: number;
  readonly get: (field: Field) => Value;
  /** Why it, or the rows from it to the end of its row group, cannot be read. */
  readonly fault?: string;
}

const nothing = (): undefined => undefined;

async function* parquetRows(path: string): AsyncGenerator<Row> {
  const parquet = await openParquet(path);
  try {
    const there = new Set(parquet.columns.map(({ name }) => name));
    const names = namesIn(there);
    if ((names.host ?? names.url) === undefined || names.date === undefined) {
      const missing = names.date === undefined ? columns.date : [...columns.host, ...columns.url];
      const detail = `none of ${missing.join(", ")} is among ${[...there].slice(0, 20).join(", ")}`;
      throw new DataError("COLUMN_NOT_FOUND", { file: path, detail });
    }
    const wanted = Object.values(names);
    for (const { firstRow, rows } of parquet.rowGroups) {
      for (let first = firstRow; first < firstRow + rows; first += step) {
        let read: Readonly<Record<string, Column>>;
        try {
          read = await parquet.readRows(first, Math.min(first + step, firstRow + rows), { columns: wanted });
        } catch (error) {
          if (!(error instanceof DataError) || error.code !== "PARQUET_CORRUPT") throw error;
          yield { row: first, get: nothing, fault: error.site.detail ?? "it is damaged" };
          break;
        }
        const [any] = Object.values(read);
        for (let at = 0; at < (any === undefined ? 0 : rowsOf(any)); at++) {
          yield { row: first + at, get: (field) => cell(read[names[field] ?? ""], at, field === "body") };
        }
      }
    }
  } finally {
    await parquet.close();
  }
}

function namesIn(there: ReadonlySet<string>): Partial<Record<Field, string>> {
  const fields = Object.keys(columns) as Field[];
  const found = fields.map((field) => [field, columns[field].find((name) => there.has(name))] as const);
  return Object.fromEntries(found.filter(([, name]) => name !== undefined));
}

/** A time becomes a Date, so that no number of it is taken for seconds. */
function cell(column: Column | undefined, row: number, asBytes: boolean): Value {
  if (column === undefined) return undefined;
  if (isBytes(column)) return asBytes || column.type === "binary" ? bytesAt(column, row) : stringAt(column, row);
  const value = column.values[row] ?? Number.NaN;
  if (Number.isNaN(value)) return undefined;
  return column.type === "timestamp" ? new Date(value) : value;
}

async function* jsonRows(path: string): AsyncGenerator<Row> {
  let row = -1;
  try {
    for await (const line of readLines(path, { maxLineBytes })) {
      row++;
      if (line.kind === "fault") {
        yield { row, get: nothing, fault: line.detail };
        continue;
      }
      if (line.bytes.every((octet) => octet === 0x20 || octet === 0x09)) continue;
      const object = isUtf8(line.bytes) ? parseJsonObject(line.bytes) : undefined;
      if (object === undefined) yield { row, get: nothing, fault: "it is no JSON object in UTF-8" };
      else yield { row, get: (field) => columns[field].map((name) => object[name]).find((value) => value != null) };
    }
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "COMPRESSED_CORRUPT") throw error;
    yield { row: row + 1, get: nothing, fault: "the compressed file is damaged here" };
  }
}

/** The capture, or why there is none. */
function captureOf(get: (field: Field) => Value, file: string, row: number, wanted: string): RobotsCapture | string {
  const url = addressOf(get("url"), get("host"), wanted);
  if (url === undefined) return "no host or address";
  const stated = get("date");
  const capturedAt = stated instanceof Date ? stated.getTime() : parseDate(stated);
  if (Number.isNaN(capturedAt)) return "no date";
  const body = bodyOf(get("body"));
  if (body === undefined) return "a body that is neither text nor bytes";
  const status = statusOf(get("status"), body);
  if (status === undefined) return "a status that is no number";
  const location = textOf(get("location"));
  return {
    url,
    capturedAt,
    status,
    body,
    truncated: isTrue(get("truncated")),
    ...(location === "" ? {} : { location }),
    file,
    offset: row,
    length: 1,
    unit: "row",
    recordId: "",
  };
}

/**
 * The address of the file. Where a table has whole addresses, those of other pages are no captures of robots.txt, and are
 * passed over as in a WARC file. A host without a scheme is taken for https, with port 80 for http.
 */
function addressOf(url: Value, host: Value, wanted: string): string | undefined {
  const address = textOf(url);
  if (address !== "") return readable(address.includes("://") ? address : `https://${address}`);
  const name = textOf(host).replace(/\/$/, "");
  if (name === "" || /[/?#\\@\s]/.test(name.replace(/^https?:\/\//i, ""))) return undefined;
  if (name.includes("://")) return readable(name + wanted);
  return readable(`${/:80$/.test(name) ? "http" : "https"}://${name}${wanted}`);
}

function readable(address: string): string | undefined {
  return splitUrl(address) === undefined ? undefined : address;
}

const none = new Uint8Array(0);

function bodyOf(value: Value): Uint8Array | undefined {
  if (value === null || value === undefined) return none;
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value.toWellFormed(), "utf8") : undefined;
}

/** Without a status a body was served, and where there is none either, the server did not answer. */
function statusOf(value: Value, body: Uint8Array): number | null | undefined {
  if (value === null || value === undefined || value === "") return body.length > 0 ? 200 : null;
  const text = typeof value === "number" ? String(value) : textOf(value);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function textOf(value: Value): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8").trim();
  return typeof value === "string" ? value.toWellFormed().trim() : "";
}

/** `true`, 1, or a word such as Common Crawl's `length`. */
function isTrue(value: Value): boolean {
  return value === true || value === 1 || !/^(?:|0|false|no)$/i.test(textOf(value));
}
