/**
 * Builds the bundled example, a web crawl in miniature, from public-domain texts:
 *
 *     node examples/quickstart/build.mjs SOURCES [OUT]
 *
 * SOURCES holds nltk/udhr2.zip and austen_janeaustenr/*.txt (README.md says where they come from); OUT is this folder unless it is
 * given. The same sources and the same Node give the same bytes. expected.json is written from the plan in builder/, not from a run.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expectations } from "./builder/expectations.mjs";
import { planPages } from "./builder/plan.mjs";
import { robots, schemeOf } from "./builder/robots.mjs";
import { serve } from "./builder/serve.mjs";
import { openSources } from "./builder/sources.mjs";
import { planTexts, writeJsonLines, writeParquet, writeWet } from "./builder/texts.mjs";
import { sha1, WarcFile } from "./builder/warc.mjs";

const [sourceFolder, out = import.meta.dirname] = process.argv.slice(2);
if (sourceFolder === undefined) {
  console.error("usage: node examples/quickstart/build.mjs SOURCES [OUT]");
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const sources = openSources(sourceFolder);
const { pages, nextChapter } = planPages(sources);
const texts = planTexts(sources, nextChapter);
const placed = [];

for (const year of [2023, 2024, 2025]) {
  const file = new WarcFile(`pages-${year}.warc.gz`, year === 2023 ? "1.0" : "1.1");
  place(file, 0, { type: "warcinfo", skipped: "record-type" });
  for (const [serial, page] of pages.filter((page) => page.year === year).entries()) writePage(file, page, serial);
  writeOddities(file, year);
  writeFileSync(join(out, file.name), file.bytes());
}

const archive = new WarcFile("robots.warc.gz", "1.0");
for (const { host, date, status, headers, body } of captures()) {
  const url = `${schemeOf(host)}://${host}/robots.txt`;
  archive.writeResponse({
    url,
    date,
    status,
    headers: { ...headers, "Content-Length": Buffer.byteLength(body) },
    body: Buffer.from(body),
  });
}
writeFileSync(join(out, archive.name), archive.bytes());

writeFileSync(join(out, "texts.jsonl.gz"), writeJsonLines(texts.jsonl));
writeFileSync(join(out, "texts.wet.gz"), writeWet("texts.wet.gz", texts.wet));
await writeParquet(join(out, "texts.parquet"), texts.parquet);

writeFileSync(join(out, "expected.json"), expectations({ placed, texts, robots: captures() }));

const names = [
  "pages-2023.warc.gz",
  "pages-2024.warc.gz",
  "pages-2025.warc.gz",
  "robots.warc.gz",
  "texts.jsonl.gz",
  "texts.parquet",
];
const sums = [...names, "texts.wet.gz", "expected.json"].map((name) => {
  const digest = createHash("sha256")
    .update(readFileSync(join(out, name)))
    .digest("hex");
  return `${digest}  ${name}\n`;
});
writeFileSync(join(out, "SHA256SUMS"), sums.join(""));

/** Remembers what became of the plan: where each record lies. */
function place(file, index, entry) {
  placed.push({ file: file.name, index, ...entry });
}

/** The robots.txt captures in the order of time, as a crawl would have met them. */
function captures() {
  return Object.entries(robots)
    .flatMap(([host, list]) => list.map((capture) => ({ host, ...capture })))
    .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

/** A page's response; every ninth with the request before it, every eleventh with metadata behind it. */
function writePage(file, page, serial) {
  const { url, date } = page;
  if (serial % 9 === 4) {
    place(file, file.records, { type: "request", url, skipped: "record-type" });
    const { pathname, search, host } = new URL(url);
    const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: example-crawler/1.0\r\nAccept: text/html\r\n\r\n`;
    file.write({ type: "request", url, date, contentType: "application/http; msgtype=request" }, request);
  }
  place(file, file.records, { type: "response", url, page });
  const id = file.writeResponse({ url, date, ...serve(page) });
  if (serial % 11 === 6) {
    place(file, file.records, { type: "metadata", url, skipped: "record-type" });
    const fields = { "WARC-Concurrent-To": id };
    const content = `fetchTimeMs: ${120 + serial}\r\nlanguages-cld2: {"reliable":false}\r\n`;
    file.write({ type: "metadata", url, date, fields, contentType: "application/warc-fields" }, content);
  }
}

/** What else lies in a crawl: redirects, missing pages, images, data, name look-ups, an empty page, a page seen before. */
function writeOddities(file, year) {
  const date = `${year}-12-20T12:00:00Z`;
  const respond = (path, status, headers, body, skipped) => {
    const url = `https://rights.example${path}`;
    place(file, file.records, { type: "response", url, skipped });
    return file.writeResponse({
      url,
      date,
      status,
      headers: { ...headers, "Content-Length": body.length },
      body: Buffer.from(body),
    });
  };
  const html = { "Content-Type": "text/html; charset=utf-8" };
  respond("/old", "301 Moved Permanently", { ...html, Location: "/en/1" }, '<a href="/en/1">Moved</a>', "status");
  respond("/gone", "404 Not Found", html, "<!doctype html><title>Not found</title><p>There is nothing here.</p>", "status");
  respond("/busy", "503 Service Unavailable", { ...html, "Retry-After": "60" }, "<p>Please come back later.</p>", "status");
  respond("/dot.png", "200 OK", { "Content-Type": "image/png" }, dot(), "media-type");
  respond("/menu.json", "200 OK", { "Content-Type": "application/json" }, '{"items":["Home","News"]}', "media-type");
  respond("/empty", "200 OK", html, "<!doctype html><html><head><title></title></head><body></body></html>", "empty");

  place(file, file.records, { type: "response", url: "dns:rights.example", skipped: "not-http" });
  const answer = `${date.replace(/[-:TZ]/g, "")}\nrights.example.\t300\tIN\tA\t192.0.2.80\n`;
  file.write({ type: "response", url: "dns:rights.example", date, contentType: "text/dns" }, answer);

  const seen = placed.find(({ file: name, page }) => name === file.name && page !== undefined);
  place(file, file.records, { type: "revisit", url: seen.url, skipped: "record-type" });
  const { headers, body } = serve(seen.page);
  const fields = {
    "WARC-Profile": `http://netpreserve.org/warc/${file.version}/revisit/identical-payload-digest`,
    "WARC-Refers-To-Target-URI": seen.url,
    "WARC-Refers-To-Date": seen.page.date,
    "WARC-Payload-Digest": sha1(body),
  };
  const block = `HTTP/1.1 200 OK\r\nContent-Type: ${headers["Content-Type"]}\r\n\r\n`;
  file.write({ type: "revisit", url: seen.url, date, fields, contentType: "application/http; msgtype=response" }, block);
}

/** A picture of one grey pixel (PNG, ISO 15948). */
function dot() {
  const part = (type, data) => {
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type, "latin1"), data, Buffer.alloc(4)]);
    bytes.writeUInt32BE(data.length, 0);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
    return bytes;
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.from([0, 128]));
  return Buffer.concat([signature, part("IHDR", header), part("IDAT", pixels), part("IEND", Buffer.alloc(0))]);
}

/** CRC-32 of ISO 3309, bit by bit: Node 20.19 has none in node:zlib. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
