import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Batch, type Verdict } from "../../corpus/index.js";
import { quality } from "../../filters/quality/index.js";
import { utf8Column } from "../../formats/index.js";
import { testInput } from "../inputs.js";

async function judge(text: string, parameters: object = {}): Promise<Verdict | undefined> {
  const filter = await quality.open(quality.parameters.parse(parameters), []);
  return filter.process(new Batch([["text", utf8Column([text])]])).verdicts?.[0];
}

/** Prose without repetition: `words` words, ten a line. */
function prose(words: number): string {
  return Array.from({ length: words }, (_, i) => `word${i.toString(36)}${i % 10 === 9 ? ".\n" : " "}`).join("");
}

const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join("\n");
const phrase = (i: number) => `some${i} more${i} words${i} here${i} now${i} please${i}.`;
const code = (i: number) => String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26));

describe("a text is dropped by the rule that it breaks", () => {
  test.each([
    ["too-few-words", "Only a few words.", "words", 4, 50],
    ["too-many-words", prose(100_001), "words", 100_001, 100_000],
    ["short-words", lines(60, (i) => code(i)), "mean word length", 2, 3],
    ["long-words", lines(60, (i) => `incomprehensibly${code(i)}`), "mean word length without marks", 18, 10],
    ["hash-symbols", lines(60, (i) => `word${code(i)} #tag${code(i)}`), "# signs per word", 0.5, 0.1],
    ["ellipses", lines(60, (i) => `word${code(i)}... more`), "ellipses per word", 0.5, 0.1],
    ["bullet-lines", lines(20, (i) => `- ${phrase(i)}`), "share of lines that start with a bullet", 1, 0.9],
    [
      "ellipsis-lines",
      lines(20, (i) => `${phrase(i)} ${phrase(i + 100)}..`),
      "share of lines that end with an ellipsis",
      1,
      0.3,
    ],
    ["few-alphabetic-words", lines(60, (i) => `word${code(i)} 12${i} 34${i}`), "share of words with a letter", 0.333333, 0.8],
    ["duplicate-lines", lines(20, (i) => phrase(i % 10)), "share of duplicate lines", 0.5, 0.3],
    [
      "repeated-5grams",
      `${prose(100)}${prose(100).replaceAll("\n", " ")}`,
      "share of characters in repeated 5-grams",
      0.5,
      0.15,
    ],
    [
      "frequent-2grams",
      lines(60, (i) => `important message${code(i)} click here`),
      "share of characters in the most frequent 2-gram",
      0.333,
      0.2,
    ],
  ])("%s", async (rule, text, measure, value, threshold) => {
    const verdict = await judge(text);
    expect(verdict?.keep).toBe(false);
    if (verdict?.keep !== false) return;
    expect(verdict.rule).toBe(rule);
    expect(verdict.evidence).toMatchObject({ measure, threshold });
    expect(verdict.evidence.value).toBeCloseTo(value, 1);
  });
});

test("duplicates are judged by number and by size, lines before paragraphs", async () => {
  const text = lines(20, (i) => phrase(i % 2 === 0 ? 0 : i)).replaceAll("\n", "\n\n");
  const loosened = { max_duplicate_lines: 1 };
  expect(await judge(text, loosened)).toMatchObject({ rule: "duplicate-paragraphs", evidence: { value: 0.45 } });
  const more = { ...loosened, max_duplicate_paragraphs: 1 };
  expect(await judge(text, more)).toMatchObject({ rule: "duplicate-line-characters" });
  expect(await judge(text, { ...more, max_duplicate_line_characters: 1 })).toMatchObject({
    rule: "duplicate-paragraph-characters",
  });
});

test("every rule that a verdict can name is explained", () => {
  expect(Object.values(quality.rules).every((about) => about.endsWith("."))).toBe(true);
  expect(Object.keys(quality.rules)).toHaveLength(25);
});

test("thresholds of FineWeb drop only where a recipe asks for them", async () => {
  const text = lines(40, (i) => `A short line ${code(i)}`);
  expect((await judge(text, { max_frequent_ngrams: [1, 1, 1] }))?.keep).toBe(true);
  expect(await judge(text, { max_frequent_ngrams: [1, 1, 1], max_short_lines: 0.67 })).toMatchObject({ rule: "short-lines" });
  expect(await judge(text, { max_frequent_ngrams: [1, 1, 1], min_punctuated_lines: 0.12 })).toMatchObject({
    rule: "unpunctuated-lines",
  });
});

test("repeated runs of letters drop Chinese text only where they are most of it", async () => {
  const sentence = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏";
  const others = Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + 37 * i)).join("");
  expect(await judge(sentence.repeat(20), { max_frequent_ngrams: [1, 1, 1] })).toMatchObject({ rule: "repeated-letters" });
  expect((await judge(`${others}${sentence}${sentence}`))?.keep).toBe(true);
});

test("an empty batch and an empty text are taken", async () => {
  const filter = await quality.open(quality.parameters.parse({ min_words: 0 }), []);
  expect(filter.process(new Batch([["text", utf8Column([])]])).verdicts).toEqual([]);
  const { verdicts, columns } = filter.process(new Batch([["text", utf8Column([""])]]));
  expect(verdicts?.[0]).toMatchObject({ rule: "few-alphabetic-words" });
  expect(columns?.words?.values).toEqual(Int32Array.of(0));
});

test("parameters refuse unknown keys and shares above 1", () => {
  expect(quality.parameters.safeParse({ min_word: 3 }).success).toBe(false);
  expect(quality.parameters.safeParse({ max_bullet_lines: 2 }).success).toBe(false);
});

test.skipIf(testInput("books/austen_janeaustenr") === undefined)("chapters of Jane Austen are kept", async () => {
  const folder = testInput("books/austen_janeaustenr") ?? "";
  const texts = readdirSync(folder).flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    return Array.from({ length: 10 }, (_, i) => text.slice(20_000 * i, 20_000 * (i + 1)));
  });
  const filter = await quality.open(quality.parameters.parse({}), []);
  const { verdicts } = filter.process(new Batch([["text", utf8Column(texts)]]));
  expect(verdicts?.filter(({ keep }) => !keep)).toEqual([]);
});
