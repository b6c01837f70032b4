/** The header block of a WARC record (ISO 28500:2017, clause 4): version line, named fields, empty line. */

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
  const end = versionEnd < 0 ? undefined : emptyLineEnd(view, versionEnd + 1);
  if (end === undefined) {
    return bytes.length < limit
      ? { fault: "truncated", detail: "the input ends in a record's header" }
      : { fault: "too-large", detail: `a record's header is longer than ${limit} bytes` };
  }
  return parseFields(Buffer.from(view.buffer, view.byteOffset + versionEnd + 1, end - versionEnd - 1).toString(), end);
}

/** The captured URL; some versions of wget put it in angle brackets, as WARC 1.0's grammar says. */
export function warcTargetUri(fields: ReadonlyMap<string, string>): string | undefined {
  const uri = fields.get("warc-target-uri");
  return uri?.startsWith("<") && uri.endsWith(">") ? uri.slice(1, -1) : uri;
}

const lf = 10;
const cr = 13;
/** WARC/0.17 and 0.18 are drafts in which large crawls of 2008 and 2009 were written. */
const versionLine = /^WARC\/[01]\.\d+[ \t]*\r?$/;
const versionStart = /^WARC\//;

/** Offset behind the first empty line at or after `from`, which is a line's start. */
function emptyLineEnd(view: Uint8Array, from: number): number | undefined {
  for (let line = from; line < view.length; ) {
    const end = view.indexOf(lf, line);
    if (end < 0) return undefined;
    if (end === line || (end === line + 1 && view[line] === cr)) return end + 1;
    line = end + 1;
  }
  return undefined;
}

function parseFields(text: string, length: number): WarcHeader | WarcHeaderFault {
  const fields = new Map<string, string>();
  const lengths = new Set<string>();
  let name = "";
  for (const line of text.split("\n")) {
    const first = line.charCodeAt(0);
    if (first === 32 || first === 9) {
      const value = fields.get(name);
      if (value !== undefined) fields.set(name, `${value} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
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
