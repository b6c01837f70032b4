/** Training: a corpus as sequences, Apertus models, the loop from recipe to checkpoints, sampling, and Hugging Face's form of a model. */
export { type AveragingSettings, averagingAfter } from "./averaging/averaging.js";
export { type Checkpoint, listCheckpoints } from "./checkpoint/checkpoint.js";
export { openWeights } from "./checkpoint/weights.js";
export { type Generated, type GenerateOptions, generate } from "./generate/generate.js";
export { type SamplingSettings, sampleToken } from "./generate/sample.js";
export { huggingFaceConfig, readHuggingFaceConfig } from "./hugging-face/config.js";
export { exportHuggingFaceModel, type ModelExport, type ModelExportOptions } from "./hugging-face/export.js";
export {
  type BatchOptions,
  type Loader,
  type LoaderOptions,
  type LoaderStage,
  type LoaderState,
  openLoader,
  type TrainingBatch,
} from "./loader/loader.js";
export { cuSeqlens } from "./loader/packed.js";
export type { LoaderSource, OpenSource } from "./loader/source.js";
export { countParameters, type ModelConfiguration, nativeShape, type ParameterCounts } from "./model/configuration.js";
export {
  apertusUtilisation,
  type Hardware,
  type HardwareName,
  hardware,
  operationsPerToken,
  type PlanOptions,
  planTraining,
  publishedSpeeds,
  type TrainingPlan,
} from "./model/plan.js";
export { type Preset, type PresetName, presetNames, presets } from "./model/presets.js";
export { inverseFrequencies, type RopeSettings } from "./model/rope.js";
export type { Weights } from "./model/weights.js";
export { applyGoldfish, type GoldfishSettings, goldfishTable } from "./objective/goldfish.js";
export { type LossMask, lossMask, type ObjectiveSettings } from "./objective/mask.js";
export { alphaAt, beta3At, clipScale, type OptimiserSettings, optimiserStep } from "./optimiser/scalars.js";
export { type LoadedTrainRecipe, loadTrainRecipe, type TrainRecipe, trainRecipeSchema } from "./recipe.js";
export { type EvaluationMetrics, type Metrics, readMetrics, type StepMetrics } from "./run/metrics.js";
export { configurationOf, defaultBranchSteps, plannedTokens } from "./run/setup.js";
export { type TrainEvent, type TrainOptions, type TrainResult, train } from "./run/train.js";
export {
  branchCooldown,
  type CooldownSettings,
  openSchedule,
  type Schedule,
  type ScheduleSettings,
} from "./schedules/schedule.js";
