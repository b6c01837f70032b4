/**
 * The robots archive: what every authority's robots.txt said at every time it was captured, in one immutable file
 * (archive-layout.ts). It is read by position with a bounded cache of pages; the only thing in memory that grows with it is an index of its authorities, where many are asked for.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DataError } from "../../errors/index.js";
import {
  captureSize,
  decodeCapture,
  decodeKey,
  decodeTrailer,
  type KeyRecord,
  keySize,
  magic,
  type TextReference,
  type Trailer,
  trailerSize,
} from "./archive-layout.js";
import type { Authority } from "./authority.js";
import { AuthorityIndex, stride } from "./authority-index.js";
import { BoundedCache } from "./bounded-cache.js";
import { type ArchivedState, archivedStates, type CaptureSite, captureUnits } from "./capture.js";

export interface ArchivedCapture extends CaptureSite {
  readonly authority: Authority;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly capturedAt: number;
  /** HTTP status; 0 where it was none that HTTP knows. */
  readonly status: number;
  readonly state: ArchivedState;
  /** Of the body as it is kept; undefined where there is none. Lower-case hex. */
  readonly sha256: string | undefined;
  readonly bodyOffset: number;
  readonly bodyLength: number;
  /** Length of the body as captured. */
  readonly capturedLength: number;
  /** The authority whose /robots.txt a redirect names; empty where there is none. */
  readonly redirect: Authority | "";
}

const pageSize = 4 * 1024;
/** From so many searches on, the names are read once and held as AuthorityIndex says; a report on one site never gets there. */
const manyFinds = 2048;
const keysAtOnce = 8192;

export class RobotsArchive {
  readonly #handle: number;
  readonly #trailer: Trailer;
  /** 32 MiB: the upper levels of the binary search and the neighbourhood of what was asked last. */
  readonly #pages = new BoundedCache<number, Buffer>(8192);
  readonly #files = new BoundedCache<number, string>(256);
  #finds = 0;
  #index: AuthorityIndex | undefined;

