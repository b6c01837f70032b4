/** Finds a filter by its name in a recipe, or loads one of the user's own by its path. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { sha256 } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { consent } from "./consent/index.js";
import { duplicates } from "./duplicates/index.js";
import type { AnyFilter } from "./filter.js";
import { language } from "./language/index.js";
import { pii } from "./pii/index.js";
import { quality } from "./quality/index.js";
import { signals } from "./signals/index.js";
import { toxicity } from "./toxicity/index.js";

/** In the order in which a recipe usually lists them: the cheapest decision first. */
export const builtInFilters = [consent, signals, language, quality, toxicity, duplicates, pii] as readonly AnyFilter[];

/** The stages whose drops are an owner's wish. */
export const optOutStages: readonly string[] = builtInFilters
  .filter((filter) => filter.kind === "document" && filter.optOut === true)
  .map(({ name }) => name);

/**
 * A filter by name, or from the module at `path`. The module's digest becomes part of each unit's identity, so that an edited
 * filter is never taken for the one that ran before.
 */
export async function loadFilter(
  name: string,
  path?: string,
): Promise<{ readonly filter: AnyFilter; readonly digest: string | null }> {
  if (path === undefined) {
    const filter = builtInFilters.find((entry) => entry.name === name);
    if (filter === undefined) {
      throw new DataError("FILTER_NOT_FOUND", { detail: `${name}; there are ${builtInFilters.map((f) => f.name).join(", ")}` });
    }
    return { filter, digest: null };
  }
  let module: { default?: unknown };
  let digest: string;
  try {
    digest = sha256(readFileSync(path));
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    throw new DataError("FILTER_NOT_FOUND", { file: path, detail: cause instanceof Error ? cause.message : "", cause });
  }
  const filter = module.default;
  if (!isFilter(filter)) throw new DataError("FILTER_BROKEN", { file: path, detail: "its default export is not a filter" });
  return { filter, digest };
}

function isFilter(value: unknown): value is AnyFilter {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, version, parameters, needs, rules } = value as Partial<AnyFilter>;
  return (
    (kind === "document" || kind === "corpus") &&
    typeof name === "string" &&
    typeof version === "number" &&
    typeof parameters === "object" &&
    Array.isArray(needs) &&
    typeof rules === "object"
  );
}
