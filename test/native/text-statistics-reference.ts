/** A slow, plain reference for the counts of native/text-statistics.ts: one expression or one map a count. */
import type { TextStatistic } from "../../native/index.js";

const unspaced =
  "(?:(?=[\\p{L}\\p{Nl}])[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}\\p{scx=Java}\\p{scx=Bali}\\p{scx=Lana}\\p{scx=Talu}\\p{scx=Tale}\\p{scx=Tavt}\\p{scx=Yiii}])";
const unit = new RegExp(`(${unspaced}\\p{M}*)`, "u");
const space = "[\\p{White_Space}\\u{1361}]";
const bullet = /^[-*·•‣⁃∙■▪○●◦❖･]/u;

const size = (text: string) => [...text].length;
const count = (text: string, expression: RegExp) => text.match(expression)?.length ?? 0;
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

interface Word {
  readonly text: string;
  readonly spaced: boolean;
}

function wordsOf(text: string): readonly Word[] {
  return text
    .split(new RegExp(`${space}+`, "u"))
    .filter((token) => token !== "")
    .flatMap((token) => {
      const parts = token.split(unit);
      if (parts.length === 1) return [{ text: token, spaced: true }];
      return parts
        .map((part, i) => ({ text: part, spaced: i % 2 === 0 }))
        .filter((word) => !word.spaced || /[\p{L}\p{N}]/u.test(word.text));
    });
}

/** Items that occurred before, in order. */
function repeats<T>(items: readonly T[]): readonly T[] {
  const seen = new Set<T>();
  return items.filter((item) => seen.has(item) || !seen.add(item));
}

function topNgram(words: readonly Word[], n: number): number {
  const grams = new Map<string, { count: number; end: number; characters: number }>();
  for (let i = 0; i + n <= words.length; i++) {
    const texts = words.slice(i, i + n).map((word) => word.text);
    const key = texts.join(" ");
    const gram = grams.get(key);
    if (gram === undefined) grams.set(key, { count: 1, end: i + n, characters: sum(texts.map(size)) });
    else if (i >= gram.end) Object.assign(gram, { count: gram.count + 1, end: i + n });
  }
  const most = Math.max(0, ...[...grams.values()].map((gram) => gram.count));
  if (most < 2) return 0;
  return Math.max(...[...grams.values()].filter((gram) => gram.count === most).map((gram) => most * gram.characters));
}

function repeatedNgram(words: readonly Word[], n: number): number {
  const seen = new Set<string>();
  const covered = words.map(() => false);
  for (let i = 0; i + n <= words.length; i++) {
    const key = words
      .slice(i, i + n)
      .map((word) => word.text)
      .join(" ");
    if (seen.has(key)) covered.fill(true, i, i + n);
    seen.add(key);
  }
  return sum(words.filter((_, i) => covered[i]).map((word) => size(word.text)));
}

export function referenceStatistics(text: string): Record<TextStatistic, number> {
  const trim = (line: string) => line.replace(new RegExp(`^${space}+|${space}+$`, "gu"), "");
  const rawLines = text.split("\n");
  const lines = rawLines.map(trim).filter((line) => line !== "");
  const paragraphs: string[] = [];
  let lastWasEmpty = true;
  for (const raw of rawLines) {
    const empty = trim(raw) === "";
    if (!empty && lastWasEmpty) paragraphs.push(raw);
    else if (!empty) paragraphs.push(`${paragraphs.pop()}\n${raw}`);
    lastWasEmpty = empty;
  }
  const duplicateLines = repeats(lines);
  const duplicateParagraphs = repeats(paragraphs.map(trim));
  const words = wordsOf(text);
  const spelled = words.filter((word) => word.spaced && !/[\uac00-\ud7a3\u1100-\u11ff\ua500-\ua63f]/u.test(word.text));
  const joined = spelled.map((word) => word.text).join("");
  const wordCharacters = sum(words.map((word) => size(word.text)));
  return {
    characters: size(text),
    letters: count(text, /\p{L}/gu),
    digits: count(text, /\p{Nd}/gu),
    words: words.length,
    wordCharacters,
    spacedWords: words.filter((word) => word.spaced).length,
    spelledWords: spelled.length,
    spelledWordCharacters: size(joined),
    spelledWordMarks: count(joined, /\p{M}/gu),
    alphabeticWords: words.filter((word) => !word.spaced || /\p{L}/u.test(word.text)).length,
    hashes: count(text, /#/g),
    ellipses: count(text, /…|\.{3,}/g),
    lines: lines.length,
    bulletLines: lines.filter((line) => bullet.test(line)).length,
    ellipsisLines: lines.filter((line) => /(?:\.\.\.|…)$/.test(line)).length,
    punctuatedLines: lines.filter((line) => /[\p{Sentence_Terminal}\p{Pe}\p{Pf}\p{Pi}"'…：；]$/u.test(line)).length,
    shortLines: lines.filter((line) => size(line) < 30).length,
    duplicateLines: duplicateLines.length,
    duplicateLineCharacters: sum(duplicateLines.map(size)),
    paragraphs: paragraphs.length,
    duplicateParagraphs: duplicateParagraphs.length,
    duplicateParagraphCharacters: sum(duplicateParagraphs.map(size)),
    measuredCharacters: wordCharacters,
    top2gramCharacters: topNgram(words, 2),
    top3gramCharacters: topNgram(words, 3),
    top4gramCharacters: topNgram(words, 4),
    repeated5gramCharacters: repeatedNgram(words, 5),
    repeated6gramCharacters: repeatedNgram(words, 6),
    repeated7gramCharacters: repeatedNgram(words, 7),
    repeated8gramCharacters: repeatedNgram(words, 8),
    repeated9gramCharacters: repeatedNgram(words, 9),
    repeated10gramCharacters: repeatedNgram(words, 10),
  };
}
