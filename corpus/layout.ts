/** Where things lie in the corpus folder. docs/corpus-format.md describes the same for readers without our code. */
import { join } from "node:path";

/** Raised whenever a reader of an older corpus would misread a newer one. */
export const formatVersion = 1;

/** The phases that leave unit records, in the order in which they run. */
export const phases = ["read", "cluster", "refine", "finalise"] as const;
export type Phase = (typeof phases)[number];

export class CorpusFolder {
  constructor(readonly root: string) {}

  readonly manifest = () => join(this.root, "manifest.json");
  readonly lock = () => join(this.root, ".lock");
  /** Prepared assets, e.g. the robots archive. */
  readonly assets = () => join(this.root, "assets");
  /** A unit's commit record. */
  readonly record = (phase: Phase, id: string) => join(this.root, "units", phase, `${id}.json`);
  /** A file that a unit left. */
  readonly unitFile = (phase: Phase, id: string, name: string) => join(this.root, "units", phase, `${id}.${name}`);
  readonly unitFolder = (phase: Phase) => join(this.root, "units", phase);
  readonly version = (number: number) => join(this.root, "versions", `${String(number).padStart(6, "0")}.json`);
  /** How each run went: times, workers, memory. No part of the corpus: two runs of one recipe differ here only. */
  readonly runs = () => join(this.root, "runs");
  /** Any file by its path relative to the corpus folder, as manifests and records name it. */
  readonly resolve = (relative: string) => join(this.root, relative);
}

/** The tables that a run leaves, by folder. */
export const tables = ["documents", "ledger", "evidence", "blobs", "quarantine"] as const;
export type TableName = (typeof tables)[number];

export const tableFolder: Readonly<Record<TableName, string>> = {
  documents: "documents",
  ledger: "ledger",
  evidence: "evidence",
  blobs: "evidence",
  quarantine: "quarantine",
};
