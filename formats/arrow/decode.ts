/**
 * Rows of one Arrow column, in slices (Arrow columnar format 1.5, "Physical memory layout"). Types map as for Parquet: columns
 * that may hold nulls become floats, because NaN means null; null bytes and null lists are empty.
 */
import { DataError } from "../../errors/index.js";
import { type BytesColumn, type Column, isBytes, rowsOf } from "../columns.js";
import { BytesGatherer, emptyColumn, numberArray } from "../gather.js";
import { Malformed } from "../malformed.js";
import { utf8Rows } from "../wellformed.js";
import type { BatchBuffers, FieldPlace } from "./buffers.js";
import { type ArrowSchemaField, type BatchHeader, typeIds } from "./messages.js";
import { type FixedDecoder, fixedDecoder } from "./numbers.js";

/** Row i is values[offsets[i] .. offsets[i + 1]). */
export interface ListColumn {
  readonly type: "list<uint32>";
  readonly values: Uint32Array;
  /** rows + 1 ascending offsets into values. */
  readonly offsets: Int32Array;
}

export interface ColumnReader {
  /** Bytes that rows [from, to) hold, numbers not counted. */
  size(from: number, to: number): Promise<number>;
  read(from: number, to: number): Promise<Column | ListColumn>;
}

/** One record batch, and the dictionaries that stand before it. */
export interface BatchSource {
  readonly header: BatchHeader;
  readonly buffers: BatchBuffers;
  readonly dictionaries: ReadonlyMap<number, Column>;
}

/** @returns undefined for types that are not read */
export function columnReader(field: ArrowSchemaField, place: FieldPlace, batch: BatchSource): ColumnReader | undefined {
  if (!isReadable(field)) return undefined;
  const node = batch.header.nodes[place.node];
  if (node === undefined || node.rows !== batch.header.rows)
    throw new Malformed(`column ${field.name} has another number of rows`);
  const validity = new Validity(batch.buffers, place.buffer, node.nulls);
  if (field.dictionary !== undefined) return dictionaryReader(field, place, batch, validity);
  switch (field.type.id) {
    case typeIds.utf8:
    case typeIds.largeUtf8:
    case typeIds.binary:
    case typeIds.largeBinary:
      return bytesReader(field, place, batch, validity);
    case typeIds.list:
    case typeIds.largeList:
      return listReader(field, place, batch, validity);
    case typeIds.fixedBinary:
      return fixedBinaryReader(field.type.width, place, batch, validity);
    default:
      return numberReader(field, place, batch, validity);
  }
}

/** What the column becomes, or undefined where it is not read. */
export function readableType({
  type,
  dictionary,
  nullable,
  children,
}: ArrowSchemaField): Column["type"] | "list<uint32>" | undefined {
  switch (type.id) {
    case typeIds.utf8:
    case typeIds.largeUtf8:
      return "utf8";
    case typeIds.binary:
    case typeIds.largeBinary:
      return "binary";
    case typeIds.fixedBinary:
      return type.width > 0 && dictionary === undefined ? "binary" : undefined;
    case typeIds.list:
    case typeIds.largeList: {
      const plain = dictionary === undefined && children.length === 1 && children[0].dictionary === undefined;
      return plain && children[0].type.id === typeIds.int && fixedDecoder(children[0].type, true) ? "list<uint32>" : undefined;
    }
    default:
      return fixedDecoder(type, nullable)?.type;
  }
}

function isReadable(field: ArrowSchemaField): boolean {
  const index = field.dictionary?.index;
  return readableType(field) !== undefined && (index === undefined || fixedDecoder(index, true) !== undefined);
}

class Validity {
  constructor(
    private readonly buffers: BatchBuffers,
    private readonly buffer: number,
    private readonly nulls: number,
  ) {}

  /** One byte a row, 0 for null; undefined where no row is. */
  async read(from: number, to: number): Promise<Uint8Array | undefined> {
    if (this.nulls === 0) return undefined;
    const first = Math.floor(from / 8);
    const bits = await this.buffers.read(this.buffer, first, Math.ceil(to / 8));
    const valid = new Uint8Array(to - from);
    for (let i = 0; i < valid.length; i++) {
      const bit = from + i - first * 8;
      valid[i] = (bits[bit >>> 3] >>> (bit & 7)) & 1;
    }
    return valid;
  }
}

