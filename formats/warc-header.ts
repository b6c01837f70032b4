/** The header block of a WARC record (ISO 28500:2017, clause 4): version line, named fields, empty line. */
import { headerEnd, parseHeaderFields } from "./header-fields.js";

export interface WarcHeader {
  /** Bytes of the header block, its empty line included. */
  readonly length: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly contentLength: number;
}

export interface WarcHeaderFault {
  readonly fault: "truncated" | "too-large" | "bad-version" | "bad-length";
  readonly detail: string;
}

/**
 * Reads the header block at the start of `bytes`, of at most `limit` bytes. As archives are written, lines may end in LF alone,
 * fields may be folded, and a line that is no field is passed over.
 */
export function parseWarcHeader(bytes: Uint8Array, limit: number): WarcHeader | WarcHeaderFault {
  const view = bytes.subarray(0, limit);
  const versionEnd = view.indexOf(lf);
  const version = ascii(view.subarray(0, Math.min(versionEnd < 0 ? view.length : versionEnd, 32)));
  if (!(versionEnd < 0 ? versionStart : versionLine).test(version)) {
    return { fault: "bad-version", detail: `a record begins with ${JSON.stringify(version)}` };
  }
  const end = versionEnd < 0 ? undefined : headerEnd(view, versionEnd + 1);
  if (end === undefined) {
    return bytes.length < limit
      ? { fault: "truncated", detail: "the input ends in a record's header" }
      : { fault: "too-large", detail: `a record's header is longer than ${limit} bytes` };
  }
  const block = Buffer.from(view.buffer, view.byteOffset + versionEnd + 1, end.fields - versionEnd - 1);
  return parseFields(block.toString(), end.body);
}

/** The captured URL; some versions of wget put it in angle brackets, as WARC 1.0's grammar says. */
export function warcTargetUri(fields: ReadonlyMap<string, string>): string | undefined {
  const uri = fields.get("warc-target-uri");
  return uri?.startsWith("<") && uri.endsWith(">") ? uri.slice(1, -1) : uri;
}

const lf = 10;
/** WARC/0.17 and 0.18 are drafts in which large crawls of 2008 and 2009 were written. */
const versionLine = /^WARC\/[01]\.\d+[ \t]*\r?$/;
const versionStart = /^WARC\//;

function parseFields(text: string, length: number): WarcHeader | WarcHeaderFault {
  const fields = new Map<string, string>();
  const lengths = new Set<string>();
  for (const [name, value] of parseHeaderFields(text)) {
    fields.set(name, value);
    if (name === "content-length") lengths.add(value);
  }
  const contentLength = fields.get("content-length") ?? "";
  if (lengths.size !== 1 || !/^\d{1,15}$/.test(contentLength)) {
    const found = lengths.size === 0 ? "none" : [...lengths].slice(0, 2).join(" and ").slice(0, 80);
    return { fault: "bad-length", detail: `Content-Length is ${found}` };
  }
  return { length, fields, contentLength: Number(contentLength) };
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
