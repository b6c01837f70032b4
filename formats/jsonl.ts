/** JSON lines (ndjson): lines as bytes with their places, and one line as an object. */
import { DataError } from "../errors/index.js";
import { compressionOf, openBytes } from "./compression.js";

export interface LinePlace {
  readonly offset: number;
  /** Without the line break. */
  readonly length: number;
  /** "inflated" where the file is compressed: offsets count the bytes that come out. */
  readonly unit: "bytes" | "inflated";
}

export interface Line extends LinePlace {
  readonly kind: "line";
  readonly bytes: Uint8Array;
}

export interface LineFault extends LinePlace {
  readonly kind: "fault";
  readonly fault: "too-large";
  readonly detail: string;
  readonly tail: false;
}

export interface LineOptions {
  /** Lines that begin in [start, end) of a plain file; a compressed file is always read whole. */
  readonly start?: number;
  readonly end?: number;
  readonly maxLineBytes: number;
}

const lf = 10;
const cr = 13;

/**
 * The lines of a file. LF and CRLF end a line; a byte order mark at the start of the file is passed over; an empty line is a line
 * of length 0. A line above the limit is a fault and is passed in bounded memory.
 * @throws DataError COMPRESSED_CORRUPT and others of `openBytes`, after the lines before the damage
 */
export async function* readLines(path: string, options: LineOptions): AsyncGenerator<Line | LineFault> {
  const unit = compressionOf(path) === "none" ? "bytes" : "inflated";
  const [start, end] = unit === "bytes" ? [options.start ?? 0, options.end ?? Infinity] : [0, Infinity];
  let position = 0;
  let lineStart = 0;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const line = (): Line | LineFault => {
    const place = { offset: lineStart, unit } as const;
    if (pendingBytes > options.maxLineBytes) {
      const detail = `a line of ${pendingBytes} bytes, above the limit of ${options.maxLineBytes}`;
      return { kind: "fault", fault: "too-large", detail, tail: false, length: pendingBytes, ...place };
    }
    let bytes: Uint8Array = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending);
    if (bytes.at(-1) === cr) bytes = bytes.subarray(0, -1);
    if (lineStart === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    return { kind: "line", bytes, length: bytes.length, ...place };
  };
  const wanted = (): boolean => lineStart >= start && lineStart < end;
  for await (const chunk of openBytes(path)) {
    let at = 0;
    // Bytes of the slices before this one only matter for where its first line begins.
    if (position + chunk.length < start) {
      const last = chunk.lastIndexOf(lf);
      if (last >= 0) lineStart = position + last + 1;
      position += chunk.length;
      continue;
    }
    for (;;) {
      const found = chunk.indexOf(lf, at);
      const stop = found < 0 ? chunk.length : found;
      pendingBytes += stop - at;
      // Chunks are views of a buffer that is used again, so what stays is copied.
      if (stop > at && wanted() && pendingBytes <= options.maxLineBytes) pending.push(chunk.slice(at, stop));
      if (found < 0) break;
      if (wanted()) yield line();
      pending = [];
      pendingBytes = 0;
      at = found + 1;
      lineStart = position + at;
      if (lineStart >= end) return;
    }
    position += chunk.length;
  }
  if (pendingBytes > 0 && wanted()) yield line();
}

const decoder = new TextDecoder("utf-8");

/** The object on a line, or undefined where it is none. Ill-formed UTF-8 becomes U+FFFD. */
export function parseJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    // A RangeError is nesting deeper than the stack: hostile, and no object to us.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw new DataError("INTERNAL", { cause: error });
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
