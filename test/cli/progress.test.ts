/** What a watcher of a run sees: the phases by the names that the corpus folder and the documentation use. */
import { expect, it } from "vitest";
import { createProgress } from "../../cli/progress.js";
import { phases } from "../../corpus/index.js";

function watch(): { readonly lines: readonly string[]; readonly progress: ReturnType<typeof createProgress> } {
  const lines: string[] = [];
  const stream = { isTTY: false, write: (text: string) => lines.push(text.trimEnd()) };
  let now = 0;
  return { lines, progress: createProgress(stream as unknown as NodeJS.WriteStream, () => (now += 6000)) };
}

it.each(phases)("%s is called by its name, with a word on what it does", (phase) => {
  const { lines, progress } = watch();
  progress.hear({ type: "phase", phase, units: 2, done: 0, found: 0 });
  expect(lines[0]).toMatch(new RegExp(`^${phase} +░{20} 0/2 · [a-z]`));
});

it("a rate takes the place of the explanation", () => {
  const { lines, progress } = watch();
  progress.hear({ type: "phase", phase: "read", units: 2, done: 0, found: 0 });
  progress.hear({ type: "progress", records: 10, documents: 10, kept: 5, bytes: 1e6 });
  expect(lines[1]).toMatch(/^read {5}░+ 0\/2 · \d+ documents\/s · [\d.]+ MB\/s · kept 50\.0 %$/);
});

it("one file in one unit is said in the singular", () => {
  const { lines, progress } = watch();
  progress.hear({ type: "plan", files: 1, units: 1, bytes: 5 });
  expect(lines).toEqual(["1 input file, 5 B, 1 unit of work"]);
});
