/** Counts that tell prose from noise: see native/src/text_statistics.cc, native/src/repetition.h and filters/quality/. */
import { addon } from "./addon.js";

const native = addon as { textStatistics(values: Uint8Array, offsets: Int32Array): Float64Array };

/**
 * What a row of `textStatistics` counts, in order. Characters are code points.
 *
 * A **word** is what stands between white space (with the Ethiopic word space, U+1361). Scripts written without spaces between words (Han, Hiragana, Katakana,
 * Bopomofo, Thai, Lao, Khmer, Myanmar, Tibetan, Yi, New Tai Lue, Tai Le, Tai Tham, Tai Viet, Balinese, Javanese) count each
 * letter, with the marks on it, as one word; what stands between such letters is a word if it has a letter or a number.
 * A **line** ends at U+000A and counts if it is more than white space, which is trimmed off it; lines up to an empty one are a
 * **paragraph**. A line, paragraph or n-gram is a duplicate if it occurred before in the same document.
 */
export const textStatisticNames = [
  "characters",
  /** General category L. */
  "letters",
  /** General category Nd. */
  "digits",
  "words",
  /** Characters of all words. */
  "wordCharacters",
  /** Words that are not letters of an unspaced script. */
  "spacedWords",
  /** Of those, words without a Hangul or Vai syllable, their characters, and how many of these are combining marks (category M). */
  "spelledWords",
  "spelledWordCharacters",
  "spelledWordMarks",
  /** Words with at least one letter. */
  "alphabeticWords",
  /** U+0023. */
  "hashes",
  /** U+2026, and runs of three dots or more. */
  "ellipses",
  "lines",
  /** Lines that start with a bullet: - * · • ‣ ⁃ ∙ ■ ▪ ○ ● ◦ ❖ ･ */
  "bulletLines",
  /** Lines that end with an ellipsis. */
  "ellipsisLines",
  /** Lines that end with a sentence terminal, an ellipsis, a colon, or a closing quotation mark or bracket. */
  "punctuatedLines",
  /** Lines of fewer than 30 characters. */
  "shortLines",
  "duplicateLines",
  "duplicateLineCharacters",
  "paragraphs",
  "duplicateParagraphs",
  "duplicateParagraphCharacters",
  /** Characters of the first 131,072 words, on which the counts below rest. */
  "measuredCharacters",
  /** Characters in the occurrences, without overlap, of the most frequent n-gram of words; 0 where none occurs twice. */
  "top2gramCharacters",
  "top3gramCharacters",
  "top4gramCharacters",
  /** Characters of the words that lie in a duplicate n-gram, each word once. */
  "repeated5gramCharacters",
  "repeated6gramCharacters",
  "repeated7gramCharacters",
  "repeated8gramCharacters",
  "repeated9gramCharacters",
  "repeated10gramCharacters",
] as const;

export type TextStatistic = (typeof textStatisticNames)[number];

/**
 * [rows, textStatisticNames.length], row-major: the counts of each row of a column of UTF-8 text. All are integers. Linear in
 * time; an ill-formed byte counts as one character without a class.
 */
export function textStatistics(values: Uint8Array, offsets: Int32Array): Float64Array {
  return native.textStatistics(values, offsets);
}
