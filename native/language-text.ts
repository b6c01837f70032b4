/** The text that language identification reads: native/src/language_text.cc describes it rule by rule. */
import { addon } from "./addon.js";

const native = addon as {
  normaliseForLanguage(values: Uint8Array, offsets: Int32Array): LanguageText;
  languageScripts(): string[];
};

export interface LanguageText {
  /** Lower-case words of letters, marks and apostrophes with single spaces between them; UTF-8, at most about 4 KB read a row. */
  readonly values: Uint8Array;
  /** rows + 1. */
  readonly offsets: Int32Array;
  /** The script with most letters and marks in what was read, as an index into `languageScripts`. */
  readonly scripts: Uint8Array;
}

export function normaliseForLanguage(values: Uint8Array, offsets: Int32Array): LanguageText {
  return native.normaliseForLanguage(values, offsets);
}

/** ISO 15924 codes; the first is Zyyy, text without a letter. Han with a tenth of kana or more is Jpan, otherwise Hani. */
export const languageScripts: readonly string[] = native.languageScripts();
