/** The thresholds of the quality filter, each with its source; filters/quality/rules.ts names the papers in full. */
import { z } from "zod";

const fraction = () => z.number().min(0).max(1);

export const qualityParameters = z.strictObject({
  min_words: z.int().min(0).default(50).describe("Fewer words drop the document (Gopher: 50)."),
  max_words: z.int().min(0).default(100_000).describe("More words drop the document (Gopher: 100,000)."),
  min_mean_word_length: z
    .number()
    .min(0)
    .default(3)
    .describe(
      "Shorter mean word length, in characters, drops; only in scripts with spaces between words and letters for sounds (Gopher: 3, for English; a few languages written in monosyllables, such as Dangme and Fon, lie below).",
    ),
  max_mean_word_length: z
    .number()
    .min(0)
    .default(10)
    .describe(
      "Longer mean word length drops; where the lower bound applies (Gopher: 10, for English; raise it for Greenlandic, Inuktitut and other polysynthetic languages).",
    ),
  max_symbol_ratio: z.number().min(0).default(0.1).describe("More # signs, or more ellipses, per word drop (Gopher: 0.1)."),
  max_bullet_lines: fraction().default(0.9).describe("A larger share of lines that start with a bullet drops (Gopher: 0.9)."),
  max_ellipsis_lines: fraction()
    .default(0.3)
    .describe("A larger share of lines that end with an ellipsis drops (Gopher: 0.3)."),
  min_alphabetic_words: fraction().default(0.8).describe("A smaller share of words with a letter drops (Gopher: 0.8)."),
  min_punctuated_lines: fraction()
    .default(0)
    .describe(
      "A smaller share of lines that end with punctuation drops (FineWeb: 0.12, for English; 0, the default, never drops, since the share depends on the language and on how text was extracted).",
    ),
  max_short_lines: fraction()
    .default(1)
    .describe("A larger share of lines under 30 characters drops (FineWeb: 0.67, for English; 1, the default, never drops)."),
  max_duplicate_lines: fraction().default(0.3).describe("A larger share of duplicate lines drops (Gopher: 0.30)."),
  max_duplicate_paragraphs: fraction().default(0.3).describe("A larger share of duplicate paragraphs drops (Gopher: 0.30)."),
  max_duplicate_line_characters: fraction()
    .default(0.2)
    .describe("A larger share of characters in duplicate lines drops (Gopher: 0.20; FineWeb: 0.1)."),
  max_duplicate_paragraph_characters: fraction()
    .default(0.2)
    .describe("A larger share of characters in duplicate paragraphs drops (Gopher: 0.20)."),
  max_frequent_ngrams: z
    .tuple([fraction(), fraction(), fraction()])
    .default([0.2, 0.18, 0.16])
    .describe("Larger shares of characters in the most frequent 2-, 3- and 4-gram of words drop (Gopher: 0.20, 0.18, 0.16)."),
  max_repeated_ngrams: z
    .tuple([fraction(), fraction(), fraction(), fraction(), fraction(), fraction()])
    .default([0.15, 0.14, 0.13, 0.12, 0.11, 0.1])
    .describe(
      "Larger shares of characters in repeated 5- to 10-grams of words drop (Gopher: 0.15, 0.14, … 0.10). Not for scripts without spaces, whose letters are not words.",
    ),
  max_repeated_letters: fraction()
    .default(0.3)
    .describe(
      "In scripts without spaces, a larger share of characters in repeated runs of ten letters drops (our own: the Thai Universal Declaration of Human Rights, a repetitive text, has 0.23, the Chinese 0.01).",
    ),
});

export type QualityParameters = z.output<typeof qualityParameters>;
