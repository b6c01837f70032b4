/**
 * Decodes the commonest column of a table of texts by itself: byte arrays without nesting and without nulls, encoded PLAIN in pages
 * of version 1 (Apache Parquet format 2.x, "Data Pages" and "Encodings"). A general reader makes an object of every value; here the
 * octets go from the page into the column. Whatever is not of this kind, or is damaged, is left to the general reader.
 */
import { BytesBuilder, type BytesColumn } from "../columns.js";

/** Thrift's compact protocol, as far as page headers need it (Apache Thrift, "Thrift Compact protocol encoding"). */
class ThriftReader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  octet(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new RangeError("a page header is cut off");
    return value;
  }

  /** At most 32 bits are kept: no number of a page header is longer. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const octet = this.octet();
      if (shift < 32) value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return value >>> 0;
    }
    throw new RangeError("a number of a page header does not end");
  }

  zigzag(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Fields of a struct: numbers by `number`, structs by `struct`, where one is given; what has neither is passed over. */
  struct(number: (field: number, value: number) => void, struct: (field: number) => boolean, depth = 0): void {
    if (depth > 8) throw new RangeError("a page header is nested too deep");
    for (let field = 0; ; ) {
      const head = this.octet();
      if (head === 0) return;
      const type = head & 0x0f;
      field = head >> 4 === 0 ? this.zigzag() : field + (head >> 4);
      if (type >= 4 && type <= 6) number(field, this.zigzag());
      else if (type !== 12 || !struct(field)) this.#skip(type, depth);
    }
  }

  #skip(type: number, depth: number): void {
    if (type === 1 || type === 2) return;
    if (type === 3) this.at++;
    else if (type === 7) this.at += 8;
    else if (type === 8) this.at += this.varint();
    else if (type === 12)
      this.struct(
        () => undefined,
        () => false,
        depth + 1,
      );
    else throw new RangeError("a page header has a field of no known type");
  }
}

interface PageHeader {
  readonly type: number;
  readonly uncompressed: number;
  readonly compressed: number;
  readonly values: number;
  readonly encoding: number;
}

function pageHeader(thrift: ThriftReader): PageHeader {
  const header = { type: -1, uncompressed: -1, compressed: -1, values: -1, encoding: -1 };
  thrift.struct(
    (field, value) => {
      if (field === 1) header.type = value;
      else if (field === 2) header.uncompressed = value;
      else if (field === 3) header.compressed = value;
    },
    (field) => {
      if (field !== 5) return false;
      thrift.struct(
        (inner, value) => {
          if (inner === 1) header.values = value;
          else if (inner === 2) header.encoding = value;
        },
        () => false,
        1,
      );
      return true;
    },
  );
  return header;
}

const dataPage = 0;
const plain = 0;

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
      const thrift = new ThriftReader(chunk.subarray(at));
      const { type: page, uncompressed, compressed, values, encoding } = pageHeader(thrift);
      const from = at + thrift.at;
      if (page !== dataPage || encoding !== plain || compressed < 0 || uncompressed < 0) return undefined;
      if (values <= 0 || values > rows - column.rows || from + compressed > chunk.length) return undefined;
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
