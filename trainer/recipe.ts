/**
 * What a model is trained on and how, as YAML. Defaults are Apertus's values (technical report, table 2) or say why not. Validated before
 * anything is opened; docs/training-recipe.md is generated from the schema.
 */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { DataError } from "../errors/index.js";
import { parseWith, recipeText } from "../pipeline/index.js";
import { type PresetName, presetNames } from "./model/presets.js";

const name = z.string().regex(/^[\w.-]{1,64}$/);
const whole = z.int().min(0);
const many = z.int().min(1);
const share = z.number().min(0).max(1);

const source = z.strictObject({
  corpus: z.string().min(1).describe("A corpus folder, relative to the recipe's folder."),
  name: name.default("corpus").describe("What `weights` call it."),
  version: whole.optional().describe("The corpus's version. Default: the newest."),
});

const model = z.strictObject({
  preset: z.enum(presetNames).default("tiny").describe("A shape by name; `train --plan` lists them."),
  shape: z
    .strictObject({
      width: many.optional().describe("Of the residual stream."),
      layers: many.optional().describe("Blocks of attention and MLP."),
      heads: many.optional().describe("Of the queries."),
      kv_heads: many.optional().describe("Of keys and values, each shared by as many heads."),
      head_width: many.optional().describe("Even."),
      hidden: many.optional().describe("Width inside the MLP."),
      rope_theta: z.number().gt(0).optional().describe("Base of the rotary angles. Default: 500000."),
    })
    .prefault({})
    .describe("What is to be other than in the preset."),
  from: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Begin with the weights of this folder, a checkpoint or a Hugging Face model, which then gives the shape too. Default: random weights.",
    ),
  seed: whole.default(28).describe("Of the random weights."),
  deviation: z
    .number()
    .gt(0)
    .max(1)
    .default(0.008944)
    .describe(
      "Standard deviation of the random weights; matrices that write into the residual stream have it over sqrt(2 layers).",
    ),
  dtype: z
    .enum(["float32", "bfloat16"])
    .default("float32")
    .describe(
      "What matrices are multiplied in; weights, gradients and sums are float32 always. Apertus: bfloat16, which pays where the processor has it.",
    ),
});

const data = z.strictObject({
  sources: z.array(source).min(1).describe("The corpora."),
  length: many
    .max(2 ** 20)
    .default(4096)
    .describe("Tokens of a sequence."),
  seed: whole.default(28).describe("Of the order of sequences."),
  stages: z
    .array(
      z.strictObject({
        sequences: many.optional().describe("How many it has; the last stage has no end, and no number."),
        weights: z
          .record(z.string(), z.number().min(0))
          .optional()
          .describe("The part of each source by name. Default: by size, as for Apertus."),
      }),
    )
    .default([])
    .describe("Mixtures, one after the other. Default: one, by size."),
  attention: z
    .enum(["documents", "sequences"])
    .default("documents")
    .describe(
      "`documents`: attention stops where a document begins, as Apertus's report says. `sequences`: it does not, as its code ran.",
    ),
  held_out: whole
    .default(16)
    .describe(
      "Sequences that are never trained on but evaluated: those that the order brings first. A document that goes on in another sequence is in both.",
    ),
});

const objective = z.strictObject({
  loss: z.enum(["goldfish", "plain"]).default("goldfish").describe("`plain`: cross-entropy over every label."),
  k: z.int().min(2).max(1_000_000).default(50).describe("Goldfish: one label in k is dropped."),
  h: z.int().min(1).max(4096).default(50).describe("Goldfish: labels that decide on a drop, the dropped one included."),
  mode: z
    .enum(["table", "hash"])
    .default("table")
    .describe("Goldfish: `table` drops what Apertus drops, `hash` uses a hash without degenerate windows (fidelity.md)."),
  mask_end: z.boolean().default(true).describe("No loss on what follows the end of a document."),
  mean: z
    .enum(["step", "micro-batch"])
    .default("step")
    .describe(
      "What the loss is a mean over. `micro-batch`, as for Apertus: micro-batches count alike, whatever is masked in them. `step`: labels do, so that the size of a micro-batch changes nothing.",
    ),
});

const optimiser = z.strictObject({
  kind: z.enum(["ademamix", "adamw"]).default("ademamix").describe("AdEMAMix (Pagliardini et al. 2024) or AdamW."),
  rate: z.number().gt(0).max(10).default(1.1e-4).describe("Learning rate at its peak. Apertus: 1.1e-4 for 8B, 1e-5 for 70B."),
  beta1: share.default(0.9).describe("Decay of the mean of gradients."),
  beta2: share.default(0.999).describe("Decay of the mean of their squares."),
  beta3: share.default(0.9999).describe("AdEMAMix: decay of the slow mean."),
  alpha: z.number().min(0).max(100).default(8).describe("AdEMAMix: weight of the slow mean."),
  warmup: many
    .default(100_000)
    .describe("AdEMAMix: steps over which alpha and beta3 reach their values; of a shorter run, its steps."),
  epsilon: z.number().gt(0).max(1).default(1e-8).describe("Keeps the denominator from 0."),
  weight_decay: z.number().min(0).max(10).default(0.1).describe("Of matrices; vectors and xIELU's scalars have none."),
  clip: z.number().gt(0).nullable().default(0.1).describe("Greatest norm of a step's gradients; null: any."),
});

