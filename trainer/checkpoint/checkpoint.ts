/**
 * Checkpoints: a folder for each, written under another name, flushed and renamed, so that it is there whole or not at all. It holds what
 * an exact resume needs: weights, the optimiser's means, the running average, the place in the data.
 */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { attemptSuffix, codeOf, disk, hashFile, isAttemptName } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { openSafetensors } from "../../formats/index.js";
import type { NativeModel } from "../../native/index.js";
import type { ModelConfiguration } from "../model/configuration.js";
import { type CheckpointState, readState, stateFile } from "./state.js";
import { bytesOf, type WrittenFile, writeTensors, writeText } from "./tensors.js";

export const weightsFile = "weights.safetensors";
export const averageFile = "average.safetensors";
const optimiserFile = "optimiser.safetensors";

/** The optimiser's means: of gradients (fast and slow) and of their squares. */
const moments = ["m1", "m2", "v"] as const;
type Moment = (typeof moments)[number];

export interface Checkpoint {
  readonly step: number;
  readonly folder: string;
}

/** What an optimiser keeps. */
export function momentsOf(kind: "ademamix" | "adamw"): readonly Moment[] {
  return kind === "ademamix" ? moments : ["m1", "v"];
}

/** The whole checkpoints of a run, the oldest first. */
export function listCheckpoints(run: string): readonly Checkpoint[] {
  const folder = checkpointsFolder(run);
  return namesIn(folder)
    .flatMap((name) => {
      const digits = /^step-(\d{8,})$/.exec(name)?.[1];
      return digits === undefined ? [] : [{ step: Number(digits), folder: join(folder, name) }];
    })
    .sort((a, b) => a.step - b.step);
}

export function checkpointFolder(run: string, step: number): string {
  return join(checkpointsFolder(run), stepName(step));
}

export function stepName(step: number): string {
  return `step-${String(step).padStart(8, "0")}`;
}

export interface CheckpointToWrite {
  readonly model: NativeModel;
  readonly moments: readonly Moment[];
  /** Whether there is an average of the weights. */
  readonly averaged: boolean;
  readonly state: Omit<CheckpointState, "files">;
}

/** Writes a checkpoint over one of the same step. */
export function writeCheckpoint(run: string, { model, moments: kept, averaged, state }: CheckpointToWrite): Checkpoint {
  const folder = checkpointFolder(run, state.step);
  const temporary = `${folder}${attemptSuffix()}`;
  disk.makeFolder(temporary);
  try {
    const metadata = configurationMetadata(state.model, state.tokenizer);
    const files: WrittenFile[] = [writeModelTensors(join(temporary, weightsFile), model, ["weight"], metadata)];
    files.push(writeModelTensors(join(temporary, optimiserFile), model, kept, {}));
    if (averaged) files.push(writeModelTensors(join(temporary, averageFile), model, ["average"], metadata));
    // Written last: a folder without it is none.
    writeText(join(temporary, stateFile), `${JSON.stringify({ ...state, files }, null, 1)}\n`);
    disk.flushFolder(temporary);
    disk.remove(folder);
    disk.rename(temporary, folder);
    disk.flushFolder(dirname(folder));
  } catch (error) {
    disk.remove(temporary);
    throw error;
  }
  return { step: state.step, folder };
}

/** An average of weights by itself, kept for good: a folder that is read as a checkpoint's weights are. */
export function writeAverage(
  run: string,
  step: number,
  model: NativeModel,
  configuration: ModelConfiguration,
  tokenizer: string,
): string {
  const folder = join(run, "averages", stepName(step));
  const temporary = `${folder}${attemptSuffix()}`;
  disk.makeFolder(temporary);
  writeModelTensors(join(temporary, weightsFile), model, ["average"], configurationMetadata(configuration, tokenizer));
  disk.flushFolder(temporary);
  disk.remove(folder);
  disk.rename(temporary, folder);
  disk.flushFolder(dirname(folder));
  return folder;
}

type Kind = "weight" | "average" | Moment;

