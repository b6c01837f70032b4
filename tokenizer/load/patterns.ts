/** The pre-tokenisation patterns that native/src/bpe_scanner.h cuts without a regular expression, in the spellings that files have. */
import type { KnownPattern } from "../../native/index.js";

/** Of the tables that all patterns are read with. */
export const unicodeVersion = "16.0";

const capitals = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const small = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const prefix = String.raw`[^\r\n\p{L}\p{N}]?`;
/** [prefix] words of capitals and small letters, each with what may follow it. */
const cased = (contraction: string): string =>
  `${prefix}${capitals}*${small}+${contraction}|${prefix}${capitals}+${small}*${contraction}`;
const space = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;
const folded = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const spelled = "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)";
const threeDigits = String.raw`\p{N}{1,3}`;
const punctuation = String.raw` ?[^\s\p{L}\p{N}]+`;
const lineEnds = String.raw`[\r\n]*`;
const lineEndsAndSlashes = String.raw`[\r\n/]*`;

/** GPT-2's, which Hugging Face's ByteLevel has built in. */
export const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
export const cl100kPattern = String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`;
export const llama3Pattern = [folded, String.raw`${prefix}\p{L}+`, threeDigits, punctuation + lineEnds, space].join("|");
export const qwen2Pattern = [folded, String.raw`${prefix}\p{L}+`, String.raw`\p{N}`, punctuation + lineEnds, space].join("|");
export const o200kPattern = [cased(`${folded}?`), threeDigits, punctuation + lineEndsAndSlashes, space].join("|");

const common: readonly (readonly [string, KnownPattern])[] = [
  [[cased(""), String.raw`\p{N}`, punctuation + lineEndsAndSlashes, space].join("|"), "tekken"],
  [gpt2Pattern, "gpt2"],
  [[spelled, String.raw`${prefix}\p{L}+`, threeDigits, punctuation + lineEnds, space].join("|"), "cl100k"],
  [llama3Pattern, "llama3"],
  [qwen2Pattern, "qwen2"],
  [o200kPattern, "o200k"],
  [[cased(`${spelled}?`), threeDigits, punctuation + lineEndsAndSlashes, space].join("|"), "o200k-ascii"],
];
/** Those with possessive quantifiers and $, which Oniguruma reads otherwise. */
const ofTiktoken: readonly (readonly [string, KnownPattern])[] = [
  // The same pretokens as GPT-2's, as tiktoken writes it since 0.8.
  [String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s`, "gpt2"],
  // This one differs: white space that ends a text is one pretoken, with its line ends.
  [cl100kPattern, "cl100k-end"],
];
const known = { oniguruma: new Map(common), tiktoken: new Map([...common, ...ofTiktoken]) };

/** Which of the known patterns this is, to the letter, for the program that it was written for. */
export function knownPattern(pattern: string, dialect: keyof typeof known): KnownPattern | undefined {
  return known[dialect].get(pattern);
}
