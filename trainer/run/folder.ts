/** The folder of a run: one process at a time works in it, and none begins over what another left. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CorpusFolder, codeOf, lockCorpus } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { listCheckpoints, stepName } from "../checkpoint/checkpoint.js";
import { metricsPath } from "./metrics.js";

/**
 * Takes the folder and returns the function that gives it back.
 * @throws DataError TRAINING_FOLDER_LOCKED
 */
export function lockRun(run: string): () => void {
  try {
    return lockCorpus(new CorpusFolder(run));
  } catch (cause) {
    if (!(cause instanceof DataError) || cause.code !== "CORPUS_LOCKED") throw cause;
    const { detail } = cause.site;
    throw new DataError("TRAINING_FOLDER_LOCKED", { file: run, ...(detail === undefined ? {} : { detail }), cause });
  }
}

/** @throws DataError TRAINING_FOLDER_USED where a run, or anything else, is in the folder */
export function checkUnused(run: string): void {
  const newest = listCheckpoints(run).at(-1);
  if (newest !== undefined)
    throw new DataError("TRAINING_FOLDER_USED", { file: run, detail: `its newest checkpoint is of step ${newest.step}` });
  if (existsSync(metricsPath(run))) return;
  const names = namesIn(run).filter((name) => name !== ".lock");
  if (names.length === 0) return;
  const mend = "give another --out: a run takes an empty folder, or one of its own";
  throw new DataError("TRAINING_FOLDER_USED", { file: run, detail: `it holds ${names[0]}`, mend });
}

/** Where a cooldown that leaves the run goes: a run's folder of its own, inside. */
export function branchFolder(run: string, step: number, steps: number): string {
  return join(run, "branches", `${stepName(step)}-cooldown-${steps}`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
