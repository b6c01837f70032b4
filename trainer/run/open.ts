/** Opens what a run needs, data before model: a corpus that cannot be read should not wait for weights. */

import { resolve } from "node:path";
import { CorpusFolder, openManifest } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { NativeModel } from "../../native/index.js";
import { openTokenizerOf, type Tokenizer } from "../../tokenizer/index.js";
import { countParameters, type ModelConfiguration } from "../model/configuration.js";
import type { ObjectiveSettings } from "../objective/mask.js";
import type { OptimiserSettings } from "../optimiser/scalars.js";
import type { TrainRecipe } from "../recipe.js";
import type { ReportedRun } from "../report/model.js";
import type { Schedule } from "../schedules/schedule.js";
import { type HeldOut, prepareHeldOut } from "./evaluate.js";
import { Feed } from "./feed.js";
import { type Branch, objectiveOf, optimiserOf, scheduleOf, startingModel, startingShape } from "./setup.js";

export interface Run {
  readonly recipe: TrainRecipe;
  readonly configuration: ModelConfiguration;
  readonly parameters: number;
  readonly model: NativeModel;
  readonly tokenizer: Tokenizer;
  readonly feed: Feed;
  readonly heldOut: HeldOut;
  readonly objective: ObjectiveSettings;
  readonly optimiser: OptimiserSettings;
  readonly schedule: Schedule;
  /** Attention does not stop at documents. */
  readonly acrossDocuments: boolean;
  /** What a report says of the run. @param step that it is at */
  about(step: number): ReportedRun;
}

export interface OpenRunOptions {
  readonly recipe: TrainRecipe;
  readonly baseFolder: string;
  readonly threads: number;
}

/** @throws DataError as Feed.open and startingShape; TOKENIZER_MISMATCH where the model is of another vocabulary */
export async function openRun({ recipe, baseFolder, threads }: OpenRunOptions, branch: Branch | null): Promise<Run> {
  const configuration = startingShape(recipe, baseFolder);
  const feed = await Feed.open(recipe.data, baseFolder);
  const [first] = recipe.data.sources;
  const corpus = first === undefined ? undefined : new CorpusFolder(resolve(baseFolder, first.corpus));
  const entry = corpus === undefined ? null : openManifest(corpus).tokenizer;
  if (corpus === undefined || entry === null) throw new DataError("TOKENS_MISSING", {});
  const tokenizer = await openTokenizerOf(corpus, entry);
  if (tokenizer.vocabularySize > configuration.vocabulary) {
    const detail = `${tokenizer.vocabularySize} ids in the corpus, ${configuration.vocabulary} in the model`;
    throw new DataError("TOKENIZER_MISMATCH", { detail });
  }
  const heldOut = prepareHeldOut(feed.evaluation(recipe.batch.micro), recipe.data.length, tokenizer);
  const schedule = scheduleOf(recipe, branch);
  const model = startingModel(recipe, baseFolder, configuration, threads);
  const parameters = countParameters(configuration).all;
  const sources = feed.loader.sources.map(({ name, version, documents, tokens, sequences }) => ({
    ...{ name, version, documents, tokens, sequences },
  }));
  return {
    ...{ recipe, configuration, parameters, model, tokenizer, feed, heldOut, schedule },
    objective: objectiveOf(recipe, tokenizer.special.eos),
    optimiser: optimiserOf(recipe),
    acrossDocuments: recipe.data.attention === "sequences",
    about: (step) => ({
      ...{ step, steps: schedule.steps, name: recipe.name, parameters, backend: model.backend, configuration, recipe, sources },
      ...{ heldOut: heldOut.sequences, branch, cooldownFrom: schedule.cooldownFrom },
    }),
  };
}
