/**
 * Looks through the pages of a column chunk before they are decoded (Apache Parquet format 2.x, "Data Pages" and "Encodings"). The
 * general reader takes what pages say for true: a header without a size sends it round the same octet for ever, and a run of two
 * thousand million values is written out past the end. What passes here ends, and stays within bounds.
 */
import { ThriftReader } from "./thrift.js";

/** PageType of parquet.thrift. */
export const PageType = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;
/** Encoding of parquet.thrift. */
export const Encoding = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
} as const;

/** A page with more bytes than this, or more values, is a bomb. */
export const pageBytes = 512 << 20;
const pageValues = 1 << 26;

export interface Page {
  readonly type: number;
  /** Where its content begins in the chunk. */
  readonly at: number;
  readonly compressed: number;
  readonly uncompressed: number;
  readonly values: number;
  /** As a page of version 2 says; others say it by their levels. */
  readonly nulls: number;
  readonly encoding: number;
  /** Octets of levels that stand before the compressed part; 0 but in pages of version 2. */
  readonly levels: number;
  readonly isCompressed: boolean;
}

/** Of the columns that can be read: leaves at the top, not repeated. */
export interface PageColumn {
  readonly optional: boolean;
  readonly boolean: boolean;
}

/** The page whose header begins at `start`. Throws RangeError where it lacks a field, or promises what cannot be. */
export function readPage(chunk: Uint8Array, start: number): Page {
  const thrift = new ThriftReader(chunk.subarray(start));
  const [outer, inner] = [new Map<number, number>(), new Map<number, number>()];
  const structs = new Set<number>();
  thrift.struct(
    (field, value) => outer.set(field, value),
    (field) => {
      if (field !== 5 && field !== 7 && field !== 8) return false;
      if (structs.size > 0) throw new RangeError("a page header is of two kinds");
      structs.add(field);
      thrift.struct(
        (number, value) => inner.set(number, value),
        () => false,
        1,
      );
      return true;
    },
  );
  const at = start + thrift.at;
  const need = (from: ReadonlyMap<number, number>, field: number, most: number): number => {
    const value = from.get(field);
    if (value === undefined || value < 0 || value > most) throw new RangeError(`field ${field} of a page header is ${value}`);
    return value;
  };
  const type = need(outer, 1, 3);
  const uncompressed = need(outer, 2, pageBytes);
  const compressed = need(outer, 3, chunk.length - at);
  if (type === PageType.index)
    return { type, at, compressed, uncompressed, values: 0, nulls: 0, encoding: 0, levels: 0, isCompressed: true };
  if (!structs.has(type === PageType.data ? 5 : type === PageType.dictionary ? 7 : 8)) {
    throw new RangeError("a page header has no part for its type");
  }
  const values = need(inner, 1, pageValues);
  if (type !== PageType.dataV2) {
    const encoding = need(inner, 2, 64);
    return { type, at, compressed, uncompressed, values, nulls: 0, encoding, levels: 0, isCompressed: true };
  }
  const nulls = need(inner, 2, values);
  need(inner, 3, pageValues);
  const levels = need(inner, 5, compressed) + need(inner, 6, 0);
  if (levels > uncompressed) throw new RangeError("a page is shorter than its levels");
  const isCompressed = inner.get(7) !== 0;
  if (!isCompressed && compressed !== uncompressed) throw new RangeError("a page that is not compressed has two sizes");
  return { type, at, compressed, uncompressed, values, nulls, encoding: need(inner, 4, 64), levels, isCompressed };
}

/** The pages that hold the first `rows` values of a chunk, dictionary included. Throws RangeError. */
export function walkPages(chunk: Uint8Array, rows: number): readonly Page[] {
  const pages: Page[] = [];
  let seen = 0;
  for (let at = 0; seen < rows && at < chunk.length - 1; ) {
    const page = readPage(chunk, at);
    pages.push(page);
    if (page.type !== PageType.dictionary) seen += page.values;
    if (seen > rows) throw new RangeError(`pages hold more values than the ${rows} that are promised`);
    at = page.at + page.compressed;
  }
  return pages;
}

/** The levels of a page of version 2, which stand before its content and are read before it is. Throws RangeError. */
export function checkLevels(page: Page, column: PageColumn, levels: Uint8Array): void {
  if (column.optional && page.type === PageType.dataV2) countRuns(levels, 1, page.values);
}

/**
 * Whether a page's content holds what its header says, so that decoding it ends and allocates no more than its values take.
 * @param content what was compressed. Throws RangeError.
 */
