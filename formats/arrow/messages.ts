/**
 * The messages of an Arrow IPC stream or file (Arrow columnar format 1.5, "Serialization and Interprocess Communication"):
 * where each begins, its schema or its lists of nodes and buffers. Bodies are left in the file.
 */
import { DataError } from "../../errors/index.js";
import type { InputFile } from "../input-file.js";
import { Malformed } from "../malformed.js";
import { FlatTable, type FlatVector, safe } from "./flatbuffer.js";

/** Schema.fbs, union Type. */
export const typeIds = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedBinary: 15,
  fixedList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  runEnd: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26,
} as const;

export interface ArrowType {
  readonly id: number;
  /** Bits of an integer or decimal, precision of a float (0 half, 1 single, 2 double), bytes of a fixed binary. */
  readonly width: number;
  readonly signed: boolean;
  /** Unit of a date (0 days, 1 milliseconds) or timestamp (0 s, 1 ms, 2 µs, 3 ns); mode of a union (0 sparse, 1 dense). */
  readonly unit: number;
  readonly scale: number;
}

export interface ArrowSchemaField {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: ArrowType;
  readonly children: readonly ArrowSchemaField[];
  readonly dictionary: { readonly id: number; readonly index: ArrowType } | undefined;
}

export interface ArrowSchema {
  readonly fields: readonly ArrowSchemaField[];
  readonly metadata: ReadonlyMap<string, string>;
}

export interface Region {
  readonly offset: number;
  readonly length: number;
}

export interface BatchHeader {
  readonly rows: number;
  readonly nodes: readonly { readonly rows: number; readonly nulls: number }[];
  /** Relative to the body. */
  readonly buffers: readonly Region[];
  /** -1 none, 0 LZ4_FRAME, 1 ZSTD. */
  readonly codec: number;
  /** For each view column, how many data buffers it has. */
  readonly variadic: readonly number[];
}

export type ArrowMessage =
  | { readonly kind: "schema"; readonly schema: ArrowSchema }
  | { readonly kind: "batch"; readonly header: BatchHeader; readonly body: Region }
  | {
      readonly kind: "dictionary";
      readonly id: number;
      readonly isDelta: boolean;
      readonly header: BatchHeader;
      readonly body: Region;
    };

const headerTypes = { schema: 1, dictionary: 2, batch: 3 };
const longestMetadata = 2 ** 26;
const mostFields = 10_000;
const deepest = 64;
/** "ARROW1" */
const fileMagic = Uint8Array.of(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31);

/** The messages in file order; of the file format, those that its footer lists. */
export async function* readMessages(file: InputFile): AsyncGenerator<ArrowMessage, void, undefined> {
  if (file.size >= 8 && Buffer.compare(await file.read(0, 6), fileMagic) === 0) {
    yield* readFileFormat(file);
    return;
  }
  if (file.size < 8) throw new Malformed(`${file.size} bytes are too few`);
  for (let at = 0; at < file.size; ) {
    const { metadata, bodyStart } = await readMetadata(file, at);
    // Length 0 marks the end of the stream.
    if (metadata.length === 0) return;
    const message = parseMessage(metadata, bodyStart, file.size);
    yield message;
    at = bodyStart + (message.kind === "schema" ? 0 : message.body.length);
  }
}

async function* readFileFormat(file: InputFile): AsyncGenerator<ArrowMessage, void, undefined> {
  const tail = await file.read(Math.max(file.size - 10, 8), file.size);
  if (tail.length < 10 || Buffer.compare(tail.subarray(4), fileMagic) !== 0)
    throw new Malformed("the file is cut off: no ARROW1 at its end");
  const length = new DataView(tail.buffer).getInt32(0, true);
  const end = file.size - 10;
  if (length <= 0 || length > longestMetadata || length > end - 8) throw new Malformed(`a footer of ${length} bytes`);
  const footer = FlatTable.root(await file.read(end - length, end));
  const schema = footer.table(1);
  if (schema === undefined) throw new Malformed("a footer without a schema");
  yield { kind: "schema", schema: parseSchema(schema) };
  for (const vector of [footer.vector(2, 24), footer.vector(3, 24)]) {
    for (let i = 0; i < vector.length; i++) {
      const offset = safe(vector.view.getBigInt64(vector.start + i * 24, true));
      const { metadata, bodyStart } = await readMetadata(file, offset);
      if (metadata.length === 0) throw new Malformed("the footer points at no message");
      yield parseMessage(metadata, bodyStart, file.size);
    }
  }
}

