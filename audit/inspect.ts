/** Looking into a corpus: its totals, and single documents with what was decided about them, by host, rule or place in a shard. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CorpusFolder,
  hostKey,
  type Manifest,
  openManifest,
  openVersion,
  parseUrl,
  type TableName,
} from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { isBytes, literal, openParquet, openSql, readArrow, type Sql, stringAt } from "../formats/index.js";
import { openTokenizerOf } from "../tokenizer/index.js";
import { CorpusTables } from "./corpus-tables.js";
import { retractRules, retractStage } from "./retract/rules.js";

export type Row = Readonly<Record<string, unknown>>;

export interface Look {
  /** A page, by its URL with or without the scheme; or a host: all pages of it and its sub-domains. */
  readonly site?: string;
  /** `stage/rule`, or a rule of whatever stage. */
  readonly rule?: string;
  readonly limit: number;
  /** The newest where it is left out. */
  readonly version?: number;
}

/**
 * Rows of a table of the corpus that match, in the table's own order.
 * @throws DataError USAGE where the corpus cannot have such a rule, or the site is neither a URL nor a host
 */
export async function findRows(
  corpus: CorpusFolder,
  table: "documents" | "ledger" | "quarantine",
  look: Look,
): Promise<readonly Row[]> {
  const manifest = openManifest(corpus);
  const rules = look.rule === undefined ? undefined : rulesOf(manifest, look.rule);
  const site = look.site === undefined ? undefined : readSite(look.site);
  return withTable(corpus, table, look.version, async (sql, from) => {
    const conditions = ["true"];
    if (site !== undefined) conditions.push(await siteCondition(site, sql, from));
    if (rules !== undefined && table === "ledger")
      conditions.push(`concat(stage, '/', rule) IN (${rules.map(literal).join(", ")})`);
    return collect(sql.rows(`SELECT * FROM ${from} WHERE ${conditions.join(" AND ")} LIMIT ${look.limit}`));
  });
}

/** The evidence of a drop, as it was recorded; undefined where there is none of this id. */
export async function findEvidence(corpus: CorpusFolder, id: string): Promise<unknown> {
  return withTable(corpus, "evidence", undefined, async (sql, from) => {
    const [row] = await collect(sql.rows(`SELECT evidence FROM ${from} WHERE id = ${literal(id)}`));
    return row === undefined ? undefined : (JSON.parse(String(row.evidence)) as unknown);
  });
}

