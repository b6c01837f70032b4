/** Languages and scripts of a corpus at one of its versions, by documents, tokens and bytes of text. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CorpusFolder, openManifest } from "../../corpus/index.js";
import { openSql, type Sql } from "../../formats/index.js";
import { CorpusTables } from "../corpus-tables.js";
import type { Share } from "./model.js";

export interface LanguageCoverage {
  readonly version: number;
  /** Most tokens first, then most documents. */
  readonly languages: readonly Share[];
  readonly scripts: readonly Share[];
}

/**
 * @param number the newest version where it is left out
 * @throws DataError VERSION_NOT_FOUND, CORPUS_DAMAGED
 */
export async function languageCoverage(corpus: CorpusFolder, number?: number): Promise<LanguageCoverage> {
  const manifest = openManifest(corpus);
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-languages-"));
  const sql = await openSql({ memoryBytes: 512e6, spillFolder: folder });
  try {
    const tables = await CorpusTables.open(corpus, manifest, folder, number);
    return {
      version: tables.version.version,
      languages: await shares(sql, tables, "language"),
      scripts: await shares(sql, tables, "script"),
    };
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Empty where the documents have no such column. */
export async function shares(sql: Sql, tables: CorpusTables, column: "language" | "script"): Promise<readonly Share[]> {
  const from = await tables.with(sql, "documents", column);
  if (from === undefined) return [];
  const tokens = (await tables.with(sql, "documents", "tokens")) === undefined ? "0" : "sum(tokens)";
  const characters = (await tables.with(sql, "documents", "text_characters")) === undefined ? "NULL" : "sum(text_characters)";
  const all: Share[] = [];
  const statement = `SELECT ${column} AS label, count(*)::DOUBLE AS documents, ${tokens}::DOUBLE AS tokens,
    sum(text_bytes)::DOUBLE AS text_bytes, ${characters}::DOUBLE AS text_characters FROM ${from} GROUP BY 1 ORDER BY tokens DESC, documents DESC, label`;
  for await (const row of sql.rows(statement)) all.push(row as unknown as Share);
  return all;
}
