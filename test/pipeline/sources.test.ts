/** What the sources of texts take for no record, and what they say of dates that are none. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDate } from "../../corpus/index.js";
import type { InputFormat } from "../../pipeline/inputs.js";
import { type Chunk, readSource } from "../../pipeline/sources/index.js";
import { isUnread } from "../../pipeline/sources/rows.js";
import { runBuilt, scratchFolder, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("sources");
beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(remove);

/** The account of a whole file. */
async function read(name: string, format: InputFormat, bytes: string | Uint8Array) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const fingerprint = { bytes: bytes.length, first: "", last: "" };
  const input = { path, file: name, format, source: "s", columns: {}, fingerprint, changedAt: 0 };
  const slice = { start: 0, end: format === "parquet" ? 1000 : bytes.length };
  const chunks: Chunk[] = [];
  for await (const chunk of readSource({ input, slice, sha256: "0".repeat(64), recordBytes: 1e6, select: () => "read" }))
    chunks.push(chunk);
  return {
    records: chunks.reduce((total, { records }) => total + records, 0),
    skipped: Object.assign({}, ...chunks.map(({ skipped }) => skipped)) as Record<string, number>,
    quarantined: chunks.flatMap(({ quarantined }) => quarantined.map(({ reason }) => reason)),
    unreadDates: chunks.reduce((total, { unreadDates }) => total + unreadDates, 0),
    dates: chunks.flatMap(({ batch }) => (batch.rows === 0 ? [] : [...batch.numbers("captured_at").values])),
  };
}

const day = Date.UTC(2024, 4, 31);

describe("JSON lines", () => {
  it("lines of white space are skipped and counted as empty lines are", async () => {
    const found = await read("blank.jsonl", "jsonl", ' \t \n\n\r\n{"text":"a"}\n   ');
    expect(found).toMatchObject({ records: 5, skipped: { "empty-line": 4 }, quarantined: [] });
  });

  it("a line with anything else on it that is no object goes to quarantine", async () => {
    const found = await read("junk.jsonl", "jsonl", ' \u00a0 \n\u0000\n{"text":"a"}\n \f\n');
    expect(found).toMatchObject({ records: 4, quarantined: ["bad-json", "bad-json", "bad-json"] });
  });

  it("a date that is none is counted, an absent one is not", async () => {
    const stated = ["yesterday", "2024-05-31", "", null, true, "20241345000000", 1e300, { at: 1 }];
    const rows = [{ text: "a" }, ...stated.map((date) => ({ text: "a", date }))];
    const found = await read("dates.jsonl", "jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    expect(found.unreadDates).toBe(5);
    expect(found.dates.filter((date) => !Number.isNaN(date))).toEqual([day]);
  });
});

it("dates of a table are read from strings, timestamps and seconds, and what is none is counted", async () => {
  const table = (type: "STRING" | "DOUBLE" | "TIMESTAMP", data: unknown[]) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "text", data: data.map(() => "a"), type: "STRING" },
          { name: "date", data, type, nullable: true },
        ],
      }),
    );
  const strings = await read("strings.parquet", "parquet", table("STRING", ["2024-05-31", "soon", "", null]));
  expect([strings.dates, strings.unreadDates]).toEqual([[day, Number.NaN, Number.NaN, Number.NaN], 1]);
  const seconds = await read("seconds.parquet", "parquet", table("DOUBLE", [day / 1000, day, null, 1e300]));
  expect([seconds.dates, seconds.unreadDates]).toEqual([[day, day, Number.NaN, Number.NaN], 1]);
  const stamps = await read("stamps.parquet", "parquet", table("TIMESTAMP", [new Date(day), new Date(0), null]));
  expect([stamps.dates, stamps.unreadDates]).toEqual([[day, 0, Number.NaN], 0]);
});

it("a WARC date that is none is counted for the records that are documents", async () => {
  const record = (type: string) =>
    `WARC/1.1\r\nWARC-Type: ${type}\r\nWARC-Target-URI: https://a.example/\r\nWARC-Date: never\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ntext\r\n\r\n`;
  const found = await read("dates.warc", "warc", record("metadata") + record("conversion"));
  expect(found).toMatchObject({ records: 2, skipped: { metadata: 1 }, unreadDates: 1 });
});

it.each([
  ["2024-02-03T04:05:06Z", Date.UTC(2024, 1, 3, 4, 5, 6)],
  ["2024-02-03 04:05:06", Date.UTC(2024, 1, 3, 4, 5, 6)],
  ["20240203040506", Date.UTC(2024, 1, 3, 4, 5, 6)],
  [1706933106, Date.UTC(2024, 1, 3, 4, 5, 6)],
  ["20241303040506", Number.NaN],
  ["2024-13-03", Number.NaN],
  ["03/02/2024", Number.NaN],
])("the date %s is %s", (stated, milliseconds) => {
  expect(parseDate(stated)).toBe(milliseconds);
  expect(isUnread(stated, milliseconds)).toBe(Number.isNaN(milliseconds));
});

it("a run warns of dates that could not be read, by file, as it happens", async () => {
  writeFileSync(join(folder, "warn.jsonl"), '{"text":"a","date":"soon"}\n{"text":"b","date":"2024-05-31"}\n');
  const recipe = writeRecipe(join(folder, "recipe.yaml"), { inputs: [{ path: "warn.jsonl" }], stages: ["extract"] });
  const told: string[] = [];
  const { warnings } = await runBuilt(recipe, join(folder, "corpus"), {
    onEvent: (event) => {
      if (event.type === "warning") told.push(event.message);
    },
  });
  const path = join(folder, "warn.jsonl");
  expect(told).toEqual([`the date of 1 document in ${path} could not be read; it has no capture date`]);
  expect(warnings).toEqual(told);
});
