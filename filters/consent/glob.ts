/**
 * Path patterns of robots.txt (RFC 9309 §2.2.3): `*` stands for any octets, `$` at the end for the end of the path, and a pattern
 * matches from the first octet on. Between two stars the leftmost place is always good enough, so no step is ever taken back;
 * long pieces are searched for with Knuth, Morris and Pratt's algorithm (1977), short ones by the engine's own search, which
 * looks at no octet more often than the piece is long. One match costs O(path + pattern) steps, whatever either of them holds.
 */

/** What a match reads of a path: a string, or in the tests something that counts. */
export interface PathText {
  readonly length: number;
  charCodeAt(index: number): number;
  indexOf(piece: string, from: number): number;
  startsWith(prefix: string): boolean;
  endsWith(suffix: string): boolean;
}

export class Glob {
  /** Length of the pattern, wildcards included: what "most octets" counts (RFC 9309 §2.2.2). */
  readonly octets: number;
  /** What every path that matches begins with. */
  readonly prefix: string;
  readonly #pieces: readonly Piece[];
  /** What the path has to end with, behind the pieces; undefined where it may end with anything. */
  readonly #tail: string | undefined;
  /** The pattern is a prefix and "$": the prefix is all that the path may be. */
  readonly #exact: boolean;

  constructor(readonly pattern: string) {
    this.octets = pattern.length;
    const anchored = pattern.endsWith("$");
    const body = anchored ? pattern.slice(0, -1) : pattern;
    const star = body.indexOf("*");
    this.prefix = star < 0 ? body : body.slice(0, star);
    const rest = star < 0 ? [] : body.slice(star + 1).split("*");
    this.#tail = anchored ? rest.pop() : undefined;
    this.#pieces = rest.filter((piece) => piece !== "").map((piece) => new Piece(piece));
    this.#exact = anchored && star < 0;
  }

  /** Estimated octets of memory. */
  get cost(): number {
    return 2 * this.octets + 100 * this.#pieces.length;
  }

  matches(path: PathText): boolean {
    if (!path.startsWith(this.prefix)) return false;
    if (this.#exact) return path.length === this.prefix.length;
    let at = this.prefix.length;
    for (const piece of this.#pieces) {
      at = piece.endIn(path, at);
      if (at < 0) return false;
    }
    return this.#tail === undefined || (path.length - this.#tail.length >= at && path.endsWith(this.#tail));
  }
}

/** Octets up to which a piece is short. */
const short = 16;

class Piece {
  readonly #text: string;
  /** For each octet: how long a beginning of the piece still stands when the search breaks off behind it. */
  #borders: Int32Array | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the first occurrence at or behind `from` ends, or -1. */
  endIn(path: PathText, from: number): number {
    const text = this.#text;
    if (text.length <= short) {
      const at = path.indexOf(text, from);
      return at < 0 ? -1 : at + text.length;
    }
    this.#borders ??= bordersOf(text);
    let matched = 0;
    for (let i = from; i < path.length; i++) {
      const code = path.charCodeAt(i);
      while (matched > 0 && text.charCodeAt(matched) !== code) matched = this.#borders[matched - 1];
      if (text.charCodeAt(matched) === code) matched++;
      if (matched === text.length) return i + 1;
    }
    return -1;
  }
}

function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length);
  for (let i = 1, matched = 0; i < text.length; i++) {
    while (matched > 0 && text.charCodeAt(matched) !== text.charCodeAt(i)) matched = borders[matched - 1];
    if (text.charCodeAt(matched) === text.charCodeAt(i)) matched++;
    borders[i] = matched;
  }
  return borders;
}