/** Offsets of rows [from, to], of 32 or 64 bits, ascending. */
async function readOffsets(
  buffers: BatchBuffers,
  buffer: number,
  large: boolean,
  from: number,
  to: number,
): Promise<Float64Array> {
  // A column without rows may leave its offsets out.
  if (from === to) return new Float64Array(1);
  const width = large ? 8 : 4;
  const bytes = await buffers.read(buffer, from * width, (to + 1) * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = new Float64Array(to - from + 1);
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = large ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true);
    if (offsets[i] < (i === 0 ? 0 : offsets[i - 1])) throw new Malformed("offsets fall");
  }
  return offsets;
}

function rebased(offsets: Float64Array): Int32Array {
  if (offsets[offsets.length - 1] - offsets[0] > 0x7fffffff) throw new Malformed("rows of more than 2 GiB");
  return Int32Array.from(offsets, (offset) => offset - offsets[0]);
}

function isLarge({ type }: ArrowSchemaField): boolean {
  return type.id === typeIds.largeUtf8 || type.id === typeIds.largeBinary || type.id === typeIds.largeList;
}

function bytesReader(
  field: ArrowSchemaField,
  { buffer }: FieldPlace,
  { buffers }: BatchSource,
  validity: Validity,
): ColumnReader {
  const type = field.type.id === typeIds.utf8 || field.type.id === typeIds.largeUtf8 ? "utf8" : "binary";
  const offsetsOf = (from: number, to: number) => readOffsets(buffers, buffer + 1, isLarge(field), from, to);
  return {
    async size(from, to) {
      const offsets = await offsetsOf(from, to);
      return offsets[offsets.length - 1] - offsets[0];
    },
    async read(from, to) {
      const places = await offsetsOf(from, to);
      const offsets = rebased(places);
      const values = await buffers.read(buffer + 2, places[0], places[places.length - 1]);
      const valid = await validity.read(from, to);
      return bytesColumn(type, values, offsets, valid);
    },
  };
}

/** Null rows may cover bytes that mean nothing; they are left out. */
function bytesColumn(
  type: "utf8" | "binary",
  values: Uint8Array,
  offsets: Int32Array,
  valid: Uint8Array | undefined,
): BytesColumn {
  if (valid?.some((bit, row) => bit === 0 && offsets[row + 1] > offsets[row])) {
    const gatherer = new BytesGatherer(type);
    const lengths = Int32Array.from(valid, (bit, row) => (bit === 0 ? 0 : offsets[row + 1] - offsets[row]));
    gatherer.append(values, offsets, lengths, 0, lengths.length);
    return gatherer.finish();
  }
  return type === "utf8" ? utf8Rows(values, offsets) : { type, values, offsets };
}

function fixedBinaryReader(width: number, { buffer }: FieldPlace, { buffers }: BatchSource, validity: Validity): ColumnReader {
  return {
    size: async (from, to) => (to - from) * width,
    async read(from, to) {
      const values = await buffers.read(buffer + 1, from * width, to * width);
      const offsets = Int32Array.from({ length: to - from + 1 }, (_, row) => row * width);
      return bytesColumn("binary", values, offsets, await validity.read(from, to));
    },
  };
}

function numberReader(
  field: ArrowSchemaField,
  { buffer }: FieldPlace,
  { buffers }: BatchSource,
  validity: Validity,
): ColumnReader {
  const decoder = fixedDecoder(field.type, field.nullable);
  if (decoder === undefined) throw new Malformed(`column ${field.name} is not of a fixed width`);
  return {
    size: async () => 0,
    async read(from, to) {
      const first = Math.floor((from * decoder.bits) / 8);
      const bytes = await buffers.read(buffer + 1, first, Math.ceil((to * decoder.bits) / 8));
      const values = decoder.decode(bytes, from * decoder.bits - first * 8, to - from);
      const valid = await validity.read(from, to);
      if (valid !== undefined) {
        if (decoder.type === "int32" || decoder.type === "uint8")
          throw new Malformed(`column ${field.name} has nulls and is not nullable`);
        for (let row = 0; row < values.length; row++) if (valid[row] === 0) values[row] = Number.NaN;
      }
      return { type: decoder.type, values };
    },
  };
}

