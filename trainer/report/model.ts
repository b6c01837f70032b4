/** What a training report is made from, beside the run's metrics. */
import type { ModelConfiguration } from "../model/configuration.js";
import type { TrainRecipe } from "../recipe.js";

export interface ReportedSource {
  readonly name: string;
  readonly version: number;
  readonly documents: number;
  readonly tokens: number;
  readonly sequences: number;
}

export interface ReportedRun {
  readonly name: string;
  readonly step: number;
  readonly steps: number;
  readonly parameters: number;
  /** What computed. */
  readonly backend: string;
  readonly configuration: ModelConfiguration;
  readonly recipe: TrainRecipe;
  readonly sources: readonly ReportedSource[];
  /** Sequences that are held out. */
  readonly heldOut: number;
  readonly branch: { readonly step: number; readonly steps: number } | null;
  readonly cooldownFrom: number;
}
