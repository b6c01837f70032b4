/**
 * The documents that a retraction takes away, found in the documents table by their rows: their shards, hosts and tokens, and the tables
 * of the new version. What an earlier version left out is left out here.
 */
import { availableParallelism } from "node:os";
import {
  adoptVersionTable,
  attemptSuffix,
  type CorpusFolder,
  disk,
  identityColumns,
  type VersionTableName,
  type VersionTables,
} from "../../corpus/index.js";
import { literal, type Sql } from "../../formats/index.js";
import type { Changes } from "./changes.js";
import type { Doubt } from "./open-decider.js";
import { retractStage } from "./rules.js";

export interface Counted {
  readonly documents: number;
  readonly tokens: number;
}

const sums = "count(*)::DOUBLE AS documents, coalesce(sum(tokens), 0)::DOUBLE AS tokens";

export class PlacedChanges {
  private constructor(
    private readonly sql: Sql,
    private readonly changes: Changes,
  ) {}

  /**
   * @param files of the documents table, in the order in which the changes count them
   * @param out a table of `shard` and `row` of what is out already
   * @param whole whether the version's tables are to be made; else documents are only counted
   */
  static async find(
    sql: Sql,
    changes: Changes,
    files: readonly string[],
    out: string | undefined,
    whole: boolean,
  ): Promise<PlacedChanges> {
    const columns = ["host_key", "tokens", "shard", "row", ...(whole ? [...Object.keys(identityColumns), "source"] : [])];
    const stays = out === undefined ? "" : `ANTI JOIN read_parquet(${literal(out)}) AS o USING (shard, row)`;
    // Threads change the order alone, and whoever reads these tables puts them in one.
    await sql.run(`SET threads = ${availableParallelism()}`);
    for (const [table, { path }, own] of [
      ["gone", changes.rows, "c.decider, c.rule, c.evidence"],
      ["doubted", changes.doubts, "c.why"],
    ] as const) {
      const wanted = table === "gone" ? columns : ["shard", "row"];
      const found = files.map(
        (file, index) => `SELECT ${own}, ${wanted.map((name) => `d.${name}`).join(", ")}
          FROM read_parquet(${literal(file)}, file_row_number = true) AS d
          JOIN read_parquet(${literal(path)}) AS c ON d.file_row_number = c.at AND c.file = ${index}`,
      );
      const empty = (table === "gone" ? changes.documents : changes.doubted) === 0;
      await sql.run(
        `CREATE TEMP TABLE ${table} AS SELECT * FROM (${found.join(" UNION ALL ")}) AS f ${stays}${empty ? " LIMIT 0" : ""}`,
      );
    }
    await sql.run("SET threads = 1");
    return new PlacedChanges(sql, changes);
  }

  /** Ordered by the key's name or number. */
  async countBy(key: "rule" | "decider"): Promise<ReadonlyMap<string, Counted>> {
    const found = new Map<string, Counted>();
    for await (const { name, documents, tokens } of this.sql.rows(
      `SELECT ${key}::VARCHAR AS name, ${sums} FROM gone GROUP BY ${key} ORDER BY ${key}`,
    )) {
      found.set(String(name), { documents: Number(documents), tokens: Number(tokens) });
    }
    return found;
  }

  async doubts(): Promise<Readonly<Record<Doubt, number>>> {
    const found = { partial: 0, unread: 0 };
    for await (const { why, n } of this.sql.rows("SELECT why, count(*)::DOUBLE AS n FROM doubted GROUP BY why")) {
      found[why as Doubt] = Number(n);
    }
    return found;
  }

  /** Those with the most documents taken away, and how many there are. */
  async hosts(
    limit: number,
  ): Promise<{ readonly hosts: readonly (Counted & { readonly host_key: string })[]; readonly total: number }> {
    const hosts: (Counted & { host_key: string })[] = [];
    let total = 0;
    const grouped = `SELECT host_key, ${sums} FROM gone GROUP BY host_key`;
    for await (const { hosts_total, host_key, documents, tokens } of this.sql.rows(
      `SELECT *, (count(*) OVER ())::DOUBLE AS hosts_total FROM (${grouped}) ORDER BY documents DESC, host_key LIMIT ${limit}`,
    )) {
      total = Number(hosts_total);
      hosts.push({ host_key: String(host_key), documents: Number(documents), tokens: Number(tokens) });
    }
    return { hosts, total };
  }

  async rowsByShard(): Promise<ReadonlyMap<string, readonly number[]>> {
    const found = new Map<string, number[]>();
    for await (const { shard } of this.sql.rows("SELECT DISTINCT shard FROM gone ORDER BY shard")) found.set(String(shard), []);
    for (const [shard, rows] of found) {
      const own = `SELECT row FROM gone WHERE shard = ${literal(shard)} ORDER BY row`;
      for await (const values of this.sql.column(own)) for (const row of values) rows.push(Number(row));
    }
    return found;
  }

  /** Writes the version's tables under names of an attempt; the function that comes back gives them their places. */
  async writeTables(corpus: CorpusFolder): Promise<(number: number) => VersionTables> {
    disk.makeFolder(corpus.resolve("versions"));
    const identity = Object.keys(identityColumns).join(", ");
    const selects: Readonly<Record<VersionTableName, string>> = {
      ledger: `SELECT ${identity}, host_key, source, ${literal(retractStage)} AS stage, rule, evidence, shard, row
        FROM gone ORDER BY host_key, url, captured_at, shard, row`,
      evidence: `SELECT id, any_value(evidence) AS evidence FROM read_parquet(${literal(this.changes.evidence.path)})
        WHERE id IN (SELECT evidence FROM gone) GROUP BY id ORDER BY id`,
      blobs: `SELECT sha256, any_value(media_type) AS media_type, any_value(bytes) AS bytes
        FROM read_parquet(${literal(this.changes.blobs.path)}) GROUP BY sha256 ORDER BY sha256`,
    };
    const made: { name: VersionTableName; path: string; rows: number }[] = [];
    for (const [name, select] of Object.entries(selects) as [VersionTableName, string][]) {
      const path = corpus.resolve(`versions/${name}${attemptSuffix()}`);
      await this.sql.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)`);
      let rows = 0;
      for await (const row of this.sql.rows(`SELECT count(*)::DOUBLE AS n FROM read_parquet(${literal(path)})`)) {
        rows = Number(row.n);
      }
      if (rows > 0) made.push({ name, path, rows });
      else disk.remove(path);
    }
    return (number) =>
      Object.fromEntries(made.map(({ name, path, rows }) => [name, [adoptVersionTable(corpus, number, name, path, rows)]]));
  }
}
