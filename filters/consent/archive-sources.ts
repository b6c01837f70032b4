/**
 * Makes the robots archive that a recipe asks for, or finds it made: its name holds the digest of what it is made from, which is
 * the format and, of each file, its name, its size and its SHA-256.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, digestOf, hashFile } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type FileFormat, type FoundFile, findFiles, formatOf } from "../../formats/index.js";
import type { Asset, PrepareContext } from "../filter.js";
import { RobotsArchive } from "./archive.js";
import { archiveVersion } from "./archive-layout.js";
import { writeArchive } from "./archive-writer.js";
import type { RobotsCapture } from "./capture.js";
import { tableCapturesOf } from "./table-captures.js";
import { robotsCapturesOf, type WarcTally } from "./warc-captures.js";

/** Raised whenever the same files may give other captures. */
const readerVersion = 1;

/** Which file of each site an archive holds. */
export interface SiteFile {
  /** e.g. "robots": the archive's asset is `robots-archive`. */
  readonly name: string;
  /** e.g. "/robots.txt". */
  readonly path: string;
}

export const robotsTxt: SiteFile = { name: "robots", path: "/robots.txt" };

/** A file; its path on this machine stays out of the archive. */
interface Source extends FoundFile {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * @param patterns paths or patterns of WARC files and tables, relative to the recipe's folder
 * @param acceptDamaged whether captures behind a damaged place may be missing: pages of their sites are then kept
 * @throws DataError INPUT_NOT_FOUND, ROBOTS_WARC_DAMAGED, and what reading the files throws
 */
export async function prepareArchive(
  patterns: readonly string[],
  context: PrepareContext,
  acceptDamaged: boolean,
  siteFile = robotsTxt,
): Promise<Asset> {
  const found = await findSources(patterns, context.baseFolder, siteFile);
  const sources = found.map(({ path: _path, ...source }) => source);
  const name = digestOf({ archive: archiveVersion, reader: readerVersion, sources: canonicalJson(sources) });
  const path = join(context.assetFolder, `${siteFile.name}-${name.slice(0, 32)}.archive`);
  if (!existsSync(path)) {
    const tally: WarcTally = { records: 0, faults: 0, unreadable: 0 };
    await writeArchive(path, capturesOf(found, tally, siteFile), () => ({ sources, reading: tally }));
  }
  // Read back whether it was made now or found: what the run relies on is what lies on the disk.
  const archive = new RobotsArchive(path);
  try {
    const about = archive.about() as { readonly reading?: WarcTally };
    const first = about.reading?.first === undefined ? "" : `; ${about.reading.first}`;
    if ((about.reading?.faults ?? 0) > 0 && !acceptDamaged) {
      throw new DataError("ROBOTS_WARC_DAMAGED", {
        file: patterns.join(", "),
        detail: `${about.reading?.faults} places or rows in ${sources.length} files could not be read${first}`,
      });
    }
    const hash = createHash("sha256");
    hashFile(path, hash);
    return { name: `${siteFile.name}-archive`, path, sha256: hash.digest("hex"), provenance: archive.about() };
  } finally {
    archive.close();
  }
}

async function* capturesOf(sources: readonly Source[], tally: WarcTally, wanted: SiteFile): AsyncGenerator<RobotsCapture> {
  for (const { path, file } of sources) {
    const format = formatOfCaptures(path);
    yield* format === "warc"
      ? robotsCapturesOf(path, file, tally, wanted.path)
      : tableCapturesOf(path, file, format, tally, wanted.path);
  }
}

/** What shows no format is read as WARC, which says where it is damaged. */
function formatOfCaptures(path: string): "warc" | "parquet" | "jsonl" {
  let format: FileFormat;
  try {
    format = formatOf(path);
  } catch (error) {
    if (error instanceof DataError && error.code === "INPUT_FORMAT_UNKNOWN") return "warc";
    throw error;
  }
  if (format !== "arrow") return format;
  throw new DataError("INPUT_FORMAT_UNKNOWN", {
    file: path,
    detail: "an Arrow file",
    mend: "give captures of robots.txt as WARC, Parquet or JSON lines",
  });
}

/** Sorted, each once. */
async function findSources(
  patterns: readonly string[],
  baseFolder: string,
  { path: wanted }: SiteFile,
): Promise<readonly Source[]> {
  const found = new Map<string, Source>();
  for (const pattern of patterns) {
    const files = await findFiles(pattern, baseFolder);
    if (files.length === 0) {
      throw new DataError("INPUT_NOT_FOUND", { file: pattern, detail: `no file of ${wanted.slice(1)} captures is there` });
    }
    for (const { path, file } of files) {
      const hash = createHash("sha256");
      const bytes = hashFile(path, hash);
      found.set(path, { path, file, bytes, sha256: hash.digest("hex") });
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
