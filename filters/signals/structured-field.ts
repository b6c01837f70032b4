/**
 * Dictionaries of structured fields (RFC 9651, section 4.2.2): what Content-Usage is written in. The whole text has to follow
 * the grammar, or nothing of it counts. Values that only have to be well formed (parameters, inner lists) are read and left out.
 */

/** A member's value; `other` for all that is well formed and no token. */
export type Member = { readonly kind: "token"; readonly token: string } | { readonly kind: "other" };

/** No file and no header is longer. */
const longest = 512 * 1024;
const other: Member = { kind: "other" };

/** Members by key, the last of equal keys (section 4.2.2, step 2.6). Undefined where it cannot be parsed or is longer than 512 KiB. */
export function parseDictionary(text: string): ReadonlyMap<string, Member> | undefined {
  if (text.length > longest) return undefined;
  const reader = new Reader(text);
  return reader.dictionary();
}

/** Each method reads from `at` on and moves it; false or undefined where the grammar is not followed. */
class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  dictionary(): ReadonlyMap<string, Member> | undefined {
    const members = new Map<string, Member>();
    this.#skip(/ */y);
    while (this.#at < this.text.length) {
      const key = this.#take(/[a-z*][a-z0-9_.*-]*/y);
      if (key === undefined) return undefined;
      const member = this.#skip(/=/y) ? this.#itemOrList() : other;
      if (member === undefined || !this.#parameters()) return undefined;
      members.delete(key);
      members.set(key, member);
      this.#skip(/[ \t]*/y);
      if (this.#at === this.text.length) return members;
      if (!this.#skip(/,/y)) return undefined;
      this.#skip(/[ \t]*/y);
      // A comma at the end is an error (step 2.10).
      if (this.#at === this.text.length) return undefined;
    }
    return members;
  }

  #itemOrList(): Member | undefined {
    if (!this.#skip(/\(/y)) return this.#bareItem();
    for (;;) {
      this.#skip(/ */y);
      if (this.#skip(/\)/y)) return other;
      if (this.#bareItem() === undefined || !this.#parameters()) return undefined;
      if (!/[ )]/.test(this.text.charAt(this.#at))) return undefined;
    }
  }

  #parameters(): boolean {
    while (this.#skip(/;/y)) {
      this.#skip(/ */y);
      if (this.#take(/[a-z*][a-z0-9_.*-]*/y) === undefined) return false;
      if (this.#skip(/=/y) && this.#bareItem() === undefined) return false;
    }
    return true;
  }

  /** Section 3.3: integers, decimals, strings, tokens, byte sequences, booleans, dates, display strings. */
  #bareItem(): Member | undefined {
    const token = this.#take(/[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*/y);
    if (token !== undefined) return { kind: "token", token };
    if (this.#skip(/-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y)) return other;
    if (this.#skip(/"(?:[ !#-[\]-~]|\\["\\])*"/y)) return other;
    if (this.#skip(/:[A-Za-z0-9+/=]*:/y)) return other;
    if (this.#skip(/\?[01]/y)) return other;
    if (this.#skip(/@-?\d{1,15}(?![\d.])/y)) return other;
    if (this.#skip(/%"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y)) return other;
    return undefined;
  }

  #skip(pattern: RegExp): boolean {
    return this.#take(pattern) !== undefined;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
