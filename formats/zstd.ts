/**
 * One Zstandard frame (RFC 8878) at a time. A frame's blocks carry their own sizes, so its exact end is found without
 * decompressing; the frame itself goes to libzstd, compiled to WebAssembly, in one call, which is why a frame may hold at most
 * `zstdFrameLimit` bytes.
 */
import { decompress, init } from "@bokuweb/zstd-wasm";
import type { FileWindow } from "./file-window.js";
import { CompressionFault, type InflateBudget } from "./inflate-budget.js";

/** The most that one frame may hold, compressed or not: 128 MiB. Both lie in WebAssembly memory at once. */
export const zstdFrameLimit = 2 ** 27;

/** One for the process, whoever else has a copy of this module: a filter's own package, say, or a test. */
const shared = globalThis as { [key: symbol]: unknown };
const sharedKey = Symbol.for("apertus-data.zstd");
let loaded = false;

/**
 * Loads libzstd: about 30 ms, once a process. `unzstd` works only after it. Nothing else may call the package's own `init`: a
 * second one swaps its memory under functions that still belong to the first.
 */
export async function loadZstd(): Promise<void> {
  shared[sharedKey] ??= init();
  await shared[sharedKey];
  loaded = true;
}

/** True for a Zstandard frame and for a skippable frame (RFC 8878 sections 3.1.1 and 3.1.2). */
export function isZstd(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const magic = uint32At(head, 0);
  return magic === frameMagic || isSkippable(magic);
}

/**
 * Decompresses the frames that `bytes` consists of.
 * @throws CompressionFault; "too-large" where they hold more than `limit` bytes.
 */
