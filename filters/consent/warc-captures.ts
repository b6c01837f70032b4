/**
 * robots.txt captures out of WARC files: Common Crawl's `robotstxt` files, and mixed ones. Only responses whose URL is exactly an
 * authority's /robots.txt count; Common Crawl also stores what a redirect of /robots.txt led to, whatever that is. `fetch` writes
 * a metadata record where a site did not answer, which counts as a capture without a status: unreachable (RFC 9309 §2.3.1.4).
 */
import { parseHttpResponse, readWarc, type WarcRecord, warcTargetUri } from "../../formats/index.js";
import { type RobotsCapture, robotsAuthority } from "./capture.js";

/** What was met on the way; filled while the captures are read. */
export interface WarcTally {
  records: number;
  /** Places in the WARC files, and rows of tables, that could not be read. */
  faults: number;
  /** robots.txt responses whose HTTP message, or whose WARC-Date, could not be read. */
  unreadable: number;
  /** The first row of a table that could not be read, and why. */
  first?: string;
}

/**
 * @param file how the WARC file is named in the captures
 * @param wanted the path of another file of a site that is meant in place of /robots.txt
 * @throws DataError as readWarc
 */
export async function* robotsCapturesOf(
  path: string,
  file: string,
  tally: WarcTally,
  wanted = "/robots.txt",
): AsyncGenerator<RobotsCapture, void> {
  for await (const record of readWarc(path)) {
    if (record.kind === "fault") {
      tally.faults++;
      continue;
    }
    tally.records++;
    const counts = record.type === "response" || (record.type === "metadata" && isFailure(record.block));
    const url = counts ? warcTargetUri(record.fields) : undefined;
    if (url === undefined || !url.includes(wanted) || robotsAuthority(url, wanted) === undefined) continue;
    const capture = record.type === "response" ? captureOf(record, url, file) : failureOf(record, url, file);
    if (capture === undefined) tally.unreadable++;
    else yield { ...capture, wanted };
  }
}

function captureOf(record: WarcRecord, url: string, file: string): RobotsCapture | undefined {
  const response = parseHttpResponse(record.block);
  const site = siteOf(record, url, file);
  if (response.kind === "fault" || site === undefined) return undefined;
  const location = response.headers.all("location")[0];
  return {
    ...site,
    status: response.status,
    body: response.body,
    truncated: record.fields.has("warc-truncated") || response.notes.includes("chunked-cut"),
    ...(location === undefined ? {} : { location }),
  };
}

/** What `fetch` writes of a site that gave no answer (pipeline/fetch/warc-records.ts). */
function isFailure(block: Uint8Array): boolean {
  return /^fetchFailure:/m.test(Buffer.from(block.subarray(0, 4096)).toString("latin1"));
}

function failureOf(record: WarcRecord, url: string, file: string): RobotsCapture | undefined {
  const site = siteOf(record, url, file);
  return site && { ...site, status: null, body: new Uint8Array(0), truncated: false };
}

function siteOf(
  record: WarcRecord,
  url: string,
  file: string,
): Omit<RobotsCapture, "status" | "body" | "truncated"> | undefined {
  const capturedAt = Date.parse(record.fields.get("warc-date") ?? "");
  if (Number.isNaN(capturedAt)) return undefined;
  return {
    url,
    capturedAt,
    file,
    offset: record.offset,
    length: record.length,
    unit: record.unit,
    recordId: (record.fields.get("warc-record-id") ?? "").replace(/^<|>$/g, ""),
  };
}
