/** The files that language identification rests on, their digests, and what a worker opens of them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { DataError } from "../../errors/index.js";
import { FastTextModel, type LabelPredictions } from "../../native/index.js";
import type { Asset } from "../filter.js";
import { FrancModel } from "./franc.js";
import { type Codes, matcher, type Name, parseName } from "./names.js";
import type { LanguageParameters } from "./parameters.js";

const require = createRequire(import.meta.url);

const modelAsset = "language-model";
const thresholdsAsset = "language-thresholds";
const groupsAsset = "language-groups";
const codesAsset = "language-codes";

export async function languageAssets(parameters: LanguageParameters, baseFolder: string): Promise<readonly Asset[]> {
  const shipped = async (name: string, file: string, provenance: Asset["provenance"]): Promise<Asset> => {
    const path = require.resolve(`#assets/language/${file}`);
    return { name, path, sha256: await digest(path), provenance };
  };
  const tables = [
    await shipped(groupsAsset, "groups.json", { about: "groups of near-identical standards", card: "docs/models/language.md" }),
    await shipped(codesAsset, "codes.json", { about: "what else languages are called", sources: "CLDR, ISO 639" }),
  ];
  if (parameters.engine === "franc") {
    const { version } = require("franc-all/package.json") as { readonly version: string };
    const path = require.resolve("franc-all/data.js");
    return [{ name: modelAsset, path, sha256: await digest(path), provenance: { engine: "franc-all", version } }, ...tables];
  }
  if (parameters.engine !== "embedded") {
    const path = resolve(baseFolder, parameters.engine.fasttext);
    const provenance = { engine: "fasttext", given_by: "the recipe" };
    return [{ name: modelAsset, path, sha256: await digest(path), provenance }, ...tables];
  }
  const metrics: unknown = JSON.parse(await readFile(require.resolve("#assets/language/metrics.json"), "utf8"));
  const { sources } = metrics as { sources: Readonly<Record<string, unknown>> };
  return [
    await shipped(modelAsset, "lid.ftz", { engine: "embedded", card: "docs/models/language.md", sources }),
    await shipped(thresholdsAsset, "thresholds.json", { card: "docs/models/language.md" }),
    ...tables,
  ];
}

/** What `process` needs, opened once a worker. */
export interface OpenModel {
  readonly predict: (values: Uint8Array, offsets: Int32Array, k: number, scripts: readonly string[]) => LabelPredictions;
  /** Whether it asks for the script of each row. */
  readonly byScript: boolean;
  /** Whether the model reads normalised text rather than the text itself. */
  readonly normalised: boolean;
  /** By label index, without the prefix that fastText puts before labels. */
  readonly names: readonly string[];
  readonly nameOf: (label: string) => Name;
  readonly codes: Codes;
  /** By label; most labels are in no group. */
  readonly groupOf: ReadonlyMap<string, string>;
  /** What paragraphs are compared by: the group, or the language whatever its script. */
  readonly kin: (label: string) => string;
  /** The least probability of the label with its group. */
  readonly threshold: (label: string) => number;
  readonly useDeclared: boolean;
}

interface Thresholds {
  readonly min_confidence: number;
  /** For labels that need another one. */
  readonly labels: Readonly<Record<string, number>>;
}

export async function openModel(parameters: LanguageParameters, assets: readonly Asset[]): Promise<OpenModel> {
  const named = (name: string): Asset | undefined => assets.find((asset) => asset.name === name);
  const table = async (name: string): Promise<unknown> => {
    const asset = named(name);
    return asset === undefined ? undefined : JSON.parse(await readFile(asset.path, "utf8"));
  };
  const asset = named(modelAsset);
  if (asset === undefined) throw new DataError("INTERNAL", { detail: "the language filter was opened without its model" });
  const model = parameters.engine === "franc" ? await FrancModel.open() : new FastTextModel(asset.path);
  const names = model.labels.map((label) => (label.startsWith("__label__") ? label.slice("__label__".length) : label));
  const groups = ((await table(groupsAsset)) ?? {}) as Readonly<Record<string, { readonly labels: string }>>;
  const groupOf = new Map(
    Object.entries(groups).flatMap(([group, { labels }]) => labels.split(" ").map((label) => [label, group] as const)),
  );
  const codes: Codes = new Map(
    Object.entries(((await table(codesAsset)) ?? {}) as Readonly<Record<string, string>>).map(([code, members]) => [
      code,
      members.split(" "),
    ]),
  );
  const parsed = new Map(names.map((name) => [name, parseName(name, codes)]));
  return {
    byScript: parameters.engine === "franc",
    predict: (...texts) => model.predict(...texts),
    normalised: typeof parameters.engine !== "object" || parameters.engine.normalise,
    names,
    nameOf: (label) => parsed.get(label) ?? parseName(label, codes),
    codes,
    groupOf,
    kin: (label) => groupOf.get(label) ?? label.split("_", 1)[0] ?? label,
    threshold: thresholdsOf(parameters, (await table(thresholdsAsset)) as Thresholds | undefined, names, codes),
    // What franc says of the others is no share of a probability, so nothing is a tie.
    useDeclared: parameters.use_declared && parameters.engine !== "franc",
  };
}

/** The recipe's own thresholds win over the model's; those by language over the one for all. */
function thresholdsOf(
  { min_confidence, thresholds }: LanguageParameters,
  shipped: Thresholds | undefined,
  names: readonly string[],
  codes: Codes,
): (label: string) => number {
  const byLabel = new Map(min_confidence === null ? Object.entries(shipped?.labels ?? {}) : []);
  for (const [entry, least] of Object.entries(thresholds)) {
    const named = matcher([entry], names, codes);
    for (const name of names) if (named(name)) byLabel.set(name, least);
  }
  const everywhere = min_confidence ?? shipped?.min_confidence ?? 0;
  return (label) => byLabel.get(label) ?? everywhere;
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
