import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "../../audit/index.js";

/** What the changes make of the lines before. */
function applied(
  before: readonly string[],
  after: readonly string[],
): { readonly lines: readonly string[]; readonly edits: number } {
  const changes = diffLines(before, after);
  const removed = new Set(changes.filter(({ change }) => change === "removed").map(({ index }) => index));
  const lines = before.filter((_, index) => !removed.has(index));
  for (const { change, index } of changes) if (change === "added") lines.splice(index, 0, after[index] ?? "");
  return { lines, edits: changes.length };
}

/** Length of the longest common subsequence, by the plain table. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    row = next;
  }
  return row[b.length] ?? 0;
}

describe("the difference of two lists of lines", () => {
  it("leads from one to the other in the fewest edits", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 14 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const { lines: made, edits } = applied(before, after);
        expect(made).toEqual(after);
        expect(edits).toBe(before.length + after.length - 2 * common(before, after));
      }),
      { numRuns: 1000 },
    );
  });

  it("tells what went at a place before what came", () => {
    expect(diffLines(["a", "b", "c"], ["a", "x", "c"])).toEqual([
      { change: "removed", index: 1 },
      { change: "added", index: 1 },
    ]);
  });

  it("replaces the whole where nearly nothing is the same, in bounded time", () => {
    const before = Array.from({ length: 30_000 }, (_, i) => `a${i}`);
    const after = Array.from({ length: 30_000 }, (_, i) => `b${i}`);
    expect(applied(before, after).edits).toBe(60_000);
  });
});
