/**
 * The training of a model on corpora, from a recipe to checkpoints. One process and one thread of control: the model computes beside
 * it, and whatever is written says how far it is.
 */
import { join, resolve } from "node:path";
import { replaceFile } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { hasAverage } from "../averaging/averaging.js";
import {
  type Checkpoint,
  listCheckpoints,
  momentsOf,
  openCheckpoint,
  pruneCheckpoints,
  restoreCheckpoint,
  writeCheckpoint,
} from "../checkpoint/checkpoint.js";
import type { CheckpointState } from "../checkpoint/state.js";
import type { TrainRecipe } from "../recipe.js";
import { writeTrainingReport } from "../report/write.js";
import { evaluate } from "./evaluate.js";
import { documentsOf } from "./fault.js";
import { branchFolder, checkUnused, lockRun } from "./folder.js";
import { appendMetrics, cutMetrics, type EvaluationMetrics, type StepMetrics } from "./metrics.js";
import { openRun } from "./open.js";
import { changedKeys } from "./resume.js";
import { averageAfter, type StepFault, trainStep } from "./step.js";

export type TrainEvent =
  | {
      readonly type: "start";
      readonly step: number;
      readonly steps: number;
      readonly parameters: number;
      readonly backend: string;
    }
  | { readonly type: "step"; readonly metrics: StepMetrics; readonly steps: number; readonly secondsLeft: number }
  | { readonly type: "evaluation"; readonly metrics: EvaluationMetrics }
  | { readonly type: "checkpoint"; readonly checkpoint: Checkpoint }
  | { readonly type: "warning"; readonly message: string };

export interface TrainOptions {
  readonly recipe: TrainRecipe;
  readonly baseFolder: string;
  /** The run's folder. */
  readonly out: string;
  readonly threads: number;
  /** Go on from the newest checkpoint, where there is one. */
  readonly resume: boolean;
  /** Leave the run of `out` at this checkpoint and cool down, in a folder of its own inside. */
  readonly branch?: { readonly step: number; readonly steps: number };
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly hear?: (event: TrainEvent) => void;
}

export interface TrainResult {
  readonly run: string;
  readonly step: number;
  readonly steps: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly checkpoint: string;
  readonly report: string;
  /** Stopped by the signal before its last step. */
  readonly interrupted: boolean;
  readonly evaluation: EvaluationMetrics | null;
}

