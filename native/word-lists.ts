/** Lists of words and phrases matched against text: see native/src/word_lists.cc and filters/toxicity/. */
import { addon } from "./addon.js";

export interface WordMatches {
  /** Word units of each row: words, letters of scripts without spaces between words, and emoji. */
  readonly units: Int32Array;
  /** How many of these lie in a match. */
  readonly matched: Int32Array;
  /** rows + 1 offsets into `entries`. */
  readonly rows: Int32Array;
  /** The entry of each match, in the order of the text. */
  readonly entries: Int32Array;
}

interface NativeWordLists {
  match(values: Uint8Array, offsets: Int32Array, masks: Int32Array): WordMatches;
}

const native = addon as {
  readonly WordLists: new (values: Uint8Array, offsets: Int32Array, lists: Uint8Array) => NativeWordLists;
};

/**
 * Up to 32 lists of entries in UTF-8. Matching is in lower case (İ and ı as i) and leaves out no character: an entry of several
 * words matches where the same signs stand between them, or any white space for white space. Letters of scripts without spaces
 * between words, and emoji, match wherever they stand; all others match whole words only, so a list's "ass" is not in "class".
 * The longest entry at the leftmost place wins and matches do not overlap.
 */
export class WordLists {
  readonly #lists: NativeWordLists;

  /** lists[i] is the number, 0 to 31, of the list that entry i belongs to. */
  constructor(values: Uint8Array, offsets: Int32Array, lists: Uint8Array) {
    this.#lists = new native.WordLists(values, offsets, lists);
  }

  /** Bit k of masks[i] says whether list k counts for row i. Linear in time, save for the longest entry's length. */
  match(values: Uint8Array, offsets: Int32Array, masks: Int32Array): WordMatches {
    return this.#lists.match(values, offsets, masks);
  }
}
