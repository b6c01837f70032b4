/** Warnings about runs that went well and were yet not what anybody wanted. */
import { expect, it } from "vitest";
import type { Manifest, StageEntry } from "../../corpus/index.js";
import { oddities } from "../../pipeline/oddities.js";

const stage = (name: string, documents: number, more: Partial<StageEntry> = {}): StageEntry => ({
  name,
  version: 1,
  parameters: {},
  assets: [],
  documents_in: documents,
  documents_out: documents,
  dropped: {},
  rules: {},
  ...more,
});

const manifest = (stages: readonly StageEntry[], redacted: Readonly<Record<string, number>> = {}): Manifest =>
  ({ stages, totals: { documents: 2000, kept: 2000, quarantined: 0, redacted } }) as unknown as Manifest;

it("a filter that changed nothing in many documents is named with the likely cause", () => {
  const idle = manifest(["quality", "toxicity", "duplicates", "pii", "shouting"].map((name) => stage(name, 2000)));
  expect(oddities(idle)).toEqual([
    "quality dropped none of 2000 documents: check its thresholds; the inputs may have been filtered before",
    "toxicity dropped none of 2000 documents: check that lists exist for the languages of the inputs",
    "duplicates dropped none of 2000 documents: the inputs may have been deduplicated before",
    "pii redacted nothing in 2000 documents: the inputs may have been redacted before; check which kinds are switched on",
    "shouting dropped none of 2000 documents: check its parameters",
  ]);
});

it("few documents, stages that drop nothing by nature, and filters that did something, are not named", () => {
  expect(oddities(manifest([stage("quality", 999)]))).toEqual([]);
  expect(oddities(manifest([stage("extract", 2000), stage("language", 2000), stage("tokenize", 2000)]))).toEqual([]);
  expect(oddities(manifest([stage("pii", 2000)], { email: 1 }))).toEqual([]);
  expect(oddities(manifest([stage("quality", 2000, { documents_out: 1999 })]))).toEqual([]);
});

it("a language filter that was told to drop and dropped nothing is named", () => {
  expect(oddities(manifest([stage("language", 2000, { parameters: { allow: [], deny: ["xxx"] } })]))).toHaveLength(1);
});
