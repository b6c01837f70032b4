/** Content codings (RFC 9110 section 8.4; br: RFC 7932; zstd: RFC 8878) undone within a bound on what may come out. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { CompressionFault } from "./inflate-budget.js";
import { unzstd } from "./zstd.js";

export type EncodingFaultName = "too-large" | "corrupt-encoding" | "unsupported-encoding";

export type Undone =
  | { readonly kind: "body"; readonly body: Uint8Array; readonly notes: readonly string[] }
  | { readonly kind: "fault"; readonly fault: EncodingFaultName; readonly detail: string };

/** More than real servers ever stack. */
const stackLimit = 4;

/**
 * Undoes codings, given in the order in which they were applied. A body that was decoded already, under headers that still name
 * a coding, is taken as it is and noted as "not-<coding>"; a word that names no coding is noted and passed over, as browsers do.
 */
export function undoEncodings(bytes: Uint8Array, codings: readonly string[], limit: number): Undone {
  const notes: string[] = [];
  const stack: string[] = [];
  for (const coding of codings) {
    if (coding === "" || coding === "identity") continue;
    if (known.has(coding)) stack.push(coding);
    else if (unsupported.has(coding)) return { kind: "fault", fault: "unsupported-encoding", detail: coding };
    else if (!notes.includes("unknown-encoding")) notes.push("unknown-encoding");
  }
  if (stack.length > stackLimit) {
    return { kind: "fault", fault: "unsupported-encoding", detail: `${stack.length} encodings, one over the other` };
  }
  let body = bytes;
  for (const coding of stack.reverse()) {
    if (body.length === 0) break;
    try {
      body = (known.get(coding) ?? gunzip)(body, limit);
    } catch (cause) {
      if (isTooLarge(cause))
        return { kind: "fault", fault: "too-large", detail: `a ${coding} body holds more than ${limit} bytes` };
      if (!isOfNode(cause) && !(cause instanceof CompressionFault)) throw cause;
      if (!looksDecoded(body)) return { kind: "fault", fault: "corrupt-encoding", detail: `${coding}: ${cause.message}` };
      notes.push(`not-${coding}`);
    }
  }
  return { kind: "body", body, notes };
}

type Undo = (bytes: Uint8Array, limit: number) => Uint8Array;

const gunzip: Undo = (bytes, limit) => gunzipSync(bytes, { maxOutputLength: limit });

const known: ReadonlyMap<string, Undo> = new Map<string, Undo>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", undeflate],
  ["br", (bytes, limit) => brotliDecompressSync(bytes, { maxOutputLength: limit })],
  ["zstd", unzstd],
]);

/** Codings with a registration or a history that would leave binary noise where text is expected. */
const unsupported: ReadonlySet<string> = new Set([
  ...["aes128gcm", "bzip2", "compress", "dcb", "dcz", "exi", "lzma", "pack200-gzip", "sdch", "x-bzip2", "x-compress", "xz"],
]);

/** RFC 9110 section 8.4.1.2 means zlib's format (RFC 1950); some servers send the bare stream (RFC 1951). */
function undeflate(bytes: Uint8Array, limit: number): Uint8Array {
  const zlib = bytes.length >= 2 && (bytes[0] & 15) === 8 && (bytes[0] * 256 + bytes[1]) % 31 === 0;
  const orders = zlib ? [inflateSync, inflateRawSync] : [inflateRawSync, inflateSync];
  try {
    return orders[0](bytes, { maxOutputLength: limit });
  } catch (cause) {
    if (isTooLarge(cause)) throw cause;
    try {
      return orders[1](bytes, { maxOutputLength: limit });
    } catch (second) {
      throw isTooLarge(second) ? second : cause;
    }
  }
}

function isTooLarge(cause: unknown): boolean {
  if (cause instanceof CompressionFault) return cause.fault === "too-large";
  return isOfNode(cause) && cause.code === "ERR_BUFFER_TOO_LARGE";
}

function isOfNode(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string";
}

/** Whether bytes that are no compressed stream are text: compressed bytes hold control characters within a few dozen bytes. */
function looksDecoded(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13);
}
