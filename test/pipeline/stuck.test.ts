/** Filters that kill or hang their worker whatever they are given, and single records that hang it. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { codeOf, rowsOf, runBuilt, scratchFolder, writeLines, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("stuck");
afterAll(remove);

const pages = (count: number, word = "plain") =>
  Array.from({ length: count }, (_, i) => ({
    text: `Page ${i} is ${i === 1 ? word : "plain"}.`,
    url: `https://a.example/${i}`,
  }));

it("a stage that kills its worker on any document ends the run with a code, instead of emptying the corpus", {
  timeout: 120_000,
}, async () => {
  writeLines(join(folder, "kill/a.jsonl"), pages(4));
  copyFileSync(join(import.meta.dirname, "deadly.mjs"), join(folder, "kill/deadly.mjs"));
  const recipe = writeRecipe(join(folder, "kill/recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: ["extract", { use: "deadly.mjs", parameters: { words: ["Page"] } }, "tokenize"],
  });
  expect(await codeOf(runBuilt(recipe, join(folder, "killed"), { workers: 2 }))).toBe("FILTER_KILLS_WORKERS");
});

it("a record that hangs a filter goes to quarantine once patience has run out", { timeout: 120_000 }, async () => {
  writeLines(join(folder, "hang/a.jsonl"), pages(2, "endless"));
  writeFileSync(
    join(folder, "hang/hanging.mjs"),
    `export default { kind: "document", name: "hanging", version: 1, summary: "Hangs.", needs: ["text"], adds: {}, rules: {},
      parameters: { safeParse: (data) => ({ success: true, data }) }, prepare: async () => [],
      open: async () => ({ process(batch) {
        const { values, offsets } = batch.bytes("text");
        for (let row = 0; row < batch.rows; row++)
          while (Buffer.from(values.subarray(offsets[row], offsets[row + 1])).includes("endless"));
        return {};
      } }) };`,
  );
  const recipe = writeRecipe(join(folder, "hang/recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: ["extract", { use: "hanging.mjs" }, "tokenize"],
    limits: { quarantine_share: 1 },
  });
  const patience = { read: 1200, "probe-read": 1200 };
  const corpus = join(folder, "hung");
  const { manifest, warnings } = await runBuilt(recipe, corpus, { workers: 2, patience });
  expect(manifest.totals).toMatchObject({ documents: 2, kept: 1, quarantined: 1 });
  expect(await rowsOf(corpus, "quarantine/*.parquet", "position, reason")).toEqual([{ position: 1, reason: "worker-death" }]);
  expect(warnings.join("\n")).toContain("reported nothing for 1.2 s");
});
