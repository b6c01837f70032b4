/** Finds the files that a recipe's inputs name, tells their formats by content, and fingerprints them cheaply. */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { escapePath, glob, isDynamicPattern } from "tinyglobby";
import { codeOf } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import type { LoadedRecipe, RecipeInput } from "./recipe.js";

export type InputFormat = "warc" | "parquet" | "jsonl" | "arrow";

/** Enough to see that a file is not the one that was read before: its size and the SHA-256 of its first and last MiB. */
export interface Fingerprint {
  readonly bytes: number;
  readonly first: string;
  readonly last: string;
}

export interface InputFile {
  readonly path: string;
  /** Relative to the input's root: the part of the pattern before its first wildcard. Stands in locators. */
  readonly file: string;
  readonly format: InputFormat;
  readonly source: string;
  readonly columns: RecipeInput["columns"];
  readonly fingerprint: Fingerprint;
  /** When the file was last changed, milliseconds; no part of any identity. */
  readonly changedAt: number;
}

/** All input files in plan order. A file that two patterns find with the same source is read once and reported in `twice`. */
export async function findInputs(
  loaded: LoadedRecipe,
): Promise<{ readonly files: readonly InputFile[]; readonly twice: readonly string[] }> {
  const files: InputFile[] = [];
  const twice: string[] = [];
  const seen = new Set<string>();
  for (const [index, input] of loaded.recipe.inputs.entries()) {
    const { root, paths } = await expand(loaded.baseFolder, input.path);
    if (paths.length === 0) {
      const line = loaded.lineOf(["inputs", index, "path"]);
      throw new DataError("INPUT_NOT_FOUND", {
        file: loaded.path,
        ...(line === undefined ? {} : { record: `line ${line}` }),
        detail: `${input.path} matches no file under ${loaded.baseFolder}`,
      });
    }
    for (const path of paths) {
      const key = `${input.source}\n${path}`;
      if (seen.has(key)) {
        twice.push(path);
        continue;
      }
      seen.add(key);
      const { fingerprint, changedAt, head } = look(path);
      files.push({
        path,
        file: relative(root, path).split(sep).join("/"),
        format: input.format === "auto" ? formatOf(path, head) : input.format,
        source: input.source,
        columns: input.columns,
        fingerprint,
        changedAt,
      });
    }
  }
  return { files, twice };
}

async function expand(baseFolder: string, pattern: string): Promise<{ root: string; paths: readonly string[] }> {
  if (!isDynamicPattern(pattern)) {
    const path = resolve(baseFolder, pattern);
    return { root: dirname(path), paths: exists(path) ? [path] : [] };
  }
  const parts = (isAbsolute(pattern) ? pattern : `${escapePath(baseFolder)}/${pattern}`).split("/");
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => isDynamicPattern(part)),
  );
  const root = resolve(fixed.join("/").replaceAll("\\", "") || "/");
  const paths = await glob(parts.slice(fixed.length).join("/"), { cwd: root, absolute: true, onlyFiles: true, dot: false });
  return { root, paths: paths.map((path) => resolve(path)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) };
}

function exists(path: string): boolean {
  try {
    closeSync(openSync(path, "r"));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw new DataError("INPUT_NOT_FOUND", {
      file: path,
      detail: codeOf(error),
      mend: "check the file's permissions",
      cause: error,
    });
  }
}

const edge = 1 << 20;

function look(path: string): { fingerprint: Fingerprint; changedAt: number; head: Uint8Array } {
  const handle = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(handle);
    const part = (at: number): Uint8Array => {
      const buffer = Buffer.alloc(Math.min(edge, size));
      return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, at));
    };
    const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    const head = part(0);
    const fingerprint = { bytes: size, first: digest(head), last: digest(part(Math.max(0, size - edge))) };
    return { fingerprint, changedAt: mtimeMs, head };
  } finally {
    closeSync(handle);
  }
}

/** Whether a file is still the one that the plan was made with, as far as can be told without reading all of it. */
export function isUnchanged({ path, fingerprint, changedAt }: InputFile): boolean {
  const now = look(path);
  const { bytes, first, last } = now.fingerprint;
  return now.changedAt === changedAt && bytes === fingerprint.bytes && first === fingerprint.first && last === fingerprint.last;
}

/** By magic bytes; what lies inside a compressed file is told by its name. */
function formatOf(path: string, head: Uint8Array): InputFormat {
  const start = Buffer.from(head.subarray(0, 64))
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  const name = basename(path).toLowerCase();
  if (start.startsWith("PAR1")) return "parquet";
  if (start.startsWith("ARROW1") || start.startsWith("\xff\xff\xff\xff")) return "arrow";
  if (/^(WARC\/|filedesc:)/.test(start.trimStart())) return "warc";
  const compressed = start.startsWith("\x1f\x8b") || start.startsWith("\x28\xb5\x2f\xfd");
  if ((compressed || start.length === 0) && /\.(warc|wet|wat|arc)(\.|$)/.test(name)) return "warc";
  if (compressed && /\.(jsonl?|ndjson)\./.test(name)) return "jsonl";
  if (start.trimStart().startsWith("{") || (start.length === 0 && /\.(jsonl?|ndjson)$/.test(name))) return "jsonl";
  throw new DataError("INPUT_FORMAT_UNKNOWN", { file: path });
}
