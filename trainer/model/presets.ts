/**
 * Shapes by name. 8b and 70b are Apertus's own (technical report, table 1). 1b and 3b are the shapes of its ablations (Llama 3.2's, with
 * the MLP one and a half times as wide, as it has no gate). 124m and 210m have the bodies of the models on which Hägele et al. (2024)
 * and Schaipp et al. (2025) measured schedules. tiny learns something on two processor cores within two minutes.
 */
import type { ModelConfiguration } from "./configuration.js";
import { apertusRope } from "./rope.js";

export interface Preset {
  readonly name: string;
  readonly about: string;
  readonly configuration: ModelConfiguration;
  /** Training of this size as it is done: what `--plan` computes with. */
  readonly tokens: number;
  readonly length: number;
}

type Shape = Pick<ModelConfiguration, "width" | "layers" | "heads" | "kvHeads" | "headWidth" | "hidden">;

function configured(shape: Shape, maxLength = 4096): ModelConfiguration {
  return { vocabulary: 131_072, ...shape, normEpsilon: 1e-5, rope: apertusRope, maxLength };
}

export const presets = {
  tiny: {
    name: "tiny",
    about: "to try the trainer; nearly all of it is the vocabulary",
    configuration: configured({ width: 32, layers: 4, heads: 4, kvHeads: 2, headWidth: 8, hidden: 168 }),
    tokens: 200_000,
    length: 256,
  },
  "124m": {
    name: "124m",
    about: "the body of a 124M model, with the vocabulary of Apertus and both its matrices",
    configuration: configured({ width: 768, layers: 12, heads: 12, kvHeads: 4, headWidth: 64, hidden: 3072 }),
    tokens: 5.12e9,
    length: 512,
  },
  "210m": {
    name: "210m",
    about: "the same, twice as deep",
    configuration: configured({ width: 768, layers: 24, heads: 12, kvHeads: 4, headWidth: 64, hidden: 3072 }),
    tokens: 5.12e9,
    length: 512,
  },
  "1b": {
    name: "1b",
    about: "the 1.5B of Apertus's ablations",
    configuration: configured({ width: 2048, layers: 16, heads: 32, kvHeads: 8, headWidth: 64, hidden: 12_288 }),
    tokens: 100e9,
    length: 4096,
  },
  "3b": {
    name: "3b",
    about: "the 3B of Apertus's ablations",
    configuration: configured({ width: 3072, layers: 28, heads: 24, kvHeads: 8, headWidth: 128, hidden: 12_288 }),
    tokens: 100e9,
    length: 4096,
  },
  "8b": {
    name: "8b",
    about: "Apertus 8B",
    configuration: configured({ width: 4096, layers: 32, heads: 32, kvHeads: 8, headWidth: 128, hidden: 21_504 }),
    tokens: 15e12,
    length: 4096,
  },
  "70b": {
    name: "70b",
    about: "Apertus 70B",
    configuration: configured({ width: 8192, layers: 80, heads: 64, kvHeads: 8, headWidth: 128, hidden: 43_008 }),
    tokens: 15e12,
    length: 4096,
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
