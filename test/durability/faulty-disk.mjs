// A disk that dies and forgets. Loaded into every process of a run with NODE_OPTIONS=--import; needs the compiled project.
//
// It writes a journal line for each operation that changes the corpus folder, so that the harness can undo after a kill whatever
// had not been flushed, as a loss of power would; and it kills the whole run at the operation that APERTUS_TEST_FAULT names:
//   {"role": "worker" | "coordinator", "kind": "write" | "flush" | …, "nth": 3, "when": "before" | "after"}
// or lets it fail: {…, "error": "ENOSPC"}.
import { appendFileSync, existsSync, linkSync } from "node:fs";
import { join } from "node:path";

const { APERTUS_TEST_DIST: dist, APERTUS_TEST_JOURNAL: folder, APERTUS_TEST_FAULT: spec } = process.env;
const { coded, interceptDisk } = await import(`${dist}/corpus/index.js`);

const role = process.argv.includes("apertus-data-worker") ? "worker" : "coordinator";
const fault = spec === undefined ? undefined : JSON.parse(spec);
const journal = join(folder, `${process.pid}.jsonl`);
let seen = 0;
let backups = 0;

const note = (entry) =>
  appendFileSync(journal, `${JSON.stringify({ at: String(process.hrtime.bigint()), pid: process.pid, role, ...entry })}\n`);

/** Runs one operation, with the fault before or after it if this is the one. */
function operation(kind, entry, work) {
  const hit =
    fault !== undefined && fault.role === role && (fault.kind === kind || fault.kind === "any") && ++seen === fault.nth;
  if (hit && fault.error !== undefined) throw coded(entry.path, fakeError(fault.error, entry.path));
  if (hit && fault.when === "before") die();
  const result = work();
  note({ kind, ...entry });
  if (hit) die();
  return result;
}

function die() {
  process.kill(-(role === "worker" ? process.ppid : process.pid), "SIGKILL");
  // Nothing of this process may happen after its death.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function fakeError(code, path) {
  return Object.assign(new Error(`${code}: made by the test, '${path}'`), { code });
}

/** Keeps what a rename or a removal would destroy, for the harness to bring back. */
function backup(path) {
  if (!existsSync(path)) return undefined;
  const copy = join(folder, `${process.pid}-${backups++}.backup`);
  try {
    linkSync(path, copy);
    return copy;
  } catch {
    return undefined; // a folder
  }
}

interceptDisk((real) => ({
  create: (path) =>
    operation("create", { path }, () => {
      const file = real.create(path);
      let size = 0;
      return {
        write(bytes) {
          operation("write", { path }, () => {
            file.write(bytes);
            size += bytes.length;
          });
        },
        flush: () => operation("flush", { path, size }, () => file.flush()),
        close: () => file.close(),
      };
    }),
  flushFile: (path) => operation("flush", { path, size: Number.MAX_SAFE_INTEGER }, () => real.flushFile(path)),
  rename(from, to) {
    const over = backup(to);
    operation("rename", { path: to, from, over }, () => real.rename(from, to));
  },
  link(from, to) {
    if (existsSync(to)) return false;
    return operation("link", { path: to, from }, () => real.link(from, to));
  },
  makeFolder: (path) => real.makeFolder(path),
  flushFolder: (path) => operation("flushFolder", { path }, () => real.flushFolder(path)),
  remove(path) {
    const over = backup(path);
    operation("remove", { path, over }, () => real.remove(path));
  },
}));
