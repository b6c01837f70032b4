/**
 * Writes WARC 1.1 records (ISO 28500:2017), one gzip member a record as its annex D recommends, or plain. The bytes depend only
 * on what is written and, in gzip, on the build of zlib that compresses; no time or name goes into them.
 */
import { gzipSync } from "node:zlib";
import type { WarcExtent } from "./warc-record.js";

export interface ByteSink {
  write(bytes: Uint8Array): void | Promise<void>;
}

export interface WarcWriterOptions {
  /** A gzip member per record; default true. */
  readonly gzip?: boolean;
}

export interface NewWarcRecord {
  /** WARC-Type, written first. */
  readonly type: string;
  /** The other fields in the order in which they are to stand; Content-Length is added behind them. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  readonly block: Uint8Array;
}

export class WarcWriter {
  #offset = 0;

  constructor(
    private readonly sink: ByteSink,
    private readonly options: WarcWriterOptions = {},
  ) {}

  /**
   * Writes one record and gives its place, counted from what this writer wrote first.
   * @throws RangeError where a name is no token, a value holds a line end, or a field is one that the writer writes itself.
   */
  async write(record: NewWarcRecord): Promise<WarcExtent> {
    const plain = serialise(record);
    const bytes = this.options.gzip === false ? plain : gzipMember(plain);
    const offset = this.#offset;
    this.#offset += bytes.length;
    await this.sink.write(bytes);
    return { offset, length: bytes.length, unit: "bytes" };
  }
}

function serialise({ type, fields, block }: NewWarcRecord): Uint8Array {
  const lines = ["WARC/1.1", fieldLine("WARC-Type", type)];
  for (const [name, value] of fields) {
    if (/^(?:warc-type|content-length)$/i.test(name)) throw new RangeError(`${name} is written by the writer`);
    lines.push(fieldLine(name, value));
  }
  lines.push(fieldLine("Content-Length", String(block.length)), "", "");
  return Buffer.concat([Buffer.from(lines.join("\r\n")), block, Buffer.from("\r\n\r\n")]);
}

function fieldLine(name: string, value: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw new RangeError(`${JSON.stringify(name)} is no field name`);
  if (/[\r\n]/.test(value)) throw new RangeError(`the value of ${name} holds a line end`);
  return `${name}: ${value}`;
}

function gzipMember(bytes: Uint8Array): Uint8Array {
  const member = gzipSync(bytes);
  // RFC 1952 section 2.3.1: zlib names the operating system here; 255 says unknown everywhere.
  member[9] = 255;
  return member;
}
