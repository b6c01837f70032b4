/**
 * A document's id: the first 16 bytes of SHA-256 over what makes a capture that capture. Ids may repeat (the same capture given
 * twice); the primary key of a corpus is (unit, row), and no count relies on ids.
 */
import { createHash } from "node:crypto";

/**
 * Where the source knows a URL and a date: over length-prefixed (url, captured_at, SHA-256 of the payload after its HTTP codings were undone).
 * Lengths are 4 bytes, little endian; captured_at is ISO 8601 with milliseconds.
 */
export function captureId(url: Uint8Array, capturedAt: number, payload: Uint8Array): Uint8Array {
  const date = Buffer.from(new Date(capturedAt).toISOString(), "latin1");
  return idOf(url, date, createHash("sha256").update(payload).digest());
}

/** Where the source has no URL or no date: over length-prefixed (SHA-256 of the whole input file, the record's index in it). */
export function recordId(inputSha256: string, index: number): Uint8Array {
  return idOf(Buffer.from(inputSha256, "hex"), Buffer.from(String(index), "latin1"));
}

function idOf(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  const length = Buffer.alloc(4);
  for (const part of parts) {
    length.writeUInt32LE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest().subarray(0, 16);
}
