/** What a checkpoint says beside its tensors: where the run stands, with what recipe, and the files with their digests. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { codeOf } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { ModelConfiguration } from "../model/configuration.js";

const whole = z.int().min(0);
const positive = z.number().gt(0);

export const configurationSchema: z.ZodType<ModelConfiguration> = z.strictObject({
  vocabulary: whole,
  width: whole,
  layers: whole,
  heads: whole,
  kvHeads: whole,
  headWidth: whole,
  hidden: whole,
  normEpsilon: positive,
  rope: z.strictObject({
    theta: positive,
    factor: positive,
    lowFrequency: positive,
    highFrequency: positive,
    originalLength: positive,
  }),
  maxLength: whole,
});

const stateSchema = z.strictObject({
  format: z.literal("apertus-training-checkpoint"),
  format_version: z.literal(1),
  /** Optimiser steps that are done. */
  step: whole,
  /** Labels that were trained on, dropped ones included. */
  tokens: whole,
  /** Wall clock of the whole run so far. */
  seconds: z.number().min(0),
  loader: z.strictObject({ digest: z.string(), sequences: whole }),
  /** Losses of the last steps, for telling a spike. */
  recent: z.array(z.number()),
  recipe: z.record(z.string(), z.unknown()),
  model: configurationSchema,
  tokenizer: z.string(),
  branch: z.strictObject({ from: z.string(), step: whole, steps: whole }).nullable(),
  files: z.array(z.strictObject({ name: z.string(), bytes: whole, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/**
 * The state of a run as state.json has it. There is no state of a random generator: weights begin from a seed, the order of sequences
 * is a function of a seed, and nothing else is random.
 */
export type CheckpointState = z.infer<typeof stateSchema>;

export const stateFile = "state.json";

/** @throws DataError CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED */
export function readState(folder: string): CheckpointState {
  const path = join(folder, stateFile);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR")
      throw new DataError("CHECKPOINT_NOT_FOUND", { file: folder, cause });
    throw cause;
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const detail = issue === undefined ? "it is no JSON" : `${issue.path.join(".")}: ${issue.message}`;
    throw new DataError("CHECKPOINT_DAMAGED", { file: path, detail, cause });
  }
}
