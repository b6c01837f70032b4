/**
 * Where the lists of a column lie in an Arrow IPC stream (Arrow columnar format 1.5, "Variable-size List Layout"), for whoever maps the
 * file and reads them in place: from the headers of its record batches alone.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DataError } from "../../errors/index.js";
import { asDataError, Malformed } from "../malformed.js";
import { placeFields } from "./buffers.js";
import { type ArrowMessage, type ArrowSchema, parseMessage, typeIds } from "./messages.js";

/** Where a record batch's message begins, and its length up to the body. */
export interface BatchPlace {
  readonly offset: number;
  readonly metadata_bytes: number;
}

/** The lists of one record batch; places are bytes from the start of the file. */
export interface ListLayout {
  readonly rows: number;
  /** rows + 1 offsets, int32. */
  readonly offsetsAt: number;
  /** The lists' elements, of 32 bits. */
  readonly valuesAt: number;
  readonly values: number;
}

const longestMetadata = 2 ** 26;

/**
 * @param size bytes that the file must have
 * @throws DataError ARROW_CORRUPT, also where the file is missing; ARROW_UNSUPPORTED where the column is not list<uint32> or list<int32>
 * without nulls, or is compressed
 */
export function readListLayout(
  path: string,
  size: number,
  column: string,
  batches: readonly BatchPlace[],
): readonly ListLayout[] {
  try {
    const handle = openSync(path, "r");
    try {
      const found = fstatSync(handle).size;
      if (found !== size) throw new Malformed(`${found} bytes, not ${size}`);
      const schema = readMessage(handle, 0, 8 + readBytes(handle, 4, 4, size).readInt32LE(), size);
      if (schema.kind !== "schema") throw new Malformed("the stream does not begin with its schema");
      const field = listField(schema.schema, column);
      return batches.map(({ offset, metadata_bytes }) => {
        const message = readMessage(handle, offset, metadata_bytes, size);
        if (message.kind !== "batch") throw new Malformed(`no record batch at ${offset}`);
        return layoutOf(schema.schema, field, message);
      });
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const isMissing = error instanceof Error && "syscall" in error;
    throw asDataError("ARROW_CORRUPT", path, isMissing ? new Malformed(error.message) : error);
  }
}

/** @returns the column's place in the schema */
function listField({ fields }: ArrowSchema, column: string): number {
  const at = fields.findIndex(({ name }) => name === column);
  if (at < 0) throw new Malformed(`no column ${column}`);
  const { type, children, dictionary } = fields[at];
  const [child] = children;
  const isPlain = type.id === typeIds.list && dictionary === undefined && children.length === 1;
  if (!isPlain || child.type.id !== typeIds.int || child.type.width !== 32 || child.dictionary !== undefined)
    throw new DataError("ARROW_UNSUPPORTED", { detail: `column ${column} holds no lists of 32-bit integers` });
  return at;
}

function layoutOf(schema: ArrowSchema, field: number, { header, body }: ArrowMessage & { readonly kind: "batch" }): ListLayout {
  if (header.codec >= 0) throw new DataError("ARROW_UNSUPPORTED", { detail: "compressed record batches" });
  const place = placeFields(schema.fields, header)[field];
  const [list, child] = [header.nodes[place.node], header.nodes[place.node + 1]];
  const [offsets, values] = [header.buffers[place.buffer + 1], header.buffers[place.buffer + 3]];
  if (list === undefined || child === undefined || offsets === undefined || values === undefined)
    throw new Malformed("a batch lacks buffers that its schema asks for");
  if (list.nulls > 0 || child.nulls > 0) throw new DataError("ARROW_UNSUPPORTED", { detail: "lists that are or hold nulls" });
  if (list.rows !== header.rows || (list.rows > 0 && offsets.length < (list.rows + 1) * 4) || values.length < child.rows * 4)
    throw new Malformed("a batch's buffers are shorter than its rows");
  return {
    rows: list.rows,
    offsetsAt: body.offset + offsets.offset,
    valuesAt: body.offset + values.offset,
    values: child.rows,
  };
}

function readMessage(handle: number, offset: number, length: number, size: number): ArrowMessage {
  if (length < 8 || length > longestMetadata) throw new Malformed(`metadata of ${length} bytes at ${offset}`);
  const bytes = readBytes(handle, offset, length, size);
  if (bytes.readInt32LE(0) !== -1 || bytes.readInt32LE(4) !== length - 8) throw new Malformed(`no message at ${offset}`);
  return parseMessage(bytes.subarray(8), offset + length, size);
}

function readBytes(handle: number, offset: number, length: number, size: number): Buffer {
  if (!Number.isSafeInteger(offset) || offset < 0 || length > size - offset)
    throw new Malformed(`bytes ${offset} to ${offset + length} lie outside the file of ${size} bytes`);
  const bytes = Buffer.alloc(length);
  if (readSync(handle, bytes, 0, length, offset) !== length)
    throw new Malformed(`the file ends before byte ${offset + length}`);
  return bytes;
}
