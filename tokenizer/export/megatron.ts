/**
 * Shards as Megatron-LM reads them (megatron/core/datasets/indexed_dataset.py): of each pair, .bin is the token ids of all documents
 * one after the other, little endian; .idx is
 *
 *   9 bytes "MMIDIDX\0\0", uint64 version 1, uint8 code of the ids' type (4 int32, 8 uint16),
 *   uint64 number of sequences n, uint64 number of document indices n + 1,
 *   int32 length of each sequence, int64 offset of each in .bin in bytes, int64 document indices 0 … n.
 *
 * A sequence is a document here, so the document indices count up. The ids' type follows the size of the vocabulary by Megatron's own
 * rule (DType.optimal_dtype): uint16 below 65,500, else int32.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { readKept } from "../shard-reader.js";
import {
  type ExportedPart,
  type ExportFormat,
  type ExportOptions,
  type ExportResult,
  exportCorpus,
  type PartFile,
} from "./folder.js";

export type MegatronType = "int32" | "uint16";

export function megatronType(vocabularySize: number): MegatronType {
  return vocabularySize < 65_500 ? "uint16" : "int32";
}

const magic = Uint8Array.of(0x4d, 0x4d, 0x49, 0x44, 0x49, 0x44, 0x58, 0, 0);
const headerBytes = 34;
const typeCodes: Readonly<Record<MegatronType, number>> = { int32: 4, uint16: 8 };
const itemBytes: Readonly<Record<MegatronType, number>> = { int32: 4, uint16: 2 };
/** Entries of the index that are laid out at a time. */
const chunk = 1 << 16;

const format: ExportFormat = {
  kind: "megatron",
  // The index gets its name last: Megatron takes a prefix for a data set where the index is there.
  files: (stem) => [`${stem}.bin`, `${stem}.idx`],
  async write({ corpus, manifest, shard, gone }, files) {
    const [bin, idx] = files as readonly [PartFile, PartFile];
    const type = megatronType(manifest.tokenizer?.vocabulary_size ?? 0);
    const lengths = new Int32Array(shard.rows - gone.length);
    let [documents, tokens] = [0, 0];
    for await (const { tokens: list, kept } of readKept(corpus, manifest, shard, gone)) {
      const { values, offsets } = list;
      for (const { from, to } of kept) {
        const ids = values.subarray(offsets[from], offsets[to]);
        bin.write(bytesOf(type === "int32" ? ids : Uint16Array.from(ids)));
        for (let row = from; row < to; row++) lengths[documents++] = offsets[row + 1] - offsets[row];
        tokens += ids.length;
      }
    }
    writeIndex(idx, lengths, type);
    return { documents, tokens };
  },
  fault: (folder, part, { tokenizer }) => indexFault(folder, part, megatronType(tokenizer?.vocabulary_size ?? 0)),
  frame: ({ parts }) =>
    new Map([["prefixes.txt", parts.map(({ files }) => `${files[0].name.replace(/\.bin$/, "")}\n`).join("")]]),
};

/** One .bin/.idx pair a shard, of the documents that the version keeps. Errors: see exportCorpus. */
export function exportMegatron(options: ExportOptions): Promise<ExportResult> {
  return exportCorpus(format, options);
}

function writeIndex(idx: PartFile, lengths: Int32Array, type: MegatronType): void {
  const header = new DataView(new ArrayBuffer(headerBytes));
  for (const [at, byte] of magic.entries()) header.setUint8(at, byte);
  header.setBigUint64(9, 1n, true);
  header.setUint8(17, typeCodes[type]);
  header.setBigUint64(18, BigInt(lengths.length), true);
  header.setBigUint64(26, BigInt(lengths.length + 1), true);
  idx.write(bytesOf(header));
  idx.write(bytesOf(lengths));
  let at = 0;
  for (let start = 0; start < lengths.length; start += chunk) {
    const part = lengths.subarray(start, start + chunk);
    idx.write(
      int64s(part.length, (i) => {
        const here = at;
        at += part[i] * itemBytes[type];
        return here;
      }),
    );
  }
  for (let start = 0; start <= lengths.length; start += chunk)
    idx.write(int64s(Math.min(chunk, lengths.length + 1 - start), (i) => start + i));
}

/** Compares an index with its part: type, counts, and the sizes that follow from them. */
function indexFault(folder: string, part: ExportedPart, type: MegatronType): string | undefined {
  const [bin, idx] = part.files;
  const path = join(folder, idx.name);
  const header = Buffer.alloc(headerBytes);
  const handle = openSync(path, "r");
  try {
    const read = readSync(handle, header, 0, headerBytes, 0);
    if (read < headerBytes || !header.subarray(0, 9).equals(magic) || header.readBigUInt64LE(9) !== 1n)
      return `${idx.name} does not begin as an index`;
    if (header[17] !== typeCodes[type]) return `${idx.name} is of the type ${header[17]}, not ${typeCodes[type]}`;
    const [sequences, documents] = [Number(header.readBigUInt64LE(18)), Number(header.readBigUInt64LE(26))];
    if (sequences !== part.documents || documents !== sequences + 1)
      return `${idx.name} has ${sequences} sequences and ${documents} document indices for ${part.documents} documents`;
    const size = headerBytes + sequences * 12 + documents * 8;
    if (statSync(path).size !== size) return `${idx.name} has ${statSync(path).size} bytes, not ${size}`;
    const tokens = sumOfLengths(handle, sequences);
    if (tokens !== part.tokens) return `the lengths in ${idx.name} add up to ${tokens}, not ${part.tokens}`;
  } finally {
    closeSync(handle);
  }
  const found = statSync(join(folder, bin.name)).size;
  return found === part.tokens * itemBytes[type] ? undefined : `${bin.name} has ${found} bytes for ${part.tokens} tokens`;
}

function sumOfLengths(handle: number, sequences: number): number {
  const lengths = new Int32Array(Math.min(sequences, chunk));
  let sum = 0;
  for (let done = 0; done < sequences; done += chunk) {
    const part = lengths.subarray(0, Math.min(chunk, sequences - done));
    readSync(handle, bytesOf(part), 0, part.byteLength, headerBytes + done * 4);
    for (const length of part) sum += length;
  }
  return sum;
}

/** Whole numbers below 2^53 as int64, little endian. */
function int64s(count: number, at: (index: number) => number): Uint8Array {
  const words = new Uint32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const value = at(i);
    words[2 * i] = value % 2 ** 32;
    words[2 * i + 1] = Math.floor(value / 2 ** 32);
  }
  return bytesOf(words);
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
