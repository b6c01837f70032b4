/** The chunked transfer coding (RFC 9112 section 7.1), undone with the tolerance that archives need. */

export interface Unchunked {
  readonly body: Uint8Array;
  /**
   * "whole" up to the last chunk; "cut" where the body ends before it; "damaged" where something that is no chunk follows whole
   * chunks, which then are the body; "not-chunked" where not even the first size can be read: archives often store bodies that
   * were decoded already under headers that still say chunked.
   */
  readonly outcome: "whole" | "cut" | "damaged" | "not-chunked";
}

export function unchunk(bytes: Uint8Array): Unchunked {
  // One buffer, never one piece a chunk: a body may consist of millions of chunks of one byte.
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const joined = Buffer.allocUnsafeSlow(bytes.length);
  let length = 0;
  for (let at = 0; ; ) {
    const line = at < bytes.length ? readSize(bytes, at) : "cut";
    if (typeof line !== "object") {
      if (at === 0) return { body: bytes, outcome: "not-chunked" };
      return { body: joined.subarray(0, length), outcome: line ?? "damaged" };
    }
    if (line.size === 0) return { body: joined.subarray(0, length), outcome: "whole" };
    length += source.copy(joined, length, line.start, line.start + line.size);
    at = line.start + line.size;
    if (bytes[at] === cr) at++;
    if (bytes[at] === lf) at++;
    else if (at < bytes.length) return { body: joined.subarray(0, length), outcome: "damaged" };
  }
}

const lf = 10;
const cr = 13;
/** RFC 9112 bounds no extension; real ones are short, and a bound keeps a body that is not chunked from being searched. */
const lineLimit = 1024;

/** A size line: hexadecimal digits, blanks as old servers pad with, an extension; undefined where it is none. */
function readSize(bytes: Uint8Array, from: number): { readonly size: number; readonly start: number } | "cut" | undefined {
  let size = 0;
  let at = from;
  for (; at < bytes.length; at++) {
    const digit = hexDigit(bytes[at]);
    if (digit < 0) break;
    size = size * 16 + digit;
    if (size > 2 ** 40) return undefined;
  }
  if (at === from) return undefined;
  while (bytes[at] === 32 || bytes[at] === 9) at++;
  if (at >= bytes.length) return "cut";
  if (bytes[at] === 0x3b) {
    const end = bytes.subarray(at, at + lineLimit).indexOf(lf);
    if (end < 0) return at + lineLimit > bytes.length ? "cut" : undefined;
    return { size, start: at + end + 1 };
  }
  if (bytes[at] === cr) at++;
  if (at >= bytes.length) return "cut";
  return bytes[at] === lf ? { size, start: at + 1 } : undefined;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
