/**
 * One run at a time on a corpus folder. The lock file names the process; a lock whose process is gone (a run was killed) is taken
 * over. On another host the process cannot be looked at, so such a lock stands until somebody removes it.
 */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { DataError } from "../errors/index.js";
import { attemptSuffix, createExclusive } from "./commit.js";
import { codeOf, disk } from "./disk.js";
import type { CorpusFolder } from "./layout.js";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process started, in clock ticks since boot, where the system tells; process ids are used again. */
  readonly started: string;
}

/** Takes the lock and returns the function that gives it back. */
export function lockCorpus(corpus: CorpusFolder): () => void {
  disk.makeFolder(corpus.root);
  const mine: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  const path = corpus.lock();
  for (let tries = 0; tries < 3; tries++) {
    if (createExclusive(path, Buffer.from(JSON.stringify(mine)))) return () => giveBack(path);
    const text = read(path);
    const holder = parse(text);
    if (holder !== undefined && isAlive(holder)) {
      throw new DataError("CORPUS_LOCKED", {
        file: corpus.root,
        detail: `process ${holder.pid} on ${holder.host} is running on it`,
      });
    }
    removeStale(path, text);
  }
  throw new DataError("CORPUS_LOCKED", { file: corpus.root });
}

/** A lock that cannot be removed is found dead by the next run; it must not hide how this one ended. */
function giveBack(path: string): void {
  try {
    disk.remove(path);
  } catch {}
}

/**
 * Takes a dead run's lock away. Another run may do the same at this moment and already hold its own: what was moved aside is
 * looked at, and put back where it is not the lock that was found dead.
 */
function removeStale(path: string, text: string | undefined): void {
  const aside = `${path}${attemptSuffix()}`;
  try {
    disk.rename(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if (read(aside) !== text) disk.link(aside, path);
  disk.remove(aside);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): Holder | undefined {
  try {
    return JSON.parse(text ?? "") as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch {
    return false;
  }
  return startOf(holder.pid) === holder.started;
}

function startOf(pid: number): string {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return "";
  // Field 22, counted behind the command's name, which may hold spaces and parentheses itself (proc(5)).
  return (
    readFileSync(path, "latin1")
      .replace(/^.*\)\s/s, "")
      .split(" ")[19] ?? ""
  );
}