export function unzstd(bytes: Uint8Array, limit: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let left = limit;
  for (let at = 0; at < bytes.length; ) {
    const walk = walkFrame();
    let step = walk.next();
    while (!step.done) step = walk.next(bytes.subarray(at + step.value[0], at + step.value[0] + step.value[1]));
    const frame = step.value;
    if (at + frame.length > bytes.length) throw new CompressionFault("truncated", "the bytes end in a zstd frame");
    const part = decode(bytes.subarray(at, at + frame.length), frame, Math.min(left, zstdFrameLimit));
    if (part.length > 0) parts.push(part);
    left -= part.length;
    at += frame.length;
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/**
 * Decompresses the frame at the window's position and leaves the window behind it; a skippable frame yields nothing.
 * @throws CompressionFault; a frame above `zstdFrameLimit` is "too-large" and passed, as its end is certain.
 */
export async function* inflateZstdFrame(window: FileWindow, budget: InflateBudget): AsyncGenerator<Uint8Array, void> {
  await loadZstd();
  const start = window.position;
  const walk = walkFrame();
  let step = walk.next();
  while (!step.done) {
    const [offset, count] = step.value;
    window.seek(start + offset);
    step = walk.next((await window.peek(count)).subarray(0, count));
  }
  const frame = step.value;
  window.seek(start);
  if (frame.length > window.left) throw new CompressionFault("truncated", "the file ends in a zstd frame");
  const tooLarge = async (): Promise<never> => {
    await window.skip(frame.length);
    throw new CompressionFault("too-large", `a zstd frame is above the limit of ${zstdFrameLimit} bytes`, false);
  };
  if (frame.length > zstdFrameLimit || (frame.declared ?? 0) > zstdFrameLimit) return await tooLarge();
  let chunk: Uint8Array;
  try {
    // A frame that states no size is tried: small blocks, as the highest levels write them, could hold far more than they do.
    chunk = decode((await window.peek(frame.length)).subarray(0, frame.length), frame, zstdFrameLimit);
  } catch (cause) {
    if (cause instanceof CompressionFault && cause.fault === "too-large") return await tooLarge();
    throw cause;
  }
  budget.add(frame.length, chunk.length);
  await window.skip(frame.length);
  if (chunk.length > 0) yield chunk;
}

const frameMagic = 0xfd2fb528;
const blockLimit = 2 ** 17;

function isSkippable(magic: number): boolean {
  return magic >= 0x184d2a50 && magic <= 0x184d2a5f;
}

function uint32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

interface FrameShape {
  /** Bytes of the frame, header and checksum included. */
  readonly length: number;
  /** What its blocks can hold at most; 0 for a skippable frame. */
  readonly bound: number;
  /** Frame_Content_Size, where the frame states it. */
  readonly declared: number | undefined;
}

/**
 * Finds a frame's shape from its header and its blocks' headers. It asks for bytes as [offset in the frame, count] and is given
 * them, fewer only where the input ends; so one walk serves bytes in memory and bytes in a file.
 */
function* walkFrame(): Generator<readonly [number, number], FrameShape, Uint8Array> {
  const header = yield [0, 18];
  if (header.length < 4) throw new CompressionFault("truncated", "the input ends in a zstd frame's header");
  const magic = uint32At(header, 0);
  if (isSkippable(magic)) {
    if (header.length < 8) throw new CompressionFault("truncated", "the input ends in a zstd frame's header");
    return { length: 8 + uint32At(header, 4), bound: 0, declared: undefined };
  }
  if (magic !== frameMagic) throw new CompressionFault("corrupt-member", "what follows is no zstd frame");
  // Section 3.1.1.1: the descriptor, then the window's size unless it is one segment, the dictionary's id, the content's size.
  const descriptor = header[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const idSize = [0, 1, 2, 4][descriptor & 3];
  const sizeSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6];
  let at = singleSegment ? 5 : 6;
  if (header.length < at + idSize + sizeSize) {
    throw new CompressionFault("truncated", "the input ends in a zstd frame's header");
  }
  if ((descriptor & 8) !== 0) throw new CompressionFault("corrupt-member", "a reserved bit is set in a zstd frame's header");
  if (header.subarray(at, at + idSize).some((byte) => byte !== 0)) {
    throw new CompressionFault("unsupported", "a zstd frame that needs a dictionary");
  }
  at += idSize;
  let declared: number | undefined;
  for (let i = sizeSize - 1; i >= 0; i--) declared = (declared ?? 0) * 256 + header[at + i];
  if (declared !== undefined && sizeSize === 2) declared += 256;
  at += sizeSize;
  let bound = 0;
  for (let last = false; !last; ) {
    const block = yield [at, 3];
    if (block.length < 3) throw new CompressionFault("truncated", "the input ends in a zstd frame");
    last = (block[0] & 1) !== 0;
    const kind = (block[0] >> 1) & 3;
    const size = (block[0] >> 3) + block[1] * 32 + block[2] * 8192;
    if (kind === 3 || size > blockLimit) throw new CompressionFault("corrupt-member", "a zstd block's header is wrong");
    at += 3 + (kind === 1 ? 1 : size);
    bound += kind === 2 ? blockLimit : size;
  }
  return { length: at + ((descriptor & 4) !== 0 ? 4 : 0), bound, declared };
}

/** Decompresses one frame; what it states and what its blocks can hold are both checked before memory is taken for it. */
function decode(frame: Uint8Array, { bound, declared }: FrameShape, limit: number): Uint8Array {
  if (bound === 0) return new Uint8Array(0);
  if (!loaded) throw new Error("loadZstd() has not been awaited");
  if (declared !== undefined && declared > bound) {
    throw new CompressionFault("corrupt-member", "a zstd frame states more bytes than its blocks can hold");
  }
  if ((declared ?? 0) > limit) throw new CompressionFault("too-large", `a zstd frame holds more than ${limit} bytes`);
  const capacity = Math.min(bound, limit);
  try {
    return decompress(frame, { defaultHeapSize: capacity });
  } catch (cause) {
    if (declared === undefined && bound > limit) {
      throw new CompressionFault("too-large", `a zstd frame holds more than ${limit} bytes, or is damaged`);
    }
    throw new CompressionFault("corrupt-member", `zstd: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
