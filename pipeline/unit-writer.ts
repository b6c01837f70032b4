/**
 * Writes what the stages decided about one unit: its documents, token lists, ledger, evidence, quarantine and text, and counts
 * them. Everything goes through one attempt (corpus/commit.ts), so that it becomes part of the corpus whole or not at all.
 */
import {
  type Attempt,
  type Batch,
  CountsBuilder,
  canonicalJson,
  countRedactions,
  type EvidenceBlob,
  hostKey,
  identityColumns,
  redactionsToJson,
  sha256,
  tally,
  type UnitRecord,
  type Verdict,
} from "../corpus/index.js";
import type { CorpusFilter } from "../filters/index.js";
import { type BytesColumn, bytesAt, type Column, isBytes, ParquetWriter, stringAt, utf8Column } from "../formats/index.js";
import type { Flow, SegmentSink, StageTally, TokenLists } from "./segment.js";
import type { Quarantined } from "./sources/index.js";
import { type TokenBatch, TokenWriter } from "./token-writer.js";
import { blobSchema, type Cell, evidenceSchema, ledgerSchema, quarantineSchema, RowTable } from "./unit-tables.js";

/** Columns of the documents table that are about the table and not carried on to the next phase's batches. */
export const tableColumns = [
  "host_key",
  "source",
  "text_bytes",
  "text_characters",
  "tokens",
  "text_row",
  "redactions",
] as const;

/** Columns that the documents table leaves out: the text itself, and a title, which may name a person. */
const textColumns = new Set(["text", "title", "status", "headers", "media_type", "payload"]);

/** What a unit's record says beyond its files and counts. */
export interface UnitResults {
  /** Documents that it kept. */
  readonly rows: number;
  readonly stages: readonly { readonly name: string; readonly in: number; readonly out: number }[];
  readonly tokens: readonly TokenBatch[];
  /** Documents whose source states a date that could not be read. */
  readonly unread_dates: number;
}

export function resultsOf(record: UnitRecord): UnitResults {
  return record.results as unknown as UnitResults;
}

export interface UnitWriterOptions {
  readonly source: string;
  /** Whether texts are written, to text/<unit>.parquet. */
  readonly writesText: boolean;
  /** The barrier at the end of this segment. */
  readonly barrier?: { readonly filter: CorpusFilter<unknown>; readonly parameters: unknown };
}

export class UnitWriter implements SegmentSink {
  readonly counts = new CountsBuilder();
  unreadDates = 0;
  readonly #ledger: RowTable;
  readonly #evidence: RowTable;
  readonly #blobs: RowTable;
  readonly #quarantine: RowTable;
  readonly #tokens: TokenWriter;
  readonly #documents: ColumnTable;
  readonly #text: ColumnTable;
  readonly #signatures: ColumnTable;
  readonly #seen = new Set<string>();

  constructor(
    private readonly attempt: Attempt,
    private readonly options: UnitWriterOptions,
  ) {
    this.#ledger = new RowTable(attempt, "ledger.parquet", ledgerSchema);
    this.#evidence = new RowTable(attempt, "evidence.parquet", evidenceSchema);
    this.#blobs = new RowTable(attempt, "blobs.parquet", blobSchema);
    this.#quarantine = new RowTable(attempt, "quarantine.parquet", quarantineSchema);
    this.#tokens = new TokenWriter(attempt, options.source);
    this.#documents = new ColumnTable(attempt, "documents.parquet", 16_384);
    this.#text = new ColumnTable(attempt, "text.parquet", 1024, `text/${attempt.id}.parquet`);
    this.#signatures = new ColumnTable(attempt, "signatures.parquet", 65_536);
  }

  dropped(batch: Batch, row: number, stage: string, verdict: Verdict & { readonly keep: false }): void {
    const json = canonicalJson(verdict.evidence);
    const evidence = sha256(json);
    if (this.#isNew(evidence)) this.#evidence.add({ id: evidence, evidence: json });
    const cells: Record<string, Cell> = {};
    for (const name of Object.keys(identityColumns)) {
      const column = batch.column(name);
      cells[name] = isBytes(column) ? bytesAt(column, row) : column.values[row];
    }
    const host_key = hostKey(stringAt(batch.bytes("url"), row));
    this.#ledger.add({ ...cells, host_key, source: this.options.source, stage, rule: verdict.rule, evidence });
    tally(this.counts.dropped, `${stage}/${verdict.rule}`);
  }

  /** A document turns out to be none. */
  skipped(reason: string): void {
    tally(this.counts.skipped, reason);
    this.counts.documents--;
  }

  blobs(blobs: readonly EvidenceBlob[]): void {
    for (const { sha256, media_type, bytes } of blobs) if (this.#isNew(sha256)) this.#blobs.add({ sha256, media_type, bytes });
  }

  /** A record that could not be read, or a document that killed its worker; it counts as a document. */
  quarantined(fault: Quarantined): void {
    const { file, offset, length, unit, index, url, reason, detail, countKnown } = fault;
    this.#quarantine.add({
      source: this.options.source,
      locator_file: file,
      locator_offset: offset,
      locator_length: length,
      locator_unit: unit,
      position: index,
      url: url.toWellFormed(),
      host_key: hostKey(url),
      reason,
      detail: detail.toWellFormed().slice(0, 500),
      count_known: countKnown ? 1 : 0,
    });
    this.counts.quarantined++;
  }

  text(flow: Flow): Flow {
    if (!this.options.writesText) return flow;
    const { batch } = flow;
    const first = this.#text.rows;
    this.#text.write(Object.fromEntries(batch.names.map((name) => [name, batch.column(name)])));
    const rows = Int32Array.from({ length: batch.rows }, (_, row) => first + row);
    return { ...flow, batch: batch.with({ text_row: { type: "int32", values: rows } }) };
  }