/** Captured bytes, a robots.txt say, by their SHA-256. */
export async function findBlob(corpus: CorpusFolder, sha256: string): Promise<Uint8Array | undefined> {
  return withTable(corpus, "blobs", undefined, async (sql, from) => {
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
export async function decodeTokens(corpus: CorpusFolder, ids: Uint32Array): Promise<string> {
  const { tokenizer: entry } = openManifest(corpus);
  if (entry === null) throw new DataError("TOKENS_MISSING", { file: corpus.root });
  const tokenizer = await openTokenizerOf(corpus, entry);
  return Buffer.from(tokenizer.decode(ids, { special: "names" })).toString();
}

/**
 * The text of a row of `documents` or `ledger` as it was before tokenising, where the recipe keeps text. A document names the file
 * and row of its text; of a dropped one the unit, and so the file, is found by its place in the input.
 */
export async function findText(corpus: CorpusFolder, row: Row): Promise<string | undefined> {
  const manifest = openManifest(corpus);
  const file = manifest.text.find(({ path }) => path === row.text_file);
  if (file !== undefined) return readText(corpus.resolve(file.path), Number(row.text_row));
  const texts = manifest.plan
    .filter((unit) => unit.input === row.locator_file && unit.source === row.source && isInside(unit, row))
    .map(({ id }) => `text/${id}.parquet`);
  const files = manifest.text.filter(({ path }) => texts.includes(path)).map(({ path }) => literal(corpus.resolve(path)));
  if (files.length === 0 || !(row.id instanceof Uint8Array)) return undefined;
  const sql = await openSql({ memoryBytes: 256e6, spillFolder: tmpdir() });
  try {
    const id = `from_hex(${literal(Buffer.from(row.id).toString("hex"))})`;
    const place = `locator_offset = ${Number(row.locator_offset)}`;
    const [found] = await collect(
      sql.rows(`SELECT text FROM read_parquet([${files.join(", ")}]) WHERE id = ${id} AND ${place} LIMIT 1`),
    );
    return found === undefined ? undefined : String(found.text);
  } finally {
    sql.close();
  }
}

async function readText(path: string, row: number): Promise<string | undefined> {
  const file = await openParquet(path);
  try {
    const { text } = await file.readRows(row, row + 1, { columns: ["text"] });
    return text !== undefined && isBytes(text) ? stringAt(text, 0) : undefined;
  } finally {
    await file.close();
  }
}

/** Offsets of a file that was inflated as one stream are none of the file's own; such a file is one unit. */
function isInside({ start, end }: Manifest["plan"][number], { locator_unit, locator_offset }: Row): boolean {
  const offset = Number(locator_offset);
  return locator_unit === "inflated" || (offset >= start && offset < end);
}

/**
 * The rules as `stage/rule` that a text names.
 * @throws DataError USAGE where the corpus has none of this name
 */
export function rulesOf(manifest: Manifest, text: string): readonly string[] {
  const found = manifest.stages.flatMap(({ dropped }) => Object.keys(dropped));
  const possible = [...manifest.stages, { name: retractStage, rules: retractRules }].flatMap(({ name, rules }) =>
    Object.keys(rules).map((rule) => `${name}/${rule}`),
  );
  const named = [...new Set([...found, ...possible])].filter((rule) => rule === text || rule.split("/")[1] === text);
  if (named.length > 0) return named;
  const idle = possible.filter((rule) => !found.includes(rule));
  const lists = [
    ...(found.length === 0 ? [] : [`that dropped something: ${found.join(", ")}`]),
    ...(idle.length === 0 ? [] : [`that dropped nothing: ${idle.join(", ")}`]),
  ];
  throw new DataError("USAGE", {
    detail: `--rule ${text}: this corpus has no such rule`,
    mend: lists.length === 0 ? "this corpus has no rules" : `name one of the rules ${lists.join("; or ")}`,
  });
}

/** A host with its sub-domains, or one page of it. */
interface Site {
  /** The host's key without a port. */
  readonly key: string;
  /** `:8080`; empty for any port of a host, and for the default port of a page. */
  readonly port: string;
  /** Path and query of a page. */
  readonly path?: string;
}

/** A URL with nothing behind the host means the host. The scheme does not count, nor does a default port or a fragment. */
function readSite(text: string): Site {
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const written = hasScheme ? text : `http://${text}`;
  const url = parseUrl(written);
  const key = url === undefined ? "" : hostKey(`http://${url.hostname}/`);
  if (url === undefined || key === "") {
    throw new DataError("USAGE", {
      detail: `--site ${text}: neither a host nor a URL`,
      mend: "give a host, such as www.example.org, or a page, such as https://www.example.org/page",
    });
  }
  const port = url.port === "" || (!hasScheme && url.port === "443") ? "" : `:${url.port}`;
  const path = pathOf(url);
  return path === "/" ? { key, port } : { key, port, path };
}

function pathOf({ pathname, search }: URL): string {
  return pathname + search;
}

/** URLs stand in the tables as their source spelled them, so those of a page's host are compared one by one. */
async function siteCondition({ key, port, path }: Site, sql: Sql, from: string): Promise<string> {
  if (path === undefined) {
    const inside = [",", ":"].map((mark) => `starts_with(host_key, ${literal(key + mark)})`);
    return `(host_key = ${literal(key)} OR ${inside.join(" OR ")}) AND ends_with(host_key, ${literal(port)})`;
  }
  const atHost = `host_key = ${literal(key + port)}`;
  const urls: string[] = [];
  for await (const { url } of sql.rows(`SELECT DISTINCT url FROM ${from} WHERE ${atHost}`)) {
    const text = String(url);
    const parsed = parseUrl(text);
    if (parsed !== undefined && pathOf(parsed) === path) urls.push(text);
  }
  return urls.length === 0 ? "false" : `${atHost} AND url IN (${urls.map(literal).join(", ")})`;
}

async function withTable<T>(
  corpus: CorpusFolder,
  table: TableName,
  version: number | undefined,
  work: (sql: Sql, from: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-inspect-"));
  const sql = await openSql({ memoryBytes: 256e6, spillFolder: folder });
  try {
    const tables = await CorpusTables.open(corpus, openManifest(corpus), folder, version);
    // A table without rows has no file; one that has every column would need the schema, so it is a table without columns.
    return await work(
      sql,
      tables.from(table) ??
        "(SELECT NULL AS host_key, NULL AS url, NULL AS id, NULL AS sha256, NULL AS rule, NULL AS stage, NULL AS evidence, NULL AS bytes WHERE false)",
    );
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is in a corpus at a version. */
export interface Holdings {
  readonly version: number;
  readonly documents: number;
  readonly tokens: number;
  readonly text_bytes: number;
  /** Documents that the run kept and that are out by now. */
  readonly retracted: number;
}

/** @param number the newest version where it is left out */
export async function holdings(corpus: CorpusFolder, number?: number): Promise<Holdings> {
  const manifest = openManifest(corpus);
  const { kept, tokens, text_bytes } = manifest.totals;
  const { version, deletions } = openVersion(corpus, manifest, number);
  if (deletions.length === 0) return { version, documents: kept, tokens, text_bytes, retracted: 0 };
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-inspect-"));
  const sql = await openSql({ memoryBytes: 256e6, spillFolder: folder });
  try {
    const gone = await (await CorpusTables.open(corpus, manifest, folder, version)).goneTotals(sql);
    return {
      version,
      documents: kept - gone.documents,
      tokens: tokens - gone.tokens,
      text_bytes: text_bytes - gone.text_bytes,
      retracted: gone.documents,
    };
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function collect(rows: AsyncGenerator<Row>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
