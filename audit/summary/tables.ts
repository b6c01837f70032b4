/** The tables of a corpus, as SQL names them. */
import type { CorpusFolder, Manifest } from "../../corpus/index.js";
import { literal, type Sql } from "../../formats/index.js";

type TableName = "documents" | "ledger" | "evidence" | "quarantine";

/** A table without rows has no file, and so neither a name nor columns. */
export class CorpusTables {
  readonly #columns = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly sql: Sql,
    private readonly corpus: CorpusFolder,
    private readonly manifest: Manifest,
  ) {}

  /** What stands behind FROM; undefined where the table has no rows. */
  from(table: TableName): string | undefined {
    const files = this.manifest.tables[table].map(({ path }) => literal(this.corpus.resolve(path)));
    return files.length === 0 ? undefined : `read_parquet([${files.join(", ")}])`;
  }

  /** The table where it has rows and all of these columns. */
  async with(table: TableName, ...columns: readonly string[]): Promise<string | undefined> {
    const from = this.from(table);
    if (from === undefined) return undefined;
    let known = this.#columns.get(table);
    if (known === undefined) {
      const names: string[] = [];
      for await (const { column_name } of this.sql.rows(`DESCRIBE SELECT * FROM ${from}`)) names.push(String(column_name));
      known = new Set(names);
      this.#columns.set(table, known);
    }
    return columns.every((column) => known.has(column)) ? from : undefined;
  }

  rows(statement: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
    return this.sql.rows(statement);
  }
}
