/** The filters, by concern, and the contract that each of them keeps. */
export {
  type AgentProfile,
  type Answer,
  type ArchivedCapture,
  answerAll,
  bitAt,
  checkRobots,
  consent,
  type MatchingMode,
  matchingModes,
  parseVector,
  type Question,
  RobotsArchive,
  RobotsCompiler,
  type RobotsDecision,
  type RobotsEngine,
  RobotsFile,
  type RobotsState,
  readProfile,
  shippedProfiles,
  splitUrl,
} from "./consent/index.js";
export type {
  AnyFilter,
  Asset,
  BatchResult,
  CorpusDrop,
  CorpusFilter,
  Filter,
  OpenFilter,
  PrepareContext,
  Scratch,
  SignatureFile,
} from "./filter.js";
export { language } from "./language/index.js";
export { builtInFilters, loadFilter } from "./registry.js";
