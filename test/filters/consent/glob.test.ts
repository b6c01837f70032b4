import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Glob, type PathText } from "../../../filters/consent/glob.js";

/** A path that counts every octet that is looked at. */
class CountedPath implements PathText {
  steps = 0;
  constructor(private readonly text: string) {}
  get length(): number {
    return this.text.length;
  }
  charCodeAt(index: number): number {
    this.steps++;
    return this.text.charCodeAt(index);
  }
  indexOf(piece: string, from: number): number {
    const at = this.text.indexOf(piece, from);
    // A naive search: at most the whole piece at each place.
    this.steps += ((at < 0 ? this.text.length : at) - from + 1) * piece.length;
    return at;
  }
  startsWith(prefix: string): boolean {
    this.steps += prefix.length;
    return this.text.startsWith(prefix);
  }
  endsWith(suffix: string): boolean {
    this.steps += suffix.length;
    return this.text.endsWith(suffix);
  }
}

const pieces = fc.array(fc.constantFrom("a", "b", "ab", "aab", "*", "**", "/", "aabaabaabaabaabaac"), { maxLength: 10 });

describe("a path pattern", () => {
  it("matches what the regular expression of the same meaning matches", () => {
    fc.assert(
      fc.property(
        pieces,
        fc.boolean(),
        fc.array(fc.constantFrom("a", "b", "/", "aab"), { maxLength: 60 }),
        (parts, anchored, path) => {
          const pattern = `/${parts.join("")}${anchored ? "$" : ""}`;
          const body = parts.join("").replace(/\*+/g, "*").split("*").join("[^]*");
          const text = `/${path.join("")}`;
          expect(new Glob(pattern).matches(text)).toBe(new RegExp(`^/${body}${anchored ? "$" : ""}`).test(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("finds long pieces that overlap themselves", () => {
    const piece = "aab".repeat(8);
    expect(new Glob(`/*${piece}c`).matches(`/${piece}${piece}c`)).toBe(true);
    expect(new Glob(`/*${piece}c$`).matches(`/${piece}${piece}cc`)).toBe(false);
  });

  it.each([
    ["many stars", `/${"*a".repeat(2000)}*b`, `/${"a".repeat(4000)}`],
    ["a long piece that nearly matches everywhere", `/*${"a".repeat(1000)}b`, `/${"a".repeat(10_000)}`],
    ["a short piece that nearly matches everywhere", "/*aaaaaaaaaaaaaaab", `/${"a".repeat(10_000)}`],
    ["stars and an end", `/${"*aaaaaaaaaaaaaaaaab".repeat(200)}$`, `/${"aaaaaaaaaaaaaaaab".repeat(600)}`],
  ])("takes steps linear in path and pattern: %s", (_, pattern, path) => {
    const counted = new CountedPath(path);
    new Glob(pattern).matches(counted);
    expect(counted.steps).toBeLessThanOrEqual(17 * (pattern.length + path.length));
  });
});
