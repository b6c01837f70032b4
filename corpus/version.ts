/**
 * Versions: what is in a corpus now, without ever editing a shard. Version 0 is the corpus as the run left it. A later version
 * names its parent, the rows that it takes away (one roaring bitmap a shard, in the portable RoaringFormatSpec serialisation, of
 * row numbers counted from 0 in that shard) and why. Bitmaps are cumulative: a version's bitmap holds its parent's rows too, so
 * a reader opens one file a shard. Each version has a digest of what it says and names its parent's, so that none can be changed, and
 * no row that was taken away come back, without being noticed.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { RoaringBitmap32, roaringLibraryInitialize } from "roaring-wasm";
import { z } from "zod";
import { DataError } from "../errors/index.js";
import { canonicalJson, digestOf } from "./canonical.js";
import { type CommittedFile, createExclusive, hashFile } from "./commit.js";
import { codeOf, disk } from "./disk.js";
import type { CorpusFolder } from "./layout.js";
import type { Manifest } from "./manifest.js";

export interface Version {
  readonly format_version: 1;
  readonly version: number;
  readonly parent: number | null;
  /** Digest of the manifest's shard list: a version belongs to these shards and to no others. */
  readonly shards_digest: string;
  /** ISO 8601; null for version 0, which is a pure function of the recipe. */
  readonly created_at: string | null;
  readonly deletions: readonly Deletion[];
  /** Shards that the version adds, by path; none so far. */
  readonly added: readonly string[];
  /** Why, for people and reports: e.g. {"rule": "robots-disallow", "documents": 12}. */
  readonly reasons: readonly Readonly<Record<string, unknown>>[];
  /**
   * What was decided on each document that this version itself takes away: ledger, evidence and captured bytes, with the columns of
   * the corpus's own tables, and in the ledger `shard` and `row` beside them. Empty where the version says no more than its reasons.
   */
  readonly tables: VersionTables;
  /** Digest of the parent; null for version 0. */
  readonly parent_digest: string | null;
  /** SHA-256 of the canonical JSON of everything else in it. */
  readonly digest: string;
}

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const file = z.object({ name: z.string(), path: z.string(), bytes: z.number(), rows: z.number(), sha256: hex64 });
const versionFile = z.strictObject({
  format_version: z.literal(1),
  version: z.number(),
  parent: z.number().nullable(),
  shards_digest: hex64,
  created_at: z.string().nullable(),
  deletions: z.array(z.strictObject({ shard: z.string(), rows: z.number(), bitmap: z.string(), sha256: hex64 })),
  added: z.array(z.string()),
  reasons: z.array(z.record(z.string(), z.unknown())),
  tables: z.strictObject({
    ledger: z.array(file).optional(),
    evidence: z.array(file).optional(),
    blobs: z.array(file).optional(),
  }),
  parent_digest: hex64.nullable(),
  digest: hex64,
});

export type VersionTableName = "ledger" | "evidence" | "blobs";
export type VersionTables = Readonly<Partial<Record<VersionTableName, readonly CommittedFile[]>>>;

export interface Deletion {
  readonly shard: string;
  /** Rows of this shard that are taken away, the parent's included. */
  readonly rows: number;
  /** Path of the bitmap, relative to the corpus folder. */
  readonly bitmap: string;
  readonly sha256: string;
}

export function shardsDigest(manifest: Manifest): string {
  return createHash("sha256")
    .update(canonicalJson(manifest.shards.map(({ path, sha256, rows }) => ({ path, sha256, rows }))))
    .digest("hex");
}

