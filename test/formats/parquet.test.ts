import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import {
  binaryColumn,
  type Column,
  isBytes,
  literal,
  loadZstd,
  openParquet,
  openSql,
  ParquetWriter,
  rowsOf,
  stringAt,
  utf8Column,
} from "../../formats/index.js";

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "apertus-parquet-"));
  await loadZstd();
});

afterAll(() => rmSync(folder, { recursive: true }));

const fields = [
  { name: "text", type: "utf8" },
  { name: "id", type: "binary" },
  { name: "at", type: "timestamp" },
  { name: "score", type: "float64" },
  { name: "words", type: "int32" },
  { name: "flag", type: "uint8" },
] as const;

function columns(rows: readonly (readonly [string, number, number])[]): Record<string, Column> {
  return {
    text: utf8Column(rows.map(([text]) => text)),
    id: binaryColumn(rows.map(([text]) => Buffer.from(text).subarray(0, 4))),
    at: { type: "timestamp", values: Float64Array.from(rows, ([, at]) => at) },
    score: { type: "float64", values: Float64Array.from(rows, ([, , score]) => score) },
    words: { type: "int32", values: Int32Array.from(rows, (_, i) => i) },
    flag: { type: "uint8", values: Uint8Array.from(rows, (_, i) => i % 2) },
  };
}

function writeFile(name: string, batches: readonly Record<string, Column>[], rowGroupRows: number): string {
  const parts: Uint8Array[] = [];
  const writer = new ParquetWriter({ write: (bytes) => void parts.push(bytes) }, fields, { codec: "zstd", rowGroupRows });
  for (const batch of batches) writer.write(batch);
  writer.finish();
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

const rows: readonly (readonly [string, number, number])[] = Array.from({ length: 25 }, (_, i) => [
  `Grüße ${i} 日本`,
  i % 5 === 0 ? Number.NaN : Date.UTC(2024, 0, i + 1),
  i % 7 === 0 ? Number.NaN : i / 3,
]);

test("what is written is read back, across row groups, in any range", async () => {
  const path = writeFile("ours.parquet", [columns(rows.slice(0, 9)), columns(rows.slice(9))], 10);
  const file = await openParquet(path);
  expect(file.rows).toBe(25);
  expect(file.rowGroups.map((group) => group.rows)).toEqual([10, 10, 5]);
  expect(file.columns).toEqual(fields.map(({ name, type }) => ({ name, type: type === "uint8" ? "int32" : type })));
  for (const [start, end] of [
    [0, 25],
    [3, 4],
    [8, 22],
    [24, 25],
    [5, 5],
  ] as const) {
    const { text, at, score } = await file.readRows(start, end, { columns: ["text", "at", "score"] });
    if (!isBytes(text) || isBytes(at) || isBytes(score)) throw new Error("wrong columns");
    expect(Array.from({ length: rowsOf(text) }, (_, i) => [stringAt(text, i), at.values[i], score.values[i]])).toEqual(
      rows.slice(start, end),
    );
  }
  await file.close();
});

test("DuckDB reads what we write: types, nulls and values", async () => {
  const path = writeFile("duck.parquet", [columns(rows)], 10);
  const sql = await openSql({ memoryBytes: 1e8, spillFolder: folder });
  const found = [];
  for await (const row of sql.rows(
    `SELECT text, hex(id) AS id, epoch_ms("at") AS "at", score, words, typeof("at") AS type FROM read_parquet(${literal(path)})`,
  ))
    found.push(row);
  sql.close();
  expect(found).toHaveLength(25);
  expect(found[0]).toMatchObject({ text: "Grüße 0 日本", at: null, score: null, words: 0, type: "TIMESTAMP WITH TIME ZONE" });
  expect(found[3]).toMatchObject({ text: "Grüße 3 日本", at: BigInt(Date.UTC(2024, 0, 4)), score: 1, words: 3 });
});

test("the same columns give the same bytes", () => {
  const [a, b] = [writeFile("a.parquet", [columns(rows)], 10), writeFile("b.parquet", [columns(rows)], 10)];
  expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
});

test.each(["zstd", "snappy", "gzip", "brotli", "lz4_raw", "uncompressed"])(
  "reads what DuckDB writes with %s, v1 and v2 pages",
  async (codec) => {
    for (const version of ["V1", "V2"]) {
      const path = join(folder, `${codec}-${version}.parquet`);
      const sql = await openSql({ memoryBytes: 1e8, spillFolder: folder });
      await sql.run(`COPY (SELECT 'text ' || i AS text, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS n, [i] AS list,
      TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS at FROM range(5000) t(i))
      TO ${literal(path)} (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048, PARQUET_VERSION ${version})`);
      sql.close();
      const file = await openParquet(path);
      const { text, n, at } = await file.readRows(2000, 4100, { columns: ["text", "n", "at"] });
      if (!isBytes(text) || isBytes(n) || isBytes(at)) throw new Error("wrong columns");
      expect([stringAt(text, 0), stringAt(text, 2099), n.values[1], at.values[0]]).toEqual([
        "text 2000",
        "text 4099",
        Number.NaN,
        Date.UTC(2024, 0, 1) + 2_000_000,
      ]);
      await expect(file.readRows(0, 1, { columns: ["list"] })).rejects.toMatchObject({ code: "PARQUET_UNSUPPORTED" });
      await file.close();
    }
  },
);

test("ill-formed UTF-8 in a text column is repaired row by row", async () => {
  const broken = {
    ...columns(rows.slice(0, 2)),
    text: { type: "utf8", values: Uint8Array.of(0x61, 0xff, 0x62), offsets: Int32Array.of(0, 2, 3) } as const,
  };
  const file = await openParquet(writeFile("broken.parquet", [broken], 10));
  const { text } = await file.readRows(0, 2, { columns: ["text"] });
  expect(isBytes(text) && [stringAt(text, 0), stringAt(text, 1)]).toEqual(["a\ufffd", "b"]);
  await file.close();
});

test("a file damaged anywhere is read or refused with PARQUET_CORRUPT, never a crash", async () => {
  const whole = readFileSync(writeFile("whole.parquet", [columns(rows)], 10));
  const path = join(folder, "damaged.parquet");
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(damage, fc.option(fc.nat(whole.length)), async (changes, cut) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      writeFileSync(path, bytes.subarray(0, cut ?? bytes.length));
      try {
        const file = await openParquet(path);
        try {
          const names = file.columns.map(({ name }) => name);
          await file.readRows(0, Math.min(file.rows, 1000), { columns: names });
        } finally {
          await file.close();
        }
      } catch (error) {
        expect(error instanceof DataError ? error.code : String(error)).toMatch(/^PARQUET_(CORRUPT|UNSUPPORTED)$/);
      }
    }),
    { numRuns: 300 },
  );
});
