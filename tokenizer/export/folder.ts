/**
 * The folder of an export: one part a shard, each whole or not there at all, so that an export that was interrupted goes on, and one
 * of a later version makes only those parts anew whose shard lost documents since. A part's name says what it holds: the shard, and
 * the digest of the rows that are left out. Its record in parts/ is written last and says "done" (the protocol of corpus/commit.ts);
 * export.json lists what belongs to the export, and what no longer does is removed after it was written.
 */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import {
  attemptSuffix,
  CorpusFolder,
  canonicalJson,
  codeOf,
  type DiskFile,
  disk,
  isAttemptName,
  lockCorpus,
  type Manifest,
  openManifest,
  openVersion,
  replaceFile,
  type ShardEntry,
  type TokenizerEntry,
  type Version,
} from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { openTokenizerOf } from "../check-entry.js";
import { goneRows } from "../shard-reader.js";

export interface ExportedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What one shard became. */
export interface ExportedPart {
  readonly shard: string;
  readonly shard_sha256: string;
  /** SHA-256 of the bitmap of the rows that are left out; null where none is. */
  readonly deletions: string | null;
  readonly documents: number;
  readonly tokens: number;
  readonly files: readonly ExportedFile[];
}

/** export.json. */
export interface ExportRecord {
  readonly format: "apertus-export";
  readonly format_version: 1;
  readonly kind: string;
  readonly corpus: string;
  readonly run_digest: string;
  /** null until the export is done for the first time. */
  readonly version: number | null;
  readonly documents: number;
  readonly tokens: number;
  readonly tokenizer: Omit<TokenizerEntry, "golden" | "vocabulary">;
  readonly parts: readonly ExportedPart[];
}

export interface ExportOptions {
  readonly corpus: CorpusFolder;
  readonly out: string;
  /** The newest where it is left out. */
  readonly version?: number;
  readonly signal?: AbortSignal;
  /** Called after each part. */
  readonly onPart?: (done: number, all: number) => void;
}

export interface ExportResult {
  readonly record: ExportRecord;
  /** Parts written now, and parts that were there. */
  readonly written: number;
  readonly unchanged: number;
  /** Files that belong to the export no longer, and are gone. */
  readonly removed: readonly string[];
  readonly writtenBytes: number;
}

/** One shard to write. */
export interface PartJob {
  readonly corpus: CorpusFolder;
  readonly manifest: Manifest;
  readonly shard: ShardEntry;
  /** Rows of the shard that are left out, ascending. */
  readonly gone: Uint32Array;
}

/** A target format: which files a part has, how they are written, and how they are looked at afterwards. */
export interface ExportFormat {
  readonly kind: string;
  /** Throws where a corpus lacks what the format needs besides tokens. */
  require?(job: Pick<PartJob, "corpus" | "manifest">): void;
  /** Names of a part's files by its stem, in the order in which they get their names. */
  files(stem: string): readonly string[];
  /** Writes one file for each name; tells what it wrote. */
  write(job: PartJob, files: readonly PartFile[]): Promise<{ readonly documents: number; readonly tokens: number }>;
  /** What is wrong with a part that has the right sizes, or undefined. */
  fault(folder: string, part: ExportedPart, manifest: Manifest): string | undefined;
  /** Small files besides the parts, by name: what makes the folder a data set of the format. */
  frame(record: ExportRecord): ReadonlyMap<string, string>;
}

/** A file being written: hashed on the way, and there under its name only once it is whole. */
export class PartFile {
  readonly #temporary: string;
  readonly #file: DiskFile;
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;

  constructor(private readonly path: string) {
    this.#temporary = `${path}${attemptSuffix()}`;
    this.#file = disk.create(this.#temporary);
  }

