/** What the tests of the table formats share: cells to compare, a sink in memory, the files that pyarrow wrote. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { bytesAt, type Column, type ListColumn, rowsOf, stringAt } from "../../formats/index.js";

export type Cell = string | number | null | readonly number[];

/** Text as it is, bytes in hexadecimal, NaN as null, lists as arrays. */
export function cellsOf(column: Column | ListColumn): Cell[] {
  if (column.type === "list<uint32>") {
    const { values, offsets } = column;
    return Array.from({ length: offsets.length - 1 }, (_, row) => [...values.subarray(offsets[row], offsets[row + 1])]);
  }
  return Array.from({ length: rowsOf(column) }, (_, row) => {
    if (column.type === "utf8") return stringAt(column, row);
    if (column.type === "binary") return Buffer.from(bytesAt(column, row)).toString("hex");
    const value = (column.values as Float64Array)[row];
    return Number.isNaN(value) ? null : value;
  });
}

export function tableOf(columns: Readonly<Record<string, Column | ListColumn>>): Record<string, Cell[]> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, cellsOf(column)]));
}

/** The tables one below the other. */
export function stacked(tables: readonly Record<string, Cell[]>[]): Record<string, Cell[]> {
  const [first] = tables;
  return Object.fromEntries(Object.keys(first ?? {}).map((name) => [name, tables.flatMap((table) => table[name])]));
}

export class MemorySink {
  readonly #parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.#parts.push(Uint8Array.from(bytes));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export function fixture(name: string): string {
  return join(import.meta.dirname, "../fixtures/tables", name);
}

/** What the readers must answer for the columns of pyarrow's files; null bytes, text and lists are empty. */
export function expectedCells(name: string): Cell[] {
  const cells = expected[name];
  const numbers = cells.every((cell) => cell === null || typeof cell === "number") && name !== "nulls";
  if (numbers) return cells;
  return cells.map((cell) => cell ?? (cells.some(Array.isArray) ? [] : ""));
}

const expected: Record<string, Cell[]> = JSON.parse(readFileSync(fixture("expected.json"), "utf8"));

/** The same bytes with a few of them changed, or cut off. */
export function damaged(bytes: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat({ max: bytes.length - 1 }),
    to: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })),
    run: fc.constantFrom(1, 1, 1, 4, 8),
  });
  return fc
    .record({
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      cut: fc.option(fc.nat({ max: bytes.length }), { freq: 5 }),
    })
    .map(({ changes, cut }) => {
      const copy = Buffer.from(bytes);
      for (const { at, to, run } of changes) copy.fill(to, at, Math.min(at + run, copy.length));
      return cut === null ? copy : copy.subarray(0, cut);
    });
}
