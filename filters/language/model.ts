/** The files that language identification rests on, their digests, and the labels that a recipe may name. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { DataError } from "../../errors/index.js";
import { FastTextModel } from "../../native/index.js";
import type { Asset } from "../filter.js";
import type { LanguageParameters } from "./parameters.js";

const require = createRequire(import.meta.url);

/** The language of a text that is in none, or in none that can be told (ISO 639-2 "und"). */
export const undetermined = "und";
/** The label that the embedded model was taught for what is no language (ISO 639-2 "zxx"); it is reported as `und`. */
export const noLanguage = "zxx_Zyyy";

const modelAsset = "language-model";
const thresholdsAsset = "language-thresholds";

export async function languageAssets(parameters: LanguageParameters, baseFolder: string): Promise<readonly Asset[]> {
  if (parameters.engine !== "embedded") {
    const path = resolve(baseFolder, parameters.engine.fasttext);
    return [{ name: modelAsset, path, sha256: await digest(path), provenance: { engine: "fasttext", given_by: "the recipe" } }];
  }
  const path = require.resolve("#assets/language/lid-small.ftz");
  const thresholds = require.resolve("#assets/language/thresholds.json");
  const metrics: unknown = JSON.parse(await readFile(require.resolve("#assets/language/metrics.json"), "utf8"));
  const { sources } = metrics as { sources: Readonly<Record<string, unknown>> };
  return [
    {
      name: modelAsset,
      path,
      sha256: await digest(path),
      provenance: { engine: "embedded", card: "docs/models/language.md", sources },
    },
    {
      name: thresholdsAsset,
      path: thresholds,
      sha256: await digest(thresholds),
      provenance: { card: "docs/models/language.md" },
    },
  ];
}

/** What `process` needs, opened once a worker. */
export interface OpenModel {
  readonly model: FastTextModel;
  /** Whether the model reads normalised text rather than the text itself. */
  readonly normalised: boolean;
  /** By label index, without the prefix that fastText puts before labels. */
  readonly names: readonly string[];
  readonly minConfidence: number;
}

export async function openModel(parameters: LanguageParameters, assets: readonly Asset[]): Promise<OpenModel> {
  const named = (name: string): Asset | undefined => assets.find((asset) => asset.name === name);
  const asset = named(modelAsset);
  if (asset === undefined) throw new DataError("INTERNAL", { detail: "the language filter was opened without its model" });
  const model = new FastTextModel(asset.path);
  const thresholds = named(thresholdsAsset);
  let minConfidence = parameters.min_confidence;
  if (minConfidence === null && thresholds !== undefined) {
    minConfidence = (JSON.parse(await readFile(thresholds.path, "utf8")) as { min_confidence: number }).min_confidence;
  }
  return {
    model,
    normalised: parameters.engine === "embedded",
    names: model.labels.map((label) => (label.startsWith("__label__") ? label.slice("__label__".length) : label)),
    minConfidence: minConfidence ?? 0,
  };
}

/**
 * Whether a list of a recipe names a language, by its label or its part before the script. Throws LANGUAGE_UNKNOWN where an entry
 * names no label of the model: a misspelt `deny` would otherwise drop nothing and say nothing.
 */
export function matcher(entries: readonly string[], names: readonly string[]): (language: string) => boolean {
  const code = (name: string): string => name.split("_", 1)[0] ?? name;
  const known = new Set([undetermined, ...names, ...names.map(code)]);
  const unknown = entries.find((entry) => !known.has(entry));
  if (unknown !== undefined) throw new DataError("LANGUAGE_UNKNOWN", { detail: unknown });
  const wanted = new Set(entries);
  return (language) => wanted.has(language) || wanted.has(code(language));
}

async function digest(path: string): Promise<string> {
  const isFile = await stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
  if (!isFile) throw new DataError("INPUT_NOT_FOUND", { file: path });
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
