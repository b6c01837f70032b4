/**
 * Small inputs, recipes and runs for the tests of the pipeline. Runs use the built package (`npm run build`), because worker
 * processes cannot be started from TypeScript; the coordinator lives in the test's own process, which saves its start.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { openSql } from "../../formats/index.js";
import type { RunOptions, RunResult } from "../../pipeline/index.js";

export const root = resolve(import.meta.dirname, "../..");
export const cli = join(root, "dist/cli/main.js");

/** A folder that is removed when the test file is done. */
export function scratchFolder(name: string): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), `apertus-test-${name}-`));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Text {
  readonly text: string;
  readonly url?: string;
  readonly date?: string;
}

/** Five texts with dates, URLs and something to redact; different for each `from`. */
export function texts(count: number, from = 0): readonly Text[] {
  return Array.from({ length: count }, (_, i) => ({
    text: `Document ${from + i} was written by somebody${from + i}@example.org.\nIt has two paragraphs.`,
    url: `https://site${(from + i) % 3}.example/${from + i}`,
    date: `2024-01-01T00:00:${String((from + i) % 60).padStart(2, "0")}Z`,
  }));
}

export function writeLines(path: string, rows: readonly Text[]): void {
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** Writes a recipe; `recipe` is YAML as JSON, which is YAML too. */
export function writeRecipe(path: string, recipe: Readonly<Record<string, unknown>>): string {
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, JSON.stringify({ version: 1, ...recipe }, null, 1));
  return path;
}

/** Runs the recipe with the built package. */
export async function runBuilt(recipePath: string, corpus: string, options: Partial<RunOptions> = {}): Promise<RunResult> {
  const built = join(root, "dist/pipeline/index.js");
  if (!existsSync(built)) throw new Error("npm run build has to come first");
  const pipeline = (await import(pathToFileURL(built).href)) as typeof import("../../pipeline/index.js");
  return pipeline.run({ recipePath, corpus, workers: 1, memoryBytes: 256e6, ...options });
}

export type Row = Readonly<Record<string, unknown>>;

/** Rows of Parquet files of a corpus; `pattern` may have wildcards. */
export async function rowsOf(corpus: string, pattern: string, columns = "*"): Promise<readonly Row[]> {
  const sql = await openSql({ memoryBytes: 128e6, spillFolder: tmpdir() });
  try {
    const rows: Row[] = [];
    for await (const row of sql.rows(`SELECT ${columns} FROM read_parquet('${join(corpus, pattern)}')`)) rows.push(row);
    return rows;
  } finally {
    sql.close();
  }
}

/** The error's code, or what else came of it. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
}
