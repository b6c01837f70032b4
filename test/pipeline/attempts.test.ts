/** Two live attempts of one unit, and inputs that change under a run, seen from inside one process. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Attempt, CorpusFolder, isAttemptName, readCommitted } from "../../corpus/index.js";
import { compile, loadRecipe, makePlan } from "../../pipeline/index.js";
import { doJob, JobContext } from "../../pipeline/jobs/index.js";
import { codeOf, texts, writeLines, writeRecipe } from "./corpora.js";

let folder: string;
let corpus: CorpusFolder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "apertus-attempts-"));
  corpus = new CorpusFolder(join(folder, "corpus"));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function planned(lines = texts(20)) {
  writeLines(join(folder, "a.jsonl"), lines);
  const path = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "a.jsonl" }],
    stages: ["extract", "duplicates", "pii", "tokenize"],
  });
  const recipe = await compile(loadRecipe(path), undefined);
  const { units } = await makePlan(recipe, undefined);
  const [unit] = units;
  if (unit === undefined) throw new Error("no unit");
  return { recipe, unit };
}

it("two live attempts of a unit give one record, the same bytes, and leave nothing else", async () => {
  const { recipe, unit } = await planned();
  const [first, second] = [new JobContext(corpus, recipe), new JobContext(corpus, recipe)];
  const job = { kind: "read", unit, deadly: [] } as const;
  const done = await Promise.all([doJob(first, job), doJob(second, job), doJob(first, job)]);
  const record = readCommitted(corpus, "read", unit.id, { rehash: true });
  for (const result of done) expect(result).toMatchObject({ record });
  expect(readdirSync(corpus.unitFolder("read")).sort()).toEqual([
    `${unit.id}.documents.parquet`,
    `${unit.id}.json`,
    `${unit.id}.signatures.parquet`,
  ]);
});

it("an attempt that fails removes what it wrote", async () => {
  const { recipe, unit } = await planned();
  const broken = { ...unit, input: { ...unit.input, changedAt: unit.input.changedAt - 1 } };
  expect(await codeOf(doJob(new JobContext(corpus, recipe), { kind: "read", unit: broken, deadly: [] }))).toBe("INPUT_CHANGED");
  const left = readdirSync(corpus.root, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("."));
  expect(left).toEqual([]);
});

it("an input that changes between plan and reading is an error, even where size and both ends are as before", async () => {
  const middle = "x".repeat(3 << 20);
  const { recipe, unit } = await planned([...texts(2), { text: middle }, ...texts(2, 2)]);
  writeLines(join(folder, "a.jsonl"), [...texts(2), { text: `y${middle.slice(1)}` }, ...texts(2, 2)]);
  expect(await codeOf(doJob(new JobContext(corpus, recipe), { kind: "read", unit, deadly: [] }))).toBe("INPUT_CHANGED");
});

it("a file whose middle was edited is another unit, whatever its time says", async () => {
  const middle = "x".repeat(3 << 20);
  const { unit } = await planned([...texts(2), { text: middle }, ...texts(2, 2)]);
  const { unit: edited } = await planned([...texts(2), { text: `${middle.slice(1)}y` }, ...texts(2, 2)]);
  const { unit: again } = await planned([...texts(2), { text: middle }, ...texts(2, 2)]);
  utimesSync(join(folder, "a.jsonl"), 0, 0);
  expect(edited.id).not.toBe(unit.id);
  expect(again.id).toBe(unit.id);
});

it("a record that names another unit, or no files, is corrupt and not believed", () => {
  const attempt = new Attempt(corpus, "read", "unit");
  attempt.commit({}, {});
  for (const text of ["", "null", "{}", '{"phase":"read","id":"other","files":[]}']) {
    writeFileSync(corpus.record("read", "unit"), text);
    expect(() => readCommitted(corpus, "read", "unit"), text).toThrow(expect.objectContaining({ code: "RECORD_CORRUPT" }));
  }
});

it("names of attempts are told from names of units", () => {
  const attempt = new Attempt(corpus, "read", "unit");
  attempt.create("data");
  expect(readdirSync(corpus.unitFolder("read")).map(isAttemptName)).toEqual([true]);
  attempt.abandon();
  expect(isAttemptName("0123.json")).toBe(false);
});
