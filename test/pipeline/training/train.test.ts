import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sha256 } from "../../../corpus/index.js";
import { DataError } from "../../../errors/index.js";
import { FastTextModel } from "../../../native/index.js";
import { loadTrainingRecipe, train, trainingRecipeSchema } from "../../../pipeline/index.js";
import { scoresOf } from "../../../pipeline/training/scores.js";

const folder = mkdtempSync(join(tmpdir(), "training-"));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = { dimensions: 8, epochs: 20, least_count: 1, buckets: 500, longest: 3 };
const german = "der Zug kam zu spät und niemand wusste warum das so war".split(" ");
const french = "le train est arrivé en retard et personne ne savait pourquoi".split(" ");
const line = (words: readonly string[], i: number): string =>
  [0, 1, 2, 3].map((j) => words[(i * 3 + j) % words.length]).join(" ");
const tsv = Array.from({ length: 60 }, (_, i) => `deu_Latn\t${line(german, i)}\nfra_Latn\t${line(french, i)}\n`).join("");
const jsonl = Array.from(
  { length: 20 },
  (_, i) =>
    `${JSON.stringify({ lang: "deu_Latn", body: line(german, i + 1) })}\n${JSON.stringify({ lang: "fra_Latn", body: line(french, i) })}\n`,
).join("");
writeFileSync(join(folder, "lines.tsv.gz"), gzipSync(tsv));
writeFileSync(join(folder, "dev.jsonl"), jsonl);

const run = (given: Record<string, unknown>, kind: "language" | "classifier" = "language") =>
  train({
    kind,
    threads: 1,
    baseFolder: folder,
    recipe: trainingRecipeSchema.parse({
      version: 1,
      train: [{ path: "lines.tsv.gz" }],
      settings,
      output: "model.ftz",
      ...given,
    }),
  });

test("writes a model and, beside it, its recipe, the digests of what it read and its scores; again, the same bytes", async () => {
  const given = {
    development: [{ path: "dev.jsonl", name: "sentences", label: "lang", text: "body" }],
    held_out: 0.1,
    quantise: { dsub: 2, norms: true },
    output: "out/model.ftz",
  };
  const trained = await run(given);
  const model = readFileSync(join(folder, "out/model.ftz"));
  expect(trained.model).toMatchObject({ sha256: sha256(model), bytes: model.length, labels: 2 });
  expect(trained.files).toEqual([
    { file: "lines.tsv.gz", sha256: sha256(readFileSync(join(folder, "lines.tsv.gz"))), lines: 120, labels: 2 },
    { file: "dev.jsonl", sha256: sha256(readFileSync(join(folder, "dev.jsonl"))), lines: 40, labels: 2 },
  ]);
  expect(trained.scores.sentences).toMatchObject({ lines: 40, labels: 2, accuracy: 1, macro_f1: 1 });
  expect(trained.scores["held out"]).toMatchObject({ lines: 12, accuracy: 1 });
  expect(JSON.parse(readFileSync(join(folder, "out/model.ftz.json"), "utf8"))).toEqual(JSON.parse(JSON.stringify(trained)));
  expect(readFileSync(join(folder, "out/model.ftz.json"), "utf8")).not.toContain(folder);
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["model.ftz", "model.ftz.json"]);
  await run(given);
  expect(readFileSync(join(folder, "out/model.ftz")).equals(model)).toBe(true);
});

test("language reads normalised text, classifier words as they stand; labels may be left out and lines capped", async () => {
  writeFileSync(join(folder, "case.tsv"), "loud\tSTOP NOW\nquiet\tstop now\nother\tgo on\n");
  const given = { train: [{ path: "case.tsv" }], settings: { ...settings, epochs: 100, longest: 0 } };
  const guess = (text: string): string => {
    const model = new FastTextModel(join(folder, "model.ftz"));
    const bytes = Buffer.from(text);
    return model.labels[model.predict(bytes, Int32Array.of(0, bytes.length), 1).labels[0] ?? -1] ?? "";
  };
  await run(given, "classifier");
  expect([guess("STOP NOW"), guess("stop now")]).toEqual(["__label__loud", "__label__quiet"]);
  expect((await run({ ...given, leave_out: ["other"] })).model).toMatchObject({ labels: 2, words: 3 });
  expect(guess("STOP")).toBe(guess("zebra"));
  expect((await run({ settings: { ...settings, most_lines: 7 } })).files[0]?.lines).toBe(14);
});

