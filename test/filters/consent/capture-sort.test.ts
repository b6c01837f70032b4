/** The external sort of captures, and the table of bodies, against sorting and looking up in memory. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { captureSize } from "../../../filters/consent/archive-layout.js";
import { BodyTable } from "../../../filters/consent/body-table.js";
import { CaptureSort } from "../../../filters/consent/capture-sort.js";
import { scratchFolder } from "./captures.js";

const folder = scratchFolder();
let serial = 0;

it("captures come by authority, time and arrival, whatever a run holds, and every time again", () => {
  const authority = fc.oneof(fc.constantFrom("a", "b", "https://h.example"), fc.stringMatching(/^[!-~]{1,40}$/));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(authority, fc.integer({ min: 0, max: 5 })), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (captures, run) => {
        const runs = serial++;
        const paths: string[] = [];
        const sort = new CaptureSort((number) => {
          const path = join(folder, `run-${runs}-${number}`);
          paths.push(path);
          return path;
        }, run);
        captures.forEach(([name, time], i) => {
          const record = Buffer.alloc(captureSize);
          record.writeDoubleLE(time, 0);
          record.writeDoubleLE(i, 8);
          sort.add(name, record);
        });
        const expected = captures
          .map(([name, time], i) => [name, time, i] as const)
          .sort(([a, s, i], [b, t, k]) => (a < b ? -1 : a > b ? 1 : s - t || i - k));
        for (let round = 0; round < 2; round++) {
          const found = Array.from(sort.sorted(), ({ authority: name, record }) => {
            const bytes = Buffer.from(record);
            return [name, bytes.readDoubleLE(0), bytes.readDoubleLE(8)];
          });
          expect(found).toEqual(expected);
        }
        expect(sort.count).toBe(captures.length);
        sort.close();
        expect(paths.filter(existsSync)).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

it("runs of more than a block are read on", () => {
  const sort = new CaptureSort((number) => join(folder, `long-${number}`), 20_000);
  const count = 50_000;
  for (let i = 0; i < count; i++) sort.add(`https://host-${(i * 7919) % count}.example`, Buffer.alloc(captureSize));
  let last = "";
  let read = 0;
  for (const { authority } of sort.sorted()) {
    expect(authority > last).toBe(true);
    last = authority;
    read++;
  }
  expect(read).toBe(count);
  sort.close();
});

it("the table of bodies finds what was set, and nothing else", () => {
  const table = new BodyTable();
  const digest = (i: number): Buffer => createHash("sha256").update(`${i}`).digest();
  for (let i = 0; i < 20_000; i++) {
    expect(table.get(digest(i))).toBeUndefined();
    table.set(digest(i), i + 16);
  }
  for (let i = 0; i < 20_000; i++) expect(table.get(digest(i))).toBe(i + 16);
  expect(table.size).toBe(20_000);
});
