import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CorpusFolder, lockCorpus } from "../../corpus/index.js";

let corpus: CorpusFolder;

beforeEach(() => {
  corpus = new CorpusFolder(mkdtempSync(join(tmpdir(), "apertus-lock-")));
});

afterEach(() => rmSync(corpus.root, { recursive: true }));

const locked = expect.objectContaining({ code: "CORPUS_LOCKED" });

it("a corpus is held by one run at a time, and the error names the process", () => {
  const unlock = lockCorpus(corpus);
  expect(() => lockCorpus(corpus)).toThrow(locked);
  expect(() => lockCorpus(corpus)).toThrow(`process ${process.pid} on ${hostname()}`);
  unlock();
  lockCorpus(corpus)();
  expect(readdirSync(corpus.root)).toEqual([]);
});

it.each([
  ["of a process that is gone", { pid: 2 ** 22 + 1, host: hostname(), started: "1" }],
  ["of an earlier process with a number that is used again", { pid: process.pid, host: hostname(), started: "1" }],
  ["that is no lock", "{"],
])("a lock %s is taken over", (_, holder) => {
  writeFileSync(corpus.lock(), typeof holder === "string" ? holder : JSON.stringify(holder));
  const unlock = lockCorpus(corpus);
  expect(JSON.parse(readFileSync(corpus.lock(), "utf8"))).toMatchObject({ pid: process.pid });
  expect(readdirSync(corpus.root)).toEqual([".lock"]);
  unlock();
  expect(existsSync(corpus.lock())).toBe(false);
});

it("a lock of another machine stands, as nobody here can tell whether its process lives", () => {
  writeFileSync(corpus.lock(), JSON.stringify({ pid: 1, host: "another-machine", started: "" }));
  expect(() => lockCorpus(corpus)).toThrow(locked);
});
