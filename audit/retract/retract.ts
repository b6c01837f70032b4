/**
 * Retraction: documents of a finished corpus are taken away by writing its next version, decided from the documents table alone.
 * No shard is touched, and no page is read again. Apertus calls the robots.txt part of it consent with hindsight (technical report
 * §3.1.1); here it goes on after the corpus was made.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  adoptVersionTable,
  attemptSuffix,
  type CorpusFolder,
  deletedRows,
  disk,
  identityColumns,
  lockCorpus,
  type Manifest,
  openManifest,
  readVersion,
  type Version,
  type VersionTableName,
  type VersionTables,
  writeDeletions,
} from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { isBytes, literal, openParquet, openSql, type ParquetFile, type Sql, stringAt } from "../../formats/index.js";
import { Changes } from "./changes.js";
import type { Decider, Decisions } from "./deciders.js";
import { retractStage } from "./rules.js";

export interface RetractOptions {
  /** Asked one after the other; the first that takes a document away says why. */
  readonly deciders: readonly Decider[];
  /** Decide and count, and write nothing. */
  readonly dryRun: boolean;
  /** Kept with the version, for people. */
  readonly note?: string;
  readonly now: Date;
  /** Hosts to list. */
  readonly hosts: number;
  readonly progress?: (documents: number) => void;
}

export interface Retraction {
  /** The version that was written; null in a dry run, and where nothing was to be taken away. */
  readonly version: number | null;
  readonly parent: number;
  /** Documents of the parent version that were decided on. */
  readonly documents: number;
  readonly removed: { readonly documents: number; readonly tokens: number };
  readonly by_rule: Readonly<Record<string, { readonly documents: number; readonly tokens: number }>>;
  /** Those with the most documents taken away. */
  readonly hosts: readonly { readonly host_key: string; readonly documents: number; readonly tokens: number }[];
  readonly hosts_total: number;
}

