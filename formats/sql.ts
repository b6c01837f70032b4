/**
 * DuckDB as the out-of-core engine: sorting and joining Parquet tables larger than memory, spilling to a folder that is named.
 * One thread and a fixed row-group size, so that the same input gives the same bytes.
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { DataError, type ErrorCode } from "../errors/index.js";

export interface Sql {
  /** @throws DataError DISK_FULL, DISK_FAILED, CORPUS_NOT_WRITABLE */
  run(statement: string): Promise<void>;
  /** Rows as objects, streamed a chunk at a time; BIGINT as bigint, BLOB as Uint8Array, TIMESTAMP as Date. */
  rows(statement: string): AsyncGenerator<Readonly<Record<string, unknown>>>;
  /** The first column of a result, its values as `rows` gives them, as many at a time as DuckDB hands over (2,048). */
  column(statement: string): AsyncGenerator<readonly unknown[]>;
  close(): void;
}

interface SqlOptions {
  readonly memoryBytes: number;
  readonly spillFolder: string;
}

/** One connection, for statements of ours. */
export async function openSql(options: SqlOptions): Promise<Sql> {
  return (await connect(options)).sql;
}

/**
 * A connection for statements of the user's: they may only select, and only what the views show. No file beside `files`, those
 * behind the views, can be read, nothing can be written, and no setting changed. EXPLAIN is refused too: EXPLAIN ANALYZE runs
 * whatever stands behind it.
 * @param options.views names and the SELECT behind each
 * @param options.signal ends the statement that is being answered
 */
export async function openQuerySql(
  options: SqlOptions & {
    readonly files: readonly string[];
    readonly views: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  },
): Promise<Pick<Sql, "rows" | "close">> {
  const { sql, connection } = await connect(options);
  for (const [name, select] of Object.entries(options.views)) await sql.run(`CREATE VIEW ${name} AS ${select}`);
  await sql.run(`SET allowed_paths = [${options.files.map(literal).join(", ")}]`);
  await sql.run("SET enable_external_access = false");
  await sql.run("SET lock_configuration = true");
  const { StatementType } = await import("@duckdb/node-api");
  return {
    async *rows(statement) {
      const interrupt = (): void => connection.interrupt();
      options.signal?.addEventListener("abort", interrupt);
      try {
        const statements = await connection.extractStatements(statement);
        if (statements.count !== 1) throw new Error(`one statement is wanted, not ${statements.count}`);
        const prepared = await statements.prepare(0);
        const { statementType } = prepared;
        prepared.destroySync();
        if (statementType !== StatementType.SELECT) throw new Error("only SELECT may stand here");
        options.signal?.throwIfAborted();
        for await (const row of sql.rows(statement)) {
          options.signal?.throwIfAborted();
          yield row;
        }
      } catch (error) {
        if (options.signal?.aborted === true) {
          throw new DataError("SQL_STOPPED", { detail: String(options.signal.reason), cause: error });
        }
        if (error instanceof DataError) throw error;
        const detail = error instanceof Error ? error.message : String(error);
        throw new DataError("SQL_INVALID", { detail, cause: error });
      } finally {
        options.signal?.removeEventListener("abort", interrupt);
      }
    },
    close: sql.close,
  };
}

async function connect(options: SqlOptions) {
  // Loaded where it is used: it takes as long to start as everything else together, and most processes never need it.
  const { DuckDBInstance, JSDuckDBValueConverter } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: `${Math.max(64, Math.floor(options.memoryBytes / 1e6))}MB`,
    temp_directory: options.spillFolder,
    preserve_insertion_order: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const sql: Sql = {
    async run(statement) {
      await connection.run(statement).catch((error: unknown) => {
        throw coded(error, options.spillFolder);
      });
    },
    async *rows(statement) {
      try {
        const result = await connection.stream(statement);
        const names = result.columnNames();
        for (;;) {
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) return;
          for (const row of chunk.convertRows(JSDuckDBValueConverter)) {
            yield Object.fromEntries(names.map((name, i) => [name, row[i]]));
          }
        }
      } catch (error) {
        throw coded(error, options.spillFolder);
      }
    },
    async *column(statement) {
      let next: Promise<DuckDBDataChunk | null> | undefined;
      try {
        const result = await connection.stream(statement);
        next = result.fetchChunk();
        for (;;) {
          const chunk = await next;
          if (chunk === null || chunk.rowCount === 0) return;
          // DuckDB works on the next chunk while this one is used.
          next = result.fetchChunk();
          yield chunk.convertColumnValues(0, JSDuckDBValueConverter);
        }
      } catch (error) {
        throw coded(error, options.spillFolder);
      } finally {
        await next?.catch(() => null);
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
  return { sql, connection };
}

/** DuckDB tells the system's error only in words (strerror(3)). */
const words: readonly (readonly [RegExp, ErrorCode])[] = [
  [/No space left on device|Disk quota exceeded|max_temp_directory_size/i, "DISK_FULL"],
  [/Read-only file system|Permission denied/i, "CORPUS_NOT_WRITABLE"],
  [/Input\/output error/i, "DISK_FAILED"],
];

function coded(error: unknown, folder: string): unknown {
  const text = error instanceof Error ? error.message : "";
  const found = words.find(([pattern]) => pattern.test(text));
  return found === undefined
    ? error
    : new DataError(found[1], { file: folder, detail: text.split("\n")[0] ?? "", cause: error });
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
