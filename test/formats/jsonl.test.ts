import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseJsonObject, readLines } from "../../formats/index.js";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "apertus-jsonl-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function lines(path: string, options: { start?: number; end?: number; maxLineBytes?: number } = {}) {
  const found = [];
  for await (const line of readLines(path, { maxLineBytes: 1000, ...options })) {
    found.push(line.kind === "line" ? [line.offset, Buffer.from(line.bytes).toString()] : [line.offset, line.fault]);
  }
  return found;
}

test("LF and CRLF end lines, a BOM is passed over, the last line needs no end, empty lines are lines", async () => {
  const path = join(folder, "plain");
  writeFileSync(path, "\ufeffone\r\n\ntwo\nthree");
  expect(await lines(path)).toEqual([
    [0, "one"],
    [8, ""],
    [9, "two"],
    [13, "three"],
  ]);
});

test("ranges of a plain file hold each line exactly once, wherever they are cut", async () => {
  const path = join(folder, "cut");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, "·"))),
      fc.integer({ min: 1, max: 30 }),
      async (texts, step) => {
        writeFileSync(path, texts.map((text) => `${text}\n`).join(""));
        const whole = await lines(path);
        const size = Buffer.byteLength(texts.map((text) => `${text}\n`).join(""));
        const parts = [];
        for (let start = 0; start < size; start += step)
          parts.push(...(await lines(path, { start, end: Math.min(size, start + step) })));
        expect(parts).toEqual(whole);
      },
    ),
    { numRuns: 100 },
  );
});

test("a line above the limit is a fault and the next one is read", async () => {
  const path = join(folder, "long.gz");
  writeFileSync(path, gzipSync(`${"x".repeat(3_000_000)}\nshort\n`));
  expect(await lines(path)).toEqual([
    [0, "too-large"],
    [3_000_001, "short"],
  ]);
});

test("a line is an object or undefined, at any depth and for any bytes", () => {
  expect(parseJsonObject(Buffer.from('{"text":"ä"}'))).toEqual({ text: "ä" });
  for (const text of ["[1]", "1", '"a"', "{", "", "null", "[".repeat(200_000)])
    expect(parseJsonObject(Buffer.from(text))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseJsonObject(bytes)));
});
