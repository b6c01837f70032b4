/**
 * Reads Parquet (Apache Parquet format 2.x) into columns with hyparquet. Byte arrays stay bytes: their string types are taken out
 * of the schema before reading, so that no text becomes a JavaScript string. Damaged and hostile files are PARQUET_CORRUPT.
 */
import { type FileHandle, open } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type RowGroup,
  type SchemaElement,
} from "hyparquet";
import { compressors as fallbackCodecs } from "hyparquet-compressors";
import { DataError } from "../../errors/index.js";
import { repairUtf8 } from "../../native/index.js";
import { BytesBuilder, type BytesColumn, type Column, type ColumnType, isBytes, rowsOf, takeRows } from "../columns.js";
import { loadZstd, unzstd } from "../zstd.js";
import { plainBytes } from "./plain-bytes.js";

export interface ParquetGroup {
  readonly firstRow: number;
  readonly rows: number;
  /** Compressed bytes of all its columns. */
  readonly bytes: number;
}

export interface ParquetFile {
  readonly rows: number;
  /** Columns that are no lists or structs; a nested one is named by its path with dots where it is a plain leaf. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rowGroups: readonly ParquetGroup[];
  /** Rows start (inclusive) to end (exclusive). A row group is decoded once for neighbouring calls. */
  readRows(start: number, end: number, options: { readonly columns: readonly string[] }): Promise<Record<string, Column>>;
  close(): Promise<void>;
}

/** A row group with more bytes of content than this is decoded in slices. */
const wholeGroupBytes = 256 << 20;
/** A page with more bytes than this is a bomb. */
const pageBytes = 512 << 20;

