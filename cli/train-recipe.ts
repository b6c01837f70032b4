/** What `train` is asked for: its options, and the recipe with what the command line says instead. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DataError } from "../errors/index.js";
import type { LoadedTrainRecipe } from "../trainer/index.js";

export interface TrainFlags {
  readonly out?: string;
  readonly corpus?: string;
  readonly threads: number;
  readonly resume: boolean;
  readonly branchCooldown?: number;
  readonly cooldownSteps?: number;
  readonly plan: boolean;
  readonly hardware: string;
  readonly devices?: number;
  readonly utilisation?: number;
  readonly json: boolean;
}

/** The recipe, or the one that ships, with what the command line says instead. */
export async function loadWith(path: string | undefined, flags: Pick<TrainFlags, "corpus">): Promise<LoadedTrainRecipe> {
  const { loadTrainRecipe } = await import("../trainer/index.js");
  const loaded = loadTrainRecipe(path ?? exampleTrainRecipe());
  const corpus = flags.corpus ?? (path === undefined ? exampleCorpus() : undefined);
  if (corpus === undefined) return loaded;
  const { data } = loaded.recipe;
  const [first] = data.sources;
  const sources = [{ name: first?.name ?? "corpus", corpus: resolve(corpus) }];
  return { ...loaded, recipe: { ...loaded.recipe, data: { ...data, sources } } };
}

/** The recipe that ships with the package. */
function exampleTrainRecipe(): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), "../../examples/training/recipe.yaml");
}

/** The corpus that `apertus-data run` makes of the bundled example. */
function exampleCorpus(): string {
  const folder = "apertus-example";
  if (existsSync(folder)) return folder;
  throw new DataError("CORPUS_NOT_FOUND", {
    file: folder,
    mend: "run `apertus-data run` first, which makes the example corpus here, offline; or give a recipe",
  });
}
