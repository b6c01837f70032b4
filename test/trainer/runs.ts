/** Runs of training small enough for tests: two wide layers over the whole vocabulary, documents of a few tokens. */
import { join } from "node:path";
import { type TrainEvent, type TrainOptions, type TrainResult, train, trainRecipeSchema } from "../../trainer/index.js";
import { makeCorpus } from "../tokenizer/small-corpus.js";

export const length = 16;

/** A corpus of documents whose tokens count upwards from somewhere: there is something to learn in it. */
export async function countingCorpus(folder: string, documents = 24): Promise<void> {
  const rows = Array.from({ length: documents }, (_, i) => [
    1,
    ...Array.from({ length: 30 }, (_, j) => 2000 + ((7 * i + j) % 20)),
    2,
  ]);
  await makeCorpus(folder, [[rows.slice(0, documents / 2)], [rows.slice(documents / 2)]]);
}

type Settings = Readonly<Record<string, unknown>>;

/** A recipe of 8 steps; `changes` replace whole keys. */
export function smallRecipe(changes: Settings = {}) {
  return trainRecipeSchema.parse({
    version: 1,
    steps: 8,
    model: { shape: { width: 4, layers: 1, heads: 2, kv_heads: 1, head_width: 2, hidden: 8 } },
    data: { sources: [{ corpus: "corpus" }], length, held_out: 3 },
    objective: { k: 4, h: 4 },
    optimiser: { rate: 0.01, clip: 1 },
    batch: { sequences: 2, micro: 1 },
    checkpoints: { every: 4 },
    evaluate_every: 4,
    ...changes,
  });
}

export interface Ran {
  readonly result: TrainResult;
  readonly events: readonly TrainEvent[];
}

/** @param folder holds the corpus, and gets the run as `out` */
export async function runSmall(
  folder: string,
  out: string,
  changes: Settings = {},
  options: Partial<TrainOptions> = {},
): Promise<Ran> {
  const events: TrainEvent[] = [];
  const hear = (event: TrainEvent): void => {
    events.push(event);
    options.hear?.(event);
  };
  const result = await train({
    ...{ recipe: smallRecipe(changes), baseFolder: folder, out: join(folder, out), threads: 1, resume: false },
    ...options,
    hear,
  });
  return { result, events };
}
