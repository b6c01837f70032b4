/** The filters, by concern, and the contract that each of them keeps. */
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
