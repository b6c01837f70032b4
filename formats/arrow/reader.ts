/** Reads Arrow IPC files and streams (apache-arrow), a record batch at a time, as columns. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { type Data, DataType, RecordBatchReader, type Vector } from "apache-arrow";
import { DataError } from "../../errors/index.js";
import { repairUtf8 } from "../../native/index.js";
import { BytesBuilder, type Column } from "../columns.js";
import type { ListColumn } from "./writer.js";

export type ArrowBatch = Readonly<Record<string, Column | ListColumn>>;

/**
 * Columns of strings, binaries, numbers, timestamps and lists of 32-bit integers; columns of other types are left out.
 * @throws DataError ARROW_CORRUPT after the batches before the damage were yielded; INPUT_NOT_FOUND
 */
export async function* readArrow(path: string): AsyncGenerator<ArrowBatch> {
  try {
    const handle = await open(path, "r").catch((cause: unknown) => {
      throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
    });
    const head = Buffer.alloc(6);
    await handle.read(head, 0, 6, 0);
    const { size } = await handle.stat();
    await handle.close();
    // A stream is read as it comes; a file is read by its footer.
    const reader =
      head.toString("latin1") === "ARROW1"
        ? await RecordBatchReader.from(await open(path, "r"))
        : await RecordBatchReader.from(createReadStream(path, { highWaterMark: 1 << 20 }));
    await reader.open();
    for await (const batch of reader) {
      // A row takes a bit at least; apache-arrow believes whatever number of rows the message says.
      if (batch.numRows > size * 8) throw new RangeError(`a batch promises ${batch.numRows} rows`);
      for (const data of batch.data.children) checkData(data);
      const columns: Record<string, Column | ListColumn> = {};
      batch.schema.fields.forEach((field, index) => {
        const vector = batch.getChildAt(index);
        const column = vector === null ? undefined : toColumn(vector);
        if (column !== undefined) columns[field.name] = column;
      });
      yield columns;
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError("ARROW_CORRUPT", { file: path, detail: cause instanceof Error ? cause.message : String(cause), cause });
  }
}

/** apache-arrow does not look whether offsets lie inside their buffers. */
function checkData(data: Data): void {
  const { length, offset, valueOffsets, children } = data;
  const values: unknown = data.values;
  const extent = children.length > 0 ? children[0]?.length : ArrayBuffer.isView(values) ? values.byteLength : 0;
  if (length < 0 || offset < 0) throw new RangeError("a column of negative length");
  if (valueOffsets instanceof Int32Array || valueOffsets instanceof BigInt64Array) {
    if (valueOffsets.length < length + 1 && length > 0) throw new RangeError("too few offsets");
    for (let row = 0; row < length; row++) {
      if (valueOffsets[row] < 0 || valueOffsets[row + 1] < valueOffsets[row]) throw new RangeError("offsets that fall");
    }
    if (length > 0 && Number(valueOffsets[length]) > (extent ?? 0)) throw new RangeError("offsets outside of the values");
  } else if (children.length === 0 && ArrayBuffer.isView(values) && values.byteLength * 8 < length) {
    throw new RangeError("too few values");
  }
  for (const child of children) checkData(child);
  if (data.dictionary !== undefined) for (const part of data.dictionary.data) checkData(part);
}

function toColumn(vector: Vector): Column | ListColumn | undefined {
  const { type } = vector;
  if (DataType.isList(type) && DataType.isInt(type.children[0]?.type) && type.children[0]?.type.bitWidth === 32) {
    return listColumn(vector.data[0]);
  }
  const isText = DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
  const isDictionaryOfText = DataType.isDictionary(type) && DataType.isUtf8(type.dictionary);
  if (isText || isDictionaryOfText) {
    const builder = new BytesBuilder("utf8");
    for (let row = 0; row < vector.length; row++) builder.append(repairUtf8(textBytes(vector, row)));
    return builder.finish();
  }
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) {
    const builder = new BytesBuilder("binary");
    for (let row = 0; row < vector.length; row++) builder.append((vector.get(row) as Uint8Array | null) ?? new Uint8Array(0));
    return builder.finish();
  }
  if (
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isTimestamp(type) ||
    DataType.isDate(type) ||
    DataType.isBool(type)
  ) {
    const values = Float64Array.from({ length: vector.length }, (_, row) => {
      const value = vector.get(row) as number | bigint | boolean | Date | null;
      return value === null ? Number.NaN : Number(value);
    });
    // apache-arrow gives timestamps and dates as milliseconds, whatever their unit.
    return { type: DataType.isTimestamp(type) || DataType.isDate(type) ? "timestamp" : "float64", values };
  }
  return undefined;
}

const encoder = new TextEncoder();

/** A row's bytes without a string in between, where the layout allows it. */
function textBytes(vector: Vector, row: number): Uint8Array {
  const data = vector.data[0] as Data | undefined;
  if (
    vector.data.length === 1 &&
    data !== undefined &&
    DataType.isUtf8(vector.type) &&
    data.valueOffsets instanceof Int32Array
  ) {
    return (data.values as Uint8Array).subarray(data.valueOffsets[row], data.valueOffsets[row + 1]);
  }
  const text = vector.get(row) as string | null;
  return text === null ? new Uint8Array(0) : encoder.encode(text);
}

function listColumn(data: Data | undefined): ListColumn | undefined {
  const child = data?.children[0];
  if (data === undefined || child === undefined || !(data.valueOffsets instanceof Int32Array)) return undefined;
  const raw = child.values as Uint32Array | Int32Array;
  const first = data.valueOffsets[0] ?? 0;
  const offsets =
    first === 0 ? data.valueOffsets.subarray(0, data.length + 1) : data.valueOffsets.map((offset) => offset - first);
  const values = new Uint32Array(raw.buffer, raw.byteOffset + first * 4, offsets[data.length] ?? 0);
  return { type: "list<uint32>", values, offsets };
}
