/** From a recipe to what the loop works with: the shape, the weights that it begins with, optimiser, objective, schedule. */
import { resolve } from "node:path";
import { DataError } from "../../errors/index.js";
import { NativeModel, type TrainingDtype } from "../../native/index.js";
import type { AveragingSettings } from "../averaging/averaging.js";
import { openWeights } from "../checkpoint/weights.js";
import { checkConfiguration, type ModelConfiguration, nativeShape } from "../model/configuration.js";
import { presets } from "../model/presets.js";
import type { ObjectiveSettings } from "../objective/mask.js";
import { sequencesBefore } from "../optimiser/batch-size.js";
import type { OptimiserSettings } from "../optimiser/scalars.js";
import type { TrainRecipe } from "../recipe.js";
import { branchCooldown, cooldownSteps, openSchedule, type Schedule, type ScheduleSettings } from "../schedules/schedule.js";

/** Apertus's: 1,654.4 of 15,000 billion tokens. */
const defaultShare = 0.11;

/** The shape that a preset and the recipe's changes give. @throws DataError MODEL_SHAPE_INVALID */
export function configurationOf({ model, data }: TrainRecipe): ModelConfiguration {
  const { configuration } = presets[model.preset];
  const { width, layers, heads, kv_heads: kvHeads, head_width: headWidth, hidden, rope_theta: theta } = model.shape;
  const changed: ModelConfiguration = {
    ...configuration,
    width: width ?? configuration.width,
    layers: layers ?? configuration.layers,
    heads: heads ?? configuration.heads,
    kvHeads: kvHeads ?? configuration.kvHeads,
    headWidth: headWidth ?? configuration.headWidth,
    hidden: hidden ?? configuration.hidden,
    rope: { ...configuration.rope, theta: theta ?? configuration.rope.theta },
    maxLength: Math.max(configuration.maxLength, data.length),
  };
  checkConfiguration(changed);
  return changed;
}

/** The shape of a run: the recipe's own, or that of the folder that it begins with. */
export function startingShape(recipe: TrainRecipe, baseFolder: string): ModelConfiguration {
  if (recipe.model.from === undefined) return configurationOf(recipe);
  if (Object.keys(recipe.model.shape).length > 0)
    throw new DataError("RECIPE_INVALID", { detail: "model.shape: the shape comes from `model.from`" });
  const weights = openWeights(resolve(baseFolder, recipe.model.from));
  weights.close();
  return weights.configuration;
}

/** A model without weights. @throws DataError MODEL_SHAPE_INVALID where it is too large for kernels, TRAINING_OUT_OF_MEMORY */
export function openModel(configuration: ModelConfiguration, threads: number, dtype: TrainingDtype): NativeModel {
  try {
    return new NativeModel(nativeShape(configuration), { threads, dtype });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DataError("MODEL_SHAPE_INVALID", { detail: cause.message, cause });
  }
}

/** A model with the weights that a run begins with. */
export function startingModel(
  recipe: TrainRecipe,
  baseFolder: string,
  configuration: ModelConfiguration,
  threads: number,
): NativeModel {
  const model = openModel(configuration, threads, recipe.model.dtype);
  if (recipe.model.from === undefined) model.initialise(recipe.model.seed, recipe.model.deviation);
  else loadWeights(model, resolve(baseFolder, recipe.model.from));
  return model;
}

/** Weights of a checkpoint or a Hugging Face folder into a model of their shape. */
export function loadWeights(model: NativeModel, folder: string): void {
  const weights = openWeights(folder);
  try {
    for (const { name } of model.tensors) model.write("weight", name, weights.read(name));
  } finally {
    weights.close();
  }
}

export function objectiveOf({ objective }: TrainRecipe, eos: number | null): ObjectiveSettings {
  const { loss, k, h, mode, mask_end } = objective;
  return { ...(loss === "goldfish" ? { goldfish: { k, h, mode } } : {}), ...(mask_end && eos !== null ? { eod: eos } : {}) };
}

export function optimiserOf({ optimiser, steps }: TrainRecipe): OptimiserSettings {
  const { kind, beta1, beta2, beta3, alpha, warmup, epsilon, weight_decay: weightDecay, clip } = optimiser;
  return { kind, beta1, beta2, beta3, alpha, warmup: Math.min(warmup, steps), epsilon, weightDecay, clip };
}

export function averagingOf({ averaging }: TrainRecipe): AveragingSettings {
  return averaging;
}

function scheduleSettings({ schedule }: TrainRecipe): ScheduleSettings {
  const { base, warmup, warmup_from: warmupFrom, cooldown, final, rounding } = schedule;
  if (cooldown === null) return { base, warmup, warmupFrom, cooldown: null, final, rounding };
  const length = cooldown.steps === undefined ? { share: cooldown.share ?? defaultShare } : { steps: cooldown.steps };
  return { base, warmup, warmupFrom, cooldown: { length, shape: cooldown.shape }, final, rounding };
}

/** Labels of a whole run. */
export function plannedTokens({ steps, batch, data }: TrainRecipe): number {
  return sequencesBefore(steps, batch) * data.length;
}

/** Where a run leaves its trunk. */
export interface Branch {
  readonly step: number;
  /** Of the cooldown. */
  readonly steps: number;
}

export function scheduleOf(recipe: TrainRecipe, branch: Branch | null): Schedule {
  const settings = scheduleSettings(recipe);
  const progress = (step: number): number => sequencesBefore(step, recipe.batch);
  const trunk = openSchedule(settings, recipe.steps, progress);
  if (branch === null) return trunk;
  const shape = settings.cooldown?.shape ?? "1-sqrt";
  return branchCooldown(trunk, branch.step, { steps: branch.steps, shape, final: settings.final }, progress);
}

/** As long as the recipe's own cooldown. @throws DataError USAGE where it has none */
export function defaultBranchSteps(recipe: TrainRecipe): number {
  const { cooldown, rounding } = scheduleSettings(recipe);
  const steps = cooldownSteps(cooldown, recipe.steps, rounding);
  if (steps > 0) return steps;
  throw new DataError("USAGE", {
    detail: "the recipe has no cooldown whose length a branch could take",
    mend: "give --cooldown-steps N",
  });
}
