/**
 * A recipe, compiled: stages checked against each other and cut into segments by barriers. A segment is what one phase does in a
 * single pass over its units; a filter that needs the whole corpus ends a segment.
 */
import { resolve } from "node:path";
import { captureColumns, digestOf, documentColumns } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type AnyFilter, type Asset, type CorpusFilter, type Filter, loadFilter } from "../filters/index.js";
import { extraction } from "./extraction/index.js";
import { invalid, type LoadedRecipe, type StageRequest, stageRequests } from "./recipe.js";
import { prepareTokenizer, tokenizeParameters } from "./tokenize.js";

interface StageBase {
  /** Its name in counts, ledger and manifest. */
  readonly name: string;
  readonly version: number;
  readonly parameters: unknown;
  /** The parameters without what differs between machines. */
  readonly portable: unknown;
  readonly assets: readonly Asset[];
  /** SHA-256 of the user's own module. */
  readonly module: string | null;
}

export type Stage =
  | (StageBase & { readonly kind: "filter"; readonly filter: Filter<unknown>; readonly path?: string })
  | (StageBase & { readonly kind: "extract" })
  | (StageBase & {
      readonly kind: "tokenize";
      /** The token of each kind of redaction that there is one for. */
      readonly placeholders: ReadonlyMap<string, number>;
    });

export type Barrier = StageBase & { readonly kind: "barrier"; readonly filter: CorpusFilter<unknown>; readonly path?: string };

export interface Segment {
  readonly index: number;
  readonly stages: readonly Stage[];
  /** What stands at its end; undefined for the last segment. */
  readonly barrier?: Barrier;
}

export interface CompiledRecipe {
  readonly loaded: LoadedRecipe;
  readonly segments: readonly Segment[];
  /** Every stage and barrier in the recipe's order. */
  readonly order: readonly (Stage | Barrier)[];
  /** Index in segment 0 of the stage before which the text is kept: behind extraction and the last opt-out stage. */
  readonly textFrom: number;
}

/** What makes a stage's output what it is; part of each unit's identity and of the manifest. */
export function stageIdentity(stage: Stage | Barrier): unknown {
  const { name, version, portable, assets, module } = stage;
  return {
    name,
    version,
    parameters: portable,
    module,
    assets: assets.map((asset) => ({ name: asset.name, sha256: asset.sha256 })),
  };
}

export function stagesDigest(recipe: CompiledRecipe): string {
  return digestOf(recipe.order.map(stageIdentity));
}

/**
 * @param assetFolder where filters prepare their assets; undefined where they need not be made, as for `plan`
 * @param prepared assets by stage index that another process prepared already
 */
export async function compile(
  loaded: LoadedRecipe,
  assetFolder: string | undefined,
  prepared?: readonly (readonly Asset[])[],
): Promise<CompiledRecipe> {
  const order: (Stage | Barrier)[] = [];
  for (const request of stageRequests(loaded.recipe)) {
    order.push(await compileStage(loaded, request, assetFolder, prepared?.[request.index]));
  }
  checkOrder(loaded, order);
  const segments: Segment[] = [];
  let stages: Stage[] = [];
  for (const stage of order) {
    if (stage.kind === "barrier") {
      segments.push({ index: segments.length, stages, barrier: stage });
      stages = [];
    } else stages.push(stage);
  }
  segments.push({ index: segments.length, stages });
  return { loaded, segments, order, textFrom: textPlace(segments[0]?.stages ?? []) };
}

