/** The only door to the native kernels: typed, documented functions over typed arrays. */
export { type AddedToken, type Bpe, openBpe, type PlaceholderSpans, type TokenBatch } from "./bpe.js";
export { repairUtf8 } from "./utf8.js";