  kept(flow: Flow, tokens: TokenLists | undefined): void {
    const { batch, redactions } = flow;
    if (this.options.barrier !== undefined) this.#sign(batch, this.options.barrier);
    this.#documents.write(this.#documentColumns(flow, tokens));
    this.counts.kept += batch.rows;
    if (batch.has("text")) {
      const { offsets } = batch.bytes("text");
      this.counts.text_bytes += offsets[batch.rows] - offsets[0];
    }
    for (let row = 0; row < batch.rows; row++) {
      for (const [kind, count] of Object.entries(countRedactions(redactions, row))) tally(this.counts.redacted, kind, count);
    }
    this.#countLanguages(batch, tokens);
    if (tokens === undefined) return;
    this.#tokens.add(batch, tokens);
    this.counts.tokens += tokens.offsets[batch.rows] - tokens.offsets[0];
  }

  #countLanguages(batch: Batch, tokens: TokenLists | undefined): void {
    const labels = batch.has("language") ? batch.column("language") : undefined;
    if (labels === undefined || !isBytes(labels)) return;
    const text = batch.has("text") ? batch.bytes("text") : undefined;
    const lengthOf = (offsets: Int32Array | undefined, row: number): number =>
      offsets === undefined ? 0 : offsets[row + 1] - offsets[row];
    for (let row = 0; row < batch.rows; row++) {
      const counts = {
        documents: 1,
        tokens: lengthOf(tokens?.offsets, row),
        text_bytes: lengthOf(text?.offsets, row),
        text_characters: charactersOf(text, row),
      };
      this.counts.language(stringAt(labels, row), counts);
    }
  }

  /** Commits the unit; `unit` is its descriptor. */
  commit(unit: unknown, stages: readonly StageTally[]): UnitRecord {
    const tables = [this.#ledger, this.#evidence, this.#blobs, this.#quarantine, this.#documents, this.#text, this.#signatures];
    for (const table of tables) table.finish();
    const tokens = this.#tokens.finish();
    const results: UnitResults = {
      rows: this.#documents.rows,
      stages: stages.map(({ name, documentsIn, documentsOut }) => ({ name, in: documentsIn, out: documentsOut })),
      tokens,
      unread_dates: this.unreadDates,
    };
    return this.attempt.commit(unit, { ...results }, this.counts.finish(this.attempt.id));
  }

  #documentColumns({ batch, redactions }: Flow, tokens: TokenLists | undefined): Record<string, Column> {
    const columns: Record<string, Column> = {};
    for (const name of batch.names) if (!textColumns.has(name)) columns[name] = batch.column(name);
    const url = batch.bytes("url");
    const text = batch.has("text") ? batch.bytes("text") : undefined;
    const strings = (cell: (row: number) => string): Column =>
      utf8Column(Array.from({ length: batch.rows }, (_, row) => cell(row)));
    const lengths = (lists: { readonly offsets: Int32Array } | undefined): Column => {
      const cell = (_: unknown, row: number): number => (lists === undefined ? 0 : lists.offsets[row + 1] - lists.offsets[row]);
      return { type: "int32", values: Int32Array.from({ length: batch.rows }, cell) };
    };
    columns.host_key = strings((row) => hostKey(stringAt(url, row)));
    columns.source = strings(() => this.options.source);
    columns.text_bytes = lengths(text);
    columns.text_characters = {
      type: "int32",
      values: Int32Array.from({ length: batch.rows }, (_, row) => charactersOf(text, row)),
    };
    columns.tokens = lengths(tokens);
    columns.text_row ??= { type: "int32", values: new Int32Array(batch.rows).fill(-1) };
    columns.redactions = strings((row) => redactionsToJson(redactions, row));
    return columns;
  }

  #sign(batch: Batch, { filter, parameters }: NonNullable<UnitWriterOptions["barrier"]>): void {
    const first = this.#documents.rows;
    this.#signatures.write({
      id: batch.column("id"),
      url: batch.column("url"),
      captured_at: batch.column("captured_at"),
      row: { type: "int32", values: Int32Array.from({ length: batch.rows }, (_, row) => first + row) },
      ...filter.sign(batch, parameters),
    });
  }

  #isNew(digest: string): boolean {
    const size = this.#seen.size;
    return this.#seen.add(digest).size > size;
  }
}

/** Code points: the octets that continue none (RFC 3629, section 3). */
function charactersOf(text: BytesColumn | undefined, row: number): number {
  if (text === undefined) return 0;
  const { values, offsets } = text;
  let characters = 0;
  for (let at = offsets[row]; at < offsets[row + 1]; at++) if ((values[at] & 0xc0) !== 0x80) characters++;
  return characters;
}

/** A Parquet file written by whole columns; the first batch gives the schema. */
class ColumnTable {
  #writer: ParquetWriter | undefined;
  rows = 0;

  constructor(
    private readonly attempt: Attempt,
    private readonly name: string,
    private readonly rowGroupRows: number,
    private readonly path?: string,
  ) {}

  write(columns: Readonly<Record<string, Column>>): void {
    const entries = Object.entries(columns);
    if (this.#writer === undefined) {
      const schema = entries.map(([name, { type }]) => ({ name, type }));
      const sink = this.attempt.create(this.name, this.path);
      this.#writer = new ParquetWriter(sink, schema, { codec: "zstd", rowGroupRows: this.rowGroupRows });
    }
    this.#writer.write(columns);
    const [first] = entries;
    if (first !== undefined) this.rows += isBytes(first[1]) ? first[1].offsets.length - 1 : first[1].values.length;
  }

  finish(): void {
    this.#writer?.finish();
    this.attempt.setRows(this.name, this.rows);
  }
}
