/**
 * Writes WARC files (ISO 28500:2017) as crawlers do: one gzip member a record (Annex D), so that a reader can start at any record.
 * Nothing depends on the time or place of writing: record ids are digests, gzip headers carry no date and no operating system.
 */
import { createHash } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";

/** A gzip member (RFC 1952) with mtime 0 and OS 255 (unknown). */
export function gzip(bytes) {
  const member = gzipSync(bytes, { level: 9 });
  member[9] = 255;
  return member;
}

export class WarcFile {
  #members = [];

  constructor(name, version) {
    this.name = name;
    this.version = version;
    const about = `software: apertus-data, examples/quickstart/build.mjs\r\nformat: WARC File Format ${version}\r\nisPartOf: quickstart\r\n`;
    this.infoId = this.write(
      { type: "warcinfo", date: "2026-01-01T00:00:00Z", contentType: "application/warc-fields", filename: name },
      about,
    );
  }

  get records() {
    return this.#members.length;
  }

  bytes() {
    return Buffer.concat(this.#members);
  }

  /** Appends a record and returns its WARC-Record-ID. `fields` are further header fields, in order. */
  write({ type, url, date, contentType, filename, fields = {}, payload }, content) {
    const block = Buffer.from(content);
    const id = recordId(`${this.name}#${this.#members.length}`);
    const header = {
      "WARC-Type": type,
      "WARC-Record-ID": id,
      "WARC-Date": date,
      ...(filename === undefined ? {} : { "WARC-Filename": filename }),
      ...(url === undefined ? {} : { "WARC-Target-URI": url }),
      ...(this.infoId === undefined ? {} : { "WARC-Warcinfo-ID": this.infoId }),
      "WARC-Block-Digest": sha1(block),
      ...(payload === undefined ? {} : { "WARC-Payload-Digest": sha1(payload) }),
      ...fields,
      "Content-Type": contentType,
      "Content-Length": block.length,
    };
    const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = Buffer.from(`WARC/${this.version}\r\n${lines.join("")}\r\n`, "utf8");
    this.#members.push(gzip(Buffer.concat([head, block, Buffer.from("\r\n\r\n")])));
    return id;
  }

  /** An HTTP response: `body` as it went over the wire, after `codings` were applied. */
  writeResponse({ url, date, status, headers, body, fields }) {
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const block = Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${head.join("")}\r\n`, "latin1"), body]);
    const contentType = "application/http; msgtype=response";
    return this.write({ type: "response", url, date, contentType, fields, payload: body }, block);
  }
}

/** A content coding of RFC 9110 section 8.4.1 (br: RFC 7932). */
export function applyContentCoding(body, coding) {
  if (coding === "gzip") return gzip(body);
  if (coding === "deflate") return deflateSync(body, { level: 9 });
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
}

/** Chunked transfer coding (RFC 9112 section 7.1) in pieces of growing size, with a chunk extension on the first. */
export function chunk(body) {
  const parts = [];
  for (let at = 0, size = 1000; at < body.length; at += size, size += 777) {
    const piece = body.subarray(at, at + size);
    parts.push(Buffer.from(`${piece.length.toString(16)}${at === 0 ? ";first=yes" : ""}\r\n`), piece, Buffer.from("\r\n"));
    if (at + size >= body.length) break;
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

export function sha1(bytes) {
  return `sha1:${base32(createHash("sha1").update(bytes).digest())}`;
}

/** A version-8 UUID (RFC 9562 section 5.8) made of a digest of the name. */
export function recordId(name) {
  const digest = createHash("sha256").update(name).digest();
  digest[6] = (digest[6] & 0x0f) | 0x80;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  const hex = digest.toString("hex", 0, 16);
  return `<urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}>`;
}

/** RFC 4648 section 6, without padding: 20 bytes need none. */
function base32(bytes) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return bits.replace(/.{5}/g, (five) => alphabet[Number.parseInt(five, 2)]);
}
