/** One optimiser step: forward and backward over its micro-batches, the norm, and the update, unless something is wrong with it. */
import { averagingAfter } from "../averaging/averaging.js";
import { writeAverage } from "../checkpoint/checkpoint.js";
import { type LossMask, lossMask } from "../objective/mask.js";
import { sequencesAt } from "../optimiser/batch-size.js";
import { clipScale, optimiserStep } from "../optimiser/scalars.js";
import { faultOfStep, recentLosses } from "./fault.js";
import type { FedBatch } from "./feed.js";
import type { StepMetrics } from "./metrics.js";
import type { Run } from "./open.js";

export interface StepDone {
  readonly metrics: Omit<StepMetrics, "type" | "step" | "tokens_seen" | "seconds">;
  readonly tokens: number;
  readonly seconds: number;
  /** Losses of the last steps, this one included. */
  readonly recent: number[];
}

/** The weights are as they were before. */
export interface StepFault {
  readonly fault: string;
  /** Counted from 1. */
  readonly step: number;
  readonly batches: readonly FedBatch[];
}

/** @param step counted from 0 */
export async function trainStep(run: Run, step: number, recent: readonly number[]): Promise<StepDone | StepFault> {
  const began = performance.now();
  const { recipe, model, feed, schedule, optimiser } = run;
  const { length } = recipe.data;
  const batches = feed.take(sequencesAt(step, recipe.batch), recipe.batch.micro);
  const masks = batches.map(({ tokens, rows }) => lossMask(tokens, rows, length, run.objective));
  const counted = sumOf(masks, (mask) => mask.counted);
  model.zeroGradients();
  let [loss, all, lossAll] = [0, 0, 0];
  for (const [i, { tokens, rows, boundaries, offsets }] of batches.entries()) {
    const mask: LossMask = masks[i];
    // A micro-batch without a label that counts gives nothing.
    const scale = 1 / Math.max(1, recipe.objective.mean === "step" ? counted : mask.counted * batches.length);
    const documents = run.acrossDocuments ? {} : { documents: { boundaries, offsets } };
    const result = await model.accumulate({ tokens, rows, length, mask: mask.mask, ...documents, scale });
    loss += result.loss * scale;
    lossAll += result.lossAll;
    all += result.all;
  }
  const norm = await model.gradientNorm();
  const fault = faultOfStep(loss, norm, recent, recipe.spike);
  if (fault !== undefined) return { fault, step: step + 1, batches };
  const rate = recipe.optimiser.rate * schedule.factor(step);
  await model.step(optimiserStep(step + 1, rate, clipScale(norm, optimiser.clip), optimiser));
  const seconds = (performance.now() - began) / 1000;
  return {
    metrics: {
      loss,
      loss_all: lossAll / all,
      learning_rate: rate,
      gradient_norm: norm,
      sequences: sumOf(batches, ({ rows }) => rows),
      tokens: all,
      drop_rate: sumOf(masks, ({ dropped }) => dropped) / all,
      tokens_per_second: all / seconds,
    },
    tokens: all,
    seconds,
    recent: [...recent, loss].slice(-recentLosses),
  };
}

/** Takes the weights into their average where it is time. @param step done by then @returns whether a window is full, and so kept */
export async function averageAfter(
  { model, recipe, configuration, tokenizer }: Run,
  folder: string,
  step: number,
): Promise<boolean> {
  const averaging = averagingAfter(step, recipe.averaging);
  if (averaging === undefined) return false;
  await model.averageWeights(averaging.rate);
  if (averaging.full) writeAverage(folder, step, model, configuration, tokenizer.digest);
  return averaging.full;
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