function listReader(
  field: ArrowSchemaField,
  { node, buffer }: FieldPlace,
  batch: BatchSource,
  validity: Validity,
): ColumnReader {
  const [child] = field.children;
  const decoder = fixedDecoder(child.type, true);
  const childNode = batch.header.nodes[node + 1];
  if (decoder === undefined || childNode === undefined) throw new Malformed(`column ${field.name} lacks its values`);
  if (childNode.nulls > 0)
    throw new DataError("ARROW_UNSUPPORTED", { detail: `column ${field.name} has lists that hold nulls` });
  const offsetsOf = (from: number, to: number) => readOffsets(batch.buffers, buffer + 1, isLarge(field), from, to);
  return {
    async size(from, to) {
      const offsets = await offsetsOf(from, to);
      return ((offsets[offsets.length - 1] - offsets[0]) * decoder.bits) / 8;
    },
    async read(from, to) {
      const places = await offsetsOf(from, to);
      const [first, last] = [places[0], places[places.length - 1]];
      const width = decoder.bits / 8;
      const bytes = await batch.buffers.read(buffer + 3, first * width, last * width);
      const values = uint32Values(field, decoder, bytes, last - first);
      const offsets = rebased(places);
      const valid = await validity.read(from, to);
      if (!valid?.some((bit, row) => bit === 0 && offsets[row + 1] > offsets[row]))
        return { type: "list<uint32>", values, offsets };
      const kept: Uint32Array[] = [];
      const ends = new Int32Array(offsets.length);
      for (let row = 0; row < valid.length; row++) {
        if (valid[row] === 1) kept.push(values.subarray(offsets[row], offsets[row + 1]));
        ends[row + 1] = ends[row] + (valid[row] === 1 ? offsets[row + 1] - offsets[row] : 0);
      }
      const joined = new Uint32Array(ends[valid.length]);
      let at = 0;
      for (const part of kept) {
        joined.set(part, at);
        at += part.length;
      }
      return { type: "list<uint32>", values: joined, offsets: ends };
    },
  };
}

function uint32Values(field: ArrowSchemaField, decoder: FixedDecoder, bytes: Uint8Array, count: number): Uint32Array {
  const { width, signed } = field.children[0].type;
  if (width === 32 && !signed && bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  const decoded = decoder.decode(bytes, 0, count);
  const values = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = decoded[i];
    if (values[i] !== decoded[i]) {
      throw new DataError("ARROW_UNSUPPORTED", { detail: `column ${field.name} holds ${decoded[i]}, not uint32` });
    }
  }
  return values;
}

function dictionaryReader(
  field: ArrowSchemaField,
  { buffer }: FieldPlace,
  batch: BatchSource,
  validity: Validity,
): ColumnReader {
  const { id, index } = field.dictionary ?? { id: -1, index: field.type };
  const decoder = fixedDecoder(index, true);
  if (decoder === undefined) throw new Malformed(`column ${field.name} has a dictionary without integers`);
  const indexesOf = async (from: number, to: number, entries: number): Promise<Int32Array> => {
    const width = decoder.bits / 8;
    const decoded = decoder.decode(await batch.buffers.read(buffer + 1, from * width, to * width), 0, to - from);
    const valid = await validity.read(from, to);
    return Int32Array.from(decoded, (value, row) => {
      if (valid !== undefined && valid[row] === 0) return -1;
      if (!(value >= 0 && value < entries)) throw new Malformed(`index ${value} into a dictionary of ${entries}`);
      return value;
    });
  };
  const values = (): Column => {
    const type = readableType(field);
    if (type === undefined || type === "list<uint32>") throw new Malformed(`column ${field.name} has a dictionary of lists`);
    // A column of nulls alone needs no dictionary.
    return batch.dictionaries.get(id) ?? emptyColumn(type);
  };
  return {
    async size(from, to) {
      const dictionary = values();
      if (!isBytes(dictionary)) return 0;
      let size = 0;
      for (const at of await indexesOf(from, to, rowsOf(dictionary))) {
        if (at >= 0) size += dictionary.offsets[at + 1] - dictionary.offsets[at];
      }
      return size;
    },
    async read(from, to) {
      const dictionary = values();
      const indexes = await indexesOf(from, to, rowsOf(dictionary));
      if (isBytes(dictionary)) {
        const gatherer = new BytesGatherer(dictionary.type);
        const { offsets } = dictionary;
        const starts = indexes.map((at) => (at < 0 ? 0 : offsets[at]));
        const lengths = indexes.map((at) => (at < 0 ? 0 : offsets[at + 1] - offsets[at]));
        gatherer.append(dictionary.values, starts, lengths, 0, indexes.length);
        return gatherer.finish();
      }
      const gathered = numberArray(dictionary.type, indexes.length);
      for (const [row, at] of indexes.entries()) gathered[row] = at < 0 ? Number.NaN : dictionary.values[at];
      return { type: dictionary.type, values: gathered };
    },
  };
}
