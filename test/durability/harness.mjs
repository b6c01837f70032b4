// Runs a recipe in a process group of its own, kills it, loses what was not flushed, goes on, and compares corpora byte by byte.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const dist = join(root, "dist");

/** Process groups under way; a test that is stopped takes them with it. */
const running = new Set();
process.on("exit", () => {
  for (const pid of running) signalGroup(pid, "SIGKILL");
});

/**
 * Starts `apertus-data run`; resolves with its exit code or signal, its output, and the journal of its file operations.
 * `fault` is what faulty-disk.mjs describes; `signalAfter` is [signal, milliseconds], to the whole process group.
 */
export function startRun({ recipe, corpus, workers, fault, signalAfter, flags = [], onErrors = () => undefined }) {
  const journal = mkdtempSync(join(tmpdir(), "apertus-journal-"));
  const command = [
    join(dist, "cli/main.js"),
    "run",
    recipe,
    "--corpus",
    corpus,
    "--workers",
    String(workers),
    "--json",
    ...flags,
  ];
  const child = spawn(process.execPath, command, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${join(root, "test/durability/faulty-disk.mjs")}`,
      APERTUS_TEST_DIST: dist,
      APERTUS_TEST_JOURNAL: journal,
      ...(fault === undefined ? {} : { APERTUS_TEST_FAULT: JSON.stringify(fault) }),
    },
  });
  running.add(child.pid);
  const started = performance.now();
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    errors += data;
    onErrors(errors, (signal) => signalGroup(child.pid, signal));
  });
  const timer =
    signalAfter === undefined ? undefined : setTimeout(() => signalGroup(child.pid, signalAfter[0]), signalAfter[1]);
  return new Promise((done) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      // Workers of a killed coordinator leave by themselves, but perhaps not yet.
      signalGroup(child.pid, "SIGKILL");
      running.delete(child.pid);
      done({ code, signal, output, errors, journal, milliseconds: performance.now() - started });
    });
  });
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // it is gone already
  }
}

/** The operations of all processes of a run, in the order in which they happened. */
export function readJournal(journal) {
  return readdirSync(journal)
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) =>
      readFileSync(join(journal, name), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    )
    .sort((a, b) => (BigInt(a.at) < BigInt(b.at) ? -1 : 1));
}

/**
 * Undoes what a loss of power would: names made, changed or removed in a folder that was not flushed afterwards, in reverse
 * order; then bytes behind the last flush of each file. This is the worst that a disk may do and still keep its promises.
 */
export function losePower(journal) {
  const operations = readJournal(journal);
  const lost = operations.filter(({ kind, path }, index) => {
    if (!["create", "rename", "link", "remove"].includes(kind)) return false;
    return !operations.slice(index + 1).some((later) => later.kind === "flushFolder" && later.path === dirname(path));
  });
  const place = new Map();
  const flushed = new Map();
  for (const { kind, path, from, size } of operations) {
    if (kind === "create") flushed.set(path, 0);
    if (kind === "flush" && flushed.has(path)) flushed.set(path, size);
    if (kind === "rename") place.set(from, path);
  }
  for (const { kind, path, from, over } of lost.toReversed()) {
    if (kind === "create" || kind === "link") rmSync(path, { force: true, recursive: true });
    if (kind === "rename" && existsSync(path)) {
      renameSync(path, from);
      place.delete(from);
      if (over !== undefined) renameSync(over, path);
    }
    if (kind === "remove" && over !== undefined && !existsSync(path)) renameSync(over, path);
  }
  for (const [created, size] of flushed) {
    const path = place.get(created) ?? created;
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && found.size > size) truncateSync(path, size);
  }
}

/** SHA-256 of every file of a corpus by path, without the journals of how runs went. */
export function fingerprint(corpus) {
  const files = {};
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (folder === corpus && (entry.name === "runs" || entry.name === ".lock")) continue;
      if (entry.isDirectory()) walk(path);
      else files[relative(corpus, path)] = createHash("sha256").update(readFileSync(path)).digest("hex");
    }
  };
  walk(corpus);
  return files;
}

/** What differs between two fingerprints, by path. */
export function differences(expected, found) {
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .sort()
    .filter((path) => expected[path] !== found[path]);
}

/** An empty folder for inputs and corpora, and the function that removes it. */
export function scratch(name) {
  const folder = mkdtempSync(join(tmpdir(), `apertus-${name}-`));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/**
 * Runs until the run is done, at most once more than there are disturbances: each run takes the next one of them, the last run
 * none. A disturbance is { fault } or { signalAfter }, with `power: true` where a kill is a loss of power.
 */
export async function runThrough({ recipe, corpus, workers, disturbances }) {
  const outcomes = [];
  for (const { power = false, ...disturbance } of [...disturbances, {}]) {
    const result = await startRun({ recipe, corpus, workers, ...disturbance });
    if (result.signal !== null && power) losePower(result.journal);
    rmSync(result.journal, { recursive: true, force: true });
    outcomes.push(result);
    if (result.code === 0 || result.code === 4) return outcomes;
  }
  return outcomes;
}