/** @throws DataError CORPUS_LOCKED, VERSION_RACE, and what the deciders throw */
export async function retract(corpus: CorpusFolder, options: RetractOptions): Promise<Retraction> {
  const unlock = options.dryRun ? () => undefined : lockCorpus(corpus);
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-retract-"));
  try {
    return await decideAll(corpus, openManifest(corpus), options, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    unlock();
  }
}

async function decideAll(
  corpus: CorpusFolder,
  manifest: Manifest,
  options: RetractOptions,
  folder: string,
): Promise<Retraction> {
  if (manifest.tokenizer === null) {
    throw new DataError("USAGE", {
      file: corpus.root,
      detail: "this corpus has no shards to take documents from",
      mend: "run a recipe that ends in tokenize",
    });
  }
  const parent = readVersion(corpus);
  const changes = new Changes(folder);
  const gone = new GoneRows(corpus, manifest, parent);
  let read = 0;
  for (const { path } of manifest.tables.documents) {
    const file = await openParquet(corpus.resolve(path));
    try {
      for (const { firstRow, rows } of file.rowGroups) {
        await decideRows(file, firstRow, firstRow + rows, gone, options.deciders, changes);
        read += rows;
        options.progress?.(read);
      }
    } finally {
      await file.close();
    }
  }
  changes.close();
  const documents = read - parent.deletions.reduce((sum, { rows }) => sum + rows, 0);
  const sql = await openSql({ memoryBytes: 1e9, spillFolder: folder });
  try {
    const found = { parent: parent.version, documents, ...(await tellHosts(sql, changes, options.hosts)) };
    const total = (key: "documents" | "tokens"): number =>
      Object.values(changes.byRule).reduce((sum, rule) => sum + rule[key], 0);
    const result = { ...found, removed: { documents: total("documents"), tokens: total("tokens") }, by_rule: changes.byRule };
    if (options.dryRun || result.removed.documents === 0) return { ...result, version: null };
    const reasons = options.deciders.map((decider, index) => ({
      ...decider.reason,
      ...(changes.byDecider[index] ?? { documents: 0, tokens: 0 }),
      ...(options.note === undefined ? {} : { note: options.note }),
    }));
    const written = await makeTables(sql, corpus, manifest, changes);
    const version = await writeDeletions(corpus, manifest, changes.rowsByShard, reasons, options.now, written);
    return { ...result, version: version.version };
  } finally {
    sql.close();
  }
}

async function decideRows(
  file: ParquetFile,
  start: number,
  end: number,
  gone: GoneRows,
  deciders: readonly Decider[],
  changes: Changes,
): Promise<void> {
  const dated = deciders.some((decider) => decider.dated);
  const { url, captured_at } = await file.readRows(start, end, { columns: dated ? ["url", "captured_at"] : ["url"] });
  if (!isBytes(url) || (captured_at !== undefined && isBytes(captured_at))) throw otherTypes();
  const documents = captured_at === undefined ? { url } : { url, captured_at };
  const decided: { readonly index: number; readonly decisions: Decisions }[] = [];
  for (const [index, decider] of deciders.entries()) {
    const decisions = decider.decide(documents);
    if (decisions.gone.length > 0) decided.push({ index, decisions });
  }
  if (decided.length === 0) return;
  // Where documents lie is read only where some of them go.
  const { shard, row, tokens, host_key } = await file.readRows(start, end, { columns: places });
  if (!isBytes(shard) || isBytes(row) || isBytes(tokens) || !isBytes(host_key)) throw otherTypes();
  const taken = new Set<number>();
  for (const { index, decisions } of decided) {
    for (const { row: at, reason } of decisions.gone) {
      const place = { shard: stringAt(shard, at), row: row.values[at] ?? 0 };
      if (taken.has(at) || (await gone.has(place.shard, place.row))) continue;
      taken.add(at);
      changes.add(index, { ...place, tokens: tokens.values[at] ?? 0, host_key: stringAt(host_key, at) }, reason);
    }
    changes.keep(decisions.blobs);
  }
  changes.flush();
}

const places = ["shard", "row", "tokens", "host_key"];

function otherTypes(): DataError {
  return new DataError("CORPUS_DAMAGED", { detail: "the documents table has columns of other types" });
}

/** Rows that the parent version left out already. */
class GoneRows {
  readonly #bits = new Map<string, Uint8Array>();

  constructor(
    private readonly corpus: CorpusFolder,
    private readonly manifest: Manifest,
    private readonly version: Version,
  ) {}

  async has(shard: string, row: number): Promise<boolean> {
    const bits = this.#bits.get(shard) ?? (await this.#load(shard));
    return (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
  }

  async #load(shard: string): Promise<Uint8Array> {
    const rows = this.manifest.shards.find(({ path }) => path === shard)?.rows ?? 0;
    const bits = new Uint8Array((rows + 7) >> 3);
    for (const deleted of await deletedRows(this.corpus, this.version, shard)) {
      const at = deleted >> 3;
      bits[at] = (bits[at] ?? 0) | (1 << (deleted & 7));
    }
    this.#bits.set(shard, bits);
    return bits;
  }
}

function joined(corpus: CorpusFolder, manifest: Manifest, changes: Changes): string {
  const documents = manifest.tables.documents.map(({ path }) => literal(corpus.resolve(path))).join(", ");
  return `read_parquet([${documents}]) AS d JOIN read_parquet(${literal(changes.rows.path)}) AS c USING (shard, row)`;
}

async function tellHosts(sql: Sql, changes: Changes, limit: number): Promise<Pick<Retraction, "hosts" | "hosts_total">> {
  if (changes.rowsByShard.size === 0) return { hosts: [], hosts_total: 0 };
  await sql.run(`CREATE TEMP TABLE hosts AS SELECT host_key, count(*)::DOUBLE AS documents, sum(tokens)::DOUBLE AS tokens
    FROM read_parquet(${literal(changes.rows.path)}) GROUP BY host_key`);
  const hosts: Retraction["hosts"][number][] = [];
  const most = `SELECT * FROM hosts ORDER BY documents DESC, host_key LIMIT ${limit}`;
  for await (const row of sql.rows(most)) hosts.push(row as unknown as Retraction["hosts"][number]);
  let hosts_total = 0;
  for await (const { total } of sql.rows("SELECT count(*)::DOUBLE AS total FROM hosts")) hosts_total = Number(total);
  return { hosts, hosts_total };
}

/** Writes the version's tables under names of an attempt; the function that comes back gives them their places. */
async function makeTables(
  sql: Sql,
  corpus: CorpusFolder,
  manifest: Manifest,
  changes: Changes,
): Promise<(number: number) => VersionTables> {
  disk.makeFolder(corpus.resolve("versions"));
  const identity = Object.keys(identityColumns).map((name) => `d.${name}`);
  const selects: Readonly<Record<VersionTableName, string>> = {
    ledger: `SELECT ${identity.join(", ")}, d.host_key, d.source, ${literal(retractStage)} AS stage, c.rule, c.evidence, shard, row
      FROM ${joined(corpus, manifest, changes)} ORDER BY d.host_key, url, captured_at, shard, row`,
    evidence: `SELECT id, any_value(evidence) AS evidence FROM read_parquet(${literal(changes.evidence.path)}) GROUP BY id ORDER BY id`,
    blobs: `SELECT sha256, any_value(media_type) AS media_type, any_value(bytes) AS bytes
      FROM read_parquet(${literal(changes.blobs.path)}) GROUP BY sha256 ORDER BY sha256`,
  };
  const made: { name: VersionTableName; path: string; rows: number }[] = [];
  for (const [name, select] of Object.entries(selects) as [VersionTableName, string][]) {
    const path = corpus.resolve(`versions/${name}${attemptSuffix()}`);
    await sql.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)`);
    let rows = 0;
    for await (const row of sql.rows(`SELECT count(*)::DOUBLE AS n FROM read_parquet(${literal(path)})`)) rows = Number(row.n);
    if (rows > 0) made.push({ name, path, rows });
    else disk.remove(path);
  }
  return (number) =>
    Object.fromEntries(made.map(({ name, path, rows }) => [name, [adoptVersionTable(corpus, number, name, path, rows)]]));
}