  /** @throws DataError ROBOTS_ARCHIVE_DAMAGED, INPUT_NOT_FOUND */
  constructor(readonly path: string) {
    try {
      this.#handle = openSync(path, "r");
    } catch (cause) {
      throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
    }
    const { size } = fstatSync(this.#handle);
    const head = this.#readAt(0, Math.min(size, magic.length));
    const trailer = decodeTrailer(this.#readAt(Math.max(0, size - trailerSize), Math.min(size, trailerSize)), size);
    if (trailer === undefined || !magic.equals(head)) {
      closeSync(this.#handle);
      throw this.#damaged("it does not end as an archive of this version does");
    }
    this.#trailer = trailer;
  }

  get authorities(): number {
    return this.#trailer.keyCount;
  }

  /** What the archive was made from, with counts. */
  about(): Readonly<Record<string, unknown>> {
    const { about, aboutLength } = this.#trailer;
    return JSON.parse(this.#readAt(about, aboutLength).toString("utf8")) as Record<string, unknown>;
  }

  /** The newest capture that is not later than `notAfter` (milliseconds UTC). */
  newest(authority: Authority, notAfter: number): ArchivedCapture | undefined {
    const key = this.#find(authority);
    if (key === undefined) return undefined;
    let low = 0;
    let high = key.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cached(this.#captureAt(key.first + middle), 8).readDoubleLE(0) <= notAfter) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.#capture(authority, key.first + low - 1);
  }

  /** All captures of an authority, the oldest first. */
  *captures(authority: Authority): Generator<ArchivedCapture> {
    const key = this.#find(authority);
    if (key === undefined) return;
    for (let i = 0; i < key.count; i++) yield this.#capture(authority, key.first + i);
  }

  /** The body of a capture, checked against its digest; empty where it has none. @throws DataError ROBOTS_ARCHIVE_DAMAGED */
  body(capture: ArchivedCapture): Uint8Array {
    if (capture.sha256 === undefined) return new Uint8Array(0);
    if (!(capture.bodyOffset + capture.bodyLength <= this.#trailer.captures))
      throw this.#damaged("a body lies outside its section");
    const body = this.#readAt(capture.bodyOffset, capture.bodyLength);
    if (createHash("sha256").update(body).digest("hex") !== capture.sha256)
      throw this.#damaged("a body is not what was written");
    return body;
  }

  close(): void {
    closeSync(this.#handle);
  }

  #find(authority: Authority): KeyRecord | undefined {
    if (++this.#finds === manyFinds) this.#index = new AuthorityIndex(this.#trailer.keyCount, this.#names());
    if (this.#index?.mayHold(authority) === false) return undefined;
    const wanted = Buffer.from(authority, "latin1");
    const key = this.#index === undefined ? this.#search(wanted) : this.#searchFrom(this.#index.start(authority), wanted);
    if (key !== undefined && key.first + key.count > this.#trailer.captureCount)
      throw this.#damaged("an authority's captures lie outside the index");
    return key;
  }

  /** Through the whole file. */
  #search(wanted: Buffer): KeyRecord | undefined {
    let low = 0;
    let high = this.#trailer.keyCount;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const key = decodeKey(this.#cached(this.#trailer.keys + middle * keySize, keySize));
      const order = wanted.compare(this.#text(key.authority));
      if (order === 0) return key;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  /** Among the keys of one stride, which lie side by side as their names do. */
  #searchFrom(start: number, wanted: Buffer): KeyRecord | undefined {
    const count = Math.min(stride, this.#trailer.keyCount - start);
    const keys = this.#cached(this.#trailer.keys + start * keySize, count * keySize);
    const from = keys.readDoubleLE(0);
    const last = decodeKey(keys.subarray((count - 1) * keySize)).authority;
    const names = this.#text({ offset: from, length: last.offset + last.length - from });
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const name = keys.readDoubleLE(middle * keySize) - from;
      const length = keys.readUInt16LE(middle * keySize + 20);
      if (!(name >= 0 && name + length <= names.length)) throw this.#damaged("the names of authorities do not lie in order");
      const order = wanted.compare(names, name, name + length);
      if (order === 0) return decodeKey(keys.subarray(middle * keySize));
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  *#names(): Generator<string> {
    const { keys, keyCount } = this.#trailer;
    for (let first = 0; first < keyCount; first += keysAtOnce) {
      const block = this.#readAt(keys + first * keySize, Math.min(keysAtOnce, keyCount - first) * keySize);
      for (let at = 0; at < block.length; at += keySize) {
        yield this.#text(decodeKey(block.subarray(at, at + keySize)).authority).toString("latin1");
      }
    }
  }

  #captureAt(index: number): number {
    return this.#trailer.captures + index * captureSize;
  }

  #capture(authority: Authority, index: number): ArchivedCapture {
    const record = decodeCapture(this.#cached(this.#captureAt(index), captureSize));
    const state = archivedStates[record.state];
    const unit = captureUnits[record.unit];
    if (state === undefined || unit === undefined) throw this.#damaged("a capture has no known state, or lies nowhere");
    const recordId = (): string => this.#text(record.recordId).toString("utf8");
    return {
      authority,
      capturedAt: record.capturedAt,
      status: record.status,
      state,
      sha256: record.bodyLength === 0 ? undefined : Buffer.from(record.bodySha256).toString("hex"),
      bodyOffset: record.bodyOffset,
      bodyLength: record.bodyLength,
      capturedLength: record.capturedLength,
      redirect: record.redirect.length === 0 ? "" : this.#text(record.redirect).toString("utf8"),
      file: this.#fileName(record.file),
      offset: record.offset,
      length: record.length,
      unit,
      // Lies far from the rest, and only evidence asks for it.
      get recordId() {
        return recordId();
      },
    };
  }

  /** Few files hold many captures. */
  #fileName(reference: TextReference): string {
    let name = this.#files.get(reference.offset);
    if (name === undefined || Buffer.byteLength(name) !== reference.length) {
      name = this.#text(reference).toString("utf8");
      this.#files.set(reference.offset, name);
    }
    return name;
  }

  #text({ offset, length }: TextReference): Buffer {
    if (!(length >= 0 && offset + length <= this.#trailer.captures)) throw this.#damaged("a text lies outside its section");
    return this.#cached(offset, length);
  }

  /** Octets of the index through the cache; at most one page and a bit each time. */
  #cached(offset: number, length: number): Buffer {
    if (!Number.isSafeInteger(offset) || offset < 0) throw this.#damaged("a place in it is no place");
    const page = Math.floor(offset / pageSize);
    const start = offset - page * pageSize;
    const first = this.#page(page);
    if (start + length <= first.length) return first.subarray(start, start + length);
    const parts = [first.subarray(start)];
    for (let next = page + 1, missing = length - (first.length - start); missing > 0; next++) {
      const part = this.#page(next).subarray(0, missing);
      if (part.length === 0) throw this.#damaged("it is shorter than its index says");
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  #page(page: number): Buffer {
    let bytes = this.#pages.get(page);
    if (bytes === undefined) {
      const start = page * pageSize;
      bytes = this.#readAt(start, Math.max(0, Math.min(pageSize, this.#trailer.length - start)));
      this.#pages.set(page, bytes);
    }
    return bytes;
  }

  #readAt(offset: number, length: number): Buffer {
    if (!Number.isSafeInteger(offset) || offset < 0) throw this.#damaged("a place in it is no place");
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) {
      const read = readSync(this.#handle, bytes, at, length - at, offset + at);
      if (read === 0) throw this.#damaged("it is shorter than its index says");
      at += read;
    }
    return bytes;
  }

  #damaged(detail: string): DataError {
    return new DataError("ROBOTS_ARCHIVE_DAMAGED", { file: this.path, detail });
  }
}
