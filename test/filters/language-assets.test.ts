import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { sha256 } from "../../corpus/index.js";
import { FastTextModel } from "../../native/index.js";
import { testInput } from "../inputs.js";

const root = join(import.meta.dirname, "../..");
const asset = (name: string): string => join(root, "assets/language", name);
const metrics = JSON.parse(readFileSync(asset("metrics.json"), "utf8")) as {
  readonly model: { readonly sha256: string; readonly bytes: number };
  readonly sources: Readonly<Record<string, { readonly sha256: string }>>;
  readonly undetermined: { readonly minConfidence: number };
};

test("the shipped model is the one that was measured, and at most 5 MB", () => {
  const bytes = readFileSync(asset("lid-small.ftz"));
  expect(sha256(bytes)).toBe(metrics.model.sha256);
  expect(bytes.length).toBe(metrics.model.bytes);
  expect(bytes.length).toBeLessThanOrEqual(5_000_000);
  expect(JSON.parse(readFileSync(asset("thresholds.json"), "utf8"))).toEqual({
    min_confidence: metrics.undetermined.minConfidence,
  });
});

test("the model card says the measured numbers", async () => {
  const { card } = (await import(pathToFileURL(asset("card.mjs")).href)) as { card: (metrics: unknown) => string };
  expect(readFileSync(join(root, "docs/models/language.md"), "utf8")).toBe(card(metrics));
});

test("labels.tsv lists the labels of the model, and only permissive shards were read", () => {
  const rows = readFileSync(asset("labels.tsv"), "utf8").trimEnd().split("\n").slice(1);
  const listed = [...rows.map((row) => `__label__${row.split("\t")[0]}`), "__label__zxx_Zyyy"];
  expect([...new FastTextModel(asset("lid-small.ftz")).labels].sort()).toEqual(listed.sort());
  expect(Object.keys(metrics.sources).filter((path) => path.includes("sharealike"))).toEqual([]);
});

const training = testInput("lid/train/ngram.tsv.zst");
test.skipIf(training === undefined)("the sources are those of the inputs folder (skipped where it is absent)", () => {
  expect(sha256(readFileSync(training ?? ""))).toBe(metrics.sources["train/ngram.tsv.zst"]?.sha256);
});
