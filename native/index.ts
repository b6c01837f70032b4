/** The only door to the native kernels: typed, documented functions over typed arrays. */

export {
  type AddedToken,
  Bpe,
  type BpeSettings,
  type KnownPattern,
  type SplitBehaviour,
  type SplitStage,
  type TokenBatch,
  type TokenSpans,
} from "./bpe.js";
export { FastTextModel, type LabelPredictions } from "./fasttext.js";
export { type FastTextSettings, FastTextTrainer, type TrainingState } from "./fasttext-train.js";
export { type LanguageText, languageScripts, normaliseForLanguage } from "./language-text.js";
export {
  openSequenceLoader,
  openTokenStream,
  type SequenceBatch,
  type SequenceLoader,
  type StreamLayout,
  type TokenStream,
} from "./loader.js";
export { findPii, type PiiFindings, type PiiSearch, piiKinds } from "./pii.js";
export {
  compileRobots,
  decideRobots,
  type RobotsDecisions,
  type RobotsNames,
  type RobotsProfile,
  type RobotsRule,
  type RobotsRules,
  robotsProfile,
} from "./robots.js";
export { type TextStatistic, textStatisticNames, textStatistics } from "./text-statistics.js";
export {
  type LossSums,
  type NativeGenerator,
  NativeModel,
  type NativeModelOptions,
  type NativeModelShape,
  type OptimiserStep,
  type TensorInfo,
  type TensorKind,
  type TrainingBatch,
  type TrainingDtype,
} from "./trainer.js";
export { repairUtf8 } from "./utf8.js";
export { WordLists, type WordMatches } from "./word-lists.js";
