/** SQL over a corpus: its tables as views that can only be read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type CorpusFolder, openManifest, tables } from "../corpus/index.js";
import { literal, openQuerySql } from "../formats/index.js";
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

/**
 * The rows of one SELECT over documents, ledger, evidence, blobs, quarantine and text.
 * @throws DataError SQL_INVALID
 */
export async function* queryCorpus(corpus: CorpusFolder, statement: string): AsyncGenerator<Row> {
  const manifest = openManifest(corpus);
  const root = resolve(corpus.root);
  const named = [...tables.map((table) => [table, manifest.tables[table]] as const), ["text", manifest.text] as const];
  const files = named.flatMap(([, table]) => table.map(({ path }) => join(root, path)));
  const views = Object.fromEntries(
    named.map(([name, entries]) => {
      const paths = entries.map(({ path }) => literal(join(root, path))).join(", ");
      const select =
        entries.length === 0
          ? `SELECT ${emptyTables[name]} WHERE false`
          : `SELECT * FROM read_parquet([${paths}], union_by_name = true)`;
      return [name, select];
    }),
  );
  const spillFolder = mkdtempSync(join(tmpdir(), "apertus-data-query-"));
  const sql = await openQuerySql({ memoryBytes: 2e9, spillFolder, files, views });
  try {
    yield* sql.rows(statement);
  } finally {
    sql.close();
    rmSync(spillFolder, { recursive: true, force: true });
  }
}