async function compileStage(
  loaded: LoadedRecipe,
  request: StageRequest,
  assetFolder: string | undefined,
  prepared: readonly Asset[] | undefined,
): Promise<Stage | Barrier> {
  const place = ["stages", request.index, ...(request.path === undefined ? [request.name] : ["parameters"])];
  const parse = (schema: Filter["parameters"], written = request.parameters): unknown => {
    const result = schema.safeParse(written);
    if (!result.success) throw invalid(loaded.path, result.error, loaded.lineOf, place);
    return result.data;
  };
  if (request.path === undefined && request.name === "extract") {
    const parameters = parse(extraction.parameters);
    const { version } = extraction;
    return { kind: "extract", name: "extract", version, parameters, portable: parameters, assets: [], module: null };
  }
  if (request.path === undefined && request.name === "tokenize") {
    const parameters = parse(tokenizeParameters);
    const { portable, assets, tokenizer } = await prepareTokenizer(parameters, loaded.baseFolder, assetFolder, prepared);
    const { placeholders } = tokenizer.special;
    return { kind: "tokenize", name: "tokenize", version: 1, parameters, portable, assets, module: null, placeholders };
  }
  const path = request.path === undefined ? undefined : resolve(loaded.baseFolder, request.path);
  const { filter, digest } = await loadFilterAt(loaded, request, path);
  const written = filter.kind === "document" ? filter.resolve?.(request.parameters, loaded.baseFolder) : undefined;
  const parameters = parse(filter.parameters, written);
  const base = {
    name: filter.name,
    version: filter.version,
    parameters,
    portable: filter.kind === "document" ? (filter.portable?.(parameters) ?? parameters) : parameters,
    module: digest,
    ...(path === undefined ? {} : { path }),
  };
  if (filter.kind === "corpus") return { kind: "barrier", filter, ...base, assets: [] };
  const assets =
    prepared ??
    (assetFolder === undefined ? [] : await filter.prepare(parameters, { baseFolder: loaded.baseFolder, assetFolder }));
  return { kind: "filter", filter, ...base, assets };
}

async function loadFilterAt(
  loaded: LoadedRecipe,
  request: StageRequest,
  path: string | undefined,
): Promise<{ filter: AnyFilter; digest: string | null }> {
  try {
    return await loadFilter(request.name, path);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const line = loaded.lineOf(["stages", request.index]);
    throw new DataError(error.code, {
      ...error.site,
      file: error.site.file ?? loaded.path,
      ...(line === undefined ? {} : { record: `line ${line}` }),
    });
  }
}

/** Refuses an order that cannot work: columns read before they exist, two stages of one name, tokenize not at the end. */
function checkOrder(loaded: LoadedRecipe, order: readonly (Stage | Barrier)[]): void {
  const refuse = (index: number, detail: string): never => {
    const line = loaded.lineOf(["stages", index]);
    throw new DataError("RECIPE_INVALID", { file: loaded.path, record: line === undefined ? "" : `line ${line}`, detail });
  };
  const names = new Set<string>();
  // Before `extract`, a web capture and a text have only these columns in common with what a filter may see.
  const known = new Set<string>(Object.keys(captureColumns));
  order.forEach((stage, index) => {
    if (names.has(stage.name)) refuse(index, `two stages are called ${stage.name}`);
    names.add(stage.name);
    if (names.has("tokenize") && stage.kind !== "tokenize")
      refuse(index, `${stage.name} stands behind tokenize, which ends a run`);
    if (stage.kind === "extract") {
      for (const name of ["status", "headers", "media_type", "payload"]) known.delete(name);
      for (const name of [...Object.keys(documentColumns), "head_signals"]) known.add(name);
    }
    if (stage.kind === "tokenize" && !known.has("text"))
      refuse(index, "tokenize needs text, so extract has to stand before it");
    if (stage.kind !== "filter" && stage.kind !== "barrier") return;
    for (const name of stage.filter.needs) {
      if (!known.has(name)) {
        const mend = name in documentColumns ? "put extract before it" : "put the stage that adds it before it";
        refuse(index, `${stage.name} needs the column ${name}, which no stage before it makes: ${mend}`);
      }
    }
    if (stage.kind === "filter") for (const name of Object.keys(stage.filter.adds)) known.add(name);
  });
  const [redaction, tokens] = [order.find(({ name }) => name === "pii"), order.find((stage) => stage.kind === "tokenize")];
  const { kinds = [] } = (redaction?.parameters ?? {}) as { readonly kinds?: readonly string[] };
  for (const kind of tokens?.kind === "tokenize" ? kinds : []) {
    if (tokens?.kind === "tokenize" && !tokens.placeholders.has(kind))
      throw new DataError("PLACEHOLDER_UNKNOWN", { file: loaded.path, detail: kind });
  }
  if (order.some((stage) => stage.kind === "barrier") && !names.has("extract")) {
    refuse(
      order.findIndex((stage) => stage.kind === "barrier"),
      "a barrier needs the text, so extract has to stand before it",
    );
  }
}

function textPlace(stages: readonly Stage[]): number {
  return (
    stages.findLastIndex((stage) => stage.kind === "extract" || (stage.kind === "filter" && stage.filter.optOut === true)) + 1
  );
}
