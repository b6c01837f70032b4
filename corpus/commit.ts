/**
 * The commit protocol: how the work of one unit becomes part of the corpus, whole or not at all.
 *
 *   1. every file is written under a name unique to this attempt, flushed, and hashed while it is written;
 *   2. each is renamed to its final name, and the folders are flushed;
 *   3. the unit's record, which lists them with sizes, rows and SHA-256, is written the same way and given its final name with
 *      link(2), which fails where that name exists.
 *
 * The record is the only thing that says "done". A kill before step 3 leaves files that nothing names; a second live attempt of
 * the same unit renames identical bytes over identical bytes and loses the race in step 3 without harm. A record that already
 * exists and names other digests means that the work is not deterministic, and that is an error.
 */
import { createHash, type Hash, randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataError } from "../errors/index.js";
import { canonicalJson } from "./canonical.js";
import type { Counts } from "./counts.js";
import { codeOf, type DiskFile, disk } from "./disk.js";
import type { CorpusFolder, Phase } from "./layout.js";

/** One file of a committed unit; `path` is relative to the corpus folder. */
export interface CommittedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly sha256: string;
}

export interface UnitRecord {
  readonly phase: Phase;
  readonly id: string;
  /** What was done: the unit's descriptor, enough to see why its id is what it is. */
  readonly unit: unknown;
  readonly files: readonly CommittedFile[];
  readonly counts?: Counts;
  /** Whatever else a later phase needs of this unit, small and deterministic. */
  readonly results: Readonly<Record<string, unknown>>;
}

/** A file being written by an attempt: a sink for the writers of formats/. */
export interface AttemptFile {
  write(bytes: Uint8Array): void;
  readonly bytes: number;
}

interface OpenFile {
  readonly name: string;
  readonly finalPath: string;
  readonly temporaryPath: string;
  file: DiskFile | undefined;
  readonly hash: Hash;
  bytes: number;
  rows: number;
}

export class Attempt {
  readonly #files = new Map<string, OpenFile>();
  readonly #suffix = attemptSuffix();

  constructor(
    readonly corpus: CorpusFolder,
    readonly phase: Phase,
    readonly id: string,
  ) {
    disk.makeFolder(corpus.unitFolder(phase));
  }

  /**
   * A new file of this unit, at `units/<phase>/<id>.<name>` unless another path in the corpus is given. A `#` in that path
   * stands for the first 12 hex digits of the file's SHA-256, known only when it is complete.
   */
  create(name: string, path?: string): AttemptFile {
    const open = this.#open(name, path);
    open.file = disk.create(open.temporaryPath);
    return {
      write(bytes) {
        open.file?.write(bytes);
        open.hash.update(bytes);
        open.bytes += bytes.length;
      },
      get bytes() {
        return open.bytes;
      },
    };
  }

  /** A file that something else writes (DuckDB, say): returns the path to write to. It is hashed at commit. */
  adopt(name: string, path?: string): string {
    return this.#open(name, path).temporaryPath;
  }

  /** Says how many rows a file holds; a file without rows is left out of the commit. */
  setRows(name: string, rows: number): void {
    const open = this.#files.get(name);
    if (open !== undefined) open.rows = rows;
  }

  commit(unit: unknown, results: Readonly<Record<string, unknown>>, counts?: Counts): UnitRecord {
    const files = [...this.#files.values()].filter((open) => open.rows > 0);
    for (const open of this.#files.values()) {
      if (open.rows > 0) this.#seal(open);
      else discard(open);
    }
    const record: UnitRecord = {
      phase: this.phase,
      id: this.id,
      unit,
      files: files.map((open) => describe(this.corpus, open)).sort((a, b) => (a.name < b.name ? -1 : 1)),
      ...(counts === undefined ? {} : { counts }),
      results,
    };
    const earlier = readRecord(this.corpus, this.phase, this.id);
    if (earlier !== undefined) {
      this.abandon();
      return sameOrThrow(earlier, record);
    }
    for (const open of files) disk.rename(open.temporaryPath, finalPath(open));
    for (const folder of new Set(files.map((open) => dirname(open.finalPath)))) disk.flushFolder(folder);
    this.#files.clear();
    const path = this.corpus.record(this.phase, this.id);
    if (!createExclusive(path, Buffer.from(`${canonicalJson(record)}\n`), this.#suffix)) {
      const other = readRecord(this.corpus, this.phase, this.id);
      if (other !== undefined) return sameOrThrow(other, record);
    }
    return record;
  }

  /**
   * Removes what this attempt wrote and did not commit. It never throws: a disk that fails here too must not hide why the attempt
   * is given up, and what stays is swept up by the next run.
   */
  abandon(): void {
    for (const open of this.#files.values()) {
      try {
        discard(open);
      } catch {}
    }
    this.#files.clear();
  }

  #open(name: string, path?: string): OpenFile {
    const final = path === undefined ? this.corpus.unitFile(this.phase, this.id, name) : this.corpus.resolve(path);
    disk.makeFolder(dirname(final));
    const open: OpenFile = {
      name,
      finalPath: final,
      temporaryPath: `${final}${this.#suffix}`,
      file: undefined,
      hash: createHash("sha256"),
      bytes: 0,
      rows: 0,
    };
    this.#files.set(name, open);
    return open;
  }

  #seal(open: OpenFile): void {
    if (open.file === undefined) {
      disk.flushFile(open.temporaryPath);
      open.bytes = hashFile(open.temporaryPath, open.hash);
      return;
    }
    open.file.flush();
    open.file.close();
    open.file = undefined;
  }
}

