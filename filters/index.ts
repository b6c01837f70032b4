/** The filters, by concern, and the contract that each of them keeps. */
export type { Asset, BatchResult, Filter, OpenFilter, PrepareContext } from "./filter.js";
export { language } from "./language/index.js";
