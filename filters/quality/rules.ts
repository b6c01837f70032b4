/**
 * The rules of the quality filter as one table: what is measured, against which parameter, and in words for a page's owner.
 * Gopher is Rae et al. 2021 (arXiv 2112.11446, appendix A.1.1 for the document rules, A.1.2 and table A1 for repetition),
 * FineWeb is Penedo et al. 2024 (arXiv 2406.17557, section 3.5); C4 (Raffel et al. 2020, section 2.2) first asked for lines that
 * end in punctuation.
 */
import type { TextStatistic } from "../../native/index.js";
import type { QualityParameters } from "./parameters.js";

/** Reads one count of a document. */
export type Counts = (name: TextStatistic) => number;

export interface QualityRule {
  readonly rule: string;
  /** For the page's owner. */
  readonly about: string;
  /** Name of the measured value in the evidence. */
  readonly measure: string;
  /** The measured value; undefined where the rule does not fit the document. */
  readonly value: (counts: Counts) => number | undefined;
  readonly threshold: (parameters: QualityParameters) => number;
  /** Whether a value below or above the threshold drops the document; at the threshold it is kept. */
  readonly drops: "below" | "above";
}

const share = (part: TextStatistic, whole: TextStatistic) => (counts: Counts) =>
  counts(whole) === 0 ? 0 : counts(part) / counts(whole);

/** Whether at least half of the words stand between spaces. */
const hasSpaces = (counts: Counts) => 2 * counts("spacedWords") >= counts("words");

/**
 * Characters a word, where at least half of the words are spelled in letters and stand between spaces. Vowel signs and other
 * marks count against the lower bound only: with them Malayalam words are too long for Gopher, without them Hindi's too short.
 */
const meanWordLength = (marks: "with marks" | "without marks") => (counts: Counts) => {
  if (counts("words") === 0 || 2 * counts("spelledWords") < counts("words")) return undefined;
  const characters = counts("spelledWordCharacters") - (marks === "without marks" ? counts("spelledWordMarks") : 0);
  return characters / counts("spelledWords");
};

const ngramRules = ([2, 3, 4] as const).map(
  (n, i): QualityRule => ({
    rule: `frequent-${n}grams`,
    about: `One phrase of ${n} words makes up too much of the text.`,
    measure: `share of characters in the most frequent ${n}-gram`,
    value: share(`top${n}gramCharacters`, "measuredCharacters"),
    threshold: (p) => p.max_frequent_ngrams[i] ?? 1,
    drops: "above",
  }),
);

const repetitionRules = ([5, 6, 7, 8, 9, 10] as const).map(
  (n, i): QualityRule => ({
    rule: `repeated-${n}grams`,
    about: `Too much of the text consists of phrases of ${n} words that the text has said before.`,
    measure: `share of characters in repeated ${n}-grams`,
    value: (counts) => (hasSpaces(counts) ? share(`repeated${n}gramCharacters`, "measuredCharacters")(counts) : undefined),
    threshold: (p) => p.max_repeated_ngrams[i] ?? 1,
    drops: "above",
  }),
);

/** In the order in which they are tried; the first that fails is the verdict. */
export const qualityRules: readonly QualityRule[] = [
  {
    rule: "too-few-words",
    about: "The page has too few words.",
    measure: "words",
    value: (counts) => counts("words"),
    threshold: (p) => p.min_words,
    drops: "below",
  },
  {
    rule: "too-many-words",
    about: "The page has more words than a single text is expected to have.",
    measure: "words",
    value: (counts) => counts("words"),
    threshold: (p) => p.max_words,
    drops: "above",
  },
  {
    rule: "short-words",
    about: "The words are so short on average that the text is unlikely to be prose.",
    measure: "mean word length",
    value: meanWordLength("with marks"),
    threshold: (p) => p.min_mean_word_length,
    drops: "below",
  },
  {
    rule: "long-words",
    about: "The words are so long on average that the text is unlikely to be prose.",
    measure: "mean word length without marks",
    value: meanWordLength("without marks"),
    threshold: (p) => p.max_mean_word_length,
    drops: "above",
  },
  {
    rule: "hash-symbols",
    about: "The text has too many # signs for its number of words.",
    measure: "# signs per word",
    value: share("hashes", "words"),
    threshold: (p) => p.max_symbol_ratio,
    drops: "above",
  },
  {
    rule: "ellipses",
    about: "The text has too many ellipses for its number of words.",
    measure: "ellipses per word",
    value: share("ellipses", "words"),
    threshold: (p) => p.max_symbol_ratio,
    drops: "above",
  },
  {
    rule: "bullet-lines",
    about: "Nearly all lines are bullet points.",
    measure: "share of lines that start with a bullet",
    value: share("bulletLines", "lines"),
    threshold: (p) => p.max_bullet_lines,
    drops: "above",
  },
  {
    rule: "ellipsis-lines",
    about: "Too many lines are cut off with an ellipsis.",
    measure: "share of lines that end with an ellipsis",
    value: share("ellipsisLines", "lines"),
    threshold: (p) => p.max_ellipsis_lines,
    drops: "above",
  },
  {
    rule: "few-alphabetic-words",
    about: "Too many words have no letter in them: numbers or symbols rather than text.",
    measure: "share of words with a letter",
    value: share("alphabeticWords", "words"),
    threshold: (p) => p.min_alphabetic_words,
    drops: "below",
  },
  {
    rule: "unpunctuated-lines",
    about: "Too few lines end with punctuation, as lines of prose do.",
    measure: "share of lines that end with punctuation",
    value: share("punctuatedLines", "lines"),
    threshold: (p) => p.min_punctuated_lines,
    drops: "below",
  },
  {
    rule: "short-lines",
    about: "Too many lines are shorter than 30 characters.",
    measure: "share of short lines",
    value: share("shortLines", "lines"),
    threshold: (p) => p.max_short_lines,
    drops: "above",
  },
  {
    rule: "duplicate-lines",
    about: "Too many lines occur more than once on the page.",
    measure: "share of duplicate lines",
    value: share("duplicateLines", "lines"),
    threshold: (p) => p.max_duplicate_lines,
    drops: "above",
  },
  {
    rule: "duplicate-paragraphs",
    about: "Too many paragraphs occur more than once on the page.",
    measure: "share of duplicate paragraphs",
    value: share("duplicateParagraphs", "paragraphs"),
    threshold: (p) => p.max_duplicate_paragraphs,
    drops: "above",
  },
  {
    rule: "duplicate-line-characters",
    about: "Too much of the text lies in lines that occur more than once on the page.",
    measure: "share of characters in duplicate lines",
    value: share("duplicateLineCharacters", "characters"),
    threshold: (p) => p.max_duplicate_line_characters,
    drops: "above",
  },
  {
    rule: "duplicate-paragraph-characters",
    about: "Too much of the text lies in paragraphs that occur more than once on the page.",
    measure: "share of characters in duplicate paragraphs",
    value: share("duplicateParagraphCharacters", "characters"),
    threshold: (p) => p.max_duplicate_paragraph_characters,
    drops: "above",
  },
  ...ngramRules,
  ...repetitionRules,
  {
    rule: "repeated-letters",
    about: "Too much of the text consists of runs of ten letters that the text has said before.",
    measure: "share of characters in repeated runs of ten letters",
    value: (counts) => (hasSpaces(counts) ? undefined : share("repeated10gramCharacters", "measuredCharacters")(counts)),
    threshold: (p) => p.max_repeated_letters,
    drops: "above",
  },
];
