/** What a recipe that is no YAML is told: line and column, what is wrong in words of one's own, and the mend. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../errors/index.js";
import { parseRecipe } from "../../pipeline/index.js";

function fault(text: string): DataError {
  try {
    parseRecipe(text, "r.yaml");
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error("no fault");
}

describe("a recipe that is no YAML", () => {
  it.each([
    ["version: 1\nstages:\n\t- extract\n", "line 3, column 1", /a tab/, /spaces/],
    ["version: 1\nname: a: b\n", "line 2, column 7", /second `: `/, /quotes/],
    ["version: 1\nversion: 1\n", "line 2, column 1", /the key `version` stands here a second time/, /one of the two/],
    ["stages: [extract, tokenize\nname: c\n", "line 2, column 1", /not closed/, /close the bracket/],
    ["inputs:\n  - path: *.gz\n", "line 2, column 11", /`\*\.gz` begins with \*/, /quotes/],
    ['name: "abc\nversion: 1\n', "line 3, column 1", /a quote that opens above/, /close it/],
    ["name: @x\n", "line 1, column 7", /begins with `@`/, /quotes/],
    ["version 1\nname: x\n", "line 1, column 1", /no `: `/, /key: value/],
    ["inputs:\n  - path: a\n   source: b\n", "line 3, column 1", /sign is missing/, /- before each item/],
    ["version: 1\n---\nversion: 1\n", "line 2, column 1", /second document/, /take out/],
    ['name: "\\q"\n', "line 1, column 8", /backslash/, /single quotes/],
    ["stages: [a]]\n", "line 1, column 12", /`\]` does not fit here/, /brackets/],
    ["", "line 1, column 1", /empty/, /complete example/],
    ["# nothing\n", "line 1, column 1", /empty/, /complete example/],
    ["hello\n", "line 1, column 1", /no keys/, /complete example/],
    [`a: ${"[".repeat(20_000)}`, "line 1", /nested too deep/, /closed/],
    [`a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [${"*c, ".repeat(100)}x]\n`, "line 1", /unfold/, /write/],
  ])("%j", (text, place, detail, mend) => {
    const error = fault(text);
    expect(error.code).toBe("RECIPE_INVALID");
    expect(error.message).toContain(`(r.yaml, ${place}`);
    expect(error.message).toMatch(detail);
    expect(error.mend).toMatch(mend);
  });

  it("whatever the text, is a coded error that never shows the parser's own words", () => {
    const piece = fc.constantFrom(
      "a",
      ": ",
      "- ",
      "\n",
      "  ",
      "\t",
      "[",
      "]",
      "{",
      "}",
      "*x",
      "&x",
      '"',
      "'",
      "#",
      "|",
      ",",
      "?",
      "!t",
      "%",
      "---\n",
      "\u0000",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const error = fault(pieces.join(""));
        expect(error.code).toBe("RECIPE_INVALID");
        expect(error.message).not.toMatch(/YAML\.parse|implicit|flow|scalar|at line|mapping|resolve/i);
      }),
      { numRuns: 2000 },
    );
  });
});

it.each([
  ["version: 1\ninputs: [{ path: a }]\n", "stages is missing"],
  ["inputs: [{}]\nstages: [extract]\n", "version is missing; inputs.0.path is missing"],
  [
    "version: 1\ninputs: [{ path: a }]\nstages:\n  - quality:\n    min_words: 3\n",
    "stages.0: a stage is a name, one name with",
  ],
])("what is missing or indented wrongly is said: %j", (text, detail) => {
  expect(fault(text).message).toContain(detail);
});