export function checkContent(page: Page, column: PageColumn, content: Uint8Array): void {
  if (page.type === PageType.dictionary || page.type === PageType.index) {
    // Each value is a bit at least.
    if (page.values > content.length * 8) throw new RangeError("a dictionary is longer than its page");
    return;
  }
  let [values, rest] = [page.values - page.nulls, content];
  if (column.optional && page.type === PageType.data) {
    const sized = behindSize(content);
    values = countRuns(sized.runs, 1, page.values);
    rest = sized.rest;
  }
  switch (page.encoding) {
    case Encoding.rle:
    case Encoding.plainDictionary:
    case Encoding.rleDictionary:
      // Truth values have no dictionary. Which of the two it is, the reader tells by the type, or in version 2 by the encoding.
      if (page.type === PageType.dataV2 ? page.encoding === Encoding.rle : column.boolean)
        countRuns(behindSize(rest).runs, 1, values);
      else if (values > 0 || rest.length > 0) countIndices(rest, values);
      break;
    case Encoding.deltaBinaryPacked:
    case Encoding.deltaLengthByteArray:
      if (values > 0) checkDeltas(rest);
      break;
    case Encoding.deltaByteArray:
      if (values > 0) checkPrefixes(rest, values);
      break;
    default:
  }
}

/** Runs with their length in four octets before them. */
function behindSize(bytes: Uint8Array): { readonly runs: Uint8Array; readonly rest: Uint8Array } {
  if (bytes.length < 4) throw new RangeError("a page is shorter than the size of its runs");
  const size = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (size > bytes.length - 4) throw new RangeError("a page is shorter than its runs");
  return { runs: bytes.subarray(4, 4 + size), rest: bytes.subarray(4 + size) };
}

/** Places in the dictionary: the bits of each in one octet, and runs. */
function countIndices(bytes: Uint8Array, values: number): void {
  const width = bytes[0];
  if (width === undefined || width > 32) throw new RangeError(`places in the dictionary of ${width} bits`);
  if (width > 0) countRuns(bytes.subarray(1), width, values);
}

/** How many of `values` values in runs and groups of `width` bits are 1. Throws RangeError where there are more or fewer. */
function countRuns(bytes: Uint8Array, width: number, values: number): number {
  const reader = new ThriftReader(bytes);
  let ones = 0;
  for (let seen = 0; seen < values; ) {
    const head = reader.varint();
    if ((head & 1) === 0) {
      const count = head >>> 1;
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) value += reader.octet() * 2 ** shift;
      seen += count;
      if (seen > values) throw new RangeError("a run is longer than its page");
      if (value === 1) ones += count;
    } else {
      const count = (head >>> 1) * 8;
      // The last groups may be filled up, not more.
      if (count > values - seen + 512) throw new RangeError("packed values are more than their page has");
      const size = (count / 8) * width;
      if (width === 1) ones += onesIn(bytes.subarray(reader.at, reader.at + size), Math.min(count, values - seen));
      reader.at += size;
      seen += count;
    }
  }
  return ones;
}

function onesIn(bytes: Uint8Array, bits: number): number {
  let ones = 0;
  for (let i = 0; i < bits; i++) ones += ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1;
  return ones;
}

/** The head of a block of differences: its size and number of parts, which the reader makes room for. */
function deltaHead(reader: ThriftReader): { readonly perPart: number; readonly parts: number } {
  const [block, parts] = [reader.varint(), reader.varint()];
  reader.varint();
  if (block === 0 || block > 1 << 20 || parts === 0 || block % parts !== 0) {
    throw new RangeError(`blocks of ${block} differences in ${parts} parts`);
  }
  return { perPart: block / parts, parts };
}

function checkDeltas(bytes: Uint8Array): void {
  deltaHead(new ThriftReader(bytes));
}

/** Values that begin as the one before: what they share is at most as long as that one, and all together are no bomb. */
function checkPrefixes(bytes: Uint8Array, values: number): void {
  const reader = new ThriftReader(bytes);
  const prefixes = readLengths(bytes, reader, values);
  const suffixes = readLengths(bytes, reader, values);
  let total = 0;
  let last = 0;
  for (let i = 0; i < values; i++) {
    if (prefixes[i] < 0 || prefixes[i] > last || suffixes[i] < 0) throw new RangeError("a value shares more than there is");
    last = prefixes[i] + suffixes[i];
    total += last;
    if (total > pageBytes) throw new RangeError(`a page of more than ${pageBytes} bytes`);
  }
}

/** DELTA_BINARY_PACKED, of 32 bits, as wrapping sums; stops behind the last whole part. */
function readLengths(bytes: Uint8Array, reader: ThriftReader, values: number): Int32Array {
  const { perPart, parts } = deltaHead(reader);
  const lengths = new Int32Array(values);
  let value = reader.zigzag();
  let at = 0;
  lengths[at++] = value;
  while (at < values) {
    const least = reader.zigzag();
    const widths = Array.from({ length: parts }, () => reader.octet());
    for (let part = 0; part < parts && at < values; part++) {
      const width = widths[part];
      const start = reader.at * 8;
      for (let i = 0; i < perPart && at < values; i++) {
        value = (value + least + bitsAt(bytes, start + i * width, width)) | 0;
        lengths[at++] = value;
      }
      reader.at += (perPart * width) / 8;
    }
  }
  return lengths;
}

/** The low 32 of `width` bits, least significant first. */
function bitsAt(bytes: Uint8Array, first: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width && i < 32; i++) {
    const place = first + i;
    const octet = bytes[Math.floor(place / 8)];
    if (octet === undefined) throw new RangeError("a block of differences is cut off");
    value |= ((octet >> (place % 8)) & 1) << i;
  }
  return value;
}
