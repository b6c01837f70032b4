/** The recipe, sources, extraction, phases, units and workers: from a recipe to a corpus folder. */
export { type CompiledRecipe, compile, type Segment, type Stage, stageIdentity } from "./compile.js";
export { type Estimate, estimate } from "./estimate.js";
export { extraction } from "./extraction/index.js";
export { isPublicAddress } from "./fetch/addresses.js";
export {
  type FetchEvent,
  type FetchOptions,
  type FetchPagesOptions,
  type FetchResult,
  fetchPages,
  fetchRobots,
} from "./fetch/fetch.js";
export { makePlan, type Plan, rehearse } from "./plan.js";
export { type LoadedRecipe, loadRecipe, parseRecipe, parseWith, type Recipe, recipeSchema, recipeText } from "./recipe.js";
export { type RunEvent, type RunOptions, type RunResult, run } from "./run.js";
export { tokenizeParameters } from "./tokenize.js";
export {
  loadTrainingRecipe,
  type Scores,
  type TrainedModel,
  type TrainingKind,
  type TrainingProgress,
  type TrainingRecipe,
  train,
  trainingRecipeSchema,
} from "./training/index.js";
export { openForTry, type TriedFilter, type TryAnswer, type TryDocument } from "./try.js";
