/** Training: reading a corpus as sequences. */
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
