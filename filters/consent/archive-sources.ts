/**
 * Makes the robots archive that a recipe asks for, or finds it made: its name holds the digest of what it is made from, which is
 * the format and, of each WARC file, its name, its size and the SHA-256 of its first and last MiB.
 */
import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { escapePath, glob, isDynamicPattern } from "tinyglobby";
import { canonicalJson, digestOf, hashFile } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { Asset, PrepareContext } from "../filter.js";
import { RobotsArchive } from "./archive.js";
import { archiveVersion } from "./archive-layout.js";
import { writeArchive } from "./archive-writer.js";
import type { RobotsCapture } from "./capture.js";
import { robotsCapturesOf, type WarcTally } from "./warc-captures.js";

/** Raised whenever the same WARC files may give other captures. */
const readerVersion = 1;

interface Source {
  /** Relative to the recipe's folder, with slashes. */
  readonly file: string;
  readonly bytes: number;
  readonly first: string;
  readonly last: string;
}

/**
 * @param patterns paths or patterns of WARC files, relative to the recipe's folder
 * @throws DataError INPUT_NOT_FOUND, and what reading the WARC files throws
 */
export async function prepareArchive(patterns: readonly string[], context: PrepareContext): Promise<Asset> {
  const sources = (await findFiles(patterns, context.baseFolder)).map((path) => sourceOf(path, context.baseFolder));
  const name = digestOf({ archive: archiveVersion, reader: readerVersion, sources: canonicalJson(sources) });
  const path = join(context.assetFolder, `robots-${name.slice(0, 32)}.archive`);
  if (!existsSync(path)) {
    const tally: WarcTally = { records: 0, faults: 0, unreadable: 0 };
    await writeArchive(path, capturesOf(sources, context.baseFolder, tally), () => ({ sources, reading: tally }));
  }
  // Read back whether it was made now or found: what the run relies on is what lies on the disk.
  const archive = new RobotsArchive(path);
  try {
    const hash = createHash("sha256");
    hashFile(path, hash);
    return { name: "robots-archive", path, sha256: hash.digest("hex"), provenance: archive.about() };
  } finally {
    archive.close();
  }
}

async function* capturesOf(sources: readonly Source[], baseFolder: string, tally: WarcTally): AsyncGenerator<RobotsCapture> {
  for (const { file } of sources) yield* robotsCapturesOf(resolve(baseFolder, file), file, tally);
}

/** Sorted, each once. */
async function findFiles(patterns: readonly string[], baseFolder: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const paths = isDynamicPattern(pattern)
      ? await glob(isAbsolute(pattern) ? pattern : `${escapePath(baseFolder)}/${pattern}`, { absolute: true, onlyFiles: true })
      : [resolve(baseFolder, pattern)].filter((path) => existsSync(path));
    if (paths.length === 0) {
      throw new DataError("INPUT_NOT_FOUND", { file: pattern, detail: "the consent filter's `robots` names no file by it" });
    }
    for (const path of paths) found.add(resolve(path));
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const edge = 1 << 20;

function sourceOf(path: string, baseFolder: string): Source {
  const handle = openSync(path, "r");
  try {
    const { size } = fstatSync(handle);
    const digest = (at: number): string => {
      const bytes = Buffer.alloc(Math.min(edge, size));
      return createHash("sha256")
        .update(bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, at)))
        .digest("hex");
    };
    const file = relative(baseFolder, path).split(sep).join("/");
    return { file, bytes: size, first: digest(0), last: digest(Math.max(0, size - edge)) };
  } finally {
    closeSync(handle);
  }
}
