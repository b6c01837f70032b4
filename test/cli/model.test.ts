/** `model train`: what it prints, what it writes, and how it ends where a recipe or a line is wrong. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { scratchFolder } from "../pipeline/corpora.js";
import { callCli } from "./call.js";

const { folder, remove } = scratchFolder("model");
afterAll(remove);

const call = (...args: readonly string[]) => callCli(folder, ["model", "train", ...args]);
const write = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  return join(folder, name);
};
const lines = Array.from({ length: 40 }, (_, i) => `deu\tder Zug ist da und ${i}\nfra\tle train est là et ${i}`);
const recipe = (...more: readonly string[]) =>
  write("recipe.yaml", [
    "version: 1",
    "train: [{ path: lines.tsv }]",
    "settings: { dimensions: 8, least_count: 1, buckets: 100, epochs: 20 }",
    "output: model.bin",
    ...more,
  ]);

it("trains, prints a table of scores, and writes the model with its description", async () => {
  write("lines.tsv", lines);
  const { status, stdout, stderr } = await call("language", recipe("held_out: 0.2"), "--threads", "2");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^model\.bin: [\d.]+ kB, 2 labels, \d+ words, sha256 [0-9a-f]{64}\n/);
  expect(stdout).toMatch(/measured on +lines +labels +accuracy +macro-F1/);
  expect(stdout).toMatch(/held out +16 +2 +100\.0 % +100\.0 %/);
  expect(stderr).toContain("reading");
  expect(existsSync(join(folder, "model.bin.json"))).toBe(true);
  const again = await call("classifier", recipe("held_out: 0.2"), "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ kind: "classifier", output: "model.bin", model: { labels: 2 } });
});

it("ends with a code where the recipe, a line or the number of threads is wrong", async () => {
  const wrong = await call("language", recipe("threads: 3"));
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("error RECIPE_INVALID: ");
  write("lines.tsv", ["deu der Zug"]);
  const { status, stderr } = await call("language", recipe());
  expect(status).toBe(1);
  expect(stderr).toContain("error TRAINING_LINE_INVALID: ");
  expect(stderr).toContain("lines.tsv, line 1");
  expect((await call("language", recipe(), "--threads", "none")).status).toBe(2);
});
