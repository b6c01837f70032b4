/**
 * Reads Parquet (Apache Parquet format 2.x) into columns with hyparquet. Byte arrays stay bytes: their string types are taken out
 * of the schema before reading, so that no text becomes a JavaScript string. Damaged and hostile files are PARQUET_CORRUPT.
 */
import { type FileHandle, open } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type RowGroup,
  type SchemaElement,
} from "hyparquet";
import { compressors as fallbackCodecs } from "hyparquet-compressors";
import { DataError } from "../../errors/index.js";
import { BytesBuilder, type Column, type ColumnType, isBytes, rowsOf, takeRows } from "../columns.js";
import { loadZstd, unzstd } from "../zstd.js";
import { ColumnCollector, typeOf, wellFormed } from "./collect.js";
import { checkContent, checkLevels, type Page, walkPages } from "./pages.js";
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
    const { num_rows } = this.#metadata.row_groups[index];
    const meta = this.#chunkOf(index, name);
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
    const columns: Record<string, Column> = {};
    for (const name of names) columns[name] = await this.#decodeColumn(rowStart, rowEnd, name);
    return columns;
  }

  async #decodeColumn(rowStart: number, rowEnd: number, name: string): Promise<Column> {
    const type = this.#typeOf(name);
    const collected = new ColumnCollector(type, this.#elements.get(name), rowEnd - rowStart);
    for (const [index, { firstRow, rows }] of this.rowGroups.entries()) {
      const [from, to] = [Math.max(rowStart, firstRow), Math.min(rowEnd, firstRow + rows)];
      if (from >= to) continue;
      for (const { rowStart: first, data } of await this.#decodeChunk(index, from, to, name)) {
        collected.add(data, Math.max(0, from - first), Math.min(data.length, to - first));
      }
    }
    const column = collected.finish();
    if (rowsOf(column) !== rowEnd - rowStart) {
      const detail = `column ${name} has ${rowsOf(column)} rows where ${rowEnd - rowStart} are promised`;
      throw new DataError("PARQUET_CORRUPT", { file: this.path, detail });
    }
    return column;
  }

  /** Rows rowStart to rowEnd, which lie in the group, of one column: its pages are looked through, and decoded by hyparquet. */
  async #decodeChunk(index: number, rowStart: number, rowEnd: number, name: string): Promise<readonly Values[]> {
    const chunk = this.#chunkOf(index, name);
    const element = this.#elements.get(name);
    if (chunk === undefined || element === undefined || chunk.type !== element.type)
      throw new RangeError(`column ${name} is not in row group ${index}`);
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const end = start + Number(chunk.total_compressed_size);
    const buffer = await this.file.slice(start, end);
    const bytes = new Uint8Array(buffer);
    const column = { optional: element.repetition_type === "OPTIONAL", boolean: element.type === "BOOLEAN" };
    const contents = new Map<number, Page>();
    for (const page of walkPages(bytes, this.rowGroups[index].rows)) {
      const content = page.at + page.levels;
      checkLevels(page, column, bytes.subarray(page.at, content));
      if (chunk.codec === "UNCOMPRESSED" || !page.isCompressed) {
        checkContent(page, column, bytes.subarray(content, page.at + page.compressed));
      } else contents.set(content, page);
    }
    const parts: Values[] = [];
    await parquetRead({
      file: {
        byteLength: this.file.byteLength,
        slice: (from, to = this.file.byteLength) => {
          if (from < start || to > end) throw new RangeError(`column ${name} does not lie where its metadata says`);
          return from === start && to === end ? buffer : buffer.slice(from - start, to - start);
        },
      },
      metadata: this.#metadata,
      columns: [name],
      rowStart,
      rowEnd,
      utf8: false,
      compressors: Object.fromEntries(
        Object.entries(codecs).map(([codec, inflate]) => [
          codec,
          (input: Uint8Array, size: number) => {
            const page = contents.get(input.byteOffset);
            if (page === undefined) throw new RangeError("a page begins where none was seen");
            const content = inflate(input, size);
            checkContent(page, column, content);
            return content;
          },
        ]),
      ),
      onChunk: ({ columnData, rowStart: first }) => parts.push({ rowStart: first, data: columnData }),
    });
    return parts.sort((a, b) => a.rowStart - b.rowStart);
  }

  #chunkOf(index: number, name: string): ColumnMetaData | undefined {
    const { columns } = this.#metadata.row_groups[index];
    return columns.find(({ meta_data }) => meta_data?.path_in_schema.length === 1 && meta_data.path_in_schema[0] === name)
      ?.meta_data;
  }

  #typeOf(name: string): ColumnType {
    const element = this.#elements.get(name);
    if (element !== undefined) return typeOf(element);
    throw new DataError("PARQUET_UNSUPPORTED", { file: this.path, detail: `column ${name} is nested or not there` });
  }
}

/** Values of one column from row `rowStart` of the file on. */
interface Values {
  readonly rowStart: number;
  readonly data: ArrayLike<unknown>;
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

const codecs: Readonly<Record<string, (input: Uint8Array, bytes: number) => Uint8Array>> = {
  ...fallbackCodecs,
  ZSTD: (input, bytes) => unzstd(input, bytes),
  GZIP: (input, bytes) => gunzipSync(input, { maxOutputLength: Math.max(1, bytes) }),
  BROTLI: (input, bytes) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, bytes) }),
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
