/**
 * The subject's rows of a corpus. Documents and ledger are sorted by host key, so one site is one range of them, and the Parquet
 * files' statistics by row group let it be read without the rest. The range is copied once into a table of its own, which spills to
 * disk where it is large; whatever the report counts is counted there, and rows are handed on in order, never held all at once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommittedFile,
  type CorpusFolder,
  faultOf,
  type Manifest,
  type TableName,
  type Version,
} from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { literal, openSql, type Sql } from "../../formats/index.js";
import type { Place } from "./model.js";
import { type Asked, isThePage } from "./subject.js";

/** A row of documents or ledger. */
export interface PageRow {
  /** 32 hex digits. */
  readonly id: string;
  readonly url: string;
  /** Milliseconds UTC; null where unknown. */
  readonly capturedAt: number | null;
  readonly source: string;
  readonly place: Place;
  /** From here on what the run kept: null in a row of the ledger, or where the recipe has no such stage. */
  readonly tokens: number | null;
  readonly textBytes: number | null;
  readonly language: string | null;
  /** JSON [[start, length, kind], …], empty where there are none. */
  readonly redactions: string | null;
  readonly shard: string | null;
  readonly row: number | null;
  /** From here on what was dropped: null in a row of the documents, unless a version says why it took it away. */
  readonly stage: string | null;
  readonly rule: string | null;
  readonly evidence: string | null;
}

/** Columns of the page table that only one of the two tables has, with their types. */
const ownColumns = {
  documents: {
    tokens: "INTEGER",
    text_bytes: "INTEGER",
    language: "VARCHAR",
    redactions: "VARCHAR",
    shard: "VARCHAR",
    row: "INTEGER",
  },
  ledger: { stage: "VARCHAR", rule: "VARCHAR", evidence: "VARCHAR" },
} as const;

const sharedColumns = [
  "lower(hex(id)) AS id",
  "url",
  "host_key",
  "epoch_ms(captured_at)::DOUBLE AS captured_at",
  "source",
  "locator_file",
  ...["locator_offset", "locator_length"].map((name) => `CASE WHEN isfinite(${name}) THEN ${name} ELSE 0 END AS ${name}`),
  "locator_unit",
  "source_id",
];

/** The order in which a row is handed over, as one JSON array: a string a row is read four times as fast as its columns. */
const handed = [
  ...["id", "url", "captured_at", "source", "locator_file", "locator_offset", "locator_length", "locator_unit", "source_id"],
  ...["tokens", "text_bytes", "language", "redactions", "shard", "row", "stage", "rule", "evidence"],
];

export type Cells = Readonly<Record<string, unknown>>;

export class SubjectRows {
  private constructor(
    private readonly corpus: CorpusFolder,
    private readonly manifest: Manifest,
    private readonly asked: Asked,
    /** Those that say themselves what they took away, up to the one that is reported on. */
    private readonly versions: readonly Version[],
    private readonly sql: Sql,
    private readonly folder: string,
  ) {}

