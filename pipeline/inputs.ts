/** Finds the files that a recipe's inputs name, tells their formats by content, and fingerprints them cheaply. */
import { statSync } from "node:fs";
import { codeOf } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type FileFormat, type Fingerprint, findFiles, fingerprintOf, formatOf, sniffFormat } from "../formats/index.js";
import type { LoadedRecipe, RecipeInput } from "./recipe.js";

export type InputFormat = FileFormat;

export interface InputFile {
  readonly path: string;
  /** Relative to the input's root: the part of the pattern before its first wildcard. Stands in locators. */
  readonly file: string;
  readonly format: FileFormat;
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

/** A format that the recipe names is believed unless the content says that it is another. */
function checkedFormat(path: string, named: FileFormat): FileFormat {
  const { format } = sniffFormat(path);
  if (format === undefined || format === named) return named;
  throw new DataError("INPUT_FORMAT_WRONG", { file: path, detail: `the recipe says ${named}, its beginning ${format}` });
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new DataError("INPUT_UNREADABLE", { file: path, detail: codeOf(cause), cause });
  }
}
