/**
 * robots.txt captures out of WARC files: Common Crawl's `robotstxt` files, and mixed ones. Only responses whose URL is exactly an
 * authority's /robots.txt count; Common Crawl also stores what a redirect of /robots.txt led to, whatever that is.
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
 * @throws DataError as readWarc
 */
export async function* robotsCapturesOf(path: string, file: string, tally: WarcTally): AsyncGenerator<RobotsCapture, void> {
  for await (const record of readWarc(path)) {
    if (record.kind === "fault") {
      tally.faults++;
      continue;
    }
    tally.records++;
    const url = record.type === "response" ? warcTargetUri(record.fields) : undefined;
    if (url === undefined || !url.includes("/robots.txt") || robotsAuthority(url) === undefined) continue;
    const capture = captureOf(record, url, file);
    if (capture === undefined) tally.unreadable++;
    else yield capture;
  }
}

function captureOf(record: WarcRecord, url: string, file: string): RobotsCapture | undefined {
  const response = parseHttpResponse(record.block);
  const capturedAt = Date.parse(record.fields.get("warc-date") ?? "");
  if (response.kind === "fault" || Number.isNaN(capturedAt)) return undefined;
  const location = response.headers.all("location")[0];
  return {
    url,
    capturedAt,
    status: response.status,
    body: response.body,
    truncated: record.fields.has("warc-truncated") || response.notes.includes("chunked-cut"),
    ...(location === undefined ? {} : { location }),
    file,
    offset: record.offset,
    length: record.length,
    unit: record.unit,
    recordId: (record.fields.get("warc-record-id") ?? "").replace(/^<|>$/g, ""),
  };
}