/**
 * @throws DataError TRAINING_FOLDER_USED, TRAINING_FOLDER_LOCKED, TRAINING_DIFFERS, TRAINING_DIVERGED, CHECKPOINT_DAMAGED,
 * CHECKPOINT_NOT_FOUND, and what opening the corpora and the model throws
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { out, branch } = options;
  const folder = branch === undefined ? out : branchFolder(out, branch.step, branch.steps);
  const release = lockRun(folder);
  try {
    return await trainIn(folder, options);
  } finally {
    release();
  }
}

async function trainIn(folder: string, options: TrainOptions): Promise<TrainResult> {
  const { recipe, resume, branch, hear = () => undefined } = options;
  const from = startingCheckpoint(folder, options);
  if (!resume) checkUnused(folder);
  const state = from === undefined ? undefined : openCheckpoint(from);
  const run = await openRun(options, branch ?? null);
  let recent: number[] = [];
  let [step, tokens, earlier] = [0, 0, 0];
  if (from !== undefined && state !== undefined) {
    const changed = changedKeys(state, recipe, run.configuration);
    if (changed.length > 0) hear({ type: "warning", message: `other than in the checkpoint: ${changed.join(", ")}` });
    run.feed.resume(state.loader);
    restoreCheckpoint(from.folder, state, run.model, momentsOf(recipe.optimiser.kind));
    recent = [...state.recent];
    [step, tokens, earlier] = [state.step, state.tokens, state.seconds];
  }
  cutMetrics(folder, step);
  const recorded = { ...recipe, out: folder };
  replaceFile(join(folder, "recipe.json"), Buffer.from(`${JSON.stringify(recorded, null, 1)}\n`));
  const { steps } = run.schedule;
  hear({ type: "start", step, steps, parameters: run.parameters, backend: run.model.backend });

  const began = performance.now();
  const seconds = (): number => earlier + (performance.now() - began) / 1000;
  const pace = new Pace();
  let last: EvaluationMetrics | null = null;
  const evaluateNow = async (of: EvaluationMetrics["of"]): Promise<void> => {
    if (run.heldOut.sequences === 0) return;
    const found = await evaluate(run.model, run.heldOut, recipe.data.length, run.acrossDocuments);
    const metrics: EvaluationMetrics = { type: "evaluation", step, of, ...found };
    appendMetrics(folder, metrics);
    if (of === "weights") last = metrics;
    hear({ type: "evaluation", metrics });
  };
  const save = (): Checkpoint => {
    const current: Omit<CheckpointState, "files"> = {
      format: "apertus-training-checkpoint",
      format_version: 1,
      ...{ step, tokens, seconds: seconds(), loader: run.feed.state, recent },
      ...{ recipe, model: run.configuration, tokenizer: run.tokenizer.digest },
      branch: branch === undefined ? null : { from: resolve(options.out), ...branch },
    };
    const checkpoint = writeCheckpoint(folder, {
      model: run.model,
      moments: momentsOf(recipe.optimiser.kind),
      averaged: hasAverage(step, recipe.averaging),
      state: current,
    });
    pruneCheckpoints(folder, recipe.checkpoints.keep, (at) => staysAt(at, recipe, run.schedule.cooldownFrom));
    writeTrainingReport(folder, run.about(step));
    hear({ type: "checkpoint", checkpoint });
    return checkpoint;
  };

  if (step === 0) await evaluateNow("weights");
  let saved = from;
  // Asked anew each time: it changes while a step is computed.
  const isStopping = (): boolean => options.signal?.aborted === true;
  while (step < steps && !isStopping()) {
    const done = await trainStep(run, step, recent);
    if ("fault" in done) throw await diverged(folder, options, done, saved);
    step++;
    tokens += done.tokens;
    recent = done.recent;
    const window = await averageAfter(run, folder, step);
    pace.add(done.seconds);
    const metrics: StepMetrics = { type: "step", step, ...done.metrics, tokens_seen: tokens, seconds: seconds() };
    appendMetrics(folder, metrics);
    hear({ type: "step", metrics, steps, secondsLeft: (steps - step) * pace.mean });
    const isLast = step === steps;
    if (isLast || step % recipe.evaluate_every === 0) await evaluateNow("weights");
    if (window || (isLast && recipe.averaging.kind === "ema" && hasAverage(step, recipe.averaging))) {
      run.model.swapWeightsWithAverage();
      await evaluateNow("average");
      run.model.swapWeightsWithAverage();
    }
    const due = step % recipe.checkpoints.every === 0 || step === run.schedule.cooldownFrom;
    if (isLast || due || isStopping()) saved = save();
  }
  if (saved?.step !== step) saved = save();
  return {
    run: folder,
    ...{ step, steps, tokens, seconds: seconds() },
    checkpoint: saved.folder,
    report: writeTrainingReport(folder, run.about(step)),
    interrupted: step < steps,
    evaluation: last,
  };
}

/** Where the run goes on: its own newest checkpoint, else for a branch that of its trunk; undefined: from the beginning. */
function startingCheckpoint(folder: string, { out, resume, branch }: TrainOptions): Checkpoint | undefined {
  const own = resume ? listCheckpoints(folder).at(-1) : undefined;
  if (own !== undefined || branch === undefined) return own;
  const all = listCheckpoints(out);
  const found = all.find(({ step }) => step === branch.step);
  if (found !== undefined) return found;
  const detail =
    all.length === 0 ? "it has no checkpoint" : `it has those of the steps ${all.map(({ step }) => step).join(", ")}`;
  throw new DataError("CHECKPOINT_NOT_FOUND", { file: out, record: `step ${branch.step}`, detail });
}

function staysAt(step: number, { checkpoints }: TrainRecipe, cooldownFrom: number): boolean {
  return step === cooldownFrom || (checkpoints.keep_every > 0 && step % checkpoints.keep_every === 0);
}

/** Writes fault.json with all documents of the step, and names the first ones. */
async function diverged(
  folder: string,
  { recipe, baseFolder }: TrainOptions,
  { fault, step, batches }: StepFault,
  saved: Checkpoint | undefined,
): Promise<DataError> {
  const touched = await documentsOf(
    recipe.data,
    baseFolder,
    batches.flatMap(({ origins }) => origins),
  );
  const path = join(folder, "fault.json");
  replaceFile(path, Buffer.from(`${JSON.stringify({ step, fault, documents: touched }, null, 1)}\n`));
  const shown = touched.slice(0, 3).map(({ url, id, shard, row }) => url ?? id ?? `${shard} row ${row}`);
  const documents = touched.length === 0 ? "" : `; the step read ${touched.length} documents, ${shown.join(", ")} …: ${path}`;
  const mend =
    saved === undefined
      ? "look at the documents; begin again with a lower `optimiser.rate`, a longer `schedule.warmup`, or `spike: null`"
      : `look at the documents; --resume goes on from step ${saved.step}, with a lower \`optimiser.rate\` or \`spike: null\` if you change them`;
  return new DataError("TRAINING_DIVERGED", { file: folder, record: `step ${step}`, detail: fault + documents, mend });
}

/** Mean time of the last steps. */
class Pace {
  #seconds: number[] = [];

  add(seconds: number): void {
    this.#seconds = [...this.#seconds.slice(-31), seconds];
  }

  get mean(): number {
    return this.#seconds.reduce((sum, one) => sum + one, 0) / Math.max(1, this.#seconds.length);
  }
}