export function listVersions(corpus: CorpusFolder): readonly number[] {
  let names: string[];
  try {
    names = readdirSync(corpus.resolve("versions"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  return names
    .map((name) => /^(\d{6})\.json$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * A version by number, or the newest.
 * @throws DataError VERSION_NOT_FOUND; CORPUS_DAMAGED where it, or one before it, is missing or is not what was written
 */
export function readVersion(corpus: CorpusFolder, number?: number): Version {
  const numbers = listVersions(corpus);
  const wanted = number ?? numbers.at(-1);
  if (wanted === undefined) throw new DataError("VERSION_NOT_FOUND", { file: corpus.root });
  // Which documents are out, and why, is told by the versions before too.
  const hole = numbers.findIndex((found, index) => found !== index && index <= wanted);
  if (hole >= 0 && numbers.includes(wanted)) throw damaged(corpus.version(hole), "missing");
  const path = corpus.version(wanted);
  let version: Version;
  try {
    version = versionFile.parse(JSON.parse(readFileSync(path, "utf8"))) as Version;
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") throw new DataError("VERSION_NOT_FOUND", { file: path, cause });
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    throw damaged(
      path,
      issue === undefined ? (cause instanceof Error ? cause.message : "") : `${issue.path.join(".")}: ${issue.message}`,
      cause,
    );
  }
  const parent = wanted === 0 ? null : wanted - 1;
  if (version.version !== wanted || version.parent !== parent) throw damaged(path, "it is not this version");
  if (version.digest !== versionDigest(version)) throw damaged(path, "it was changed: its digest differs");
  if (parent === null && version.deletions.length > 0) throw damaged(path, "version 0 takes nothing away");
  return version;
}

/**
 * A version of these shards, as readers open it.
 * @throws DataError as readVersion; CORPUS_DAMAGED where the version is of other shards
 */
export function openVersion(corpus: CorpusFolder, manifest: Manifest, number?: number): Version {
  const version = readVersion(corpus, number);
  const path = corpus.version(version.version);
  if (version.shards_digest !== shardsDigest(manifest)) throw damaged(path, "it belongs to other shards");
  const rows = new Map(manifest.shards.map((shard) => [shard.path, shard.rows]));
  for (const deletion of version.deletions) {
    if (!(deletion.rows <= (rows.get(deletion.shard) ?? -1))) throw damaged(path, `${deletion.rows} rows of ${deletion.shard}`);
  }
  return version;
}

/** The version before; undefined for version 0. @throws DataError as readVersion */
export function parentOf(corpus: CorpusFolder, version: Version): Version | undefined {
  if (version.parent === null) return undefined;
  const parent = readVersion(corpus, version.parent);
  if (parent.digest !== version.parent_digest)
    throw damaged(corpus.version(parent.version), "it is not the one that was built on");
  return parent;
}

function damaged(file: string, detail: string, cause?: unknown): DataError {
  const mend = "put the file back from a copy: a run cannot make it anew";
  return new DataError("CORPUS_DAMAGED", { file, detail, mend, ...(cause === undefined ? {} : { cause }) });
}

function versionDigest({ digest: _digest, ...said }: Version): string {
  return digestOf(said);
}

function sealed(said: Omit<Version, "digest">): Version {
  return { ...said, digest: digestOf(said) };
}

/** Version 0: all rows. The same bytes whoever writes it, so a version 0 that is there already must be this one. */
export function writeFirstVersion(corpus: CorpusFolder, manifest: Manifest): void {
  const version = sealed({
    format_version: 1,
    version: 0,
    parent: null,
    shards_digest: shardsDigest(manifest),
    created_at: null,
    deletions: [],
    added: [],
    reasons: [],
    tables: {},
    parent_digest: null,
  });
  if (createExclusive(corpus.version(0), serialise(version))) return;
  if (isVersionOf(corpus, version.shards_digest)) return;
  if (listVersions(corpus).length > 1) {
    throw new DataError("VERSIONS_IN_THE_WAY", { file: corpus.resolve("versions") });
  }
  disk.remove(corpus.version(0));
  createExclusive(corpus.version(0), serialise(version));
}

/** Whether version 0 is whole and of these shards. Alone it is made anew; later versions rest on it, so then it is an error. */
function isVersionOf(corpus: CorpusFolder, digest: string): boolean {
  try {
    return readVersion(corpus, 0).shards_digest === digest;
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "CORPUS_DAMAGED" || listVersions(corpus).length > 1) throw error;
    return false;
  }
}

/**
 * Adds a version that takes the given rows away, by shard path, on top of the newest. Exclusive: of two writers that start from
 * the same parent one fails with VERSION_RACE and must decide again on the new parent.
 */
export async function writeDeletions(
  corpus: CorpusFolder,
  manifest: Manifest,
  rowsByShard: ReadonlyMap<string, Iterable<number>>,
  reasons: Version["reasons"],
  createdAt: Date,
  tables: (number: number) => VersionTables = () => ({}),
): Promise<Version> {
  await roaringLibraryInitialize();
  const parent = openVersion(corpus, manifest);
  const number = parent.version + 1;
  const deletions: Deletion[] = [];
  for (const shard of manifest.shards) {
    const inherited = parent.deletions.find((deletion) => deletion.shard === shard.path);
    const bitmap = inherited === undefined ? new RoaringBitmap32() : readBitmap(corpus, inherited);
    bitmap.addMany(rowsByShard.get(shard.path) ?? []);
    if (bitmap.size > 0) {
      if (bitmap.maximum() >= shard.rows) {
        throw new DataError("INTERNAL", { file: shard.path, detail: `row ${bitmap.maximum()} of ${shard.rows}` });
      }
      bitmap.runOptimize();
      const bytes = Buffer.from(bitmap.serialize("portable"));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const path = `versions/${String(number).padStart(6, "0")}/${sha256}.roaring`;
      createExclusive(corpus.resolve(path), bytes);
      deletions.push({ shard: shard.path, rows: bitmap.size, bitmap: path, sha256 });
    }
    bitmap.dispose();
  }
  const version = sealed({
    format_version: 1,
    version: number,
    parent: parent.version,
    shards_digest: shardsDigest(manifest),
    created_at: createdAt.toISOString(),
    deletions,
    added: [],
    reasons,
    tables: tables(number),
    parent_digest: parent.digest,
  });
  if (!createExclusive(corpus.version(number), serialise(version))) {
    throw new DataError("VERSION_RACE", { file: corpus.version(number) });
  }
  return version;
}

/**
 * Gives a table that belongs to version `number` its place beside the version's bitmaps. The file lies in the corpus folder already,
 * under the name of an attempt.
 */
export function adoptVersionTable(
  corpus: CorpusFolder,
  number: number,
  name: VersionTableName,
  temporaryPath: string,
  rows: number,
): CommittedFile {
  disk.flushFile(temporaryPath);
  const hash = createHash("sha256");
  const bytes = hashFile(temporaryPath, hash);
  const sha256 = hash.digest("hex");
  const path = `versions/${String(number).padStart(6, "0")}/${name}-${sha256.slice(0, 12)}.parquet`;
  disk.makeFolder(dirname(corpus.resolve(path)));
  disk.rename(temporaryPath, corpus.resolve(path));
  disk.flushFolder(dirname(corpus.resolve(path)));
  return { name, path, bytes, rows, sha256 };
}

/** The rows that a version takes away from one shard, ascending. */
export async function deletedRows(corpus: CorpusFolder, version: Version, shard: string): Promise<Uint32Array> {
  await roaringLibraryInitialize();
  const deletion = version.deletions.find((entry) => entry.shard === shard);
  if (deletion === undefined) return new Uint32Array(0);
  const bitmap = readBitmap(corpus, deletion);
  const rows = bitmap.toUint32Array();
  bitmap.dispose();
  return Uint32Array.from(rows);
}

function readBitmap(corpus: CorpusFolder, deletion: Deletion): RoaringBitmap32 {
  const path = corpus.resolve(deletion.bitmap);
  try {
    const bytes = readFileSync(path);
    if (createHash("sha256").update(bytes).digest("hex") !== deletion.sha256) throw new Error("SHA-256 differs");
    return RoaringBitmap32.deserialize("portable", bytes);
  } catch (cause) {
    throw new DataError("CORPUS_DAMAGED", { file: path, detail: cause instanceof Error ? cause.message : "", cause });
  }
}

function serialise(version: Version): Uint8Array {
  return Buffer.from(`${JSON.stringify(version, null, 1)}\n`);
}
