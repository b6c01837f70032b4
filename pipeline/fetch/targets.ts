/** What to fetch: hosts and pages from arguments, lists and corpora, in one spelling, each once, sorted so that a host's stand together. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CorpusFolder, deletedRows, openManifest, openVersion, parseUrl } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { splitUrl } from "../../filters/index.js";
import { literal, openSql, readLines } from "../../formats/index.js";
import { askable, hostOf } from "./urls.js";

export interface TargetSources {
  readonly arguments: readonly string[];
  /** Text files, one a line; empty lines and lines that begin with # are passed over. */
  readonly lists: readonly string[];
  readonly corpora: readonly string[];
}

/** The targets of one host, to be asked one after the other. */
export interface HostTargets {
  readonly host: string;
  readonly targets: readonly string[];
}

export interface Targets {
  readonly hosts: readonly HostTargets[];
  readonly count: number;
  /** Lines of lists and addresses of corpora that are none, and the first few. */
  readonly rejected: number;
  readonly examples: readonly string[];
}

const maxLineBytes = 64 * 1024;
const memoryBytes = 1e9;

/** Authorities (`https://example.org`), for the robots.txt of each. @throws DataError USAGE, INPUT_NOT_FOUND, CORPUS_NOT_FOUND */
export function robotsTargets(sources: TargetSources): Promise<Targets> {
  // Whoever was dropped may have changed their mind too, so the ledger counts.
  return gather(sources, authorityOf, ["documents", "ledger"], "regexp_extract(url, '^[A-Za-z]+://[^/?#\\\\]*')");
}

/**
 * URLs of pages; of a corpus those that are in at its newest version: who asked to be taken out is not asked again.
 * @throws DataError as robotsTargets; CORPUS_DAMAGED, VERSION_NOT_FOUND
 */
export function pageTargets(sources: TargetSources): Promise<Targets> {
  return gather(sources, pageOf, ["documents"], "url");
}

/** `example.org`, `example.org:8080` (both https), or any http or https URL. */
function authorityOf(text: string): string | undefined {
  return splitUrl(text.includes("://") ? text : `https://${text}`)?.authority;
}

function pageOf(text: string): string | undefined {
  const url = parseUrl(text);
  return url === undefined ? undefined : askable(url);
}

async function gather(
  { arguments: given, lists, corpora }: TargetSources,
  normal: (text: string) => string | undefined,
  tables: readonly ("documents" | "ledger")[],
  expression: string,
): Promise<Targets> {
  const found = new Map<string, Set<string>>();
  const examples: string[] = [];
  let rejected = 0;
  const add = (text: string): boolean => {
    const target = normal(text);
    if (target === undefined) return false;
    const host = hostOf(new URL(target));
    const own = found.get(host);
    if (own === undefined) found.set(host, new Set([target]));
    else own.add(target);
    return true;
  };
  const offer = (text: string): void => {
    if (add(text)) return;
    rejected++;
    if (examples.length < 3) examples.push(text.slice(0, 200));
  };
  for (const text of given) {
    if (!add(text.trim())) throw new DataError("USAGE", { detail: text, mend: "give hosts, or http or https URLs" });
  }
  for (const path of lists) for await (const text of linesOf(path)) offer(text);
  for (const path of corpora) for await (const text of addressesOf(new CorpusFolder(path), tables, expression)) offer(text);
  const hosts = [...found]
    .map(([host, targets]) => ({ host, targets: [...targets].sort(compare) }))
    .sort((a, b) => compare(a.host, b.host));
  return { hosts, count: hosts.reduce((sum, { targets }) => sum + targets.length, 0), rejected, examples };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const line of readLines(path, { maxLineBytes })) {
    const text = line.kind === "line" ? decoder.decode(line.bytes).trim() : line.detail;
    if (text !== "" && !text.startsWith("#")) yield text;
  }
}

/** Distinct values of an expression over the corpus's tables. */
async function* addressesOf(
  corpus: CorpusFolder,
  tables: readonly ("documents" | "ledger")[],
  expression: string,
): AsyncGenerator<string> {
  const manifest = openManifest(corpus);
  const paths = tables.flatMap((table) => manifest.tables[table].map(({ path }) => literal(corpus.resolve(path))));
  if (paths.length === 0) return;
  const spillFolder = mkdtempSync(join(tmpdir(), "apertus-data-fetch-"));
  const sql = await openSql({ memoryBytes, spillFolder });
  try {
    const from = `read_parquet([${paths.join(", ")}], union_by_name = true)`;
    const version = tables.includes("ledger") ? undefined : openVersion(corpus, manifest);
    if (version !== undefined && version.deletions.length > 0) {
      const gone = new Map<string, ReadonlySet<number>>();
      for (const { shard } of version.deletions) gone.set(shard, new Set(await deletedRows(corpus, version, shard)));
      const statement = `SELECT ${expression} AS address, shard, row FROM ${from} WHERE url <> ''`;
      for await (const { address, shard, row } of sql.rows(statement)) {
        if (gone.get(String(shard))?.has(Number(row)) !== true) yield String(address);
      }
      return;
    }
    for await (const values of sql.column(`SELECT DISTINCT ${expression} AS address FROM ${from} WHERE url <> ''`)) {
      for (const value of values) if (typeof value === "string") yield value;
    }
  } finally {
    sql.close();
    rmSync(spillFolder, { recursive: true, force: true });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
