/**
 * One gzip member (RFC 1952) at a time, with its exact end. Node's Gunzip runs over the end of a member into the next, so the
 * header and trailer are read here and only the deflate stream (RFC 1951) goes to zlib. Only that stream's own end decides
 * where a member ends: nothing is ever searched for, because a page can contain whatever looks like a member.
 */
import { constants, crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { FileWindow } from "./file-window.js";
import { CompressionFault, type InflateBudget } from "./inflate-budget.js";

/** A member of at most this many compressed bytes is inflated by one synchronous call where it stays under `syncInflated`. */
const syncCompressed = 2 ** 20;
const syncInflated = 2 ** 23;
const syncChunk = 2 ** 17;
/** Deflate makes at most 1032 bytes of one, so a piece of this size holds at most 33 MB. */
const pieceSize = 2 ** 15;
const headerLimit = 2 ** 18;
const trailerSize = 8;

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/**
 * Inflates the member that begins at the window's position and leaves the window behind its trailer.
 * @throws CompressionFault after everything that came out before the damage was yielded; always the same bytes.
 */
export async function* inflateGzipMember(window: FileWindow, budget: InflateBudget): AsyncGenerator<Uint8Array, void> {
  const start = window.position;
  const view = await window.peek(Math.min(syncCompressed, window.left));
  const header = gzipHeaderLength(view) ?? gzipHeaderLength(await window.peek(headerLimit));
  if (header === undefined) {
    const [fault, detail] =
      window.left < headerLimit
        ? (["truncated", "the file ends in a gzip header"] as const)
        : (["corrupt-member", "a gzip header longer than 256 KiB"] as const);
    throw new CompressionFault(fault, detail);
  }
  const whole = inflateWhole(view.subarray(header));
  if (whole !== undefined) {
    await window.skip(header + whole.consumed + trailerSize);
    budget.add(window.position - start, whole.inflated.length);
    if (whole.inflated.length > 0) yield whole.inflated;
    return;
  }
  await window.skip(header);
  yield* inflateInPieces(window, budget);
}

/**
 * The length of the member header at the start of `bytes`, undefined where it does not end inside them.
 * @throws CompressionFault where it is no gzip header (RFC 1952 section 2.3).
 */
function gzipHeaderLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 10) {
    const magic = [0x1f, 0x8b, 8];
    if (bytes.some((byte, i) => i < magic.length && byte !== magic[i])) throw notGzip();
    return undefined;
  }
  if (!isGzip(bytes)) throw notGzip();
  const flags = bytes[3];
  if ((flags & 0xe0) !== 0) throw new CompressionFault("corrupt-member", "reserved flags are set in a gzip header");
  let at = 10;
  if ((flags & 4) !== 0) {
    if (bytes.length < at + 2) return undefined;
    at += 2 + bytes[at] + bytes[at + 1] * 256;
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const zero = at < bytes.length ? bytes.indexOf(0, at) : -1;
    if (zero < 0) return undefined;
    at = zero + 1;
  }
  if ((flags & 2) !== 0) {
    if (bytes.length < at + 2) return undefined;
    if ((crc32(bytes.subarray(0, at)) & 0xffff) !== bytes[at] + bytes[at + 1] * 256) {
      throw new CompressionFault("corrupt-member", "the checksum of a gzip header is wrong");
    }
    at += 2;
  }
  return at <= bytes.length ? at : undefined;
}

function notGzip(): CompressionFault {
  return new CompressionFault("corrupt-member", "what follows is no gzip member");
}

/** The usual case in one call; undefined where the member is large, cut or damaged, which `inflateInPieces` then sees. */
function inflateWhole(deflated: Uint8Array): { readonly inflated: Uint8Array; readonly consumed: number } | undefined {
  try {
    const result = inflateRawSync(deflated, {
      info: true,
      chunkSize: syncChunk,
      maxOutputLength: syncInflated,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    const inflated = result.buffer;
    const consumed = result.engine.bytesWritten;
    if (checkTrailer(deflated.subarray(consumed), crc32(inflated), inflated.length) !== undefined) return undefined;
    // A short record would otherwise keep its whole output chunk alive.
    return { inflated: inflated.length < syncChunk / 2 ? new Uint8Array(inflated) : inflated, consumed };
  } catch {
    return undefined;
  }
}

/** What is wrong with a member's trailer (RFC 1952 section 2.3.1), or undefined. */
function checkTrailer(bytes: Uint8Array, checksum: number, length: number): CompressionFault | undefined {
  if (bytes.length < trailerSize) return new CompressionFault("truncated", "the file ends in a gzip member");
  const trailer = new DataView(bytes.buffer, bytes.byteOffset, trailerSize);
  if (trailer.getUint32(0, true) !== checksum) {
    // What was damaged may have been the end of the stream itself, so where the next member begins is not certain.
    return new CompressionFault("corrupt-member", "the checksum of a gzip member is wrong");
  }
  if (trailer.getUint32(4, true) !== length % 2 ** 32) {
    return new CompressionFault("corrupt-member", "the length in a gzip trailer is wrong", false);
  }
  return undefined;
}

async function* inflateInPieces(window: FileWindow, budget: InflateBudget): AsyncGenerator<Uint8Array, void> {
  const stream = new PieceInflater();
  const start = window.position;
  let checksum = 0;
  let length = 0;
  try {
    while (!stream.ended) {
      const piece = (await window.peek(1)).subarray(0, pieceSize);
      if (piece.length === 0) throw new CompressionFault("truncated", "the file ends in a gzip member");
      await window.skip(piece.length);
      for (const chunk of await stream.push(piece)) {
        checksum = crc32(chunk, checksum);
        length += chunk.length;
        budget.add(0, chunk.length);
        yield chunk;
      }
      budget.add(piece.length, 0);
      if (stream.error !== undefined) throw new CompressionFault("corrupt-member", stream.error);
    }
  } finally {
    stream.close();
  }
  window.seek(start + stream.consumed);
  const fault = checkTrailer(await window.peek(trailerSize), checksum, length);
  if (fault === undefined || !fault.tail) await window.skip(trailerSize);
  if (fault !== undefined) throw fault;
}

/**
 * A raw deflate stream fed piece by piece. Each piece's output is collected whole before the next goes in, so that what comes
 * out before damage does not depend on timing.
 */
class PieceInflater {
  readonly #inflate = createInflateRaw({ chunkSize: 2 ** 16, finishFlush: constants.Z_SYNC_FLUSH });
  #output: Uint8Array[] = [];
  #wake = (): void => {};
  ended = false;
  error: string | undefined;

  constructor() {
    this.#inflate.on("data", (chunk: Uint8Array) => this.#output.push(chunk));
    this.#inflate.on("end", () => {
      this.ended = true;
      this.#wake();
    });
    this.#inflate.on("error", (error) => {
      this.error ??= `deflate: ${error.message}`;
      this.#wake();
    });
  }

  /** Compressed bytes taken so far; exact once `ended` is true. */
  get consumed(): number {
    return this.#inflate.bytesWritten;
  }

  async push(piece: Uint8Array): Promise<readonly Uint8Array[]> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // zlib says that a stream has ended by taking nothing more, so the callback comes only while it goes on.
      this.#inflate.write(piece, (error) => {
        if (error) this.error ??= `deflate: ${error.message}`;
        resolve();
      });
    });
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#inflate.destroy();
  }
}
