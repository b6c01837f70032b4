/** Sweeping up: whatever neither the manifest nor the records of its units name is no part of the corpus. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type CommittedFile,
  type CorpusFolder,
  codeOf,
  disk,
  isAttemptName,
  type Manifest,
  phases,
  tables,
  type UnitRecord,
} from "../corpus/index.js";

const swept = [
  "shards",
  "documents",
  "ledger",
  "evidence",
  "quarantine",
  "text",
  "units/cuts",
  ...phases.map((phase) => `units/${phase}`),
];

/**
 * Removes what the run left for itself or for an earlier manifest. A run killed on the way does the rest when it is started again.
 *
 * @param records of all units of this run, in every phase
 * @param cuts paths at which the plan remembers how its inputs were cut
 */
export function sweep(corpus: CorpusFolder, manifest: Manifest, records: readonly UnitRecord[], cuts: readonly string[]): void {
  const named = new Set<string>(cuts);
  const keep = (files: readonly CommittedFile[]): void => files.forEach(({ path }) => void named.add(path));
  keep(manifest.shards);
  keep(manifest.text);
  for (const table of tables) keep(manifest.tables[table]);
  for (const record of records) {
    named.add(corpus.record(record.phase, record.id).slice(join(corpus.root, "/").length));
    keep(record.files.filter((file) => staysAfter(manifest, file)));
  }
  for (const folder of swept) {
    for (const name of namesIn(corpus.resolve(folder))) {
      if (!named.has(`${folder}/${name}`)) disk.remove(corpus.resolve(`${folder}/${name}`));
    }
  }
}

/** Whether a unit's file is still there once the run is done, by the recipe's choice. */
export function staysAfter(manifest: Manifest, { path }: CommittedFile): boolean {
  if (path.startsWith("units/")) return manifest.units === "keep";
  return !path.startsWith("text/") || manifest.text.some((file) => file.path === path);
}

/** Removes the leftovers of killed attempts. Only the holder of the corpus' lock may do that. */
export function sweepAttempts(corpus: CorpusFolder): void {
  for (const folder of ["", "versions", "assets", "runs", ...swept]) {
    for (const name of namesIn(corpus.resolve(folder))) {
      if (isAttemptName(name)) disk.remove(corpus.resolve(join(folder, name)));
    }
  }
  for (const name of namesIn(corpus.resolve("units"))) {
    if (name.startsWith("scratch-")) disk.remove(corpus.resolve(`units/${name}`));
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
