/** Columns of plain bytes are decoded by themselves: the same rows, and the same refusals, as by the general reader. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesAt, literal, openParquet, openSql, rowsOf, stringAt } from "../../formats/index.js";
import { plainBytes } from "../../formats/parquet/plain-bytes.js";

const folder = mkdtempSync(join(tmpdir(), "plain-bytes-"));

async function read(path: string, name: string): Promise<readonly string[]> {
  const file = await openParquet(path);
  try {
    const { [name]: column } = await file.readRows(0, file.rows, { columns: [name] });
    if (column === undefined || !("offsets" in column)) throw new Error("no column of bytes");
    return Array.from({ length: rowsOf(column) }, (_, row) => stringAt(column, row));
  } finally {
    await file.close();
  }
}

it.each(["uncompressed", "zstd", "gzip", "snappy"])("texts written by DuckDB with %s are read as they were", async (codec) => {
  const sql = await openSql({ memoryBytes: 1e8, spillFolder: folder });
  const text = "CASE WHEN i % 7 = 0 THEN '' ELSE repeat(md5(i::VARCHAR), (i % 5)::INTEGER) || 'é' END";
  const selects = {
    every: text,
    nulls: `CASE WHEN i % 3 = 0 THEN NULL ELSE ${text} END`,
    few: "'same ' || (i % 4)",
    bytes: `encode(${text})`,
  };
  const path = join(folder, `${codec}.parquet`);
  const list = Object.entries(selects).map(([name, select]) => `${select} AS ${name}`);
  await sql.run(`CREATE TABLE t AS SELECT ${list.join(", ")} FROM range(7000) AS r(i)`);
  await sql.run(`COPY t TO ${literal(path)} (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048)`);
  for (const name of Object.keys(selects)) {
    const expected: string[] = [];
    for await (const row of sql.rows(`SELECT coalesce(${name === "bytes" ? "decode(bytes)" : name}, '') AS value FROM t`))
      expected.push(String(row.value));
    expect(await read(path, name)).toEqual(expected);
  }
  sql.close();
});

it("bytes changed anywhere give the rows, or none, and never an exception of their own", async () => {
  const sql = await openSql({ memoryBytes: 1e8, spillFolder: folder });
  const path = join(folder, "small.parquet");
  await sql.run(
    `COPY (SELECT 'https://h.example/' || i AS url FROM range(50) AS r(i)) TO ${literal(path)} (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  sql.close();
  const whole = readFileSync(path);
  const begin = 4;
  const chunk = whole.subarray(begin, whole.length - 8 - whole.readUInt32LE(whole.length - 8));
  const good = plainBytes(chunk, 50, true, "utf8", (page) => page);
  expect(good === undefined ? undefined : Buffer.from(bytesAt(good, 49)).toString()).toBe("https://h.example/49");
  fc.assert(
    fc.property(
      fc.nat(chunk.length - 1),
      fc.nat(255),
      fc.nat(chunk.length),
      fc.integer({ min: 0, max: 60 }),
      (at, octet, length, rows) => {
        const changed = Buffer.from(chunk.subarray(0, Math.max(at + 1, length)));
        changed[at] = octet;
        const found = plainBytes(changed, rows, true, "binary", (page) => page);
        if (found !== undefined) expect(rowsOf(found)).toBe(rows);
      },
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, optional) => {
      const found = plainBytes(bytes, 3, optional, "utf8", (page) => page);
      if (found !== undefined) expect(rowsOf(found)).toBe(3);
    }),
    { numRuns: 2000 },
  );
});
