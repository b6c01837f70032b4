/**
 * The jobs of the last phase: the units' small outputs become shards and sorted tables. Shards are made by copying whole Arrow
 * messages, which are position-independent; tables are sorted out of core.
 */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Attempt, type AttemptFile, type BatchEntry, type TableName, tableFolder } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { literal, openSql, type Sql } from "../../formats/index.js";
import type { TokenBatch } from "../token-writer.js";
import { scratchFolder } from "./cluster.js";
import type { JobContext } from "./context.js";
import type { UnitDone } from "./read.js";

/** Batches of one unit that go into one shard, in order. */
export interface ShardPiece {
  /** The unit's token file, relative to the corpus folder. */
  readonly path: string;
  readonly batches: readonly TokenBatch[];
}

export interface ShardJob {
  readonly kind: "shard";
  readonly id: string;
  readonly index: number;
  readonly pieces: readonly ShardPiece[];
}

export function shardName(index: number): string {
  return `shards/${String(index).padStart(5, "0")}-#.arrow`;
}

export async function shardJob({ corpus }: JobContext, job: ShardJob): Promise<UnitDone> {
  const start = performance.now();
  const attempt = new Attempt(corpus, "finalise", job.id);
  try {
    const file = attempt.create("shard", shardName(job.index));
    const batches: BatchEntry[] = [];
    let header: Buffer | undefined;
    let rows = 0;
    let tokens = 0;
    for (const piece of job.pieces) {
      const path = corpus.resolve(piece.path);
      const pieceHeader = readRange(path, 0, headerBytes(path));
      if (header === undefined) {
        header = pieceHeader;
        file.write(header);
      } else if (!header.equals(pieceHeader))
        throw new DataError("INTERNAL", { file: path, detail: "token files of two schemas" });
      for (const batch of piece.batches) {
        const { offset, metadata_bytes, body_bytes } = batch;
        batches.push({ offset: file.bytes, metadata_bytes, body_bytes, rows: batch.rows });
        copyRange(path, offset, metadata_bytes + body_bytes, file);
        rows += batch.rows;
        tokens += batch.tokens;
      }
    }
    file.write(endOfStream);
    attempt.setRows("shard", rows);
    const first_ids = job.pieces[0]?.batches[0]?.first_ids ?? [];
    const last_ids = job.pieces.at(-1)?.batches.at(-1)?.last_ids ?? [];
    const record = attempt.commit({ shard: job.index }, { tokens, batches, first_ids, last_ids });
    return { record, times: { shards: { seconds: (performance.now() - start) / 1000, documents: rows, bytes: file.bytes } } };
  } catch (error) {
    attempt.abandon();
    throw error;
  }
}

/** The end-of-stream marker of the Arrow IPC stream format: a continuation and a length of 0. */
const endOfStream = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** Bytes of the schema message at the start of an Arrow stream; a schema has no body. */
function headerBytes(path: string): number {
  return 8 + readRange(path, 4, 4).readInt32LE();
}

function readRange(path: string, offset: number, length: number): Buffer {
  const handle = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    if (readSync(handle, buffer, 0, length, offset) !== length)
      throw new DataError("CORPUS_DAMAGED", { file: path, detail: "too short" });
    return buffer;
  } finally {
    closeSync(handle);
  }
}

function copyRange(path: string, offset: number, length: number, to: AttemptFile): void {
  const step = 4 << 20;
  for (let at = 0; at < length; at += step) to.write(readRange(path, offset + at, Math.min(step, length - at)));
}

/** One table file of a unit. `unit` is its place in the plan. */
export interface TablePart {
  readonly path: string;
  readonly unit: number;
  /** The file of the unit's texts where it stays in the corpus, for the documents table; otherwise empty. */
  readonly text: string;
}

/** Rows `first` to `first + rows` of a unit's documents lie in a shard from `row` on. */
export interface ShardPlace {
  readonly unit: number;
  readonly first: number;
  readonly rows: number;
  readonly shard: string;
  readonly row: number;
}

export interface TableJob {
  readonly kind: "table";
  readonly id: string;
  readonly table: TableName;
  readonly parts: readonly TablePart[];
  /** For the documents table: where each unit's documents went; empty where nothing was tokenised. */
  readonly places: readonly ShardPlace[];
  readonly memoryBytes: number;
}

/** A table is split into files of this many rows. */
const fileRows = 5_000_000;

const order: Readonly<Record<TableName, string>> = {
  documents: "host_key, url, captured_at, part, file_row_number",
  ledger: "host_key, url, captured_at, part, file_row_number",
  quarantine: "host_key, url, part, file_row_number",
  evidence: "id",
  blobs: "sha256",
};

/**
 * Rows of a row group. A reader passes over row groups by their least and greatest key: of documents and ledger it wants a whole
 * site, of evidence single rows by their digests, which lie anywhere.
 */
