/**
 * The tables of a corpus at one of its versions, as SQL names them. A table file is never edited: documents that the version takes
 * away are left out by a join with the rows that its bitmaps list, and what the versions recorded of them stands beside what the
 * run recorded.
 */
import { join } from "node:path";
import {
  type CorpusFolder,
  deletedRows,
  type Manifest,
  openVersion,
  parentOf,
  type TableName,
  type Version,
  type VersionTableName,
} from "../corpus/index.js";
import { literal, type Sql, utf8Column } from "../formats/index.js";
import { TemporaryTable } from "./temporary-table.js";

const versioned: readonly VersionTableName[] = ["ledger", "evidence", "blobs"];

/** A table without rows has no file, and so neither a name nor columns. */
export class CorpusTables {
  readonly #columns = new Map<string, ReadonlySet<string>>();

  private constructor(
    private readonly corpus: CorpusFolder,
    private readonly manifest: Manifest,
    readonly version: Version,
    /** Of what the versions since the run recorded, by table. */
    private readonly later: Readonly<Record<VersionTableName, readonly string[]>>,
    /** A Parquet file of shard and row of the documents that the version takes away; undefined where it takes none. */
    readonly gone: string | undefined,
  ) {}

  /**
   * @param number the newest version where it is left out
   * @param folder a scratch folder that outlives the tables
   * @throws DataError VERSION_NOT_FOUND, CORPUS_DAMAGED
   */
  static async open(corpus: CorpusFolder, manifest: Manifest, folder: string, number?: number): Promise<CorpusTables> {
    const version = openVersion(corpus, manifest, number);
    const later: Record<VersionTableName, string[]> = { ledger: [], evidence: [], blobs: [] };
    for (let at: Version | undefined = version; at !== undefined; at = parentOf(corpus, at)) {
      for (const name of versioned) later[name].unshift(...(at.tables[name] ?? []).map(({ path }) => corpus.resolve(path)));
    }
    const gone = version.deletions.length === 0 ? undefined : join(folder, `gone-${version.version}.parquet`);
    if (gone !== undefined) await writeGone(gone, corpus, version);
    return new CorpusTables(corpus, manifest, version, later, gone);
  }

  /** Files that stand behind a table, of the versions since the run too. */
  files(table: TableName): readonly string[] {
    const ours = this.manifest.tables[table].map(({ path }) => this.corpus.resolve(path));
    const name = versioned.find((one) => one === table);
    return name === undefined ? ours : [...ours, ...this.later[name]];
  }

  /** What stands behind FROM: the table at this version. Undefined where it has no rows. */
  from(table: TableName): string | undefined {
    const all = readAll(this.files(table));
    if (all === undefined || table !== "documents" || this.gone === undefined) return all;
    return `(SELECT * FROM ${all} AS d ANTI JOIN read_parquet(${literal(this.gone)}) AS g USING (shard, row))`;
  }

  /** The table as the run left it. */
  ofRun(table: TableName): string | undefined {
    return readAll(this.manifest.tables[table].map(({ path }) => this.corpus.resolve(path)));
  }

  /** What the version takes away of what the run kept. */
  async goneTotals(sql: Sql): Promise<{ readonly documents: number; readonly tokens: number; readonly text_bytes: number }> {
    const none = { documents: 0, tokens: 0, text_bytes: 0 };
    const all = this.ofRun("documents");
    if (all === undefined || this.gone === undefined) return none;
    const statement = `SELECT count(*)::DOUBLE AS documents, coalesce(sum(tokens), 0)::DOUBLE AS tokens,
      coalesce(sum(text_bytes), 0)::DOUBLE AS text_bytes
      FROM ${all} AS d SEMI JOIN read_parquet(${literal(this.gone)}) AS g USING (shard, row)`;
    for await (const row of sql.rows(statement)) return row as typeof none;
    return none;
  }

  /** The table where it has rows and all of these columns. */
  async with(sql: Sql, table: TableName, ...columns: readonly string[]): Promise<string | undefined> {
    const from = this.from(table);
    if (from === undefined) return undefined;
    let known = this.#columns.get(table);
    if (known === undefined) {
      const names: string[] = [];
      for await (const { column_name } of sql.rows(`DESCRIBE SELECT * FROM ${from}`)) names.push(String(column_name));
      known = new Set(names);
      this.#columns.set(table, known);
    }
    return columns.every((column) => known.has(column)) ? from : undefined;
  }
}

function readAll(files: readonly string[]): string | undefined {
  return files.length === 0 ? undefined : `read_parquet([${files.map(literal).join(", ")}], union_by_name = true)`;
}

export async function writeGone(path: string, corpus: CorpusFolder, version: Version): Promise<void> {
  const table = new TemporaryTable(path, { shard: "utf8", row: "int32" });
  for (const { shard } of version.deletions) {
    const rows = await deletedRows(corpus, version, shard);
    table.write({
      shard: utf8Column(Array.from(rows, () => shard)),
      row: { type: "int32", values: Int32Array.from(rows) },
    });
  }
  table.close();
}