async function readMetadata(
  file: InputFile,
  at: number,
): Promise<{ readonly metadata: Uint8Array; readonly bodyStart: number }> {
  const prefix = await file.read(at, Math.min(at + 8, Math.max(at, file.size)));
  const view = new DataView(prefix.buffer);
  // Before format 0.15 there was no continuation marker in front of the length.
  const marked = view.getUint32(0, true) === 0xffffffff;
  const length = view.getInt32(marked ? 4 : 0, true);
  const start = at + (marked ? 8 : 4);
  if (length < 0 || length > longestMetadata || start + length > file.size)
    throw new Malformed(`metadata of ${length} bytes at ${at}`);
  return { metadata: await file.read(start, start + length), bodyStart: start + length };
}

/** The message that stands in front of a body; `size` is that of the file. */
export function parseMessage(metadata: Uint8Array, bodyStart: number, size: number): ArrowMessage {
  const message = FlatTable.root(metadata);
  const header = message.table(2);
  if (header === undefined) throw new Malformed("a message without a header");
  const body = { offset: bodyStart, length: message.int64(3) };
  if (body.length < 0 || bodyStart + body.length > size)
    throw new Malformed(`a body of ${body.length} bytes at ${bodyStart} passes the file`);
  switch (message.uint8(1)) {
    case headerTypes.schema:
      return { kind: "schema", schema: parseSchema(header) };
    case headerTypes.batch:
      return { kind: "batch", header: parseBatch(header, body), body };
    case headerTypes.dictionary: {
      const data = header.table(1);
      if (data === undefined) throw new Malformed("a dictionary without data");
      return { kind: "dictionary", id: header.int64(0), isDelta: header.bool(2), header: parseBatch(data, body), body };
    }
    default:
      throw new Malformed(`a message of type ${message.uint8(1)}`);
  }
}

function parseBatch(batch: FlatTable, body: Region): BatchHeader {
  const rows = batch.int64(0);
  if (rows < 0) throw new Malformed(`a batch of ${rows} rows`);
  const nodes = pairs(batch.vector(1, 16)).map(([length, nulls]) => {
    if (length < 0 || nulls > length) throw new Malformed(`a column of ${length} rows and ${nulls} nulls`);
    return { rows: length, nulls };
  });
  const buffers = pairs(batch.vector(2, 16)).map(([offset, length]) => {
    if (offset < 0 || length < 0 || offset + length > body.length)
      throw new Malformed(`a buffer of ${length} bytes passes its body`);
    return { offset, length };
  });
  const compression = batch.table(3);
  const counts = batch.vector(4, 8);
  const variadic = Array.from({ length: counts.length }, (_, i) => safe(counts.view.getBigInt64(counts.start + i * 8, true)));
  return { rows, nodes, buffers, codec: compression === undefined ? -1 : compression.uint8(0), variadic };
}

function pairs({ view, start, length }: FlatVector): [number, number][] {
  return Array.from({ length }, (_, i) => {
    const at = start + i * 16;
    return [safe(view.getBigInt64(at, true)), safe(view.getBigInt64(at + 8, true))];
  });
}

function parseSchema(schema: FlatTable): ArrowSchema {
  if (schema.int16(0) !== 0) throw new DataError("ARROW_UNSUPPORTED", { detail: "big-endian numbers" });
  const count = { fields: 0 };
  const fields = schema.tables(1).map((field) => parseField(field, 0, count));
  const metadata = new Map(schema.tables(2).map((entry) => [entry.string(0), entry.string(1)]));
  return { fields, metadata };
}

function parseField(field: FlatTable, depth: number, count: { fields: number }): ArrowSchemaField {
  if (++count.fields > mostFields || depth > deepest) throw new Malformed("a schema of too many fields");
  const encoding = field.table(4);
  const index = encoding?.table(1);
  return {
    name: field.string(0),
    nullable: field.bool(1),
    type: parseType(field.uint8(2), field.table(3)),
    children: field.tables(5).map((child) => parseField(child, depth + 1, count)),
    dictionary: encoding && {
      id: encoding.int64(0),
      // Without an index type it is int32.
      index:
        index === undefined ? { id: typeIds.int, width: 32, signed: true, unit: 0, scale: 0 } : parseType(typeIds.int, index),
    },
  };
}

function parseType(id: number, type: FlatTable | undefined): ArrowType {
  const plain = { id, width: 0, signed: false, unit: 0, scale: 0 };
  if (type === undefined) return plain;
  switch (id) {
    case typeIds.int:
      return { ...plain, width: type.int32(0), signed: type.bool(1) };
    case typeIds.float:
      return { ...plain, width: type.int16(0) };
    case typeIds.decimal:
      // The default of bitWidth is 128, and a stored 0 does not occur.
      return { ...plain, scale: type.int32(1), width: type.int32(2) || 128 };
    case typeIds.date:
      // The default unit is milliseconds; days are stored as an explicit 0.
      return { ...plain, unit: type.has(0) ? type.int16(0) : 1 };
    case typeIds.timestamp:
    case typeIds.union:
      return { ...plain, unit: type.int16(0) };
    case typeIds.fixedBinary:
      return { ...plain, width: type.int32(0) };
    default:
      return plain;
  }
}