function writeModelTensors(
  path: string,
  model: NativeModel,
  kinds: readonly Kind[],
  metadata: Readonly<Record<string, string>>,
): WrittenFile {
  const tensors = kinds.flatMap((kind) =>
    model.tensors.map(({ name, shape }) => ({
      name: storedName(kind, name),
      type: "F32" as const,
      shape,
      values: () => bytesOf(model.read(kind, name)),
    })),
  );
  return writeTensors(path, tensors, metadata);
}

function storedName(kind: Kind, name: string): string {
  return kind === "weight" || kind === "average" ? name : `${kind}.${name}`;
}

/** @param tokenizer digest of the one that it is trained with */
export function configurationMetadata(configuration: ModelConfiguration, tokenizer: string): Readonly<Record<string, string>> {
  return { format: "pt", configuration: JSON.stringify(configuration), tokenizer };
}

/**
 * A checkpoint whose files are what was written.
 * @throws DataError CHECKPOINT_NOT_FOUND; CHECKPOINT_DAMAGED, whose mend names the one before
 */
export function openCheckpoint(checkpoint: Checkpoint): CheckpointState {
  const { folder, step } = checkpoint;
  try {
    const state = readState(folder);
    if (state.step !== step) throw damaged(join(folder, stateFile), `it is of step ${state.step}`);
    for (const file of state.files) checkFile(folder, file);
    return state;
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "CHECKPOINT_DAMAGED") throw error;
    const before = listCheckpoints(dirname(dirname(folder))).findLast((other) => other.step < step);
    const next =
      before === undefined ? "there is none before it: begin anew" : `training then goes on from step ${before.step}`;
    throw new DataError("CHECKPOINT_DAMAGED", { ...error.site, mend: `remove the folder ${folder}; ${next}` });
  }
}

/** @throws DataError CHECKPOINT_DAMAGED */
export function checkFile(folder: string, { name, bytes, sha256 }: WrittenFile): void {
  const path = join(folder, basename(name));
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw damaged(path, "missing");
  if (size !== bytes) throw damaged(path, `${size} bytes, not ${bytes}`);
  const hash = createHash("sha256");
  hashFile(path, hash);
  if (hash.digest("hex") !== sha256) throw damaged(path, "its SHA-256 is not the one that was recorded");
}

/** Puts everything back: weights, the optimiser's means, the average where there is one. */
export function restoreCheckpoint(folder: string, state: CheckpointState, model: NativeModel, kept: readonly Moment[]): void {
  readModelTensors(join(folder, weightsFile), model, ["weight"]);
  readModelTensors(join(folder, optimiserFile), model, kept);
  if (state.files.some(({ name }) => name === averageFile)) readModelTensors(join(folder, averageFile), model, ["average"]);
}

function readModelTensors(path: string, model: NativeModel, kinds: readonly Kind[]): void {
  const file = openSafetensors(path);
  try {
    for (const kind of kinds) {
      for (const { name } of model.tensors) model.write(kind, name, file.readFloats(storedName(kind, name)));
    }
  } finally {
    file.close();
  }
}

/** Removes all but the newest `keep` and those that `stays` says; and what unfinished attempts left. */
export function pruneCheckpoints(run: string, keep: number, stays: (step: number) => boolean): void {
  for (const { step, folder } of listCheckpoints(run).slice(0, -keep)) if (!stays(step)) disk.remove(folder);
  const folder = checkpointsFolder(run);
  for (const name of namesIn(folder)) if (isAttemptName(name)) disk.remove(join(folder, name));
}

/** Removes checkpoints behind a step: a run that goes on from there writes others. */
export function removeCheckpointsAfter(run: string, step: number): void {
  for (const checkpoint of listCheckpoints(run)) if (checkpoint.step > step) disk.remove(checkpoint.folder);
}

function checkpointsFolder(run: string): string {
  return join(run, "checkpoints");
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  }
}

function damaged(file: string, detail: string): DataError {
  return new DataError("CHECKPOINT_DAMAGED", { file, detail });
}
