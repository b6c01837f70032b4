import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Attempt, CorpusFolder, readCommitted, readRecord, sha256 } from "../../corpus/index.js";
import type { DataError } from "../../errors/index.js";

let corpus: CorpusFolder;

beforeEach(() => {
  corpus = new CorpusFolder(mkdtempSync(join(tmpdir(), "apertus-commit-")));
});

afterEach(() => rmSync(corpus.root, { recursive: true }));

function write(text: string, id = "unit"): Attempt {
  const attempt = new Attempt(corpus, "read", id);
  attempt.create("data.txt").write(Buffer.from(text));
  attempt.setRows("data.txt", 1);
  return attempt;
}

test("a committed unit names each file with its size, rows and SHA-256", () => {
  const record = write("hello").commit({ input: "x" }, { n: 1 });
  expect(record.files).toEqual([
    { name: "data.txt", path: "units/read/unit.data.txt", bytes: 5, rows: 1, sha256: sha256("hello") },
  ]);
  expect(readFileSync(corpus.resolve("units/read/unit.data.txt"), "utf8")).toBe("hello");
  expect(readCommitted(corpus, "read", "unit")).toEqual(record);
});

test("an attempt that is not committed leaves nothing that counts", () => {
  const attempt = write("half");
  expect(readRecord(corpus, "read", "unit")).toBeUndefined();
  attempt.abandon();
  expect(readdirSync(corpus.unitFolder("read"))).toEqual([]);
});

test("of two live attempts with the same bytes both succeed and one record stands", () => {
  const [first, second] = [write("same"), write("same")];
  const record = first.commit({}, {});
  expect(second.commit({}, {})).toEqual(record);
  expect(readdirSync(corpus.unitFolder("read")).sort()).toEqual(["unit.data.txt", "unit.json"]);
});

test("two attempts of one unit that differ are an error, and the first one's bytes stay", () => {
  const [first, second] = [write("one"), write("two")];
  first.commit({}, {});
  expect(() => second.commit({}, {})).toThrowError(expect.objectContaining({ code: "NOT_DETERMINISTIC" }) as DataError);
  expect(readFileSync(corpus.resolve("units/read/unit.data.txt"), "utf8")).toBe("one");
});

test("a file without rows is left out of the commit", () => {
  const attempt = write("kept");
  attempt.create("empty.txt");
  expect(attempt.commit({}, {}).files.map(({ name }) => name)).toEqual(["data.txt"]);
  expect(readdirSync(corpus.unitFolder("read")).sort()).toEqual(["unit.data.txt", "unit.json"]);
});

test("# in a path becomes the beginning of the file's SHA-256", () => {
  const attempt = new Attempt(corpus, "finalise", "f");
  attempt.create("shard", "shards/0-#.arrow").write(Buffer.from("abc"));
  attempt.setRows("shard", 1);
  expect(attempt.commit({}, {}).files[0]?.path).toBe(`shards/0-${sha256("abc").slice(0, 12)}.arrow`);
});

test("a missing or shortened file of a committed unit is CORPUS_DAMAGED", () => {
  write("hello").commit({}, {});
  writeFileSync(corpus.resolve("units/read/unit.data.txt"), "hell");
  expect(() => readCommitted(corpus, "read", "unit")).toThrowError(/4 bytes, not 5/);
  rmSync(corpus.resolve("units/read/unit.data.txt"));
  expect(() => readCommitted(corpus, "read", "unit")).toThrowError(/missing/);
});
