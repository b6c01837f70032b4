/**
 * Checks that the parts of a corpus belong together: every row of the shards is the document that the documents table places
 * there, every piece of evidence has the digest that names it, and whatever a row refers to is there. Rows are compared as two
 * sorted streams, so memory does not grow with the corpus.
 */
import { tmpdir } from "node:os";
import { type CorpusFolder, hostKey, type Manifest, type TableName } from "../corpus/index.js";
import { bytesAt, literal, openSql, readArrow, type Sql } from "../formats/index.js";
import type { Fault } from "./fault.js";

/** Faults of one kind that are told one by one; the rest are counted. */
const told = 5;

export async function verifyRows(corpus: CorpusFolder, manifest: Manifest): Promise<readonly Fault[]> {
  const sql = await openSql({ memoryBytes: 512e6, spillFolder: tmpdir() });
  try {
    const faults: Fault[] = [];
    for (const check of [checkShardRows, checkReferences, checkFlow, checkHosts])
      faults.push(...(await check(sql, corpus, manifest)));
    return faults;
  } finally {
    sql.close();
  }
}

/** Drops by rule, and each stage's documents in and out, against the ledger and against each other. */
async function checkFlow(sql: Sql, corpus: CorpusFolder, manifest: Manifest): Promise<readonly Fault[]> {
  const counted: Record<string, number> = {};
  if (manifest.tables.ledger.length > 0) {
    const rows = `SELECT concat(stage, '/', rule) AS rule, count(*)::DOUBLE AS n FROM ${tableOf(corpus, manifest, "ledger")} GROUP BY 1`;
    for await (const { rule, n } of sql.rows(rows)) counted[String(rule)] = Number(n);
  }
  const texts: string[] = [];
  const { dropped } = manifest.totals;
  for (const rule of new Set([...Object.keys(counted), ...Object.keys(dropped)])) {
    if (counted[rule] === dropped[rule]) continue;
    texts.push(`${counted[rule] ?? 0} documents dropped by ${rule} in ledger/, ${dropped[rule] ?? 0} counted`);
  }
  for (const stage of manifest.stages) {
    const drops = Object.values(stage.dropped).reduce((total, count) => total + count, 0);
    // Extraction leaves out what it finds no text in, and a record may kill its worker: those are no drops.
    if (stage.documents_out > stage.documents_in - drops) {
      texts.push(`${stage.name}: ${stage.documents_in} documents in, ${drops} dropped, ${stage.documents_out} out`);
    }
    for (const [rule, count] of Object.entries(stage.dropped))
      if (dropped[rule] !== count) texts.push(`${stage.name} says ${count} for ${rule}, the total ${dropped[rule] ?? 0}`);
  }
  return texts.map((fault) => ({ path: "manifest.json", fault }));
}

/** Whether each row lies where its address belongs: under another host it would stand in another owner's report. */
async function checkHosts(sql: Sql, corpus: CorpusFolder, manifest: Manifest): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const table of ["documents", "ledger"] as const) {
    if (manifest.tables[table].length === 0) continue;
    let found = 0;
    for await (const { url, host_key } of sql.rows(`SELECT url, host_key FROM ${tableOf(corpus, manifest, table)}`)) {
      if (hostKey(String(url)) === host_key) continue;
      if (++found <= told) faults.push({ path: table, fault: `${String(url)} stands under the host key ${String(host_key)}` });
    }
    if (found > told) faults.push({ path: table, fault: `… and ${found - told} more` });
  }
  return faults;
}

interface PlacedDocument {
  readonly shard: string;
  readonly row: number;
  readonly tokens: number;
  readonly id: Uint8Array;
}

