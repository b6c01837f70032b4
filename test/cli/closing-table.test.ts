/** The table at the end of a run: every row adds up, and so do the shares of time. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { closingTable } from "../../cli/closing-table.js";
import { englishText, languagesText, largestLanguages } from "../../cli/languages-text.js";
import { shares } from "../../cli/numbers.js";
import { stageRows } from "../../cli/stage-rows.js";
import { CorpusFolder, type Manifest } from "../../corpus/index.js";
import type { RunResult } from "../../pipeline/index.js";

const stage = (name: string, into: number, out: number, dropped: Record<string, number> = {}) => ({
  name,
  version: 1,
  parameters: {},
  assets: [],
  documents_in: into,
  documents_out: out,
  dropped,
});

/** 20 records: 4 skipped and 1 unreadable on reading, 2 pages without text, 3 drops, 1 document that kills behind the barrier. */
const manifest = {
  totals: {
    records: 20,
    skipped: { request: 4, "empty-extraction": 2 },
    documents: 14,
    kept: 9,
    dropped: { "consent/robots-disallow": 2, "duplicates/exact-duplicate": 1 },
    quarantined: 2,
    tokens: 1,
    text_bytes: 1,
    redacted: {},
    languages: {},
  },
  stages: [
    stage("consent", 15, 13, { "consent/robots-disallow": 2 }),
    stage("extract", 13, 11),
    stage("duplicates", 11, 10, { "duplicates/exact-duplicate": 1 }),
    stage("tokenize", 9, 9),
  ],
  shards: [{}],
} as unknown as Manifest;

const time = (seconds: number) => ({ seconds, documents: 0, bytes: 0 });
const result = {
  manifest,
  corpus: new CorpusFolder("c"),
  unchanged: false,
  seconds: 10,
  workers: 2,
  peakMemoryBytes: 1e6,
  times: { read: time(1), consent: time(1), extract: time(2), tokenize: time(1), write: time(4), tables: time(1) },
  warnings: [],
} satisfies RunResult;

it("what comes into a stage is what is left out and what goes on, and each row says why", () => {
  const rows = stageRows(manifest).map(({ cells }) => cells);
  expect(rows).toEqual([
    ["read", "20", "5", "15"],
    ["  skipped: request", "", "4", ""],
    ["  quarantined", "", "1", ""],
    ["consent", "15", "2", "13"],
    ["  robots-disallow", "", "2", ""],
    ["extract", "13", "2", "11"],
    ["  skipped: empty-extraction", "", "2", ""],
    ["duplicates", "11", "2", "9"],
    ["  exact-duplicate", "", "1", ""],
    ["  quarantined", "", "1", ""],
    ["tokenize", "9", "", "9"],
  ]);
});

it("the time that no stage took is a row of its own, and numbers of one stand in the singular", () => {
  const text = closingTable(result);
  expect(text).toMatch(/^other \(start, waiting, plan\) +50\.0 %$/m);
  expect(text).toMatch(/^write +20\.0 %$/m);
  const sum = [...text.matchAll(/([\d.]+) %$/gm)].reduce((total, [, share]) => total + Number(share), 0);
  expect(sum).toBeCloseTo(100, 6);
  expect(text).toContain("20 records = 14 documents + 6 skipped (4 by read, 2 by extract)\n");
  expect(text).toContain("1 token from 1 B of text in 1 shard\n");
  expect(text).toContain("0:10 (10.0 s) with 2 workers, ");
});

it("a run that found everything done shows no shares of a time in which nothing was done", () => {
  const text = closingTable({ ...result, unchanged: true, times: {}, workers: 0 });
  expect(text).not.toMatch(/%|share of time|worker/);
});

it("shares add up to 100.0 whatever the parts", () => {
  const parts = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(parts, (all) => {
      const tenths = shares(all).map((share) => (share === "–" ? 0 : Math.round(10 * Number.parseFloat(share))));
      const sum = tenths.reduce((total, tenth) => total + tenth, 0);
      expect(sum).toBe(all.some((part) => part > 0) ? 1000 : 0);
      expect(Math.min(...tenths)).toBeGreaterThanOrEqual(0);
    }),
  );
});

it("languages stand in one line, the largest first, with English beside Apertus", () => {
  const languages = {
    deu_Latn: { documents: 1, tokens: 25, text_bytes: 100 },
    eng_Latn: { documents: 2, tokens: 70, text_bytes: 300 },
    "": { documents: 1, tokens: 5, text_bytes: 9 },
  };
  const shares = Object.entries(languages).map(([label, counts]) => ({ label, ...counts }));
  expect(largestLanguages(shares, 2)).toBe("eng_Latn 70.0 %, deu_Latn 25.0 %, 1 more");
  expect(englishText(shares)).toBe("70.0 % of the tokens are English; of Apertus's about 60 %");
  expect(englishText(shares.map((share) => ({ ...share, tokens: 0 })))).toContain("50.0 % of the documents are English");
  expect(languagesText({ version: 0, languages: shares, scripts: [] })).toMatch(/not named +1 +5 +5\.0 % +1\.80/);
});
