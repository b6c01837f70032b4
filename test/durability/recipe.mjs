// A small recipe that uses every table and a barrier, with its inputs: one run takes two or three seconds.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const robots = resolve(import.meta.dirname, "../../examples/quickstart/robots.warc.gz");

/** Writes inputs and recipe into a new folder; returns the recipe's path. */
export function writeSmallRecipe(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(robots, join(folder, "robots.warc.gz"));
  const line = (i, text) =>
    JSON.stringify({ text, url: `https://${i % 5 === 0 ? "press" : "site"}.example/${i}`, date: `2024-01-${10 + i}` });
  const texts = Array.from({ length: 16 }, (_, i) =>
    Array.from({ length: 8 }, (_, j) => `Paragraph ${j} of document ${i}, written to somebody${i}@example.com.`).join("\n"),
  );
  const lines = texts.map((text, i) => line(i, text));
  writeFileSync(join(folder, "a.jsonl"), `${[...lines.slice(0, 8), "{broken"].join("\n")}\n`);
  writeFileSync(join(folder, "b.jsonl"), `${[...lines.slice(8), line(17, texts[1]), line(18, texts[12])].join("\n")}\n`);
  const recipe = join(folder, "recipe.yaml");
  writeFileSync(
    recipe,
    `version: 1
name: small
inputs:
  - path: "*.jsonl"
stages:
  - consent: { robots: [robots.warc.gz], agents: apertus-2025-01, policy: as-of, as_of: 2025-01-31 }
  - extract
  - duplicates
  - pii
  - tokenize
limits: { quarantine_share: 1 }
`,
  );
  return recipe;
}
