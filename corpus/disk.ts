/**
 * Every operation that changes the corpus folder, in one small interface, so that durability can be tested: the tests put a disk
 * in its place that dies at any operation and forgets whatever was not flushed. Calls are synchronous: a worker does one thing at
 * a time, and a kill between two calls is then a kill between two operations.
 *
 * What a crash may undo (and what the commit protocol therefore never relies on): bytes not flushed with `flush`; names made,
 * renamed or removed in a folder that was not flushed with `flushFolder` afterwards.
 */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DataError, type ErrorCode } from "../errors/index.js";

export interface DiskFile {
  write(bytes: Uint8Array): void;
  flush(): void;
  close(): void;
}

export interface Disk {
  /** Creates a new file; fails where the name exists. */
  create(path: string): DiskFile;
  /** Flushes a file that something else wrote. */
  flushFile(path: string): void;
  rename(from: string, to: string): void;
  /** Gives a file a second name; returns false where that name exists already. Atomic, so it decides races. */
  link(from: string, to: string): boolean;
  /** Makes a folder and those above it; what is made is flushed, as a folder that is lost takes its files with it. */
  makeFolder(path: string): void;
  flushFolder(path: string): void;
  remove(path: string): void;
}

let current: Disk = {
  create(path) {
    const handle = attempt(path, () => openSync(path, "wx"));
    return {
      write(bytes) {
        for (let at = 0; at < bytes.length; ) at += attempt(path, () => writeSync(handle, bytes, at));
      },
      flush: () => attempt(path, () => fsyncSync(handle)),
      close: () => closeSync(handle),
    };
  },
  flushFile(path) {
    const handle = attempt(path, () => openSync(path, "r+"));
    try {
      attempt(path, () => fsyncSync(handle));
    } finally {
      closeSync(handle);
    }
  },
  rename: (from, to) => attempt(to, () => renameSync(from, to)),
  link(from, to) {
    try {
      linkSync(from, to);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw coded(to, error);
    }
  },
  makeFolder(path) {
    const first = attempt(path, () => mkdirSync(path, { recursive: true }));
    if (first === undefined) return;
    const above = dirname(first);
    for (let folder = dirname(path); folder !== above; folder = dirname(folder)) flushFolder(folder);
    flushFolder(above);
  },
  flushFolder,
  remove: (path) => attempt(path, () => rmSync(path, { recursive: true, force: true })),
};

export const disk: Disk = {
  create: (path) => current.create(path),
  flushFile: (path) => current.flushFile(path),
  rename: (from, to) => current.rename(from, to),
  link: (from, to) => current.link(from, to),
  makeFolder: (path) => current.makeFolder(path),
  flushFolder: (path) => current.flushFolder(path),
  remove: (path) => current.remove(path),
};

/** For tests of durability: puts another disk in place of the one in use, in this process. */
export function interceptDisk(wrap: (real: Disk) => Disk): void {
  current = wrap(current);
}

function flushFolder(path: string): void {
  const handle = attempt(path, () => openSync(path, "r"));
  try {
    attempt(path, () => fsyncSync(handle));
  } finally {
    closeSync(handle);
  }
}

function attempt<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw coded(path, error);
  }
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  EROFS: "CORPUS_NOT_WRITABLE",
  EACCES: "CORPUS_NOT_WRITABLE",
  EPERM: "CORPUS_NOT_WRITABLE",
  // A file stands where a folder has to be.
  ENOTDIR: "CORPUS_NOT_WRITABLE",
  EEXIST: "CORPUS_NOT_WRITABLE",
  EIO: "DISK_FAILED",
};

/** A disk's failure as a coded error; anything else as it is. */
export function coded(path: string, error: unknown): unknown {
  const code = codes[codeOf(error)];
  return code === undefined ? error : new DataError(code, { file: path, detail: codeOf(error), cause: error });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
