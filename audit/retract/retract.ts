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
  openVersion,
  type Version,
  type VersionTableName,
  type VersionTables,
  writeDeletions,
} from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { literal, openParquet, openSql, type Sql } from "../../formats/index.js";
import { Changes } from "./changes.js";
import type { Decider } from "./deciders.js";
import type { Doubt } from "./open-decider.js";
import type { GroupDecisions, RowGroup } from "./row-group.js";
import { retractStage } from "./rules.js";
import { decideGroups, threadsFor } from "./threads.js";

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
  /** Threads that decide; chosen by the number of documents and processors unless it is given. */
  readonly threads?: number;
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
  /** Documents that stay, though more was stated of them than the corpus keeps (`partial`), or than can be read of it (`unread`). */
  readonly unsure: Readonly<Record<Doubt, number>>;
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
  const parent = openVersion(corpus, manifest);
  const changes = new Changes(folder);
  const gone = new GoneRows(corpus, manifest, parent);
  const groups = await rowGroups(corpus, manifest);
  let read = 0;
  const unsure = { partial: 0, unread: 0 };
  await decideGroups(
    options.deciders.map(({ spec }) => spec),
    groups,
    options.threads ?? threadsFor(groups),
    async ({ start, end }, decisions) => {
      await take(decisions, gone, changes, unsure);
      read += end - start;
      options.progress?.(read);
    },
  );
  changes.close();
  const documents = read - parent.deletions.reduce((sum, { rows }) => sum + rows, 0);
  const sql = await openSql({ memoryBytes: 1e9, spillFolder: folder });
  try {
    const found = { parent: parent.version, documents, ...(await tellHosts(sql, changes, options.hosts)) };
    const total = (key: "documents" | "tokens"): number =>
      Object.values(changes.byRule).reduce((sum, rule) => sum + rule[key], 0);
    // In order of name: threads meet the rules in any.
    const by_rule = Object.fromEntries(Object.entries(changes.byRule).sort(([a], [b]) => (a < b ? -1 : 1)));
    const result = { ...found, removed: { documents: total("documents"), tokens: total("tokens") }, by_rule, unsure };
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

async function rowGroups(corpus: CorpusFolder, manifest: Manifest): Promise<readonly RowGroup[]> {
  const groups: RowGroup[] = [];
  for (const { path: relative } of manifest.tables.documents) {
    const path = corpus.resolve(relative);
    const file = await openParquet(path);
    groups.push(...file.rowGroups.map(({ firstRow, rows }) => ({ path, start: firstRow, end: firstRow + rows })));
    await file.close();
  }
  return groups;
}

/** Of the documents that are in the parent version, each by the first decider that takes it. */
async function take(
  decisions: readonly GroupDecisions[],
  out: GoneRows,
  changes: Changes,
  doubts: Record<Doubt, number>,
): Promise<void> {
  const taken = new Set<string>();
  for (const { decider, gone, evidence, blobs } of decisions) {
    const used = new Map<string, string>();
    for (const document of gone) {
      const place = `${document.shard} ${document.row}`;
      if (taken.has(place) || (await out.has(document.shard, document.row))) continue;
      taken.add(place);
      changes.add(decider, document);
      used.set(document.evidence, evidence.get(document.evidence) ?? "");
    }
    changes.explain(used);
    changes.keep(blobs);
  }
  for (const { unsure } of decisions) {
    for (const { shard, row, why } of unsure) {
      if (!taken.has(`${shard} ${row}`) && !(await out.has(shard, row))) doubts[why]++;
    }
  }
  changes.flush();
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