/** A unit's record where it is committed, or undefined. A record that cannot be parsed is an error, never "not done". */
export function readRecord(corpus: CorpusFolder, phase: Phase, id: string): UnitRecord | undefined {
  const path = corpus.record(phase, id);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  let record: Partial<UnitRecord> | null;
  try {
    record = JSON.parse(text) as Partial<UnitRecord> | null;
  } catch (cause) {
    throw new DataError("RECORD_CORRUPT", { file: path, cause });
  }
  if (record?.phase !== phase || record.id !== id || !Array.isArray(record.files)) {
    throw new DataError("RECORD_CORRUPT", { file: path, detail: "it is not this unit's record" });
  }
  return record as UnitRecord;
}

/** What makes a unit's files count as whole. */
export interface WholeOptions {
  /** Files that have to be there; all of them unless it is given. */
  readonly wanted?: (file: CommittedFile) => boolean;
  /** Hash every file again. Otherwise its size is enough. */
  readonly rehash?: boolean;
}

/** The record, where it is committed and the files that it names are whole; CORPUS_DAMAGED where one is not. */
export function readCommitted(
  corpus: CorpusFolder,
  phase: Phase,
  id: string,
  { wanted = () => true, rehash = false }: WholeOptions = {},
): UnitRecord | undefined {
  const record = readRecord(corpus, phase, id);
  for (const file of record?.files ?? []) {
    const fault = wanted(file) ? faultOf(corpus, file, rehash) : undefined;
    if (fault !== undefined) throw new DataError("CORPUS_DAMAGED", { file: corpus.resolve(file.path), detail: fault });
  }
  return record;
}

/** What is wrong with a file, or undefined. */
export function faultOf(corpus: CorpusFolder, file: CommittedFile, rehash: boolean): string | undefined {
  const path = corpus.resolve(file.path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "missing";
  if (found.size !== file.bytes) return `${found.size} bytes, not ${file.bytes}`;
  if (!rehash) return undefined;
  const hash = createHash("sha256");
  hashFile(path, hash);
  return hash.digest("hex") === file.sha256 ? undefined : "its SHA-256 is not the one that was recorded";
}

/** Writes a small file whole: unique name, flush, rename over the old one, flush the folder. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = writeTemporary(path, bytes, attemptSuffix());
  disk.rename(temporary, path);
  disk.flushFolder(dirname(path));
}

/** Writes a small file whole under a name that must not exist yet; false where it does. */
export function createExclusive(path: string, bytes: Uint8Array, suffix = attemptSuffix()): boolean {
  const temporary = writeTemporary(path, bytes, suffix);
  const made = disk.link(temporary, path);
  disk.remove(temporary);
  disk.flushFolder(dirname(path));
  return made;
}

function writeTemporary(path: string, bytes: Uint8Array, suffix: string): string {
  disk.makeFolder(dirname(path));
  const temporary = `${path}${suffix}`;
  const file = disk.create(temporary);
  file.write(bytes);
  file.flush();
  file.close();
  return temporary;
}

/** What the names of an attempt's files end in; no two attempts share it. */
export function attemptSuffix(): string {
  return `.attempt-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** True for a name that only an unfinished attempt can have left. */
export function isAttemptName(name: string): boolean {
  return /\.attempt-\d+-[0-9a-f]{12}$/.test(name);
}

/** Feeds a file to a hash in pieces; returns its size. */
export function hashFile(path: string, hash: Hash, start = 0, end = Number.POSITIVE_INFINITY): number {
  const handle = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(1 << 20);
  let at = start;
  try {
    for (;;) {
      const read = readSync(handle, buffer, 0, Math.min(buffer.length, end - at), at);
      if (read === 0) return at - start;
      hash.update(buffer.subarray(0, read));
      at += read;
    }
  } finally {
    closeSync(handle);
  }
}

function finalPath(open: OpenFile): string {
  return open.finalPath.includes("#")
    ? open.finalPath.replace("#", open.hash.copy().digest("hex").slice(0, 12))
    : open.finalPath;
}

function describe(corpus: CorpusFolder, open: OpenFile): CommittedFile {
  const path = finalPath(open).slice(join(corpus.root, "/").length);
  return { name: open.name, path, bytes: open.bytes, rows: open.rows, sha256: open.hash.copy().digest("hex") };
}

function discard(open: OpenFile): void {
  open.file?.close();
  open.file = undefined;
  disk.remove(open.temporaryPath);
}

function sameOrThrow(earlier: UnitRecord, ours: UnitRecord): UnitRecord {
  if (canonicalJson(earlier) === canonicalJson(ours)) return earlier;
  throw new DataError("NOT_DETERMINISTIC", { record: ours.id, detail: `two attempts of a ${ours.phase} unit differ` });
}
