/** Weights of a model, wherever they lie. */
import type { ModelConfiguration } from "./configuration.js";

export interface Weights {
  /** The folder or file that was opened. */
  readonly path: string;
  readonly configuration: ModelConfiguration;
  /** Digest of the tokenizer that it was trained with, where that is known. */
  readonly tokenizer?: string;
  /** A trained tensor by its Hugging Face name, row-major. */
  read(name: string): Float32Array;
  close(): void;
}
