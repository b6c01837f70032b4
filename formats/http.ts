/**
 * A captured HTTP response (RFC 9110, RFC 9112) as it lies in the block of a WARC response record, read with the tolerance that
 * archives need. What was repaired or passed over is noted, never hidden.
 */
import { headerEnd } from "./header-fields.js";
import { unchunk } from "./http-chunked.js";
import { type EncodingFaultName, undoEncodings } from "./http-encoding.js";
import { contentType, HttpHeaders } from "./http-headers.js";

export interface HttpLimits {
  /** The status line and the fields; default 256 KiB. */
  readonly headerBytes: number;
  /** The body after its codings were undone; default 64 MiB. */
  readonly bodyBytes: number;
}

export interface HttpResponse {
  readonly kind: "response";
  /** e.g. "1.1" or "2". */
  readonly version: string;
  /** 100 to 999, as sent. */
  readonly status: number;
  /** As sent; empty where it was left out. */
  readonly reason: string;
  readonly headers: HttpHeaders;
  /** Type/subtype of Content-Type in lower case without parameters; empty where there is none. */
  readonly mediaType: string;
  /** The charset parameter of Content-Type as given. */
  readonly charset: string | undefined;
  /** The body after transfer and content codings were undone; a view of the block where there were none. */
  readonly body: Uint8Array;
  /**
   * What was out of order: "no-header-end", "interim" (a 1xx response stood before this one), "not-chunked", "chunked-cut",
   * "chunked-damaged", "not-gzip" and the like, "unknown-encoding".
   */
  readonly notes: readonly string[];
}

export interface HttpFault {
  readonly kind: "fault";
  /** "not-http": the block does not begin with a status line. "too-large": the header block, or the body undone. */
  readonly fault: "not-http" | EncodingFaultName;
  readonly detail: string;
}

const defaultLimits: HttpLimits = { headerBytes: 2 ** 18, bodyBytes: 2 ** 26 };

/**
 * Reads a response of status line, fields and body. Total, and linear in the block and what its body holds.
 * Zstandard bodies need `loadZstd()` to have been awaited, as `readWarc` does; without it such a body throws an Error.
 */
export function parseHttpResponse(block: Uint8Array, limits: Partial<HttpLimits> = {}): HttpResponse | HttpFault {
  const { headerBytes, bodyBytes } = { ...defaultLimits, ...limits };
  const notes: string[] = [];
  let rest = block;
  for (let interims = 0; ; interims++) {
    const lineEnd = rest.subarray(0, headerBytes).indexOf(lf);
    const line = latin1(rest.subarray(0, Math.min(lineEnd < 0 ? rest.length : lineEnd, headerBytes)));
    const match = statusLine.exec(line);
    if (match === null)
      return { kind: "fault", fault: "not-http", detail: `it begins with ${JSON.stringify(line.slice(0, 40))}` };
    const fieldsStart = lineEnd < 0 ? rest.length : lineEnd + 1;
    const end = headerEnd(rest.subarray(0, headerBytes), fieldsStart);
    if (end === undefined && rest.length > headerBytes) {
      return { kind: "fault", fault: "too-large", detail: `the header is longer than ${headerBytes} bytes` };
    }
    const fields = rest.subarray(fieldsStart, end?.fields ?? rest.length);
    const body = rest.subarray(end?.body ?? rest.length);
    const status = Number(match[2]);
    // RFC 9110 section 15.2: any number of interim responses may precede the final one. 101 ends HTTP on the connection.
    if (status < 200 && status !== 101 && interims < interimLimit && latin1(body.subarray(0, 5)) === "HTTP/") {
      if (interims === 0) notes.push("interim");
      rest = body;
      continue;
    }
    if (end === undefined) notes.push("no-header-end");
    const headers = HttpHeaders.of(fields);
    const undone = undoBody(body, headers, bodyBytes);
    if (undone.kind === "fault") return undone;
    return {
      kind: "response",
      version: match[1],
      status,
      reason: (match[3] ?? "").trim(),
      headers,
      ...contentType(headers),
      body: undone.body,
      notes: [...notes, ...undone.notes],
    };
  }
}

/** More than real servers ever send before an answer. */
const interimLimit = 8;
const lf = 10;
/** RFC 9112 section 4, with the minor version that HTTP/2 has not, and the reason phrase that many servers leave out. */
const statusLine = /^HTTP\/(\d{1,2}(?:\.\d{1,2})?)[ \t]+([1-9]\d\d)(?:[ \t]([^\r]*))?\r?$/i;

function undoBody(body: Uint8Array, headers: HttpHeaders, limit: number): ReturnType<typeof undoEncodings> {
  const transfer = codings(headers, "transfer-encoding");
  const notes: string[] = [];
  let bytes = body;
  if (transfer.includes("chunked") && bytes.length > 0) {
    const { body: joined, outcome } = unchunk(bytes);
    bytes = joined;
    if (outcome !== "whole") notes.push(outcome === "not-chunked" ? outcome : `chunked-${outcome}`);
  }
  if (bytes.length > limit) return { kind: "fault", fault: "too-large", detail: `the body is longer than ${limit} bytes` };
  const applied = [...codings(headers, "content-encoding"), ...transfer.filter((coding) => coding !== "chunked")];
  const undone = undoEncodings(bytes, applied, limit);
  return undone.kind === "fault" ? undone : { ...undone, notes: [...notes, ...undone.notes] };
}

function codings(headers: HttpHeaders, name: string): readonly string[] {
  return headers.all(name).flatMap((value) => value.split(",").map((coding) => coding.trim().toLowerCase()));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