/** Ids and token counts of the shards against the documents table, both in the order of shard and row. */
async function checkShardRows(sql: Sql, corpus: CorpusFolder, manifest: Manifest): Promise<readonly Fault[]> {
  if (manifest.tokenizer === null || manifest.tables.documents.length === 0) return [];
  const faults: string[] = [];
  const documents = sql.rows(
    `SELECT shard, row, tokens, id FROM ${tableOf(corpus, manifest, "documents")} ORDER BY shard, row`,
  ) as unknown as AsyncGenerator<PlacedDocument>;
  const shards = [...manifest.shards].sort((a, b) => (a.path < b.path ? -1 : 1));
  let found = 0;
  const fault = (text: string): void => {
    if (++found <= told) faults.push(text);
  };
  for (const { path } of shards) {
    let row = 0;
    for await (const batch of readArrow(corpus.resolve(path))) {
      const { id, tokens } = batch;
      if (id === undefined || id.type === "list<uint32>" || !("offsets" in id) || tokens?.type !== "list<uint32>") {
        fault(`${path} has no columns id and tokens`);
        break;
      }
      for (let i = 0; i < tokens.offsets.length - 1; i++, row++) {
        const next = await documents.next();
        if (next.done === true) {
          fault(`${path}, row ${row}: no document has its place there`);
          continue;
        }
        const { shard, row: place, tokens: count, id: named } = next.value;
        if (shard !== path || place !== row) fault(`the document of ${path}, row ${row}, is placed in ${shard}, row ${place}`);
        else if (!Buffer.from(named).equals(bytesAt(id, i))) fault(`${path}, row ${row}: another document's id`);
        else if (tokens.offsets[i + 1] - tokens.offsets[i] !== count)
          fault(`${path}, row ${row}: ${tokens.offsets[i + 1] - tokens.offsets[i]} tokens, the documents table says ${count}`);
      }
    }
  }
  for await (const { shard, row } of documents) fault(`${shard}, row ${row}: a document without tokens`);
  if (found > told) faults.push(`… and ${found - told} more`);
  return faults.map((text) => ({ path: "documents", fault: text }));
}

/** Digests that name evidence and captured bytes, and references to them. */
async function checkReferences(sql: Sql, corpus: CorpusFolder, manifest: Manifest): Promise<readonly Fault[]> {
  const from = (table: TableName, columns: string): string =>
    manifest.tables[table].length === 0
      ? `(SELECT ${columns
          .split(", ")
          .map((column) => `NULL::VARCHAR AS ${column}`)
          .join(", ")} WHERE false)`
      : tableOf(corpus, manifest, table);
  const evidence = from("evidence", "id, evidence");
  const blobs = from("blobs", "sha256");
  const kept = manifest.tables.documents.length > 0 && (await hasColumn(sql, corpus, manifest, "consent_robots"));
  const checks: readonly (readonly [path: string, query: string, what: string])[] = [
    ["evidence", `SELECT id AS name FROM ${evidence} WHERE sha256(evidence) <> id`, "is not the digest of its evidence"],
    [
      "evidence",
      manifest.tables.blobs.length === 0
        ? "SELECT NULL AS name WHERE false"
        : `SELECT sha256 AS name FROM ${blobs} WHERE sha256(bytes) <> sha256`,
      "is not the digest of its captured bytes",
    ],
    [
      "ledger",
      `SELECT DISTINCT evidence AS name FROM ${from("ledger", "evidence")} AS l WHERE evidence <> ''
       AND NOT EXISTS (SELECT 1 FROM ${evidence} AS e WHERE e.id = l.evidence)`,
      "is evidence that is not there",
    ],
    [
      "evidence",
      `SELECT id AS name FROM (SELECT id, regexp_extract(evidence, '"sha256":"([0-9a-f]{64})"', 1) AS body FROM ${evidence}) AS e
       WHERE body <> '' AND NOT EXISTS (SELECT 1 FROM ${blobs} AS b WHERE b.sha256 = e.body)`,
      "rests on captured bytes that are not there",
    ],
    [
      "documents",
      kept
        ? `SELECT DISTINCT consent_robots AS name FROM ${from("documents", "consent_robots")} AS d
           WHERE length(consent_robots) = 64 AND NOT EXISTS (SELECT 1 FROM ${blobs} AS b WHERE b.sha256 = d.consent_robots)`
        : "SELECT NULL AS name WHERE false",
      "is a captured robots.txt that is not there",
    ],
  ];
  const faults: Fault[] = [];
  for (const [path, query, what] of checks) {
    let found = 0;
    for await (const { name } of sql.rows(query)) if (++found <= told) faults.push({ path, fault: `${String(name)} ${what}` });
    if (found > told) faults.push({ path, fault: `… and ${found - told} more` });
  }
  return faults;
}

async function hasColumn(sql: Sql, corpus: CorpusFolder, manifest: Manifest, column: string): Promise<boolean> {
  for await (const { column_name } of sql.rows(`DESCRIBE SELECT * FROM ${tableOf(corpus, manifest, "documents")}`))
    if (column_name === column) return true;
  return false;
}

function tableOf(corpus: CorpusFolder, manifest: Manifest, table: TableName): string {
  return `read_parquet([${manifest.tables[table].map(({ path }) => literal(corpus.resolve(path))).join(", ")}])`;
}
