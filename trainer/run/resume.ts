/** Whether a run may go on from a checkpoint with a recipe: what its state rests on must be as it was, the rest may change and is said. */
import { canonicalJson } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { CheckpointState } from "../checkpoint/state.js";
import type { ModelConfiguration } from "../model/configuration.js";
import type { TrainRecipe } from "../recipe.js";

/** Checkpoints hold what these decide; the order of sequences is compared by the loader. */
const fixed = ["data.held_out", "optimiser.kind", "averaging"];
/** Names and places; the model's shape is compared as a whole, and how it began is past. */
const free = ["name", "out", "model", "data.sources"];

/**
 * @returns the keys whose values are other than when the checkpoint was written
 * @throws DataError TRAINING_DIFFERS
 */
export function changedKeys(state: CheckpointState, recipe: TrainRecipe, configuration: ModelConfiguration): readonly string[] {
  if (canonicalJson(state.model) !== canonicalJson(configuration)) throw differs("the model's shape");
  const changed = differences("", state.recipe, recipe).filter((key) => !free.some((name) => isWithin(key, name)));
  const refused = changed.find((key) => fixed.some((name) => isWithin(key, name)));
  if (refused !== undefined) throw differs(refused);
  return changed;
}

function differs(what: string): DataError {
  return new DataError("TRAINING_DIFFERS", { detail: `${what} is another than in the checkpoint` });
}

function isWithin(key: string, name: string): boolean {
  return key === name || key.startsWith(`${name}.`);
}

function differences(path: string, before: unknown, now: unknown): readonly string[] {
  if (isMap(before) && isMap(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences(path === "" ? key : `${path}.${key}`, before[key], now[key]));
  }
  return canonicalJson(before ?? null) === canonicalJson(now ?? null) ? [] : [path];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
