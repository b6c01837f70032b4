/**
 * The recipe: what a run does, as YAML. Validated before anything is touched; an unknown key or a wrong value is refused with the
 * name, the line and what may stand there. docs/recipe.md is generated from the schemas.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter } from "yaml";
import { z } from "zod";
import { codeOf } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { parseYaml } from "./recipe-yaml.js";

const MiB = 1 << 20;

const input = z.strictObject({
  path: z.string().min(1).describe("A file, or a pattern with * ? ** {a,b}, relative to the recipe's folder."),
  format: z
    .enum(["auto", "warc", "parquet", "jsonl", "arrow"])
    .default("auto")
    .describe("How to read it; `auto` looks at the content. WET files are WARC files with conversion records."),
  source: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .default("web")
    .describe("A name for where the documents come from; it stands in shards, documents and ledger."),
  columns: z
    .strictObject({
      text: z.string().optional().describe("Default: text, content, raw_content."),
      url: z.string().optional().describe("Default: url, metadata.url, metadata.WARC-Target-URI, or an id that is a URL."),
      date: z
        .string()
        .optional()
        .describe(
          "When the text was captured: ISO 8601 (2024-05-31, 2024-05-31T04:27:00Z; UTC where no zone stands), 14 digits, or seconds or milliseconds since 1970. What is none of these is a warning, and the document has no date. Default: date, captured_at, created, timestamp, metadata.WARC-Date.",
        ),
      id: z.string().optional().describe("Default: id, metadata.WARC-Record-ID."),
      language: z.string().optional().describe("The source's own claim of the language. Default: language, metadata.language."),
    })
    .prefault({})
    .describe("For Parquet, JSONL and Arrow: which column, or dotted path, holds what."),
});

const stage = z.union([
  z.string().min(1),
  z.strictObject({
    use: z.string().min(1).describe("Path of a module, relative to the recipe, whose default export is a filter."),
    parameters: z.record(z.string(), z.unknown()).default({}).describe("What the filter's own schema lets stand here."),
  }),
  z
    .record(z.string(), z.record(z.string(), z.unknown()).nullable())
    .refine((value) => Object.keys(value).length === 1, "a stage is a name, or one name with its parameters"),
]);

export const recipeSchema = z.strictObject({
  version: z.literal(1).describe("The version of the recipe's own format."),
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .default("corpus")
    .describe("The corpus' name in the manifest."),
  inputs: z
    .array(input)
    .min(1)
    .describe("What to read, in the order in which shards hold it; files of one pattern are sorted."),
  corpus: z.string().optional().describe("The corpus folder, relative to the recipe; `--corpus` on the command line wins."),
  stages: z
    .array(stage)
    .min(1)
    .describe("What happens to each document, in order. The cheapest decision first is the fastest."),
  units: z
    .strictObject({
      bytes: z
        .int()
        .min(64 * 1024)
        .default(8 * MiB)
        .describe(
          "Size of a unit of work in bytes of input; larger files are cut at record boundaries. Raise it for large corpora.",
        ),
    })
    .prefault({})
    .describe("A unit is what is redone after a crash."),
  shards: z
    .strictObject({
      bytes: z
        .int()
        .min(64 * 1024)
        .default(256_000_000)
        .describe("Size at which a shard is full; it never passes it, unless one batch alone is larger."),
    })
    .prefault({})
    .describe("The files of token ids."),
  storage: z
    .strictObject({
      text: z
        .enum(["keep", "delete"])
        .default("keep")
        .describe(
          "The text of every document that consent let through, in text/: with it, new thresholds never read the web again.",
        ),
      units: z
        .enum(["keep", "delete"])
        .default("keep")
        .describe("The units' own files after the run. With them, one more input redoes one input; without, it redoes all."),
    })
    .prefault({})
    .describe("What stays in the corpus folder when the run is over."),
  limits: z
    .strictObject({
      record_bytes: z
        .int()
        .min(1024)
        .default(64 * MiB)
        .describe("A longer record, line or payload goes to quarantine."),
      quarantine_share: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe("Above this share of documents in quarantine a run ends with exit code 4."),
    })
    .prefault({})
    .describe("Where a run stops trusting its input."),
});

export type Recipe = z.infer<typeof recipeSchema>;
export type RecipeInput = Recipe["inputs"][number];

/** A stage as the recipe names it, in one shape. */
export interface StageRequest {
  readonly name: string;
  /** Path of the user's own module. */
  readonly path?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly index: number;
}