const groupRows: Readonly<Record<TableName, number>> = {
  documents: 20_000,
  ledger: 20_000,
  quarantine: 20_000,
  evidence: 2048,
  blobs: 2048,
};

export async function tableJob(context: JobContext, job: TableJob): Promise<UnitDone> {
  const start = performance.now();
  const attempt = new Attempt(context.corpus, "finalise", job.id);
  const folder = scratchFolder(context);
  const sql = await openSql({ memoryBytes: job.memoryBytes, spillFolder: folder });
  try {
    await loadParts(sql, context, job, folder);
    const [{ count }] = (await collect(sql.rows("SELECT count(*)::DOUBLE AS count FROM sorted"))) as [{ count: number }];
    for (let first = 0, index = 0; first < count; first += fileRows, index++) {
      const name = `${job.table}-${index}`;
      const file = `${tableFolder[job.table]}/${job.table}-${String(index).padStart(5, "0")}-#.parquet`;
      const path = attempt.adopt(name, file);
      const rows = `SELECT * FROM sorted WHERE rowid >= ${first} AND rowid < ${first + fileRows} ORDER BY rowid`;
      const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows[job.table]}`;
      await sql.run(`COPY (${rows}) TO ${literal(path)} (${options})`);
      attempt.setRows(name, Math.min(fileRows, count - first));
    }
    const record = attempt.commit({ table: job.table }, { rows: count });
    const bytes = record.files.reduce((total, file) => total + file.bytes, 0);
    return { record, times: { tables: { seconds: (performance.now() - start) / 1000, documents: count, bytes } } };
  } catch (error) {
    attempt.abandon();
    throw error;
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes the table `sorted`. */
async function loadParts(sql: Sql, { corpus }: JobContext, job: TableJob, folder: string): Promise<void> {
  await sql.run("CREATE TABLE parts (path VARCHAR, part BIGINT, text_file VARCHAR)");
  await insert(
    sql,
    "parts",
    job.parts.map(({ path, unit, text }) => [literal(corpus.resolve(path)), unit, literal(text)]),
  );
  await sql.run(`ATTACH ${literal(join(folder, "sort.duckdb"))} AS spill`);
  const paths = job.parts.map(({ path }) => literal(corpus.resolve(path))).join(", ");
  const rows = `read_parquet([${paths}], filename = 'part_path', file_row_number = true, union_by_name = true)
    JOIN parts ON parts.path = part_path`;
  if (job.table === "evidence" || job.table === "blobs") {
    const key = order[job.table];
    const others =
      job.table === "evidence"
        ? "any_value(evidence) AS evidence"
        : "any_value(media_type) AS media_type, any_value(bytes) AS bytes";
    await sql.run(`CREATE TABLE spill.sorted AS SELECT ${key}, ${others} FROM ${rows} GROUP BY ${key} ORDER BY ${key}`);
  } else {
    const isPlaced = job.places.length > 0;
    if (isPlaced) {
      await sql.run("CREATE TABLE places (unit BIGINT, first BIGINT, rows BIGINT, shard VARCHAR, shard_row BIGINT)");
      await insert(
        sql,
        "places",
        job.places.map((place) => [place.unit, place.first, place.rows, literal(place.shard), place.row]),
      );
    }
    const columns =
      job.table === "documents"
        ? // A row of a file that does not stay would point nowhere.
          `${besides(isPlaced ? ["unit", "first", "rows", "shard_row"] : [])} REPLACE (if(text_file = '', -1, text_row)::INTEGER AS text_row)`
        : besides(["text_file"]);
    const place = isPlaced ? ", (shard_row + file_row_number - first)::INTEGER AS row" : "";
    const join = isPlaced
      ? "JOIN places ON places.unit = part AND file_row_number >= first AND file_row_number < first + rows"
      : "";
    await sql.run(`CREATE TABLE spill.sorted AS SELECT ${columns}${place} FROM ${rows} ${join} ORDER BY ${order[job.table]}`);
  }
  await sql.run("USE spill");
}

/** All columns without those that only the sorting needs. */
function besides(others: readonly string[]): string {
  return `* EXCLUDE (${["path", "part", "part_path", "file_row_number", ...others].join(", ")})`;
}

async function insert(sql: Sql, table: string, rows: readonly (readonly (string | number)[])[]): Promise<void> {
  for (let i = 0; i < rows.length; i += 1000) {
    const values = rows.slice(i, i + 1000).map((row) => `(${row.join(", ")})`);
    await sql.run(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
  }
}

async function collect(rows: AsyncGenerator<Readonly<Record<string, unknown>>>): Promise<Readonly<Record<string, unknown>>[]> {
  const all = [];
  for await (const row of rows) all.push(row);
  return all;
}
