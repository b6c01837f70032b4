import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import { readArrow, readArrowSchema } from "../../formats/index.js";
import { scratchFile } from "./scratch.js";
import { type Cell, damaged, expectedCells, fixture, stacked, tableOf } from "./tables.js";

async function tablesOf(path: string, columns?: readonly string[]): Promise<Record<string, Cell[]>[]> {
  const tables = [];
  for await (const part of readArrow(path, columns === undefined ? {} : { columns })) tables.push(tableOf(part));
  return tables;
}

async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DataError)) throw error ?? new Error("nothing was thrown");
  return `${error.code} ${error.site.detail ?? ""}`;
}

const files = ["plain.arrow", "zstd.arrow", "lz4.arrow", "sliced.arrows"];

describe("files that pyarrow wrote", () => {
  test.each(files)("%s reads as pyarrow says", async (name) => {
    const table = stacked(await tablesOf(fixture(name)));
    expect(Object.keys(table).length).toBeGreaterThan(30);
    for (const column of Object.keys(table)) expect([column, table[column]]).toEqual([column, expectedCells(column)]);
  });

  test("dictionaries grow by deltas and are replaced", async () => {
    expect(stacked(await tablesOf(fixture("deltas.arrows")))).toEqual({ d: ["a", "b", "c", "b", "y", "x"] });
  });

  test("columns are chosen by name; nested ones and views are refused by name", async () => {
    expect(Object.keys(stacked(await tablesOf(fixture("plain.arrow"), ["after", "text"])))).toEqual(["after", "text"]);
    expect(await codeOf(tablesOf(fixture("plain.arrow"), ["map"]))).toMatch(/^ARROW_UNSUPPORTED column map /);
    expect(await codeOf(tablesOf(fixture("zstd.arrow"), ["view"]))).toMatch(/^ARROW_UNSUPPORTED column view /);
    expect(await codeOf(tablesOf(fixture("plain.arrow"), ["nope"]))).toMatch(/^COLUMN_NOT_FOUND nope .*text/);
  });

  test("the schema maps types as Parquet's does", async () => {
    const { columns } = await readArrowSchema(fixture("plain.arrow"));
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({ text: "utf8", dictionary: "utf8", large_bytes: "binary", fixed: "binary", needed: "int32" });
    expect(types).toMatchObject({ i32: "float64", bool: "float64", half: "float32", ns: "timestamp", date64: "timestamp" });
    expect(types).toMatchObject({ tokens: "list<uint32>", large_tokens: "list<uint32>", map: undefined, view: undefined });
  });
});

describe("hostile files", () => {
  test("are refused with a code, and never crash, hang or fill the memory", async () => {
    const before = process.memoryUsage().rss;
    for (const name of [...files, "deltas.arrows"]) {
      await fc.assert(
        fc.asyncProperty(damaged(readFileSync(fixture(name))), async (copy) => {
          try {
            let rows = 0;
            for await (const part of readArrow(scratchFile(copy))) {
              rows += Object.values(tableOf(part))[0]?.length ?? 0;
              if (rows > 10_000) break;
            }
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
            expect(error.code).toMatch(/^ARROW_(CORRUPT|UNSUPPORTED|TOO_LARGE)$/);
            expect(error.site.detail).toBeTruthy();
            expect(error.site.file).toBeTruthy();
          }
        }),
        { numRuns: 60 },
      );
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
  });

  test("a cut inside a message is noticed", async () => {
    const bytes = readFileSync(fixture("plain.arrow"));
    for (let size = 0; size < bytes.length; size += 331) {
      expect(await codeOf(tablesOf(scratchFile(bytes.subarray(0, size))))).toMatch(/^ARROW_CORRUPT ./);
    }
  });

  test("metadata that points at itself, or claims more than there is, is refused", async () => {
    for (const filler of [0, 1, 4, 0x10, 0xff]) {
      const metadata = Buffer.alloc(4096, filler);
      const head = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0x10, 0, 0]);
      expect(await codeOf(tablesOf(scratchFile(head, metadata)))).toMatch(/^ARROW_CORRUPT /);
    }
    expect(await codeOf(tablesOf(scratchFile(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xf0, 0xff, 0xff, 0x7f]))))).toMatch(
      /^ARROW_CORRUPT /,
    );
  });
});
