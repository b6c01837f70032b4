/**
 * LZ4 blocks and frames (LZ4 Block Format Description; LZ4 Frame Format Description 1.6), decoding only: Arrow's LZ4_FRAME
 * buffers. Every length is checked against the output, which the caller has sized.
 */
import { Malformed } from "./malformed.js";

/** A byte of a match's length stands for 255 bytes: no input unfolds further. */
const mostRatio = 255;

function outputFor(input: Uint8Array, size: number): Uint8Array {
  if (size > input.length * mostRatio) throw new Malformed(`${input.length} bytes of lz4 cannot hold ${size}`);
  return new Uint8Array(size);
}

/** Frames that hold exactly `size` bytes; their checksums are not verified. */
export function lz4Frames(input: Uint8Array, size: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const output = outputFor(input, size);
  let at = 0;
  let written = 0;
  while (at < input.length) {
    if (view.getUint32(at, true) !== 0x184d2204) throw new Malformed("no lz4 frame");
    const flags = view.getUint8(at + 4);
    if (flags >>> 6 !== 1) throw new Malformed("an lz4 frame of another version");
    if ((flags & 0x01) !== 0) throw new Malformed("the lz4 frame needs a dictionary");
    const blockChecksum = (flags & 0x10) === 0 ? 0 : 4;
    at += 7 + ((flags & 0x08) === 0 ? 0 : 8);
    for (;;) {
      const word = view.getUint32(at, true);
      at += 4;
      if (word === 0) break;
      const length = word & 0x7fffffff;
      const block = input.subarray(at, at + length);
      if (block.length !== length) throw new Malformed("an lz4 block is cut off");
      if (word >>> 31 === 0) written = decodeBlock(block, output, written);
      else {
        if (written + length > size) throw new Malformed("an lz4 frame passes its size");
        output.set(block, written);
        written += length;
      }
      at += length + blockChecksum;
    }
    at += (flags & 0x04) === 0 ? 0 : 4;
  }
  if (written !== size) throw new Malformed(`an lz4 frame of ${written} bytes instead of ${size}`);
  return output;
}

/** Decodes behind `written`, from where matches may reach back (linked blocks); answers the new end. */
function decodeBlock(input: Uint8Array, output: Uint8Array, written: number): number {
  let to = written;
  let at = 0;
  const lengthAt = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (let byte = 255; byte === 255; ) {
      if (at >= input.length) throw new Malformed("an lz4 length is cut off");
      byte = input[at++];
      length += byte;
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++];
    const literals = lengthAt(token >>> 4);
    if (at + literals > input.length || to + literals > output.length) throw new Malformed("lz4 literals pass the end");
    output.set(input.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence of a block has no match.
    if (at === input.length) break;
    if (at + 2 > input.length) throw new Malformed("an lz4 offset is cut off");
    const offset = input[at] | (input[at + 1] << 8);
    at += 2;
    const length = lengthAt(token & 15) + 4;
    if (offset === 0 || offset > to) throw new Malformed("an lz4 match before the start");
    if (to + length > output.length) throw new Malformed("an lz4 match passes the end");
    if (offset >= length) output.copyWithin(to, to - offset, to - offset + length);
    else for (let i = 0; i < length; i++) output[to + i] = output[to + i - offset];
    to += length;
  }
  return to;
}
