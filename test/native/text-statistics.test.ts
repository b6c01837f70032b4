import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Column } from "../../formats/index.js";
import { type TextStatistic, textStatisticNames, textStatistics } from "../../native/index.js";
import { anyText } from "../any-text.js";
import { testInput } from "../inputs.js";
import { referenceStatistics } from "./text-statistics-reference.js";

function measure(texts: readonly string[]): readonly Record<TextStatistic, number>[] {
  const { values, offsets } = utf8Column(texts);
  const table = textStatistics(values, offsets);
  const width = textStatisticNames.length;
  return texts.map(
    (_, row) =>
      Object.fromEntries(textStatisticNames.map((name, k) => [name, table[row * width + k]])) as Record<TextStatistic, number>,
  );
}

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a ", "b ", "the ", "end.\n", "\n", "\n\n", " ", "a b a b a b a b a b a b c ") },
  fc.constantFrom("中文", "。", "กู้", "ਸਤਿ ", "한국 ", "ꔀ ", "ፊ፡", "\u0301", "\u3000", "\u00a0", "\r\n", "é", "😀", "١٢"),
  fc.constantFrom("- x\n", "• y\n", "# ", "...", "…\n", "....\n", "12 ", "a line of more than thirty characters\n", "B’s”\n"),
  anyText(3),
);

test("every count agrees with the plain reference", () => {
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 60 }), { maxLength: 3 }), (rows) => {
      const texts = rows.map((pieces) => pieces.join("").toWellFormed());
      expect(measure(texts)).toEqual(texts.map(referenceStatistics));
    }),
    { numRuns: 800 },
  );
});

test.skipIf(testInput("books/austen_janeaustenr/emma.txt") === undefined)(
  "every count of a novel agrees with the reference",
  () => {
    const text = readFileSync(testInput("books/austen_janeaustenr/emma.txt") ?? "", "utf8").slice(0, 150_000);
    const texts = [text, text.slice(0, 5000)];
    expect(measure(texts)).toEqual(texts.map(referenceStatistics));
  },
);

test("scripts without spaces count letters, and the punctuation between them is no word", () => {
  const [chinese, thai, mixed] = measure(["你好，世界。", "น้ำ", "用Python 3写"]);
  expect(chinese?.words).toBe(4);
  expect(thai?.words).toBe(2);
  expect(mixed?.words).toBe(4);
});

test("the most frequent n-gram counts no character twice", () => {
  const [text] = measure(["a a a a a a"]);
  expect(text?.top2gramCharacters).toBe(6);
  expect(text?.top4gramCharacters).toBe(0);
});

test("n-grams are measured on the first 131,072 words", () => {
  const [text] = measure(["x ".repeat(200_000)]);
  expect(text?.words).toBe(200_000);
  expect(text?.measuredCharacters).toBe(131_072);
  expect(text?.repeated10gramCharacters).toBe(131_071);
});

test.each([
  ["one letter", "x"],
  ["line ends", "\n"],
  ["different lines", ""],
  ["a word and its echo", "ab ab "],
  ["marks", "\u0301"],
  ["dots", "."],
  ["words that make every n-gram twice", "?"],
])("a megabyte of %s costs linear time", (name, unit) => {
  let text = unit.repeat(1 << 20);
  if (name === "different lines") text = Array.from({ length: 120_000 }, (_, i) => i.toString(36)).join("\n");
  if (unit === "?") text = Array.from({ length: 131_072 }, (_, i) => (i % 65_000).toString(36)).join(" ");
  const begin = process.cpuUsage();
  measure([text]);
  expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
});

test("any bytes are taken", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const value of textStatistics(bytes, Int32Array.of(0, bytes.length))) {
        expect(Number.isInteger(value) && value >= 0 && value <= bytes.length).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
