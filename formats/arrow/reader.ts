/**
 * Reads Arrow IPC streams and files (Arrow columnar format 1.5) in slices of bounded size, whatever the size of their record
 * batches: only the buffers of the columns asked for are read, and of those only the rows of the slice.
 */
import { DataError } from "../../errors/index.js";
import { BytesBuilder, type Column, type ColumnType, isBytes, rowsOf } from "../columns.js";
import { numberArray } from "../gather.js";
import { InputFile } from "../input-file.js";
import { asDataError, decoding, Malformed } from "../malformed.js";
import { BatchBuffers, placeFields } from "./buffers.js";
import { type BatchSource, columnReader, type ListColumn, readableType } from "./decode.js";
import { type ArrowMessage, type ArrowSchema, type ArrowSchemaField, readMessages } from "./messages.js";

export interface ArrowColumn {
  readonly name: string;
  /** undefined where the column is nested or of a type that is not read. */
  readonly type: ColumnType | ListColumn["type"] | undefined;
}

export interface ArrowChoice {
  /** Names of columns; all that can be read where it is left out. */
  readonly columns?: readonly string[];
}

/** A slice ends before any column passes this, unless one row does. */
const sliceBytes = 2 ** 26;
const sliceRows = 2 ** 16;
/** Bytes that one row, or one dictionary, may hold. */
const mostBytes = 2 ** 30;

/** The columns and the metadata of a file, from its first message. */
export async function readArrowSchema(
  path: string,
): Promise<{ readonly columns: readonly ArrowColumn[]; readonly metadata: ReadonlyMap<string, string> }> {
  const file = await InputFile.open(path);
  try {
    return await decoding("ARROW_CORRUPT", path, async () => {
      for await (const message of readMessages(file)) {
        if (message.kind !== "schema") break;
        const { fields, metadata } = message.schema;
        return { columns: fields.map((field) => ({ name: field.name, type: readableType(field) })), metadata };
      }
      throw new Malformed("the stream does not begin with its schema");
    });
  } finally {
    await file.close();
  }
}

/**
 * The rows in order, as sets of columns of equal length.
 *
 * @throws DataError INPUT_NOT_FOUND, ARROW_CORRUPT; ARROW_UNSUPPORTED or COLUMN_NOT_FOUND naming the column; ARROW_TOO_LARGE where
 * a row or a dictionary holds more than 1 GiB, or a compressed buffer more than 128 MiB
 */
export async function* readArrow(
  path: string,
  choice: ArrowChoice = {},
): AsyncGenerator<Record<string, Column | ListColumn>, void, undefined> {
  const file = await InputFile.open(path);
  try {
    let table: TableSlices | undefined;
    for await (const message of readMessages(file)) {
      if (message.kind === "schema") {
        if (table !== undefined) throw new Malformed("a second schema");
        table = new TableSlices(file, message.schema, choice.columns);
      } else if (table === undefined) throw new Malformed("the stream does not begin with its schema");
      else if (message.kind === "dictionary") await table.addDictionary(message);
      else yield* table.slices(message);
    }
    if (table === undefined) throw new Malformed("a stream without a schema");
  } catch (error) {
    throw asDataError("ARROW_CORRUPT", path, error);
  } finally {
    await file.close();
  }
}

class TableSlices {
  readonly #chosen: readonly number[];
  readonly #dictionaries = new Map<number, Column>();

  constructor(
    private readonly file: InputFile,
    private readonly schema: ArrowSchema,
    names: readonly string[] | undefined,
  ) {
    const { fields } = schema;
    const readable = fields.filter((field) => readableType(field) !== undefined).map(({ name }) => name);
    this.#chosen = (names ?? readable).map((name) => {
      const at = fields.findIndex((field) => field.name === name);
      if (at < 0) {
        const all = fields.map((field) => field.name).join(", ");
        throw new DataError("COLUMN_NOT_FOUND", { detail: `${name} is not among ${all.slice(0, 500)}` });
      }
      if (readableType(fields[at]) === undefined) {
        throw new DataError("ARROW_UNSUPPORTED", { detail: `column ${name} is nested or of another type` });
      }
      return at;
    });
  }

  async addDictionary(message: ArrowMessage & { readonly kind: "dictionary" }): Promise<void> {
    const at = this.#chosen.find((chosen) => this.schema.fields[chosen].dictionary?.id === message.id);
    if (at === undefined) return;
    const field: ArrowSchemaField = { ...this.schema.fields[at], dictionary: undefined };
    const source = this.#source(message);
    const reader = columnReader(field, placeFields([field], message.header)[0], source);
    const { rows } = message.header;
    if (reader === undefined || rows > mostBytes / 8) throw new Malformed(`a dictionary of ${rows} values`);
    const known = this.#dictionaries.get(message.id);
    const size =
      (await reader.size(0, rows)) + (message.isDelta && known !== undefined && isBytes(known) ? known.values.length : 0);
    if (size > mostBytes) throw new DataError("ARROW_TOO_LARGE", { detail: `a dictionary of ${size} bytes` });
    const column = await reader.read(0, rows);
    if (column.type === "list<uint32>") throw new Malformed("a dictionary of lists");
    this.#dictionaries.set(message.id, message.isDelta && known !== undefined ? joined(known, column) : column);
  }

  async *slices(
    message: ArrowMessage & { readonly kind: "batch" },
  ): AsyncGenerator<Record<string, Column | ListColumn>, void, undefined> {
    const { fields } = this.schema;
    const { rows } = message.header;
    const source = this.#source(message);
    const places = placeFields(fields, message.header);
    const readers = this.#chosen.flatMap((at) => {
      const reader = columnReader(fields[at], places[at], source);
      return reader === undefined ? [] : [{ name: fields[at].name, reader }];
    });
    if (readers.length === 0) return;
    for (let from = 0; from < rows; ) {
      let to = Math.min(rows, from + sliceRows);
      for (const { name, reader } of readers) {
        for (;;) {
          const size = await reader.size(from, to);
          if (size <= sliceBytes) break;
          if (to === from + 1) {
            if (size <= mostBytes) break;
            throw new DataError("ARROW_TOO_LARGE", { detail: `a row of ${size} bytes in column ${name}`, record: from });
          }
          to = from + Math.max(1, (to - from) >>> 1);
        }
      }
      const columns: [string, Column | ListColumn][] = [];
      for (const { name, reader } of readers) columns.push([name, await reader.read(from, to)]);
      yield Object.fromEntries(columns);
      from = to;
    }
  }

  #source({ header, body }: ArrowMessage & { readonly kind: "batch" | "dictionary" }): BatchSource {
    return { header, buffers: new BatchBuffers(this.file, header, body), dictionaries: this.#dictionaries };
  }
}

/** A delta dictionary's values stand behind those known before. */
function joined(known: Column, more: Column): Column {
  if (isBytes(known) && isBytes(more)) {
    const builder = new BytesBuilder(known.type, known.values.length + more.values.length);
    for (const { values, offsets } of [known, more]) {
      for (let row = 0; row + 1 < offsets.length; row++) builder.append(values.subarray(offsets[row], offsets[row + 1]));
    }
    return builder.finish();
  }
  if (isBytes(known) || isBytes(more)) throw new Malformed("a delta dictionary of another type");
  const values = numberArray(known.type, rowsOf(known) + rowsOf(more));
  values.set(known.values);
  values.set(more.values, rowsOf(known));
  return { type: known.type, values };
}
