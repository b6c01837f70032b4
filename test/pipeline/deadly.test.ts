/** Records that kill their worker, in the first phase and behind a barrier: they alone go to quarantine. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { differences, fingerprint } from "../durability/harness.mjs";
import { rowsOf, runBuilt, scratchFolder, type Text, writeLines, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("deadly");
afterAll(remove);

const page = (word: string): Text => ({ text: `This is the ${word} page.`, url: `https://pages.example/${word}` });

/** The deadly filter as a module of the recipe's own folder. */
function filter(name: string, ...words: readonly string[]) {
  copyFileSync(join(import.meta.dirname, "deadly.mjs"), join(folder, `${name}.mjs`));
  return { use: `${name}.mjs`, parameters: { words } };
}

// Each death costs a start of a process: some thirty of them for a run. `npm run test:durability` does it with one worker too.
const workers = process.env.APERTUS_DATA_LONG_TESTS === "1" ? [2, 1] : [2];

it("each is found, in whatever phase it kills, and everything else is kept, with any number of workers", {
  timeout: 300_000,
}, async () => {
  writeLines(join(folder, "a.jsonl"), [page("first"), page("arsenic"), page("second"), page("hemlock")]);
  writeLines(join(folder, "b.jsonl"), [page("third"), page("fourth"), page("first")]);
  writeLines(join(folder, "c.jsonl"), [page("cyanide")]);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: ["extract", filter("early", "arsenic", "cyanide"), "duplicates", filter("late", "hemlock"), "tokenize"],
  });
  const corpora = workers.map((count) => join(folder, `with-${count}`));
  const warnings: string[] = [];
  for (const [index, corpus] of corpora.entries()) {
    const result = await runBuilt(recipe, corpus, { workers: workers[index] ?? 1 });
    warnings.push(...result.warnings);
    expect(result.manifest.totals).toMatchObject({ records: 8, documents: 8, kept: 4, quarantined: 3 });
  }
  const [one = ""] = corpora;
  for (const other of corpora.slice(1)) expect(differences(fingerprint(one), fingerprint(other))).toEqual([]);
  const quarantine = await rowsOf(one, "quarantine/*.parquet", "locator_file AS file, position, reason");
  // The table is sorted by host, and not all of these records have one.
  const placed = quarantine.toSorted((a, b) => `${a.file} ${a.position}`.localeCompare(`${b.file} ${b.position}`));
  const row = (file: string, position: number): unknown => ({ file, position, reason: "worker-death" });
  expect(placed).toEqual([row("a.jsonl", 1), row("a.jsonl", 2), row("c.jsonl", 0)]);
  const documents = await rowsOf(one, "documents/*.parquet", "url");
  expect(documents.map(({ url }) => url)).toEqual(["first", "fourth", "second", "third"].map((word) => page(word).url));
  expect(warnings.filter((text) => text.includes("kills its worker and goes to quarantine"))).toHaveLength(3 * workers.length);
});