export async function openParquet(path: string): Promise<ParquetFile> {
  await loadZstd();
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (cause) {
    throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
  }
  try {
    const { size } = await handle.stat();
    const file: AsyncBuffer = { byteLength: size, slice: (start, end = size) => readSlice(handle, path, size, start, end) };
    return await guarded(path, async () => {
      const metadata = await parquetMetadataAsync(file);
      checkMetadata(path, metadata, size);
      return new OpenParquet(path, handle, file, metadata);
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class OpenParquet implements ParquetFile {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rowGroups: readonly ParquetGroup[];
  readonly #metadata: FileMetaData;
  readonly #elements = new Map<string, SchemaElement>();
  #cache: { readonly key: string; readonly columns: Record<string, Column> } | undefined;

  constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly file: AsyncBuffer,
    metadata: FileMetaData,
  ) {
    let depth = 0;
    for (let i = 1; i < metadata.schema.length; i++) {
      const element = metadata.schema[i];
      if (depth === 0 && element.num_children === undefined && element.repetition_type !== "REPEATED") {
        this.#elements.set(element.name, element);
      }
      depth += (element.num_children ?? 0) - (depth > 0 ? 1 : 0);
    }
    this.columns = [...this.#elements].map(([name, element]) => ({ name, type: typeOf(element) }));
    this.#metadata = { ...metadata, schema: metadata.schema.map(asBytes) };
    let firstRow = 0;
    this.rowGroups = metadata.row_groups.map((group) => {
      const rows = Number(group.num_rows);
      firstRow += rows;
      return { firstRow: firstRow - rows, rows, bytes: compressedBytes(group) };
    });
    this.rows = firstRow;
  }

  readRows(start: number, end: number, options: { readonly columns: readonly string[] }): Promise<Record<string, Column>> {
    return guarded(this.path, () => this.#readRows(start, end, options.columns));
  }

  async #readRows(start: number, end: number, names: readonly string[]): Promise<Record<string, Column>> {
    const parts: Record<string, Column>[] = [];
    for (const [index, group] of this.rowGroups.entries()) {
      const [from, to] = [Math.max(start, group.firstRow), Math.min(end, group.firstRow + group.rows)];
      if (from < to) parts.push(await this.#readGroup(index, from, to, names));
    }
    return Object.fromEntries(
      names.map((name) => [
        name,
        concatenate(
          parts.map((part) => part[name]),
          this.#typeOf(name),
        ),
      ]),
    );
  }

  async close(): Promise<void> {
    this.#cache = undefined;
    await this.handle.close();
  }

  async #readGroup(index: number, from: number, to: number, names: readonly string[]): Promise<Record<string, Column>> {
    const group = this.rowGroups[index];
    if (contentBytes(this.#metadata.row_groups[index], names) > wholeGroupBytes) return this.#decode(from, to, names);
    const key = `${index} ${names.join("\n")}`;
    if (this.#cache?.key !== key) this.#cache = { key, columns: await this.#decodeGroup(index, names) };
    const { columns } = this.#cache;
    if (to - from === group.rows) return columns;
    const rows = Int32Array.from({ length: to - from }, (_, i) => from - group.firstRow + i);
    return Object.fromEntries(names.map((name) => [name, takeRows(columns[name], rows)]));
  }

  /** Columns of plain bytes are decoded by themselves, the others by hyparquet. */
  async #decodeGroup(index: number, names: readonly string[]): Promise<Record<string, Column>> {
    const { firstRow, rows } = this.rowGroups[index];
    const columns: Record<string, Column> = {};
    for (const name of names) {
      const column = await this.#plainBytes(index, name);
      if (column !== undefined) columns[name] = column;
    }
    const others = names.filter((name) => columns[name] === undefined);
    if (others.length > 0 || names.length === 0) Object.assign(columns, await this.#decode(firstRow, firstRow + rows, others));
    return columns;
  }

  /** Undefined where the column is not of this kind. */
  async #plainBytes(index: number, name: string): Promise<Column | undefined> {
    const element = this.#elements.get(name);
    const { columns, num_rows } = this.#metadata.row_groups[index];
    const chunk = columns.find(
      ({ meta_data }) => meta_data?.path_in_schema.length === 1 && meta_data.path_in_schema[0] === name,
    );
    const meta = chunk?.meta_data;
    if (element?.type !== "BYTE_ARRAY" || meta === undefined || meta.dictionary_page_offset !== undefined) return undefined;
    const inflate = inflaters[meta.codec];
    const type = typeOf(element);
    if (inflate === undefined || (type !== "utf8" && type !== "binary")) return undefined;
    const start = Number(meta.data_page_offset);
    const bytes = new Uint8Array(await this.file.slice(start, start + Number(meta.total_compressed_size)));
    const column = plainBytes(bytes, Number(num_rows), element.repetition_type === "OPTIONAL", type, inflate);
    return column === undefined ? undefined : wellFormed(column);
  }

  async #decode(rowStart: number, rowEnd: number, names: readonly string[]): Promise<Record<string, Column>> {
    const parts = new Map<string, { rowStart: number; data: ArrayLike<unknown> }[]>(names.map((name) => [name, []]));
    for (const name of names) this.#typeOf(name);
    await parquetRead({
      file: this.file,
      metadata: this.#metadata,
      columns: [...names],
      rowStart,
      rowEnd,
      utf8: false,
      compressors: codecs,
      onChunk: ({ columnName, columnData, rowStart: first }) => {
        parts.get(columnName)?.push({ rowStart: first, data: columnData });
      },
    });
    return Object.fromEntries(
      [...parts].map(([name, chunks]) => {
        const collected = new ColumnCollector(this.#typeOf(name), this.#elements.get(name), rowEnd - rowStart);
        for (const { rowStart: first, data } of chunks.sort((a, b) => a.rowStart - b.rowStart)) {
          collected.add(data, Math.max(0, rowStart - first), Math.min(data.length, rowEnd - first));
        }
        const column = collected.finish();
        if (rowsOf(column) !== rowEnd - rowStart) {
          const detail = `column ${name} has ${rowsOf(column)} rows where ${rowEnd - rowStart} are promised`;
          throw new DataError("PARQUET_CORRUPT", { file: this.path, detail });
        }
        return [name, column];
      }),
    );
  }

  #typeOf(name: string): ColumnType {
    const element = this.#elements.get(name);
    if (element !== undefined) return typeOf(element);
    throw new DataError("PARQUET_UNSUPPORTED", { file: this.path, detail: `column ${name} is nested or not there` });
  }
}

class ColumnCollector {
  readonly #bytes: BytesBuilder | undefined;
  readonly #numbers: Float64Array | undefined;
  #row = 0;

  constructor(
    private readonly type: ColumnType,
    private readonly element: SchemaElement | undefined,
    rows: number,
  ) {
    if (type === "utf8" || type === "binary") this.#bytes = new BytesBuilder(type);
    else this.#numbers = new Float64Array(rows);
  }

  add(data: ArrayLike<unknown>, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const value = data[i];
      if (this.#bytes !== undefined) this.#bytes.append(value instanceof Uint8Array ? value : new Uint8Array(0));
      else if (this.#numbers !== undefined && this.#row < this.#numbers.length) this.#numbers[this.#row] = this.#number(value);
      this.#row++;
    }
  }

  finish(): Column {
    if (this.#bytes !== undefined) return wellFormed(this.#bytes.finish());
    const values = (this.#numbers ?? new Float64Array()).subarray(0, this.#row);
    switch (this.type) {
      case "timestamp":
        return { type: "timestamp", values };
      case "int32":
        return values.some(Number.isNaN) ? { type: "float64", values } : { type: "int32", values: Int32Array.from(values) };
      default:
        return { type: "float64", values };
    }
  }

  #number(value: unknown): number {
    if (value instanceof Date) return value.getTime();
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "boolean") return value ? 1 : 0;
    return typeof value === "number" && this.element !== undefined ? value : Number.NaN;
  }
}

/** Repairs ill-formed UTF-8 row by row, where there is any. */
function wellFormed(column: BytesColumn): BytesColumn {
  if (column.type === "binary" || repairUtf8(column.values) === column.values) return column;
  const builder = new BytesBuilder("utf8", column.values.length);
  for (let row = 0; row < rowsOf(column); row++) {
    builder.append(repairUtf8(column.values.subarray(column.offsets[row], column.offsets[row + 1])));
  }
  return builder.finish();
}

function concatenate(parts: readonly Column[], type: ColumnType): Column {
  const [only] = parts;
  if (parts.length === 1) return only;
  if (type === "utf8" || type === "binary") {
    const builder = new BytesBuilder(type);
    for (const part of parts) {
      if (!isBytes(part)) continue;
      for (let row = 0; row < rowsOf(part); row++)
        builder.append(part.values.subarray(part.offsets[row], part.offsets[row + 1]));
    }
    return builder.finish();
  }
  const values = Float64Array.from(parts.flatMap((part) => (isBytes(part) ? [] : Array.from(part.values))));
  return { type: type === "timestamp" ? "timestamp" : "float64", values };
}

function typeOf(element: SchemaElement): ColumnType {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (type === "BYTE_ARRAY")
    return logical?.type === "STRING" || converted === "UTF8" || logical?.type === "JSON" ? "utf8" : "binary";
  if (type === "FIXED_LEN_BYTE_ARRAY") return "binary";
  if (type === "INT96" || logical?.type === "TIMESTAMP" || logical?.type === "DATE" || converted === "DATE") return "timestamp";
  if (converted === "TIMESTAMP_MILLIS" || converted === "TIMESTAMP_MICROS") return "timestamp";
  return type === "INT32" ? "int32" : "float64";
}

/** The element without its string type, so that its values come as the bytes that they are. */
function asBytes(element: SchemaElement): SchemaElement {
  if (element.type !== "BYTE_ARRAY" && element.type !== "FIXED_LEN_BYTE_ARRAY") return element;
  const { converted_type: _converted, logical_type: _logical, ...rest } = element;
  return rest;
}

function compressedBytes(group: RowGroup): number {
  return group.columns.reduce((total, { meta_data }) => total + Number(meta_data?.total_compressed_size ?? 0), 0);
}

function contentBytes(group: RowGroup, names: readonly string[]): number {
  const wanted = group.columns.filter(({ meta_data }) => names.includes(meta_data?.path_in_schema[0] ?? ""));
  return wanted.reduce((total, { meta_data }) => total + Number(meta_data?.total_uncompressed_size ?? 0), 0);
}

/** A footer may promise anything; what it promises has to fit the file before anything is allocated. */
function checkMetadata(path: string, metadata: FileMetaData, size: number): void {
  const corrupt = (detail: string): never => {
    throw new DataError("PARQUET_CORRUPT", { file: path, detail });
  };
  let rows = 0n;
  for (const [index, group] of metadata.row_groups.entries()) {
    if (group.num_rows < 0n || group.num_rows > 2n ** 31n) corrupt(`row group ${index} promises ${group.num_rows} rows`);
    rows += group.num_rows;
    for (const { meta_data: chunk } of group.columns) {
      if (chunk === undefined) continue;
      const start = chunk.dictionary_page_offset ?? chunk.data_page_offset;
      const bytes = chunk.total_compressed_size;
      if (start < 0n || bytes < 0n || start + bytes > BigInt(size))
        corrupt(`a column of row group ${index} lies outside the file`);
      // A value takes a bit at least; more rows than 2^20 a byte of column is a forged footer.
      if (chunk.num_values < 0n || chunk.num_values > (bytes + 1n) * (1n << 20n))
        corrupt(`row group ${index} promises ${chunk.num_values} values`);
    }
  }
  if (rows !== metadata.num_rows) corrupt(`${metadata.num_rows} rows promised, ${rows} in row groups`);
}

async function readSlice(handle: FileHandle, path: string, size: number, start: number, end: number): Promise<ArrayBuffer> {
  if (start < 0 || end > size || end < start)
    throw new DataError("PARQUET_CORRUPT", { file: path, detail: `bytes ${start} to ${end}` });
  const buffer = new ArrayBuffer(end - start);
  const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start);
  if (bytesRead !== end - start) throw new DataError("PARQUET_CORRUPT", { file: path, detail: "the file became shorter" });
  return buffer;
}

const limited =
  (decode: (input: Uint8Array, bytes: number) => Uint8Array) =>
  (input: Uint8Array, bytes: number): Uint8Array => {
    if (bytes > pageBytes) throw new RangeError(`a page of ${bytes} bytes`);
    return decode(input, bytes);
  };

const codecs = {
  ...fallbackCodecs,
  ZSTD: limited((input, bytes) => unzstd(input, bytes)),
  GZIP: limited((input, bytes) => gunzipSync(input, { maxOutputLength: Math.max(1, bytes) })),
  BROTLI: limited((input, bytes) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, bytes) })),
};

/** Of the codecs those that writers of text choose. */
const inflaters: Readonly<Partial<Record<string, (input: Uint8Array, bytes: number) => Uint8Array>>> = {
  UNCOMPRESSED: (input) => input,
  ZSTD: codecs.ZSTD,
  GZIP: codecs.GZIP,
};

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError("PARQUET_CORRUPT", {
      file: path,
      detail: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
