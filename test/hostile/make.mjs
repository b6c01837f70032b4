/**
 * Hostile and damaged inputs, made in memory, for the tests of every reader. Each function returns `{ name, bytes, expects }`:
 *
 * - `expects.intact`: URLs (of WARC records) or texts (of rows) that a reader must yield, whole;
 * - `expects.never`: URLs that must not be yielded as if they were good records;
 * - `expects.faults`: whether the reader has to report that something could not be read;
 * - `expects.inflatesTo`: bytes after decompression, for inputs that must be refused by a bound below it.
 *
 * What is in neither list may be read or not. Nothing may crash, hang, or hold more memory than its bound.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";

const first = "https://first.example/";
const middle = "https://middle.example/";
const last = "https://last.example/";
const forged = "https://forged.example/";

/** A WARC 1.0 response record (ISO 28500 section 6.3); `length` lies about the block if it is given. */
function response(url, body, { length, headers = "Content-Type: text/html\r\n" } = {}) {
  const block = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}\r\n`), Buffer.from(body)]);
  const fields = [
    "WARC-Type: response",
    `WARC-Record-ID: <urn:sha256:${createHash("sha256").update(url).digest("hex")}>`,
    "WARC-Date: 2024-01-01T00:00:00Z",
    `WARC-Target-URI: ${url}`,
    "Content-Type: application/http; msgtype=response",
    `Content-Length: ${length?.(block.length) ?? block.length}`,
  ];
  return Buffer.concat([Buffer.from(`WARC/1.0\r\n${fields.join("\r\n")}\r\n\r\n`), block, Buffer.from("\r\n\r\n")]);
}

const page = (word) =>
  `<!doctype html><title>${word}</title><p>${`The ${word} page is a page like any other. `.repeat(40)}</p>`;
const member = (bytes) => gzipSync(bytes, { level: 9 });

/** The file ends in the middle of its last gzip member, as after a broken download. */
export function truncatedGzip() {
  const whole = [first, middle, last].map((url) => member(response(url, page(url))));
  const bytes = Buffer.concat(whole);
  return make("truncated.warc.gz", bytes.subarray(0, -Math.floor(whole[2].length / 2)), {
    intact: [first, middle],
    never: [last],
    faults: true,
  });
}

/** A page whose body is a gzip member with a record of its own. The member around it is stored, so that the magic bytes show. */
export function forgedMember() {
  const body = Buffer.concat([Buffer.from(page("bait")), member(response(forged, page("forged"))), Buffer.from(page("more"))]);
  const bytes = Buffer.concat([gzipSync(response(first, body), { level: 0 }), member(response(last, page("last")))]);
  return make("forged-member.warc.gz", bytes, { intact: [first, last], never: [forged], faults: false });
}

/** A page whose body looks like the end of its record and the start of another, in a file without compression. */
export function forgedHeader() {
  const body = Buffer.concat([Buffer.from(`${page("bait")}\r\n\r\n`), response(forged, page("forged"))]);
  const bytes = Buffer.concat([response(first, body), response(last, page("last"))]);
  return make("forged-header.warc", bytes, { intact: [first, last], never: [forged], faults: false });
}

/** One gzip member that inflates to 16 MiB, a thousand times its size. */
export function bombMember() {
  const record = response(middle, Buffer.alloc(16 << 20, 0x20));
  const bytes = Buffer.concat([member(response(first, page("first"))), member(record), member(response(last, page("last")))]);
  return make("bomb.warc.gz", bytes, { intact: [first], never: [], faults: false, inflatesTo: record.length });
}

/** A response whose body, by its Content-Encoding, inflates to 16 MiB; the record itself is small. */
export function bombBody() {
  const body = gzipSync(Buffer.alloc(16 << 20, 0x20), { level: 9 });
  const headers = "Content-Type: text/html\r\nContent-Encoding: gzip\r\n";
  const bytes = Buffer.concat([member(response(middle, body, { headers })), member(response(last, page("last")))]);
  return make("bomb-body.warc.gz", bytes, { intact: [last], never: [], faults: false, inflatesTo: 16 << 20 });
}

/** The middle record says that it is longer than its member: the next record's place is certain all the same. */
export function longLengthInMember() {
  const records = [
    response(first, page("first")),
    response(middle, page("middle"), { length: (n) => n + 1000 }),
    response(last, page("last")),
  ];
  return make("long-length.warc.gz", Buffer.concat(records.map(member)), {
    intact: [first, last],
    never: [middle],
    faults: true,
  });
}

/** Without compression the same lie swallows the start of the next record, and nothing behind it is certain. */
export function longLengthPlain() {
  const records = [
    response(first, page("first")),
    response(middle, page("middle"), { length: (n) => n + 100 }),
    response(last, page("last")),
  ];
  return make("long-length.warc", Buffer.concat(records), { intact: [first], never: [], faults: true });
}

/** A length that is no number a computer should believe. */
export function absurdLength() {
  const records = [response(first, page("first")), response(middle, page("middle"), { length: () => "99999999999999999999" })];
  return make("absurd-length.warc", Buffer.concat(records), { intact: [first], never: [middle], faults: true });
}

/** The middle member's checksum is wrong: what it holds may not pass for what was captured. */
export function wrongChecksum() {
  const members = [first, middle, last].map((url) => member(response(url, page(url))));
  members[1][members[1].length - 8] ^= 0xff;
  return make("wrong-checksum.warc.gz", Buffer.concat(members), { intact: [first], never: [middle], faults: true });
}

/** JSON lines of which some are broken, empty, of another type, not UTF-8, very long, with CRLF or without an end. */
export function brokenLines() {
  const long = "A long line of text. ".repeat(100_000);
  const lines = [
    '{"text":"The first line is good."}',
    '{"text":"This line is cut',
    "",
    '["text","an array"]',
    '{"title":"no text"}',
    '{"text":7}',
    Buffer.from('{"text":"not UTF-8: \xff\xfe"}', "latin1"),
    '{"text":"With CRLF."}\r',
    JSON.stringify({ text: long }),
    `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
    '{"text":"The last line has no line feed."}',
  ];
  const bytes = Buffer.concat(
    lines.flatMap((line, i) => (i === 0 ? [Buffer.from(line)] : [Buffer.from("\n"), Buffer.from(line)])),
  );
  const intact = ["The first line is good.", "With CRLF.", long, "The last line has no line feed."];
  return make("broken.jsonl", bytes, { intact, never: [], faults: true });
}

