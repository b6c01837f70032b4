/** Small WARC files and ways to read them whole, for the tests of the reader. */
import { gzipSync } from "node:zlib";
import { DataError } from "../../errors/index.js";
import { readWarc, type WarcFault, type WarcReadOptions, type WarcRecord, WarcWriter, walkWarc } from "../../formats/index.js";

/** A record as text, its Content-Length as told. */
export function record(
  block: string,
  options: { readonly length?: string; readonly type?: string; readonly end?: string } = {},
): string {
  const { length = String(block.length), type = "WARC-Type: response\r\n", end = "\r\n\r\n" } = options;
  return `WARC/1.1\r\n${type}WARC-Target-URI: http://example.com/\r\nContent-Length: ${length}\r\n\r\n${block}${end}`;
}

export function member(text: string | Uint8Array): Buffer {
  return gzipSync(typeof text === "string" ? Buffer.from(text, "latin1") : text);
}

export interface Read {
  readonly items: readonly (WarcRecord | WarcFault)[];
  /** Blocks of the records and names of the faults, a tail fault with a star. */
  readonly story: readonly string[];
  readonly code: string | undefined;
}

export async function read(path: string, options?: WarcReadOptions): Promise<Read> {
  const items: (WarcRecord | WarcFault)[] = [];
  let code: string | undefined;
  try {
    for await (const item of readWarc(path, options)) {
      if (items.push(item) > 10_000) throw new Error("the reader does not come to an end");
    }
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    code = cause.code;
  }
  const story = items.map((item) =>
    item.kind === "record" ? Buffer.from(item.block).toString("latin1") : `${item.fault}${item.tail ? "*" : ""}`,
  );
  return { items, story, code };
}

export async function walk(path: string, options?: WarcReadOptions) {
  const items = [];
  for await (const item of walkWarc(path, options)) items.push(item);
  return items;
}

/** The bytes of a file with these blocks as response records. */
export async function written(blocks: readonly Uint8Array[], gzip: boolean): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const writer = new WarcWriter({ write: (bytes) => void parts.push(bytes) }, { gzip });
  for (const [i, block] of blocks.entries()) {
    await writer.write({ type: "response", fields: [["WARC-Target-URI", `http://example.com/${i}`]], block });
  }
  return Buffer.concat(parts);
}
