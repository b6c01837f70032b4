/**
 * Units of work and their identities. An identity is a digest over everything that the unit's output depends on and over nothing
 * else: stages with parameters, versions and asset digests; the slice of the input; the input's SHA-256. Paths, worker
 * counts and the list of other inputs are not in it, so adding one file redoes one file, and a changed recipe is never skipped.
 */
import { digestOf, formatVersion } from "../corpus/index.js";
import { type CompiledRecipe, type Segment, stageIdentity } from "./compile.js";
import type { InputFile } from "./inputs.js";

/** A slice of an input file: `start` and `end` are bytes or rows of it. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

export interface ReadUnit {
  readonly id: string;
  readonly input: InputFile;
  readonly slice: Slice;
  readonly extent: "bytes" | "row";
  /** SHA-256 of the whole input file. */
  readonly sha256: string;
}

export function readUnit(
  recipe: CompiledRecipe,
  input: InputFile,
  extent: "bytes" | "row",
  slice: Slice,
  sha256: string,
): ReadUnit {
  const { file, format, source, columns } = input;
  const id = digestOf({
    phase: "read",
    format_version: formatVersion,
    segment: segmentIdentity(recipe.segments[0]),
    text_from: recipe.textFrom,
    text: keepsText(recipe),
    limits: recipe.loaded.recipe.limits.record_bytes,
    input: { file, format, source, columns, sha256, extent, slice },
  });
  return { id: short(id), input, slice, extent, sha256 };
}

/** The unit of a later segment: the same documents, behind one more barrier. */
export function refineId(segment: Segment, upstream: string, sliceSha256: string | null): string {
  return short(
    digestOf({
      phase: "refine",
      format_version: formatVersion,
      segment: segmentIdentity(segment),
      upstream,
      slice: sliceSha256,
    }),
  );
}

export function clusterId(segment: Segment, signatures: readonly { unit: string; sha256: string }[]): string {
  return short(
    digestOf({
      phase: "cluster",
      format_version: formatVersion,
      barrier: segment.barrier === undefined ? null : stageIdentity(segment.barrier),
      signatures,
    }),
  );
}

/** Text is written where it is to be kept, and where a later segment needs it. */
export function keepsText(recipe: CompiledRecipe): boolean {
  const readsText = recipe.order.some((stage) => stage.kind === "extract");
  return readsText && (recipe.segments.length > 1 || recipe.loaded.recipe.storage.text === "keep");
}

function segmentIdentity(segment: Segment | undefined): unknown {
  if (segment === undefined) return null;
  const { stages, barrier } = segment;
  return { stages: stages.map(stageIdentity), signs: barrier === undefined ? null : stageIdentity(barrier) };
}

/** 128 bits are enough for a name that nobody attacks; digests of content stay whole. */
function short(digest: string): string {
  return digest.slice(0, 32);
}
