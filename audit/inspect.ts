/** Looking into a corpus: its totals, and single documents with what was decided about them, by host, rule or place in a shard. */
import { tmpdir } from "node:os";
import { type CorpusFolder, hostKey, type Manifest, openManifest } from "../corpus/index.js";
import { literal, openSql, readArrow, type Sql } from "../formats/index.js";
import { openTokenizer } from "../tokenizer/index.js";

export type Row = Readonly<Record<string, unknown>>;

export interface Look {
  /** A URL (that page), or a host (all pages of it and its sub-domains). */
  readonly site?: string;
  readonly rule?: string;
  readonly limit: number;
}

/** Rows of a table of the corpus that match, in the table's own order. */
export async function findRows(
  corpus: CorpusFolder,
  table: "documents" | "ledger" | "quarantine",
  look: Look,
): Promise<readonly Row[]> {
  return withTable(corpus, openManifest(corpus), table, async (sql, from) => {
    const conditions = ["true"];
    if (look.site !== undefined) conditions.push(siteCondition(look.site));
    if (look.rule !== undefined && table === "ledger") {
      const [stage, rule] = look.rule.includes("/") ? look.rule.split("/") : [undefined, look.rule];
      conditions.push(`rule = ${literal(rule ?? "")}`);
      if (stage !== undefined) conditions.push(`stage = ${literal(stage)}`);
    }
    return collect(sql.rows(`SELECT * FROM ${from} WHERE ${conditions.join(" AND ")} LIMIT ${look.limit}`));
  });
}

/** The evidence of a drop, as it was recorded; undefined where there is none of this id. */
export async function findEvidence(corpus: CorpusFolder, id: string): Promise<unknown> {
  return withTable(corpus, openManifest(corpus), "evidence", async (sql, from) => {
    const [row] = await collect(sql.rows(`SELECT evidence FROM ${from} WHERE id = ${literal(id)}`));
    return row === undefined ? undefined : (JSON.parse(String(row.evidence)) as unknown);
  });
}

/** Captured bytes, a robots.txt say, by their SHA-256. */
export async function findBlob(corpus: CorpusFolder, sha256: string): Promise<Uint8Array | undefined> {
  return withTable(corpus, openManifest(corpus), "blobs", async (sql, from) => {
    const [row] = await collect(sql.rows(`SELECT bytes FROM ${from} WHERE sha256 = ${literal(sha256)}`));
    const bytes = row?.bytes;
    return bytes instanceof Uint8Array ? bytes : undefined;
  });
}

/** One document's tokens, by shard and row. */
export async function readTokens(corpus: CorpusFolder, shard: string, row: number): Promise<Uint32Array | undefined> {
  let first = 0;
  for await (const batch of readArrow(corpus.resolve(shard))) {
    const tokens = batch.tokens;
    if (tokens?.type !== "list<uint32>") return undefined;
    const rows = tokens.offsets.length - 1;
    if (row < first + rows) return tokens.values.slice(tokens.offsets[row - first], tokens.offsets[row - first + 1]);
    first += rows;
  }
  return undefined;
}

/** Tokens as text, special tokens by their names. */
export async function decodeTokens(ids: Uint32Array): Promise<string> {
  const tokenizer = await openTokenizer("apertus");
  return Buffer.from(tokenizer.decode(ids, { special: "names" })).toString();
}

/** The text of a document as it was before tokenising, where the recipe keeps text. */
export async function findText(corpus: CorpusFolder, id: Uint8Array): Promise<string | undefined> {
  const manifest = openManifest(corpus);
  if (manifest.text.length === 0) return undefined;
  const sql = await openSql({ memoryBytes: 256e6, spillFolder: tmpdir() });
  try {
    const files = manifest.text.map(({ path }) => literal(corpus.resolve(path))).join(", ");
    const hex = Buffer.from(id).toString("hex");
    const [row] = await collect(
      sql.rows(`SELECT text FROM read_parquet([${files}]) WHERE id = from_hex(${literal(hex)}) LIMIT 1`),
    );
    return row === undefined ? undefined : String(row.text);
  } finally {
    sql.close();
  }
}

function siteCondition(site: string): string {
  if (/^[a-z]+:\/\//i.test(site)) return `host_key = ${literal(hostKey(site))} AND url = ${literal(site)}`;
  const key = hostKey(`http://${site}/`);
  return `(host_key = ${literal(key)} OR starts_with(host_key, ${literal(`${key},`)}))`;
}

async function withTable<T>(
  corpus: CorpusFolder,
  manifest: Manifest,
  table: keyof Manifest["tables"],
  work: (sql: Sql, from: string) => Promise<T>,
): Promise<T> {
  const sql = await openSql({ memoryBytes: 256e6, spillFolder: tmpdir() });
  try {
    const files = manifest.tables[table].map(({ path }) => literal(corpus.resolve(path)));
    // A table without rows has no file; one that has every column would need the schema, so it is a table without columns.
    const from =
      files.length === 0
        ? `(SELECT NULL AS host_key, NULL AS url, NULL AS id, NULL AS sha256, NULL AS rule, NULL AS stage, NULL AS evidence, NULL AS bytes WHERE false)`
        : `read_parquet([${files.join(", ")}])`;
    return await work(sql, from);
  } finally {
    sql.close();
  }
}

async function collect(rows: AsyncGenerator<Row>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
