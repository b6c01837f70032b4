/** Collects records into chunks, with their account. */
import { Batch, captureColumns, documentColumns, recordId, tally } from "../../corpus/index.js";
import { BytesBuilder, type Column, type ColumnType } from "../../formats/index.js";
import { batchBytes, batchRows, type Chunk, type Quarantined, type SourceOptions } from "./source.js";

export type Row = Readonly<Record<string, Uint8Array | string | number | boolean>> & {
  /** Whether the source states a date that could not be read. */
  readonly unread_date?: boolean;
};

const schemas = { captures: captureColumns, documents: documentColumns } as const;

export class ChunkBuilder {
  #kind: Chunk["kind"] = "documents";
  #builders = new Map<string, BytesBuilder | number[]>();
  #rows = 0;
  #bytes = 0;
  #records = 0;
  #skipped: Record<string, number> = {};
  #quarantined: Quarantined[] = [];
  #unreadDates = 0;

  constructor(private readonly options: SourceOptions) {}

  /** Adds a row; returns a finished chunk where it has to be closed, because it is full or the kind changes. */
  *add(kind: Chunk["kind"], row: Row): Generator<Chunk> {
    if (kind !== this.#kind && this.#rows > 0) yield this.finish();
    this.#kind = kind;
    for (const [name, type] of Object.entries(schemas[kind])) {
      const builder = this.#builder(name, type);
      const value = row[name];
      if (Array.isArray(builder)) builder.push(typeof value === "number" ? value : Number.NaN);
      else if (value instanceof Uint8Array) builder.append(value);
      else builder.appendString(typeof value === "string" ? value.toWellFormed() : "");
      if (value instanceof Uint8Array) this.#bytes += value.length;
    }
    if (row.unread_date === true) this.#unreadDates++;
    this.#rows++;
    this.#records++;
    if (this.#rows >= batchRows || this.#bytes >= batchBytes) yield this.finish();
  }

  skip(reason: string, count = 1): void {
    tally(this.#skipped, reason, count);
    this.#records += count;
  }

  quarantine(fault: Omit<Quarantined, "file">): void {
    this.#quarantined.push({ file: this.options.input.file, ...fault });
    this.#records++;
  }

  /** The chunk so far, which may have no rows, or undefined where nothing happened since the last one. */
  rest(): Chunk | undefined {
    return this.#records === 0 ? undefined : this.finish();
  }

  /** An id for a record whose source knows no URL or no date. */
  positionId(position: number): Uint8Array {
    return recordId(this.options.sha256, position);
  }

  private finish(): Chunk {
    const columns: [string, Column][] = Object.entries(schemas[this.#kind]).map(([name, type]) => {
      const builder = this.#builder(name, type);
      if (!Array.isArray(builder)) return [name, builder.finish()];
      return [name, { type: type === "timestamp" ? "timestamp" : "float64", values: Float64Array.from(builder) }];
    });
    const chunk: Chunk = {
      kind: this.#kind,
      batch: new Batch(columns),
      records: this.#records,
      skipped: this.#skipped,
      quarantined: this.#quarantined,
      unreadDates: this.#unreadDates,
    };
    this.#builders = new Map();
    this.#rows = this.#bytes = this.#records = this.#unreadDates = 0;
    this.#skipped = {};
    this.#quarantined = [];
    return chunk;
  }

  #builder(name: string, type: ColumnType): BytesBuilder | number[] {
    let builder = this.#builders.get(name);
    if (builder === undefined) {
      builder = type === "utf8" || type === "binary" ? new BytesBuilder(type) : [];
      this.#builders.set(name, builder);
    }
    return builder;
  }
}

/** What a reader adds to `chunks`, and the rest where it ends or breaks off: the rows before a damage are good rows. */
export async function* untilDamage(chunks: ChunkBuilder, reading: AsyncGenerator<Chunk>): AsyncGenerator<Chunk> {
  let damage: unknown;
  try {
    yield* reading;
  } catch (error) {
    damage = error;
  }
  const rest = chunks.rest();
  if (rest !== undefined) yield rest;
  if (damage !== undefined) throw damage;
}

/** Whether something stands where a date is looked for, and is none. A number that is absent in a table is NaN. */
export function isUnread(stated: unknown, date: number): boolean {
  return Number.isNaN(date) && stated !== undefined && stated !== null && stated !== "" && !Number.isNaN(stated);
}