  /** @throws DataError CORPUS_DAMAGED */
  static async open(
    corpus: CorpusFolder,
    manifest: Manifest,
    asked: Asked,
    versions: readonly Version[],
  ): Promise<SubjectRows> {
    const folder = mkdtempSync(join(tmpdir(), "apertus-audit-"));
    try {
      const sql = await openSql({ memoryBytes: 128e6, spillFolder: folder });
      const rows = new SubjectRows(corpus, manifest, asked, versions, sql, folder);
      try {
        await rows.#load();
        return rows;
      } catch (error) {
        sql.close();
        throw error;
      }
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  close(): void {
    this.sql.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** All pages in the order of host, URL, capture date, some thousand at a time. */
  async *pages(): AsyncGenerator<readonly PageRow[]> {
    try {
      const rows = this.sql.column(`SELECT json_array(${handed.join(", ")}) FROM pages ORDER BY rowid`);
      for await (const chunk of rows) yield chunk.map((cells) => pageRow(JSON.parse(String(cells)) as unknown[]));
    } catch (error) {
      throw this.#coded(error);
    }
  }

  /** Rows of a query over the table `pages`. @throws DataError CORPUS_DAMAGED */
  async *stream(statement: string): AsyncGenerator<Cells> {
    try {
      yield* this.sql.rows(statement);
    } catch (error) {
      throw this.#coded(error);
    }
  }

  /** The same at once, for answers that are small. */
  async query(statement: string): Promise<readonly Cells[]> {
    const all: Cells[] = [];
    for await (const row of this.stream(statement)) all.push(row);
    return all;
  }

  /** What could not be read of the subject: how many rows, and the first of them. */
  async unreadable(limit: number): Promise<{ readonly total: number; readonly rows: readonly Cells[] }> {
    const from = this.#from("quarantine");
    if (from === undefined) return { total: 0, rows: [] };
    const rows: Cells[] = [];
    let total = 0;
    for await (const row of this.stream(`SELECT * FROM ${from} WHERE ${this.#condition()}`)) {
      if (this.asked.path !== undefined && !isThePage(this.asked, String(row.url))) continue;
      total++;
      if (rows.length < limit) rows.push(row);
    }
    return { total, rows };
  }

  /** Evidence as it was recorded, by its id. */
  async evidence(ids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const found = new Map<string, unknown>();
    const from = this.#from("evidence");
    if (from === undefined || ids.length === 0) return found;
    const wanted = `id IN (${ids.map(literal).join(", ")})`;
    for await (const { id, evidence } of this.stream(`SELECT id, evidence FROM ${from} WHERE ${wanted}`)) {
      found.set(String(id), parsedJson(String(evidence)));
    }
    return found;
  }

  /** Captured bytes by their SHA-256. */
  async blobs(digests: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    const from = this.#from("blobs");
    if (from === undefined || digests.length === 0) return found;
    const wanted = `sha256 IN (${digests.map(literal).join(", ")})`;
    for await (const { sha256, bytes } of this.stream(`SELECT sha256, bytes FROM ${from} WHERE ${wanted}`)) {
      if (bytes instanceof Uint8Array) found.set(String(sha256), bytes);
    }
    return found;
  }

  async #load(): Promise<void> {
    const selects: string[] = [];
    const retracted = await this.#loadRetracted();
    for (const table of ["documents", "ledger"] as const) {
      const from = this.#from(table);
      if (from === undefined) continue;
      const there = new Set<string>();
      for (const { column_name } of await this.query(`DESCRIBE SELECT * FROM ${from}`)) there.add(String(column_name));
      const own = [ownColumns.documents, ownColumns.ledger].flatMap((columns) =>
        Object.entries(columns).map(([name, type]) =>
          Object.hasOwn(ownColumns[table], name) && there.has(name)
            ? `${name}::${type} AS ${name}`
            : retracted && table === "documents" && Object.hasOwn(ownColumns.ledger, name)
              ? `retracted.${name} AS ${name}`
              : `NULL::${type} AS ${name}`,
        ),
      );
      const joined = retracted && table === "documents" ? `${from} LEFT JOIN retracted USING (shard, row)` : from;
      selects.push(`SELECT ${[...sharedColumns, ...own].join(", ")} FROM ${joined} WHERE ${this.#condition()}`);
    }
    const rows = selects.length === 0 ? noRows() : selects.join(" UNION ALL ");
    const order = "host_key, url, captured_at, stage NULLS FIRST, locator_file, locator_offset";
    await this.#run(`CREATE TABLE pages AS SELECT * FROM (${rows}) ORDER BY ${order}`);
    if (this.asked.path !== undefined) await this.#keepThePage();
  }

  /** Makes the table `retracted` of what the versions say of the subject's rows; false where they say nothing. */
  async #loadRetracted(): Promise<boolean> {
    const from = parquet(this.#paths(this.versions.flatMap(({ tables }) => tables.ledger ?? [])));
    if (from === undefined) return false;
    const columns = "shard, row, stage, rule, evidence";
    await this.#run(`CREATE TEMP TABLE retracted AS SELECT ${columns} FROM ${from} WHERE ${this.#condition()}`);
    return true;
  }

  /** Of the rows that may be the page leaves those that are. */
  async #keepThePage(): Promise<void> {
    const spellings: string[] = [];
    for await (const { url } of this.stream("SELECT DISTINCT url FROM pages")) {
      if (isThePage(this.asked, String(url))) spellings.push(literal(String(url)));
    }
    await this.#run(`DELETE FROM pages WHERE ${spellings.length === 0 ? "true" : `url NOT IN (${spellings.join(", ")})`}`);
  }

  /**
   * The rows of the subject. Keys of sub-domains go on with a comma, ports with a colon; the bounds around them are what row groups
   * are passed over by.
   */
  #condition(): string {
    const { key, port, path, subject } = this.asked;
    const at = (sign: string): string => literal(key + sign);
    if (path !== undefined) return `host_key = ${at(port)} AND contains(${tidyUrl}, ${literal(longestRun(path))})`;
    const below = `(host_key >= ${at(",")} AND host_key < ${at("-")})`;
    if (port !== "") {
      const own = `host_key = ${at(port)}`;
      return subject.scope === "host" ? own : `(${own} OR (${below} AND ends_with(host_key, ${literal(port)})))`;
    }
    const own = `(host_key = ${at("")} OR (host_key >= ${at(":")} AND host_key < ${at(";")}))`;
    return subject.scope === "host" ? own : `host_key >= ${at("")} AND host_key < ${at(";")} AND (${own} OR ${below})`;
  }

