/**
 * What changed between two versions of a corpus: documents that went and documents that came back, by host, language and
 * document, with the reasons that the versions on the way give.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CorpusFolder,
  deletedRows,
  openManifest,
  openVersion,
  parentOf,
  readVersion,
  type Version,
} from "../corpus/index.js";
import { literal, openSql, type Sql, utf8Column } from "../formats/index.js";
import { TemporaryTable } from "./temporary-table.js";

export interface VersionDiff {
  readonly from: number;
  readonly to: number;
  /** Documents in `from` and not in `to`, and the other way round. */
  readonly removed: Changed;
  readonly restored: Changed;
  /** Documents in each of the two. */
  readonly documents: { readonly from: number; readonly to: number };
  /** The versions after the older one up to the newer one, with what they say of themselves. */
  readonly versions: readonly Pick<Version, "version" | "created_at" | "reasons">[];
  /** Hosts with the most changes. */
  readonly hosts: readonly {
    readonly host_key: string;
    readonly removed: number;
    readonly restored: number;
    readonly tokens: number;
  }[];
  readonly hosts_total: number;
  /** The first changed documents in the order of host and URL. */
  readonly pages: readonly {
    readonly change: "removed" | "restored";
    readonly url: string;
    readonly shard: string;
    readonly row: number;
  }[];
}

export interface Changed {
  readonly documents: number;
  readonly tokens: number;
}

/** @param limit hosts and pages to list */
export async function diffVersions(corpus: CorpusFolder, from: number, to: number, limit = 20): Promise<VersionDiff> {
  const manifest = openManifest(corpus);
  const [before, after] = [openVersion(corpus, manifest, from), openVersion(corpus, manifest, to)];
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-diff-"));
  const sql = await openSql({ memoryBytes: 512e6, spillFolder: folder });
  try {
    const changes = join(folder, "changes.parquet");
    let inBefore = 0;
    let inAfter = 0;
    await writeChanges(changes, async function* () {
      for (const { path, rows } of manifest.shards) {
        const [gone, goneAfter] = [await deletedRows(corpus, before, path), await deletedRows(corpus, after, path)];
        inBefore += rows - gone.length;
        inAfter += rows - goneAfter.length;
        yield { shard: path, removed: without(goneAfter, gone), restored: without(gone, goneAfter) };
      }
    });
    const documents = manifest.tables.documents.map(({ path }) => literal(corpus.resolve(path)));
    if (documents.length === 0 || manifest.tokenizer === null)
      await sql.run(
        "CREATE VIEW changed AS SELECT '' AS host_key, '' AS url, 0 AS tokens, '' AS shard, 0 AS row, 0 AS back WHERE false",
      );
    else
      await sql.run(`CREATE TEMP TABLE changed AS SELECT host_key, url, captured_at, d.tokens, shard, row, back
        FROM read_parquet([${documents.join(", ")}]) AS d JOIN read_parquet(${literal(changes)}) AS c USING (shard, row)`);
    const versions = versionsBetween(corpus, Math.min(from, to), Math.max(from, to));
    return {
      from,
      to,
      removed: await changed(sql, 0),
      restored: await changed(sql, 1),
      documents: { from: inBefore, to: inAfter },
      versions,
      hosts: (await collect(
        sql,
        `SELECT host_key, sum(1 - back)::DOUBLE AS removed, sum(back)::DOUBLE AS restored,
        sum(tokens)::DOUBLE AS tokens FROM changed GROUP BY host_key ORDER BY count(*) DESC, host_key LIMIT ${limit}`,
      )) as unknown as VersionDiff["hosts"],
      hosts_total: Number((await collect(sql, "SELECT count(DISTINCT host_key)::DOUBLE AS hosts FROM changed"))[0]?.hosts ?? 0),
      pages: (await collect(
        sql,
        `SELECT CASE back WHEN 1 THEN 'restored' ELSE 'removed' END AS change, url, shard, row
        FROM changed ORDER BY host_key, url, shard, row LIMIT ${limit}`,
      )) as unknown as VersionDiff["pages"],
    };
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface ShardChanges {
  readonly shard: string;
  readonly removed: Uint32Array;
  readonly restored: Uint32Array;
}

/** One row for each changed document: shard, row, and whether it came back. */
async function writeChanges(path: string, shards: () => AsyncGenerator<ShardChanges>): Promise<void> {
  const table = new TemporaryTable(path, { shard: "utf8", row: "int32", back: "int32" });
  for await (const { shard, removed, restored } of shards()) {
    for (const [back, rows] of [removed, restored].entries()) {
      if (rows.length === 0) continue;
      table.write({
        shard: utf8Column(Array.from(rows, () => shard)),
        row: { type: "int32", values: Int32Array.from(rows) },
        back: { type: "int32", values: new Int32Array(rows.length).fill(back) },
      });
    }
  }
  table.close();
}

/** Both ascending. */
function without(rows: Uint32Array, others: Uint32Array): Uint32Array {
  let at = 0;
  return rows.filter((row) => {
    while (at < others.length && others[at] < row) at++;
    return others[at] !== row;
  });
}

function versionsBetween(corpus: CorpusFolder, older: number, newer: number): VersionDiff["versions"] {
  const versions: Pick<Version, "version" | "created_at" | "reasons">[] = [];
  for (let at: Version | undefined = readVersion(corpus, newer); at !== undefined && at.version > older; ) {
    versions.unshift({ version: at.version, created_at: at.created_at, reasons: at.reasons });
    at = parentOf(corpus, at);
  }
  return versions;
}

async function changed(sql: Sql, back: number): Promise<Changed> {
  const [row] = await collect(
    sql,
    `SELECT count(*)::DOUBLE AS documents, coalesce(sum(tokens), 0)::DOUBLE AS tokens FROM changed WHERE back = ${back}`,
  );
  return { documents: Number(row?.documents ?? 0), tokens: Number(row?.tokens ?? 0) };
}

async function collect(sql: Sql, statement: string): Promise<Readonly<Record<string, unknown>>[]> {
  const rows = [];
  for await (const row of sql.rows(statement)) rows.push(row);
  return rows;
}
