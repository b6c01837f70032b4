/** SQL over a corpus: its tables as views that can only be read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CorpusFolder, openManifest, tables } from "../corpus/index.js";
import { literal, openQuerySql } from "../formats/index.js";
import { CorpusTables } from "./corpus-tables.js";
import type { Row } from "./inspect.js";

/** Columns that an empty table still has, so that a statement over it means something. */
const emptyTables: Readonly<Record<string, string>> = {
  documents:
    "NULL::BLOB AS id, NULL::VARCHAR AS url, NULL::TIMESTAMP AS captured_at, NULL::VARCHAR AS host_key, NULL::VARCHAR AS source, NULL::INTEGER AS tokens, NULL::INTEGER AS text_bytes",
  ledger:
    "NULL::BLOB AS id, NULL::VARCHAR AS url, NULL::TIMESTAMP AS captured_at, NULL::VARCHAR AS host_key, NULL::VARCHAR AS source, NULL::VARCHAR AS stage, NULL::VARCHAR AS rule, NULL::VARCHAR AS evidence",
  evidence: "NULL::VARCHAR AS id, NULL::VARCHAR AS evidence",
  blobs: "NULL::VARCHAR AS sha256, NULL::VARCHAR AS media_type, NULL::BLOB AS bytes",
  quarantine:
    "NULL::VARCHAR AS source, NULL::VARCHAR AS url, NULL::VARCHAR AS host_key, NULL::VARCHAR AS reason, NULL::VARCHAR AS detail",
  text: "NULL::BLOB AS id, NULL::VARCHAR AS url, NULL::VARCHAR AS text",
};

export interface QueryOptions {
  /** The newest where it is left out. */
  readonly version?: number;
  /** Ends the query. */
  readonly signal?: AbortSignal;
}

/**
 * The rows of one SELECT over documents, ledger, evidence, blobs, quarantine and text. Documents are those that are in at the
 * version; what was taken out since the run stands in the ledger beside what the run dropped.
 * @throws DataError SQL_INVALID, SQL_STOPPED, VERSION_NOT_FOUND
 */
export async function* queryCorpus(corpus: CorpusFolder, statement: string, options: QueryOptions = {}): AsyncGenerator<Row> {
  const manifest = openManifest(corpus);
  const root = resolve(corpus.root);
  const spillFolder = mkdtempSync(join(tmpdir(), "apertus-data-query-"));
  try {
    const standing = await CorpusTables.open(new CorpusFolder(root), manifest, spillFolder, options.version);
    const text = manifest.text.map(({ path }) => join(root, path));
    const named = [
      ...tables.map((table) => [table, standing.from(table)] as const),
      [
        "text",
        text.length === 0 ? undefined : `read_parquet([${text.map(literal).join(", ")}], union_by_name = true)`,
      ] as const,
    ];
    const views = Object.fromEntries(
      named.map(([name, from]) => [
        name,
        from === undefined ? `SELECT ${emptyTables[name]} WHERE false` : `SELECT * FROM ${from}`,
      ]),
    );
    const files = [
      ...tables.flatMap((table) => standing.files(table)),
      ...text,
      ...(standing.gone === undefined ? [] : [standing.gone]),
    ];
    const { signal } = options;
    const sql = await openQuerySql({ memoryBytes: 2e9, spillFolder, files, views, ...(signal && { signal }) });
    try {
      yield* sql.rows(statement);
    } finally {
      sql.close();
    }
  } finally {
    rmSync(spillFolder, { recursive: true, force: true });
  }
}
