/**
 * How a robots archive lies in its file: all numbers little endian, all sections in this order.
 *
 *     magic      16 octets, format version in the last
 *     content    robots.txt bodies, each distinct body once; among them file names, record ids and redirect targets as they came;
 *                at the end the authorities in ascending order
 *     captures   a record of 112 octets each, sorted by authority, then time, then as they came
 *     keys       a record of 24 octets each authority, ascending by octets
 *     about      JSON: what the archive was made from
 *     trailer    72 octets: where the sections begin, how much they hold, the file's length, and the magic again
 *
 * So a reader needs the trailer and a binary search; no part has to be in memory.
 */

export const archiveVersion = 1;
export const magic = Buffer.concat([Buffer.from("apertus-robots\0", "latin1"), Buffer.from([archiveVersion])]);

export const captureSize = 112;
export const keySize = 24;
export const trailerSize = 72;

/** A text of the content section. */
export interface TextReference {
  readonly offset: number;
  readonly length: number;
}

export interface CaptureRecord {
  readonly capturedAt: number;
  readonly offset: number;
  readonly length: number;
  /** As captureUnits counts. */
  readonly unit: number;
  readonly status: number;
  readonly state: number;
  /** Where the body begins in the file; length 0 where there is none. */
  readonly bodyOffset: number;
  readonly bodyLength: number;
  /** 32 octets; zeros where there is no body. */
  readonly bodySha256: Uint8Array;
  /** Length of the body as captured, of which at most 500 KiB are kept. */
  readonly capturedLength: number;
  readonly file: TextReference;
  readonly recordId: TextReference;
  readonly redirect: TextReference;
}

export function encodeCapture(record: CaptureRecord): Uint8Array {
  const bytes = Buffer.alloc(captureSize);
  bytes.writeDoubleLE(record.capturedAt, 0);
  bytes.writeDoubleLE(record.offset, 8);
  bytes.writeDoubleLE(record.length, 16);
  bytes.writeDoubleLE(record.bodyOffset, 24);
  bytes.writeUInt32LE(record.bodyLength, 32);
  bytes.writeUInt16LE(record.status, 36);
  bytes.writeUInt8(record.state, 38);
  bytes.writeUInt8(record.unit, 39);
  bytes.set(record.bodySha256, 40);
  bytes.writeDoubleLE(record.capturedLength, 72);
  for (const [i, text] of [record.file, record.recordId, record.redirect].entries()) {
    bytes.writeDoubleLE(text.offset, 80 + 8 * i);
    bytes.writeUInt16LE(text.length, 104 + 2 * i);
  }
  return bytes;
}

export function decodeCapture(bytes: Buffer): CaptureRecord {
  const text = (i: number): TextReference => ({
    offset: bytes.readDoubleLE(80 + 8 * i),
    length: bytes.readUInt16LE(104 + 2 * i),
  });
  return {
    capturedAt: bytes.readDoubleLE(0),
    offset: bytes.readDoubleLE(8),
    length: bytes.readDoubleLE(16),
    bodyOffset: bytes.readDoubleLE(24),
    bodyLength: bytes.readUInt32LE(32),
    status: bytes.readUInt16LE(36),
    state: bytes.readUInt8(38),
    unit: bytes.readUInt8(39),
    bodySha256: Uint8Array.from(bytes.subarray(40, 72)),
    capturedLength: bytes.readDoubleLE(72),
    file: text(0),
    recordId: text(1),
    redirect: text(2),
  };
}

export interface KeyRecord {
  readonly authority: TextReference;
  /** Index of the authority's first capture, and how many it has. */
  readonly first: number;
  readonly count: number;
}

export function encodeKey({ authority, first, count }: KeyRecord): Uint8Array {
  const bytes = Buffer.alloc(keySize);
  bytes.writeDoubleLE(authority.offset, 0);
  bytes.writeDoubleLE(first, 8);
  bytes.writeUInt32LE(count, 16);
  bytes.writeUInt16LE(authority.length, 20);
  return bytes;
}

export function decodeKey(bytes: Buffer): KeyRecord {
  return {
    authority: { offset: bytes.readDoubleLE(0), length: bytes.readUInt16LE(20) },
    first: bytes.readDoubleLE(8),
    count: bytes.readUInt32LE(16),
  };
}

export interface Trailer {
  readonly captures: number;
  readonly captureCount: number;
  readonly keys: number;
  readonly keyCount: number;
  readonly about: number;
  readonly aboutLength: number;
  /** Length of the whole file. */
  readonly length: number;
}

export function encodeTrailer(trailer: Trailer): Uint8Array {
  const bytes = Buffer.alloc(trailerSize);
  const { captures, captureCount, keys, keyCount, about, aboutLength, length } = trailer;
  for (const [i, value] of [captures, captureCount, keys, keyCount, about, aboutLength, length].entries()) {
    bytes.writeDoubleLE(value, 8 * i);
  }
  bytes.set(magic, 56);
  return bytes;
}

/** Undefined where it is no trailer of this format version, or where its sections do not fit the file. */
export function decodeTrailer(bytes: Buffer, fileLength: number): Trailer | undefined {
  if (bytes.length !== trailerSize || !magic.equals(bytes.subarray(56))) return undefined;
  const [captures = 0, captureCount = 0, keys = 0, keyCount = 0, about = 0, aboutLength = 0, length = 0] = Array.from(
    { length: 7 },
    (_, i) => bytes.readDoubleLE(8 * i),
  );
  const fits =
    [captures, captureCount, keys, keyCount, about, aboutLength].every((value) => Number.isSafeInteger(value) && value >= 0) &&
    captures + captureCount * captureSize === keys &&
    keys + keyCount * keySize === about &&
    about + aboutLength + trailerSize === length &&
    length === fileLength;
  return fits ? { captures, captureCount, keys, keyCount, about, aboutLength, length } : undefined;
}
