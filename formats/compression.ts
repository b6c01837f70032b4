/**
 * Compressed files by content, never by name: which kind a file is, and its bytes as they come out. gzip (RFC 1952, all members)
 * and Zstandard (RFC 8878, frames of at most 128 MiB) are read; the other kinds are known well enough to be refused by name.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { DataError, type ErrorCode } from "../errors/index.js";
import { FileWindow } from "./file-window.js";
import { inflateGzipMember, isGzip } from "./gzip.js";
import {
  CompressionFault,
  type CompressionFaultName,
  defaultInflateLimits,
  InflateBudget,
  type InflateLimits,
} from "./inflate-budget.js";
import { inflateZstdFrame, isZstd } from "./zstd.js";

export type Compression = "none" | "gzip" | "zstd" | "lz4" | "bzip2" | "xz";

/** Inflates one member of a compressed file and leaves the window behind it. */
export type MemberInflater = (window: FileWindow, budget: InflateBudget) => AsyncGenerator<Uint8Array, void>;

/** The kind of compression that the first 10 bytes of a file show. */
export function sniffCompression(head: Uint8Array): Compression {
  if (isGzip(head)) return "gzip";
  if (isZstd(head)) return "zstd";
  const found = magics.find(([magic]) => magic.every((byte, i) => byte === undefined || head[i] === byte));
  return found === undefined ? "none" : found[1];
}

const magics: readonly (readonly [readonly (number | undefined)[], Compression])[] = [
  [[0x04, 0x22, 0x4d, 0x18], "lz4"],
  [[0x42, 0x5a, 0x68, undefined, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
];

/** The kind of compression of a file; "none" for one that cannot be read, which reading it will report. */
export function compressionOf(path: string): Compression {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch {
    return "none";
  }
  try {
    const head = Buffer.alloc(10);
    return sniffCompression(head.subarray(0, readSync(handle, head, 0, head.length, 0)));
  } finally {
    closeSync(handle);
  }
}

/**
 * How the members of a file of this kind are inflated; undefined for a plain file.
 * @throws DataError COMPRESSION_UNSUPPORTED
 */
export function memberInflater(compression: Compression, file: string): MemberInflater | undefined {
  if (compression === "none") return undefined;
  if (compression === "gzip") return inflateGzipMember;
  if (compression === "zstd") return inflateZstdFrame;
  throw new DataError("COMPRESSION_UNSUPPORTED", { file, detail: compression });
}

/**
 * The bytes of a plain, gzip or Zstandard file, decompressed, in chunks of any size above 0. Memory stays bounded: by a few MiB
 * for gzip, by a frame for Zstandard.
 * @throws DataError INPUT_NOT_FOUND, INPUT_UNREADABLE, COMPRESSION_UNSUPPORTED; COMPRESSED_CORRUPT and COMPRESSED_TOO_LARGE
 * after the bytes before the damage were yielded.
 */
export async function* openBytes(path: string, limits: Partial<InflateLimits> = {}): AsyncGenerator<Uint8Array, void> {
  const window = await FileWindow.open(path);
  try {
    const inflate = memberInflater(sniffCompression(await window.peek(10)), path);
    const budget = new InflateBudget({ ...defaultInflateLimits, ...limits });
    while (window.left > 0) {
      if (inflate === undefined) {
        const view = await window.peek(1);
        if (view.length === 0) return;
        await window.skip(view.length);
        yield view;
        continue;
      }
      const member = window.position;
      try {
        yield* inflate(window, budget);
      } catch (cause) {
        if (!(cause instanceof CompressionFault)) throw cause;
        throw new DataError(codes[cause.fault], { file: path, record: `at byte ${member}`, detail: cause.message, cause });
      }
    }
  } finally {
    await window.close();
  }
}

const codes: Readonly<Record<CompressionFaultName, ErrorCode>> = {
  truncated: "COMPRESSED_CORRUPT",
  "corrupt-member": "COMPRESSED_CORRUPT",
  "too-large": "COMPRESSED_TOO_LARGE",
  unsupported: "COMPRESSION_UNSUPPORTED",
};