  /** Evidence and captured bytes of the versions count too: they are named by what they hold. */
  #from(table: TableName): string | undefined {
    const later = table === "evidence" || table === "blobs" ? this.versions.flatMap(({ tables }) => tables[table] ?? []) : [];
    return parquet(this.#paths([...this.manifest.tables[table], ...later]));
  }

  #paths(files: readonly CommittedFile[]): readonly string[] {
    for (const file of files) {
      const fault = faultOf(this.corpus, file, false);
      if (fault !== undefined) throw new DataError("CORPUS_DAMAGED", { file: this.corpus.resolve(file.path), detail: fault });
    }
    return files.map(({ path }) => this.corpus.resolve(path));
  }

  async #run(statement: string): Promise<void> {
    await this.sql.run(statement).catch((error: unknown) => {
      throw this.#coded(error);
    });
  }

  /** The statements are ours, so what fails in them is a file that is not what was written. */
  #coded(error: unknown): unknown {
    if (error instanceof DataError) return error;
    const detail = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    return new DataError("CORPUS_DAMAGED", { file: this.corpus.root, detail, cause: error });
  }
}

function parquet(paths: readonly string[]): string | undefined {
  return paths.length === 0 ? undefined : `read_parquet([${paths.map(literal).join(", ")}])`;
}

function noRows(): string {
  const typed = { ...ownColumns.documents, ...ownColumns.ledger };
  const shared = ["id", "url", "host_key", "source", "locator_file", "locator_unit", "source_id"].map((name) => [
    name,
    "VARCHAR",
  ]);
  const numbers = ["captured_at", "locator_offset", "locator_length"].map((name) => [name, "DOUBLE"]);
  const all = [...shared, ...numbers, ...Object.entries(typed)];
  return `SELECT ${all.map(([name, type]) => `NULL::${type} AS ${name}`).join(", ")} WHERE false`;
}

/** A URL without what the URL Standard removes from anywhere inside it. */
const tidyUrl = "replace(replace(replace(url, chr(9), ''), chr(10), ''), chr(13), '')";

/** What every spelling of a path holds, whatever else the URL Standard tidies up: its longest run of plain letters and digits. */
function longestRun(path: string): string {
  const runs = path.replaceAll(/%[0-9A-Fa-f]{2}/g, " ").match(/[A-Za-z0-9]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "");
}

function pageRow(cells: readonly unknown[]): PageRow {
  const [id, url, capturedAt, source, file, offset, length, unit, record, ...own] = cells;
  const [tokens, textBytes, language, redactions, shard, row, stage, rule, evidence] = own;
  return {
    id: textOf(id) ?? "",
    url: textOf(url) ?? "",
    capturedAt: numberOf(capturedAt),
    source: textOf(source) ?? "",
    place: {
      file: textOf(file) ?? "",
      offset: numberOf(offset) ?? 0,
      length: numberOf(length) ?? 0,
      unit: textOf(unit) ?? "",
      record_id: textOf(record) ?? "",
    },
    tokens: numberOf(tokens),
    textBytes: numberOf(textBytes),
    language: textOf(language),
    redactions: textOf(redactions),
    shard: textOf(shard),
    row: numberOf(row),
    stage: textOf(stage),
    rule: textOf(rule),
    evidence: textOf(evidence),
  };
}

/** JSON that a corpus holds. @throws DataError CORPUS_DAMAGED */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DataError("CORPUS_DAMAGED", { detail: "a column that holds JSON holds none", cause });
  }
}

function textOf(cell: unknown): string | null {
  return typeof cell === "string" ? cell : null;
}

function numberOf(cell: unknown): number | null {
  return typeof cell === "number" ? cell : null;
}