export interface LoadedRecipe {
  readonly recipe: Recipe;
  /** The recipe's path as the user gave it, and what stood there. */
  readonly path: string;
  readonly text: string;
  readonly baseFolder: string;
  /** The line on which a path inside the recipe stands, counted from 1. */
  readonly lineOf: (path: readonly (string | number)[]) => number | undefined;
}

export function loadRecipe(path: string): LoadedRecipe {
  return parseRecipe(recipeText(path), path);
}

export function recipeText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") throw new DataError("RECIPE_NOT_FOUND", { file: path, cause });
    const detail = codeOf(cause) === "EISDIR" ? "it is a folder" : codeOf(cause);
    throw new DataError("RECIPE_INVALID", { file: path, detail, mend: "give the path of a YAML file that can be read", cause });
  }
}

export function parseRecipe(text: string, path: string): LoadedRecipe {
  const { value, lineOf } = parseWith(recipeSchema, text, path);
  return { recipe: value, path, text, baseFolder: dirname(resolve(path)), lineOf };
}

/** YAML that a schema describes. Throws RECIPE_INVALID. */
export function parseWith<T>(
  schema: z.ZodType<T>,
  text: string,
  path: string,
): { readonly value: T; readonly lineOf: LoadedRecipe["lineOf"] } {
  const lines = new LineCounter();
  const { document, value } = parseYaml(text, path, lines);
  const lineOf: LoadedRecipe["lineOf"] = (at: readonly (string | number)[]): number | undefined => {
    for (let depth = at.length; depth >= 0; depth--) {
      const node: unknown = depth === 0 ? document.contents : document.getIn(at.slice(0, depth), true);
      if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
        return lines.linePos(Number(node.range[0])).line;
      }
    }
    return undefined;
  };
  const result = schema.safeParse(value, { reportInput: true });
  if (!result.success) throw invalid(path, result.error, lineOf);
  return { value: result.data, lineOf };
}

/** The first things wrong with a value, each with its place, as one coded error. */
export function invalid(
  path: string,
  error: z.ZodError,
  lineOf: LoadedRecipe["lineOf"],
  prefix: readonly (string | number)[] = [],
): DataError {
  const [first] = error.issues;
  const describe = (issue: z.core.$ZodIssue): string => {
    const at = [...prefix, ...(issue.path as (string | number)[])];
    const place = at.length === 0 ? "" : `${at.join(".")}: `;
    if ("input" in issue && issue.input === undefined) return `${at.join(".")} is missing`;
    if (issue.code === "invalid_union" && at[0] === "stages")
      return `${place}a stage is a name, one name with its parameters indented below it, or \`use:\` with a path`;
    if (issue.code === "unrecognized_keys") return `${place}unknown key ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    return `${place}${issue.message}`;
  };
  const at = [...prefix, ...((first?.path ?? []) as (string | number)[])];
  const key = first?.code === "unrecognized_keys" ? first.keys[0] : undefined;
  return new DataError("RECIPE_INVALID", {
    file: path,
    record: lineText(lineOf(key === undefined ? at : [...at, key])),
    detail: error.issues.slice(0, 3).map(describe).join("; "),
  });
}

function lineText(line: number | undefined): string {
  return line === undefined ? "line unknown" : `line ${line}`;
}

export function stageRequests(recipe: Recipe): readonly StageRequest[] {
  return recipe.stages.map((entry, index): StageRequest => {
    if (typeof entry === "string") return { name: entry, parameters: {}, index };
    if ("use" in entry && typeof entry.use === "string") {
      return { name: entry.use, path: entry.use, parameters: (entry.parameters ?? {}) as Record<string, unknown>, index };
    }
    const [name, parameters] = Object.entries(entry)[0] ?? ["", null];
    return { name, parameters: (parameters ?? {}) as Record<string, unknown>, index };
  });
}
