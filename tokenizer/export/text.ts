/**
 * The texts of the documents that a corpus keeps, as JSON lines: one file for each shard, its lines in the order of the shard's rows.
 * A text is what was tokenised: where a span was redacted stands the name of its placeholder token, and never what was there before.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CorpusFolder, Manifest, ShardEntry } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { literal, openSql, type Sql } from "../../formats/index.js";
import { apertusSpecial } from "../special.js";
import { type ExportFormat, type ExportOptions, type ExportResult, exportCorpus, type PartFile } from "./folder.js";

interface TextRow {
  readonly row: number;
  readonly id: Uint8Array;
  readonly url: string;
  readonly captured_at: Date | null;
  readonly source: string;
  readonly language: string;
  readonly tokens: number;
  readonly text_bytes: number;
  readonly redactions: string;
  readonly text: string | null;
}

/** Characters that are gathered before they are written. */
const gathered = 1 << 18;

const format: ExportFormat = {
  kind: "text",
  require({ corpus, manifest }) {
    if (manifest.text.length === 0) throw new DataError("TEXT_MISSING", { file: corpus.root });
  },
  files: (stem) => [`${stem}.jsonl`],
  async write({ corpus, manifest, shard, gone }, [file]) {
    const damaged = (detail: string): DataError =>
      new DataError("CORPUS_DAMAGED", { file: corpus.resolve(shard.path), detail });
    const folder = mkdtempSync(join(tmpdir(), "apertus-data-export-"));
    const sql = await openSql({ memoryBytes: 512e6, spillFolder: folder });
    try {
      let [documents, tokens, expected, next] = [0, 0, 0, 0];
      let lines = "";
      for await (const found of rowsOf(sql, corpus, manifest, shard)) {
        if (found.row !== expected++) throw damaged(`no document has its place in row ${expected - 1}`);
        if (next < gone.length && gone[next] === found.row) {
          next++;
          continue;
        }
        if (found.text === null || Buffer.byteLength(found.text) !== found.text_bytes)
          throw damaged(`the text of row ${found.row} is missing or is another`);
        lines += lineOf(found, found.text);
        documents++;
        tokens += found.tokens;
        if (lines.length >= gathered) {
          (file as PartFile).write(Buffer.from(lines));
          lines = "";
        }
      }
      if (expected !== shard.rows) throw damaged(`the documents table has ${expected} of its ${shard.rows} rows`);
      (file as PartFile).write(Buffer.from(lines));
      return { documents, tokens };
    } finally {
      sql.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  fault: (folder, { files: [file] }) => (statSync(join(folder, file.name)).size === file.bytes ? undefined : "another size"),
  frame: () => new Map(),
};

/** One file of JSON lines a shard, of the documents that the version keeps. Errors: see exportCorpus, and TEXT_MISSING. */
export function exportText(options: ExportOptions): Promise<ExportResult> {
  return exportCorpus(format, options);
}

/** The documents of a shard by row, each with its text; deleted ones too. */
async function* rowsOf(sql: Sql, corpus: CorpusFolder, manifest: Manifest, shard: ShardEntry): AsyncGenerator<TextRow> {
  const tables = manifest.tables.documents.map(({ path }) => literal(corpus.resolve(path))).join(", ");
  const names = new Set<unknown>();
  const documents = `read_parquet([${tables}], union_by_name = true)`;
  for await (const { column_name } of sql.rows(`DESCRIBE SELECT * FROM ${documents}`)) names.add(column_name);
  await sql.run(`CREATE TABLE here AS SELECT row, id, url, captured_at, source, ${names.has("language") ? "language" : "''"} AS language,
    tokens, text_bytes, ${names.has("redactions") ? "redactions" : "''"} AS redactions, text_file, text_row
    FROM ${documents} WHERE shard = ${literal(shard.path)}`);
  const files = new Map(manifest.text.map(({ path }) => [path, corpus.resolve(path)]));
  const wanted: string[] = [];
  for await (const { text_file } of sql.rows("SELECT DISTINCT text_file FROM here")) {
    const path = files.get(String(text_file));
    if (path !== undefined) wanted.push(path);
  }
  const texts =
    wanted.length === 0
      ? "(SELECT '' AS filename, 0 AS file_row_number, NULL::VARCHAR AS text WHERE false)"
      : `read_parquet([${wanted.map(literal).join(", ")}], filename = true, file_row_number = true)`;
  const statement = `SELECT h.* EXCLUDE (text_file, text_row), t.text FROM here AS h LEFT JOIN ${texts} AS t
    ON t.filename = concat(${literal(corpus.resolve("text").slice(0, -4))}, h.text_file) AND t.file_row_number = h.text_row ORDER BY row`;
  yield* sql.rows(statement) as AsyncGenerator<unknown> as AsyncGenerator<TextRow>;
}

function lineOf(found: TextRow, text: string): string {
  const { id, url, captured_at, source, language } = found;
  const line = {
    id: Buffer.from(id).toString("hex"),
    ...(url === "" ? {} : { url }),
    ...(captured_at === null ? {} : { date: captured_at.toISOString() }),
    source,
    ...(language === "" ? {} : { language }),
    text: redacted(text, found.redactions),
  };
  return `${JSON.stringify(line)}\n`;
}

/** Spans are in UTF-8 bytes, ascending. */
function redacted(text: string, redactions: string): string {
  if (redactions === "") return text;
  const bytes = Buffer.from(text);
  let [plain, done] = ["", 0];
  for (const [start, length, kind] of JSON.parse(redactions) as readonly (readonly [number, number, string])[]) {
    const id = apertusSpecial.placeholders.get(kind);
    if (id === undefined) throw new DataError("PLACEHOLDER_UNKNOWN", { detail: kind });
    plain += bytes.toString("utf8", done, start) + apertusSpecial.names.get(id);
    done = start + length;
  }
  return plain + bytes.toString("utf8", done);
}
