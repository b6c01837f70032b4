/** Finds the files that a recipe's inputs name, tells their formats by content, and fingerprints them cheaply. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { codeOf } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type Fingerprint, findFiles, fingerprintOf } from "../formats/index.js";
import type { LoadedRecipe, RecipeInput } from "./recipe.js";

export type InputFormat = "warc" | "parquet" | "jsonl" | "arrow";

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
    const found = await findFiles(input.path, loaded.baseFolder);
    if (found.length === 0) {
      const line = loaded.lineOf(["inputs", index, "path"]);
      throw new DataError("INPUT_NOT_FOUND", {
        file: loaded.path,
        ...(line === undefined ? {} : { record: `line ${line}` }),
        detail: `${input.path} matches no file under ${loaded.baseFolder}`,
      });
    }
    for (const { path, file } of found) {
      const key = `${input.source}\n${path}`;
      if (seen.has(key)) {
        twice.push(path);
        continue;
      }
      seen.add(key);
      const fingerprint = readable(path, () => fingerprintOf(path));
      const changedAt = readable(path, () => statSync(path).mtimeMs);
      files.push({
        path,
        file,
        format: input.format === "auto" ? formatOf(path) : checkedFormat(path, input.format),
        source: input.source,
        columns: input.columns,
        fingerprint,
        changedAt,
      });
    }
  }
  return { files, twice };
}

/** Whether a file is still the one that the plan was made with, as far as can be told without reading all of it. */
export function isUnchanged({ path, fingerprint, changedAt }: InputFile): boolean {
  const { bytes, first, last } = fingerprintOf(path);
  const same = bytes === fingerprint.bytes && first === fingerprint.first && last === fingerprint.last;
  return same && statSync(path).mtimeMs === changedAt;
}

/** By magic bytes; what lies inside a compressed file, and what a file with a damaged beginning was, is told by its name. */
function formatOf(path: string): InputFormat {
  const { format, compressed } = sniff(path);
  if (format !== undefined) return format;
  const name = basename(path).toLowerCase();
  if (/\.(warc|wet|wat|arc)(\.|$)/.test(name)) return "warc";
  if (/\.(jsonl?|ndjson)(\.|$)/.test(name)) return "jsonl";
  if (!compressed && name.endsWith(".parquet")) return "parquet";
  if (!compressed && /\.(arrows?|feather)$/.test(name)) return "arrow";
  throw new DataError("INPUT_FORMAT_UNKNOWN", { file: path });
}

/** A format that the recipe names is believed unless the content says that it is another. */
function checkedFormat(path: string, named: InputFormat): InputFormat {
  const { format } = sniff(path);
  if (format === undefined || format === named) return named;
  throw new DataError("INPUT_FORMAT_WRONG", { file: path, detail: `the recipe says ${named}, its beginning ${format}` });
}

/** What the first bytes tell, of a gzip file those inside. */
function sniff(path: string): { readonly format: InputFormat | undefined; readonly compressed: boolean } {
  const head = headOf(path);
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const compressed = gzip || head.readUInt32LE(0) === 0xfd2fb528;
  const start = (gzip ? inflated(head) : head).toString("latin1").replace(/^\xef\xbb\xbf/, "");
  if (/^(WARC\/|filedesc:)/.test(start.trimStart())) return { format: "warc", compressed };
  if (start.trimStart().startsWith("{")) return { format: "jsonl", compressed };
  if (!compressed && start.startsWith("PAR1")) return { format: "parquet", compressed };
  if (!compressed && /^(ARROW1|\xff{4})/.test(start)) return { format: "arrow", compressed };
  return { format: undefined, compressed };
}

/** As much as the beginning of a gzip member gives; nothing where it is damaged. */
function inflated(head: Uint8Array): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 20 });
  } catch {
    return Buffer.alloc(0);
  }
}

function headOf(path: string): Buffer {
  const handle = openSync(path, "r");
  try {
    const head = Buffer.alloc(512);
    return head.subarray(0, Math.max(4, readSync(handle, head, 0, head.length, 0)));
  } finally {
    closeSync(handle);
  }
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new DataError("INPUT_UNREADABLE", { file: path, detail: codeOf(cause), cause });
  }
}