describe("refused with a code", () => {
  test.each([
    ["no tab", "deu_Latn der Zug\n", "line 1"],
    ["bytes that are not UTF-8", Buffer.from([0x61, 9, 0xff, 10]), "line 1"],
    ["a label with a space", "a\tb\nc d\te\n", "line 2"],
    ["an empty label", "a\tb\n\n\tx\n", "line 3"],
    ["an object without the field", '{"label":"a","text":"b"}\n{"label":"a"}\n', "line 2"],
    ["a label that is no string", '{"label":1,"text":"b"}\n', "line 1"],
    ["a line that is no object", '{"label":"a","text":"b"}\n[]\n', "line 2"],
  ])("%s", async (_, bytes, record) => {
    writeFileSync(join(folder, "bad.tsv"), bytes);
    await expect(run({ train: [{ path: "bad.tsv" }] })).rejects.toMatchObject({
      code: "TRAINING_LINE_INVALID",
      site: { file: "bad.tsv", record },
    });
  });

  test("no file, no line, one label, an output that cannot be", async () => {
    writeFileSync(join(folder, "one.tsv"), "a\tx\na\ty\n");
    writeFileSync(join(folder, "none.tsv"), "\n\n");
    await expect(run({ train: [{ path: "absent.tsv" }] })).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
    await expect(run({ train: [{ path: "none.tsv" }] })).rejects.toMatchObject({ code: "TRAINING_IMPOSSIBLE" });
    await expect(run({ train: [{ path: "one.tsv" }] })).rejects.toMatchObject({ code: "TRAINING_IMPOSSIBLE" });
    await expect(run({ output: "one.tsv/model.ftz" })).rejects.toMatchObject({ code: "MODEL_NOT_WRITABLE" });
  });

  test("any bytes as training text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.string({ unit: "binary" })), async (bytes) => {
        writeFileSync(join(folder, "any.tsv"), bytes);
        const error: unknown = await run({ train: [{ path: "any.tsv" }, { path: "case.tsv" }] }).catch(
          (thrown: unknown) => thrown,
        );
        if (error instanceof Error) expect(error).toBeInstanceOf(DataError);
      }),
      { numRuns: 40 },
    );
  });

  test("a recipe with an unknown key, by its line", () => {
    const path = join(folder, "recipe.yaml");
    writeFileSync(path, "version: 1\ntrain:\n  - path: a.tsv\noutput: m.ftz\nsettings:\n  dimension: 3\n");
    expect(() => loadTrainingRecipe(path)).toThrow(
      expect.objectContaining({ code: "RECIPE_INVALID", site: expect.objectContaining({ record: "line 6" }) }),
    );
    expect(() => loadTrainingRecipe(join(folder, "absent.yaml"))).toThrow(
      expect.objectContaining({ code: "RECIPE_NOT_FOUND" }),
    );
  });
});

test("scores: accuracy by length, and macro-F1 over the labels that the lines name", () => {
  const scores = scoresOf([
    { label: "a", guess: "a", length: 10 },
    { label: "a", guess: "b", length: 29 },
    { label: "b", guess: "b", length: 30 },
    { label: "b", guess: "c", length: 500 },
  ]);
  expect(scores).toEqual({
    lines: 4,
    labels: 2,
    accuracy: 0.5,
    // a: 2 * 1 / (2 + 1), b: 2 * 1 / (2 + 2); c is not named.
    macro_f1: Math.round(((2 / 3 + 1 / 2) / 2) * 1e4) / 1e4,
    by_length: {
      "below 30": { lines: 2, accuracy: 0.5 },
      "30 to 59": { lines: 1, accuracy: 1 },
      "120 and more": { lines: 1, accuracy: 0 },
    },
  });
});