  write(bytes: Uint8Array): void {
    this.#file.write(bytes);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  seal(): ExportedFile {
    this.#file.flush();
    this.#file.close();
    return { name: basename(this.path), bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  publish(): void {
    disk.rename(this.#temporary, this.path);
  }

  /** Never throws: what stays is swept up by the next export. */
  abandon(): void {
    try {
      this.#file.close();
    } catch {}
    try {
      disk.remove(this.#temporary);
    } catch {}
  }
}

/**
 * Exports a corpus at one of its versions.
 *
 * @throws DataError TOKENS_MISSING where the corpus has none, EXPORT_FOLDER_OTHER where the folder holds another export,
 * EXPORT_COUNTS_DIFFER, CORPUS_DAMAGED, TOKENIZER_MISMATCH, VERSION_NOT_FOUND; the signal's reason where it is aborted
 */
export async function exportCorpus(format: ExportFormat, options: ExportOptions): Promise<ExportResult> {
  const { corpus, out, signal } = options;
  const manifest = openManifest(corpus);
  const version = openVersion(corpus, manifest, options.version);
  if (manifest.tokenizer === null) throw new DataError("TOKENS_MISSING", { file: corpus.root });
  await openTokenizerOf(corpus, manifest.tokenizer);
  format.require?.({ corpus, manifest });
  refuseOther(out, format.kind, manifest);
  const giveBack = lockCorpus(new CorpusFolder(out));
  try {
    const { golden: _, vocabulary: __, ...tokenizer } = manifest.tokenizer;
    const empty: ExportRecord = {
      format: "apertus-export",
      format_version: 1,
      kind: format.kind,
      corpus: manifest.name,
      run_digest: manifest.run_digest,
      version: null,
      documents: 0,
      tokens: 0,
      tokenizer,
      parts: [],
    };
    if (readExport(out) === undefined) writeJson(join(out, "export.json"), empty);
    sweepAttempts(out);
    const parts: ExportedPart[] = [];
    let [written, writtenBytes] = [0, 0];
    for (const shard of manifest.shards) {
      signal?.throwIfAborted();
      const deletions = version.deletions.find((deletion) => deletion.shard === shard.path)?.sha256 ?? null;
      const stem = stemOf(shard, deletions);
      let part = readPart(out, stem, format, manifest);
      if (part === undefined) {
        part = await writePart(
          format,
          { corpus, manifest, shard, gone: await goneRows(corpus, version, shard) },
          out,
          stem,
          deletions,
        );
        written++;
        for (const file of part.files) writtenBytes += file.bytes;
      }
      parts.push(part);
      options.onPart?.(parts.length, manifest.shards.length);
    }
    const sum = (key: "documents" | "tokens"): number => parts.reduce((total, part) => total + part[key], 0);
    const record = { ...empty, version: version.version, documents: sum("documents"), tokens: sum("tokens"), parts };
    checkTotals(out, record, manifest, version);
    const frame = format.frame(record);
    for (const [name, text] of frame) replaceFile(join(out, name), Buffer.from(text));
    writeJson(join(out, "export.json"), record);
    const removed = removeOthers(out, format, parts);
    return { record, written, unchanged: parts.length - written, removed, writtenBytes };
  } finally {
    giveBack();
  }
}

/** `00000-3253b28e67c7-all`: the shard with its digest, and the digest of what is left out of it. */
function stemOf(shard: ShardEntry, deletions: string | null): string {
  const name = basename(shard.path).replace(/\.arrow$/, "");
  return `${name}-${deletions === null ? "all" : deletions.slice(0, 12)}`;
}

async function writePart(
  format: ExportFormat,
  job: PartJob,
  out: string,
  stem: string,
  deletions: string | null,
): Promise<ExportedPart> {
  const files = format.files(stem).map((name) => new PartFile(join(out, name)));
  try {
    const { documents, tokens } = await format.write(job, files);
    const part: ExportedPart = {
      shard: job.shard.path,
      shard_sha256: job.shard.sha256,
      deletions,
      documents,
      tokens,
      files: files.map((file) => file.seal()),
    };
    for (const file of files) file.publish();
    disk.flushFolder(out);
    const fault = format.fault(out, part, job.manifest);
    if (fault !== undefined) throw new DataError("EXPORT_COUNTS_DIFFER", { file: join(out, stem), detail: fault });
    disk.makeFolder(join(out, "parts"));
    replaceFile(join(out, "parts", `${stem}.json`), Buffer.from(`${canonicalJson(part)}\n`));
    return part;
  } catch (error) {
    for (const file of files) file.abandon();
    throw error;
  }
}

/** A part that an earlier export left whole; anything less is made anew. */
function readPart(out: string, stem: string, format: ExportFormat, manifest: Manifest): ExportedPart | undefined {
  try {
    const part = JSON.parse(readFileSync(join(out, "parts", `${stem}.json`), "utf8")) as ExportedPart;
    const names = format.files(stem).join("/");
    if (part.files.map(({ name }) => name).join("/") !== names) return undefined;
    if (part.files.some(({ name, bytes }) => statSync(join(out, name)).size !== bytes)) return undefined;
    return format.fault(out, part, manifest) === undefined ? part : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function checkTotals(out: string, { documents, tokens }: ExportRecord, { totals }: Manifest, version: Version): void {
  const gone = version.deletions.reduce((total, { rows }) => total + rows, 0);
  if (documents !== totals.kept - gone)
    throw new DataError("EXPORT_COUNTS_DIFFER", { file: out, detail: `${documents} documents, not ${totals.kept} - ${gone}` });
  if (gone === 0 ? tokens !== totals.tokens : tokens > totals.tokens)
    throw new DataError("EXPORT_COUNTS_DIFFER", { file: out, detail: `${tokens} tokens of the corpus's ${totals.tokens}` });
}

/** @throws DataError EXPORT_FOLDER_OTHER where export.json is there and is no export */
export function readExport(out: string): ExportRecord | undefined {
  const path = join(out, "export.json");
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as Partial<ExportRecord> | null;
    if (record?.format !== "apertus-export" || record.format_version !== 1 || !Array.isArray(record.parts))
      throw new SyntaxError("it is no record of an export");
    return record as ExportRecord;
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new DataError("EXPORT_FOLDER_OTHER", { file: path, detail: cause.message, cause });
  }
}

/** Parts of two corpora in one folder would be told apart by nobody. */
function refuseOther(out: string, kind: string, manifest: Manifest): void {
  if (statSync(join(out, "manifest.json"), { throwIfNoEntry: false }) !== undefined)
    throw new DataError("EXPORT_FOLDER_OTHER", { file: out, detail: "it is a corpus" });
  const earlier = readExport(out);
  if (earlier === undefined) return;
  if (earlier.kind !== kind)
    throw new DataError("EXPORT_FOLDER_OTHER", { file: out, detail: `it holds an export of the kind ${earlier.kind}` });
  if (earlier.run_digest !== manifest.run_digest)
    throw new DataError("EXPORT_FOLDER_OTHER", {
      file: out,
      detail: `it holds an export of ${earlier.corpus}, or of another run`,
    });
}

function sweepAttempts(out: string): void {
  for (const folder of [out, join(out, "parts")])
    for (const name of namesIn(folder)) if (isAttemptName(name)) disk.remove(join(folder, name));
}

/** Removes parts that the export no longer has, with or without a record; other files in the folder are left alone. */
function removeOthers(out: string, format: ExportFormat, parts: readonly ExportedPart[]): readonly string[] {
  const named = new Set(parts.flatMap(({ files }) => files.map(({ name }) => name)));
  const stem = /\d{5,}-[0-9a-f]{12}-(?:all|[0-9a-f]{12})/;
  const removed: string[] = [];
  for (const name of namesIn(out)) {
    const [found] = stem.exec(name) ?? [];
    if (found === undefined || named.has(name) || !format.files(found).includes(name)) continue;
    disk.remove(join(out, name));
    removed.push(name);
  }
  const records = new Set(parts.map(({ shard, deletions, shard_sha256 }) => recordName(shard, shard_sha256, deletions)));
  for (const name of namesIn(join(out, "parts"))) {
    if (/\.json$/.test(name) && stem.test(name) && !records.has(name)) disk.remove(join(out, "parts", name));
  }
  return removed;
}

function recordName(path: string, sha256: string, deletions: string | null): string {
  return `${stemOf({ path, sha256 } as ShardEntry, deletions)}.json`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function writeJson(path: string, value: unknown): void {
  replaceFile(path, Buffer.from(`${JSON.stringify(JSON.parse(canonicalJson(value)), null, 1)}\n`));
}