const batch = z.strictObject({
  sequences: many
    .max(2 ** 24)
    .default(8)
    .describe("Of a step. Apertus: 1,024 for 8B, 2,048 for 70B, on more than a thousand GPUs."),
  micro: many
    .max(2 ** 16)
    .default(4)
    .describe("Of a forward and backward pass; memory for activations grows with it."),
  stages: z
    .array(
      z.strictObject({
        step: many.describe("From this step on, counted from 0."),
        sequences: many.max(2 ** 24).describe("Of a step."),
      }),
    )
    .refine((stages) => stages.every(({ step }, i) => i === 0 || step > stages[i - 1].step), "the steps do not ascend")
    .default([])
    .describe("Steps that grow; ascending. Apertus doubled them half-way."),
});

const schedule = z.strictObject({
  base: z
    .enum(["constant", "linear", "cosine", "inverse-sqrt"])
    .default("constant")
    .describe("The rate between warm-up and cooldown; `constant` with a cooldown is WSD."),
  warmup: whole.default(0).describe("Steps in which the rate rises. Apertus: 4,000 for 8B, 2,000 for 70B."),
  warmup_from: share.default(0.1).describe("Where it rises from, as a part of the peak."),
  cooldown: z
    .strictObject({
      steps: many.optional().describe("Its length; or `share`."),
      share: share.optional().describe("Its part of the run. Default: 0.11, Apertus's 1.65 of 15 T tokens."),
      shape: z.enum(["linear", "1-sqrt"]).default("1-sqrt").describe("How the rate falls."),
    })
    .refine((value) => value.steps === undefined || value.share === undefined, "either `steps` or `share`")
    .nullable()
    .prefault({})
    .describe("The fall at the end; null: none."),
  final: share.default(0.1).describe("Where linear, cosine and any cooldown end, as a part of the peak."),
  rounding: z
    .enum(["hagele-2024", "schaipp-2025"])
    .default("hagele-2024")
    .describe("How a share of N steps becomes whole steps: floor(share N), or floor(share (N + 1))."),
});

const every = many.describe("Steps between two samples.");
const averaging = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none").describe("No average.") }),
    z
      .strictObject({
        kind: z.literal("uniform").describe("Means of windows that do not overlap, each kept when it ends."),
        every: every.default(5),
        window: many.default(500).describe("Steps of a window, a multiple of `every`."),
      })
      .refine((value) => value.window % value.every === 0, "`window` is no multiple of `every`"),
    z.strictObject({
      kind: z.literal("ema").describe("An exponential mean."),
      every: every.default(10),
      decay: share.default(0.95).describe("What of the average stays with each sample."),
    }),
  ])
  .default({ kind: "none" })
  .describe(
    "Averages of weights beside the training: `{ kind: none }`, `{ kind: uniform, every: 5, window: 500 }` or `{ kind: ema, every: 10, decay: 0.95 }` (Hägele et al. 2024). Apertus has none.",
  );

const checkpoints = z.strictObject({
  every: many.default(250).describe("Steps between two checkpoints; one more at the end. Apertus: 250 for 70B."),
  keep: many.default(3).describe("The newest that stay, beside the one at which the cooldown begins."),
  keep_every: whole.default(0).describe("Those at multiples of this step stay too, to branch from; 0: none."),
});

export const trainRecipeSchema = z.strictObject({
  version: z.literal(1).describe("The version of the recipe's own format."),
  name: name.default("model").describe("What reports call it."),
  out: z.string().min(1).optional().describe("The run's folder, relative to the recipe; `--out` on the command line wins."),
  steps: many.describe("Optimiser steps of the run."),
  model: model.prefault({}).describe("The network and how it begins."),
  data: data.describe("What it reads."),
  objective: objective.prefault({}).describe("What it is to learn."),
  optimiser: optimiser.prefault({}).describe("How it learns."),
  batch: batch.prefault({}).describe("How much at a time."),
  schedule: schedule.prefault({}).describe("The learning rate over the run."),
  averaging,
  checkpoints: checkpoints.prefault({}).describe("What is kept to go on from."),
  evaluate_every: many.default(100).describe("Steps between two evaluations of what is held out; one more at the end."),
  spike: z
    .number()
    .gt(0)
    .nullable()
    .default(3)
    .describe(
      "A loss that is this much above the median of the last 50 steps stops the run; null: only one that is no number.",
    ),
});

export type TrainRecipe = z.infer<typeof trainRecipeSchema>;
export type { PresetName };

export interface LoadedTrainRecipe {
  readonly recipe: TrainRecipe;
  readonly path: string;
  readonly baseFolder: string;
}

/** @throws DataError RECIPE_NOT_FOUND, RECIPE_INVALID */
export function loadTrainRecipe(path: string): LoadedTrainRecipe {
  const text = recipeText(path);
  try {
    const { value } = parseWith(trainRecipeSchema, text, path);
    return { recipe: value, path, baseFolder: dirname(resolve(path)) };
  } catch (error) {
    if (!(error instanceof DataError) || error.site.mend !== undefined) throw error;
    throw new DataError(error.code, { ...error.site, mend: "see docs/training-recipe.md for what may stand there" });
  }
}
