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

interface Thresholds {
  readonly min_confidence: number;
  readonly labels: Readonly<Record<string, number>>;
}

test("the shipped model is the one that was measured, and at most 20 MB, and knows 1,800 languages", () => {
  const bytes = readFileSync(asset("lid.ftz"));
  expect(sha256(bytes)).toBe(metrics.model.sha256);
  expect(bytes.length).toBe(metrics.model.bytes);
  expect(bytes.length).toBeLessThanOrEqual(20_000_000);
  const thresholds = JSON.parse(readFileSync(asset("thresholds.json"), "utf8")) as Thresholds;
  expect(thresholds.min_confidence).toBe(metrics.undetermined.minConfidence);
  const { labels } = new FastTextModel(asset("lid.ftz"));
  expect(labels.length).toBeGreaterThan(1800);
  for (const [label, least] of Object.entries(thresholds.labels)) {
    expect(labels).toContain(`__label__${label}`);
    expect(least).toBeGreaterThan(thresholds.min_confidence);
  }
});

test("the model card says the measured numbers", async () => {
  const { card } = (await import(pathToFileURL(asset("card.mjs")).href)) as {
    card: (metrics: unknown, groups: unknown) => string;
  };
  const groups: unknown = JSON.parse(readFileSync(asset("groups.json"), "utf8"));
  expect(readFileSync(join(root, "docs/models/language.md"), "utf8")).toBe(card(metrics, groups));
});

test("labels.tsv lists the labels of the model, and only permissive shards were read", () => {
  const rows = readFileSync(asset("labels.tsv"), "utf8").trimEnd().split("\n").slice(1);
  const listed = [...rows.map((row) => `__label__${row.split("\t")[0]}`), "__label__zxx_Zyyy"];
  expect([...new FastTextModel(asset("lid.ftz")).labels].sort()).toEqual(listed.sort());
  expect(Object.keys(metrics.sources).filter((path) => path.includes("sharealike"))).toEqual([]);
});

test("groups name labels of the model, each in one group; codes name languages that it knows", () => {
  const names = new FastTextModel(asset("lid.ftz")).labels.map((label) => label.replace("__label__", ""));
  const groups = JSON.parse(readFileSync(asset("groups.json"), "utf8")) as Record<string, { labels: string }>;
  const members = Object.values(groups).flatMap(({ labels }) => labels.split(" "));
  expect(names).toEqual(expect.arrayContaining(members));
  expect(new Set(members).size).toBe(members.length);
  const codes = JSON.parse(readFileSync(asset("codes.json"), "utf8")) as Record<string, string>;
  const known = new Set(names.map((name) => name.split("_", 1)[0]));
  for (const code of ["de", "iw", "zh", "fre", "nor", "sr", "msa"])
    expect(codes[code]?.split(" ").some((member) => known.has(member))).toBe(true);
  // A code of ours is no other name of another language.
  for (const code of Object.keys(codes)) if (known.has(code)) expect(codes[code]?.split(" ")).toContain(code);
});

const training = testInput("lid/train/ngram.tsv.zst");
test.skipIf(training === undefined)("the sources are those of the inputs folder (skipped where it is absent)", () => {
  expect(sha256(readFileSync(training ?? ""))).toBe(metrics.sources["train/ngram.tsv.zst"]?.sha256);
});
