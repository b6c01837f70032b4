/**
 * safetensors (Hugging Face's format of that name): an unsigned 64-bit length, a header of JSON, and the tensors' bytes, row-major and
 * little-endian, without gaps. The reader takes any bytes: a header is bounded, and every tensor has to lie where it says.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { z } from "zod";
import { DataError } from "../errors/index.js";

export const tensorTypes = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type TensorType = keyof typeof tensorTypes;

export interface StoredTensor {
  readonly name: string;
  readonly type: TensorType;
  /** Row-major; empty for a single number. */
  readonly shape: readonly number[];
}

/** The reference implementation refuses longer headers too. */
const mostHeader = 100_000_000;

export function tensorBytes({ type, shape }: Pick<StoredTensor, "type" | "shape">): number {
  return tensorTypes[type] * shape.reduce((product, size) => product * size, 1);
}

/**
 * The file's first bytes: length, and header padded with spaces to a multiple of 8. The tensors' bytes follow in this order. Readers
 * map files, so a writer should put tensors of larger elements first; those of one type are aligned in any order.
 */
export function safetensorsHeader(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let at = 0;
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  for (const { name, type, shape } of tensors) {
    const end = at + tensorBytes({ type, shape });
    entries.push([name, { dtype: type, shape, data_offsets: [at, end] }]);
    at = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded, " ");
  bytes.writeBigUInt64LE(BigInt(padded));
  json.copy(bytes, 8);
  return bytes;
}

export interface SafetensorsFile {
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  /** A tensor's bytes as they are stored. @throws DataError SAFETENSORS_CORRUPT where there is none of this name */
  read(name: string): Uint8Array;
  /** A tensor of F32, F16 or BF16 as float32, which holds all of them. @throws DataError SAFETENSORS_CORRUPT */
  readFloats(name: string): Float32Array;
  close(): void;
}

const entry = z.object({
  dtype: z.enum(Object.keys(tensorTypes) as [TensorType, ...TensorType[]]),
  shape: z.array(z.int().min(0)).max(16),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** Has to be closed. @throws DataError INPUT_NOT_FOUND, SAFETENSORS_CORRUPT */
export function openSafetensors(path: string): SafetensorsFile {
  const corrupt = (detail: string, cause?: unknown): DataError =>
    new DataError("SAFETENSORS_CORRUPT", { file: path, detail, ...(cause === undefined ? {} : { cause }) });
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (cause) {
    throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
  }
  try {
    const size = fstatSync(handle).size;
    if (size < 8) throw corrupt(`${size} bytes`);
    const length = Number(readAt(handle, 0, 8).readBigUInt64LE());
    if (length > mostHeader || 8 + length > size) throw corrupt(`a header of ${length} bytes in a file of ${size}`);
    const { places, metadata } = parseHeader(readAt(handle, 8, length), size - 8 - length, corrupt);
    const read = (name: string): Buffer => {
      const place = places.get(name);
      if (place === undefined) throw corrupt(`no tensor ${name}`);
      return readAt(handle, 8 + length + place.at, tensorBytes(place));
    };
    return {
      tensors: [...places.values()].map(({ name, type, shape }) => ({ name, type, shape })),
      metadata,
      read,
      readFloats(name) {
        const type = places.get(name)?.type;
        if (type !== undefined && type !== "F32" && type !== "F16" && type !== "BF16") throw corrupt(`${name} is of ${type}`);
        return floats(read(name), type ?? "F32");
      },
      close: () => closeSync(handle),
    };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

interface Place extends StoredTensor {
  readonly at: number;
}

function parseHeader(
  bytes: Buffer,
  room: number,
  corrupt: (detail: string, cause?: unknown) => DataError,
): { readonly places: ReadonlyMap<string, Place>; readonly metadata: Readonly<Record<string, string>> } {
  let header: Readonly<Record<string, unknown>>;
  try {
    header = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes.toString("utf8")));
  } catch (cause) {
    throw corrupt("its header is no JSON object", cause);
  }
  const { __metadata__: stored = {}, ...rest } = header;
  const metadata = z.record(z.string(), z.string()).safeParse(stored);
  if (!metadata.success) throw corrupt("its metadata are not texts");
  const places = Object.entries(rest).map(([name, value]): Place => {
    const found = entry.safeParse(value);
    if (!found.success) throw corrupt(`the entry of ${name} cannot be read`);
    const { dtype: type, shape, data_offsets } = found.data;
    const [at, end] = data_offsets;
    if (end - at !== tensorBytes({ type, shape }))
      throw corrupt(`${name} has ${end - at} bytes for its shape ${shape.join(" x ")}`);
    return { name, type, shape, at };
  });
  places.sort((a, b) => a.at - b.at || tensorBytes(a) - tensorBytes(b));
  let at = 0;
  for (const place of places) {
    if (place.at !== at) throw corrupt(`${place.name} begins at ${place.at}, not at ${at}`);
    at += tensorBytes(place);
  }
  if (at !== room) throw corrupt(`${room} bytes of tensors, not ${at}`);
  return { places: new Map(places.map((place) => [place.name, place])), metadata: metadata.data };
}

/** A read gives 2 GiB at most. */
const mostRead = 1 << 30;

function readAt(handle: number, place: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const read = readSync(handle, bytes, at, Math.min(mostRead, length - at), place + at);
    // Cut off since it was opened: what is missing reads as zeros nowhere.
    if (read === 0) throw new DataError("SAFETENSORS_CORRUPT", { detail: `the file ends ${length - at} bytes too soon` });
    at += read;
  }
  return bytes;
}

function floats(bytes: Buffer, type: "F32" | "F16" | "BF16"): Float32Array {
  if (type === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  if (type === "BF16") return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  return Float32Array.from(halves, halfToFloat);
}

/** IEEE 754 binary16. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(half >>> 10) & 0x1f, half & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * 2 ** -24 * fraction : sign * 2 ** (exponent - 25) * (1024 + fraction);
}

/** float32 rounded to bfloat16, ties to even; a number that is none stays one. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    const isNumber = (word & 0x7fff_ffff) <= 0x7f80_0000;
    halves[i] = isNumber ? (word + 0x7fff + ((word >>> 16) & 1)) >>> 16 : (word >>> 16) | 0x40;
  }
  return halves;
}
