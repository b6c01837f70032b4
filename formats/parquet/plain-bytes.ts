/**
 * Decodes the commonest column of a table of texts by itself: byte arrays without nesting and without nulls, encoded PLAIN in pages
 * of version 1 (Apache Parquet format 2.x, "Data Pages" and "Encodings"). A general reader makes an object of every value; here the
 * octets go from the page into the column. Whatever is not of this kind, or is damaged, is left to the general reader.
 */
import { BytesBuilder, type BytesColumn } from "../columns.js";
import { Encoding, PageType, readPage } from "./pages.js";
import { ThriftReader } from "./thrift.js";

/**
 * @param chunk all pages of the column in one row group
 * @param optional whether pages begin with definition levels
 * @param inflate undoes the column's compression; the second argument is what has to come out
 * @returns undefined where a page is of another kind, a value is null, or anything does not fit
 */
export function plainBytes(
  chunk: Uint8Array,
  rows: number,
  optional: boolean,
  type: BytesColumn["type"],
  inflate: (page: Uint8Array, bytes: number) => Uint8Array,
): BytesColumn | undefined {
  const column = new BytesBuilder(type, chunk.length);
  try {
    for (let at = 0; column.rows < rows; ) {
      const page = readPage(chunk, at);
      if (page.type !== PageType.data || page.encoding !== Encoding.plain) return undefined;
      const { at: from, compressed, uncompressed, values } = page;
      if (values === 0 || values > rows - column.rows) return undefined;
      const bytes = inflate(chunk.subarray(from, from + compressed), uncompressed);
      const start = optional ? behindLevels(bytes, values) : 0;
      if (start === undefined || !appendValues(column, bytes, start, values)) return undefined;
      at = from + compressed;
    }
  } catch {
    // The general reader meets the same damage, and says what it is.
    return undefined;
  }
  return column.finish();
}

/** Where the values begin, if the definition levels say in runs that all of them are there. */
function behindLevels(bytes: Uint8Array, values: number): number | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + view.getUint32(0, true);
  const levels = new ThriftReader(bytes.subarray(4, end));
  for (let seen = 0; seen < values; ) {
    const head = levels.varint();
    if ((head & 1) !== 0 || levels.octet() !== 1 || head === 0) return undefined;
    seen += head >>> 1;
  }
  return end;
}

/** Each value is its length in four octets, little endian, and the value. */
function appendValues(column: BytesBuilder, bytes: Uint8Array, start: number, values: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (let i = 0; i < values; i++) {
    if (at + 4 > bytes.length) return false;
    const length = view.getUint32(at, true);
    at += 4;
    if (at + length > bytes.length) return false;
    column.append(bytes.subarray(at, at + length));
    at += length;
  }
  return true;
}