/** A Parquet file without the second half of its footer. */
export function cutFooter() {
  const whole = parquet();
  return make("cut-footer.parquet", whole.subarray(0, whole.length - Math.floor(footerLength(whole) / 2) - 8), {
    intact: [],
    never: [],
    faults: true,
  });
}

/** A Parquet file whose last bytes say that its footer is longer than the file. */
export function longFooter() {
  const bytes = Buffer.from(parquet());
  bytes.writeUInt32LE(0x7fffffff, bytes.length - 8);
  return make("long-footer.parquet", bytes, { intact: [], never: [], faults: true });
}

export const all = [
  truncatedGzip,
  forgedMember,
  forgedHeader,
  bombMember,
  bombBody,
  longLengthInMember,
  longLengthPlain,
  absurdLength,
  wrongChecksum,
  brokenLines,
  cutFooter,
  longFooter,
];

function make(name, bytes, expects) {
  return { name, bytes: new Uint8Array(bytes), expects };
}

function parquet() {
  const data = Array.from({ length: 100 }, (_, row) => `The text of row ${row}.`);
  return Buffer.from(parquetWriteBuffer({ columnData: [{ name: "text", data, type: "STRING" }] }));
}

function footerLength(bytes) {
  return bytes.readUInt32LE(bytes.length - 8);
}
