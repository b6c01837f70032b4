/**
 * The buffers of one record batch (Arrow columnar format 1.5, "Recordbatch message" and "Compression"): slices are read from the
 * file where bodies are raw, and whole buffers are unpacked where they are compressed.
 */
import { DataError } from "../../errors/index.js";
import { CompressionFault } from "../inflate-budget.js";
import type { InputFile } from "../input-file.js";
import { lz4Frames } from "../lz4.js";
import { Malformed } from "../malformed.js";
import { loadZstd, unzstd, zstdFrameLimit } from "../zstd.js";
import { type ArrowSchemaField, type BatchHeader, type Region, typeIds } from "./messages.js";

export class BatchBuffers {
  readonly #unpacked = new Map<number, Uint8Array>();

  constructor(
    private readonly file: InputFile,
    private readonly header: BatchHeader,
    private readonly body: Region,
  ) {}

  /** Bytes of the buffer, unpacked. */
  async length(buffer: number): Promise<number> {
    if (this.header.codec < 0) return this.#region(buffer).length;
    return (await this.#unpack(buffer)).length;
  }

  /** Bytes [start, end) of the buffer. */
  async read(buffer: number, start: number, end: number): Promise<Uint8Array> {
    if (start < 0 || end < start || end > (await this.length(buffer))) throw new Malformed("rows pass the end of their buffer");
    if (this.header.codec >= 0) return (await this.#unpack(buffer)).subarray(start, end);
    const from = this.body.offset + this.#region(buffer).offset;
    return this.file.read(from + start, from + end);
  }

  #region(buffer: number): Region {
    const region = this.header.buffers[buffer];
    if (region === undefined) throw new Malformed("a batch lacks buffers that its schema asks for");
    return region;
  }

  /** A compressed buffer begins with its length, or -1 where it was left as it is. */
  async #unpack(buffer: number): Promise<Uint8Array> {
    const known = this.#unpacked.get(buffer);
    if (known !== undefined) return known;
    const { offset, length } = this.#region(buffer);
    const stored = await this.file.read(this.body.offset + offset, this.body.offset + offset + length);
    let bytes = stored;
    if (stored.length > 0) {
      const size = Number(new DataView(stored.buffer, stored.byteOffset, stored.byteLength).getBigInt64(0, true));
      const packed = stored.subarray(8);
      if (size === -1) bytes = packed;
      else {
        if (size < 0) throw new Malformed(`a buffer of ${size} bytes`);
        if (size > zstdFrameLimit) throw new DataError("ARROW_TOO_LARGE", { detail: `a compressed buffer of ${size} bytes` });
        bytes = this.header.codec === 1 ? await unpackZstd(packed, size) : lz4Frames(packed, size);
        if (bytes.length !== size) throw new Malformed(`a buffer of ${bytes.length} bytes instead of ${size}`);
      }
    }
    this.#unpacked.set(buffer, bytes);
    return bytes;
  }
}

async function unpackZstd(packed: Uint8Array, size: number): Promise<Uint8Array> {
  await loadZstd();
  try {
    return unzstd(packed, size);
  } catch (error) {
    throw error instanceof CompressionFault ? new Malformed(error.message) : error;
  }
}

/** Where a field's nodes and buffers begin in a batch; its own node first, then its validity, offsets and values. */
export interface FieldPlace {
  readonly node: number;
  readonly buffer: number;
}

/** The place of every field of the schema; children follow their parents. */
export function placeFields(fields: readonly ArrowSchemaField[], header: BatchHeader): FieldPlace[] {
  let [node, buffer, view] = [0, 0, 0];
  const walk = (field: ArrowSchemaField): void => {
    node++;
    if (field.dictionary !== undefined) {
      buffer += 2;
      return;
    }
    buffer += ownBuffers(field);
    if (field.type.id === typeIds.binaryView || field.type.id === typeIds.utf8View) buffer += header.variadic[view++] ?? 0;
    for (const child of field.children) walk(child);
  };
  return fields.map((field) => {
    const place = { node, buffer };
    walk(field);
    return place;
  });
}

function ownBuffers({ type }: ArrowSchemaField): number {
  switch (type.id) {
    case typeIds.null:
    case typeIds.runEnd:
      return 0;
    case typeIds.struct:
    case typeIds.fixedList:
      return 1;
    case typeIds.union:
      return type.unit === 0 ? 1 : 2;
    case typeIds.binary:
    case typeIds.utf8:
    case typeIds.largeBinary:
    case typeIds.largeUtf8:
    case typeIds.listView:
    case typeIds.largeListView:
      return 3;
    default:
      return 2;
  }
}
