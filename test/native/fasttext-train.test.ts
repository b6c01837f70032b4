import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import { FastTextModel, type FastTextSettings, FastTextTrainer } from "../../native/index.js";
import { trainReference } from "./fasttext-train-reference.js";

const scratch = mkdtempSync(join(tmpdir(), "fasttext-train-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const base: FastTextSettings = {
  dimensions: 10,
  epochs: 15,
  rate: 0.8,
  leastCount: 1,
  mostWords: 1000,
  wordNgrams: 1,
  buckets: 2000,
  shortest: 2,
  longest: 4,
  oneVsAll: false,
  linesPerLabel: 0,
  cut: 0,
  shortestCut: 15,
  longestCut: 60,
  dropout: 0,
  seed: 1,
  threads: 1,
};

type Example = readonly [label: string, text: string | Uint8Array];

function column(texts: readonly (string | Uint8Array)[]): { values: Uint8Array; offsets: Int32Array } {
  const rows = texts.map((text) => Buffer.from(text as string));
  let end = 0;
  return { values: Buffer.concat(rows), offsets: Int32Array.from([0, ...rows.map((row) => (end += row.length))]) };
}

let files = 0;
function trained(
  examples: readonly Example[],
  settings: Partial<FastTextSettings> = {},
  how: { plain?: boolean; quantise?: { dsub: number; norms: boolean } } = {},
): string {
  const labels = [...new Set(examples.map(([label]) => label))];
  const trainer = new FastTextTrainer({ ...base, ...settings }, labels, { plain: how.plain ?? false });
  const { values, offsets } = column(examples.map(([, text]) => text));
  trainer.add(
    values,
    offsets,
    Int32Array.from(examples, ([label]) => labels.indexOf(label)),
  );
  while (!trainer.run(37).done);
  const path = join(scratch, `${files++}.model`);
  trainer.write(path, how.quantise);
  return path;
}

function guesses(path: string, texts: readonly string[]): readonly string[] {
  const model = new FastTextModel(path);
  const { values, offsets } = column(texts);
  return [...model.predict(values, offsets, 1).labels].map((label) => model.labels[label]?.replace("__label__", "") ?? "");
}

/** Sentences made of each language's frequent words. */
const words: Readonly<Record<string, string>> = {
  deu: "der die und nicht ist das ein mit auf für haben werden kann auch nach wird über zwischen",
  fra: "le la les et est que dans pour pas une sur avec sont être cette nous vous leur aussi très",
  fin: "ja on ei että se hän oli kun niin mutta tämä myös kuin ovat mukaan vain jos sitten",
  ell: "και το της την είναι για από που στο με τα δεν οι στην αυτό θα τους ένα",
};
function sentences(count: number, salt: number): readonly Example[] {
  return Array.from({ length: count }, (_, i) => {
    const labels = Object.keys(words);
    const label = labels[i % labels.length] ?? "";
    const list = (words[label] ?? "").split(" ");
    return [label, Array.from({ length: 6 }, (_, j) => list[(i * 7 + j * salt) % list.length]).join(" ")] as const;
  });
}
const lines = sentences(200, 5);
const questions = sentences(60, 11);
const asked = questions.map(([, text]) => text as string);
const answers = questions.map(([label]) => label);

describe("what it learns", () => {
  test.each([
    ["softmax", {}],
    ["one sigmoid a label", { oneVsAll: true }],
    ["words alone", { longest: 0, shortest: 0 }],
    ["cut lines and dropout", { cut: 0.5, shortestCut: 8, longestCut: 20, dropout: 0.3 }],
    ["the same number of lines for every label", { linesPerLabel: 20 }],
  ] as const)("%s tells four languages apart", (_, settings) => {
    expect(guesses(trained(lines, settings), asked)).toEqual(answers);
  });

  test("quantised, with norms or without, in parts that do not divide the dimensions, it still does", () => {
    for (const quantise of [
      { dsub: 2, norms: true },
      { dsub: 2, norms: false },
      { dsub: 3, norms: true },
    ]) {
      expect(guesses(trained(lines, {}, { quantise }), asked)).toEqual(answers);
    }
  });

  test("with word pairs it learns an order that single words do not show", () => {
    const ordered = Array.from(
      { length: 80 },
      (_, i) => (i % 2 === 0 ? ["yes", "dog bites man"] : ["no", "man bites dog"]) as Example,
    );
    const settings = { longest: 0, shortest: 0, epochs: 60 };
    expect(guesses(trained(ordered, { ...settings, wordNgrams: 2 }), ["dog bites man", "man bites dog"])).toEqual([
      "yes",
      "no",
    ]);
    const [first, second] = guesses(trained(ordered, settings), ["dog bites man", "man bites dog"]);
    expect(first).toBe(second);
  });

  test("a label with one line is learnt beside one with a thousand where each has the same share", () => {
    const uneven: Example[] = Array.from({ length: 1000 }, (_, i) => ["common", `the common word number ${i}`]);
    uneven.push(["rare", "zebra quagga"]);
    expect(guesses(trained(uneven, { linesPerLabel: 50 }), ["zebra", "the common word"])).toEqual(["rare", "common"]);
  });

  test("weights are those of the same steps in plain numbers", () => {
    const vocabulary = ["w0", "w1", "w2", "w3", "w4"];
    const plan = Array.from({ length: 40 }, (_, i) => ({
      words: [i % 5, (i * i) % 5, (i + 1) % 5],
      label: (i * 3 + (i % 2)) % 3,
    }));
    // Words are numbered by how often they are read, then by where they come first.
    const counts = new Map<string, number>();
    for (const { words: row } of plan)
      for (const w of [...row.map((i) => vocabulary[i] ?? ""), "</s>"]) counts.set(w, (counts.get(w) ?? 0) + 1);
    const order = [...counts].sort(([, a], [, b]) => b - a).map(([word]) => word);
    const settings = { ...base, dimensions: 8, longest: 0, shortest: 0, epochs: 3, rate: 0.5 };
    const path = trained(
      plan.map(({ words: row, label }) => [`l${label}`, row.map((i) => vocabulary[i]).join(" ")]),
      settings,
    );
    const labels = [...new Set(plan.map(({ label }) => label))];
    const { input, output } = trainReference(
      plan.map(({ words: row, label }) => ({
        words: [...row.map((i) => order.indexOf(vocabulary[i] ?? "")), order.indexOf("</s>")],
        label: labels.indexOf(label),
      })),
      { words: order.length, labels: labels.length, dimensions: 8 },
      settings,
    );
    const file = readFileSync(path);
    const floats = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => file.readFloatLE(from + i * 4));
    const outputAt = file.length - output.length * 8 * 4;
    const inputAt = outputAt - 17 - input.length * 8 * 4;
    floats(outputAt, output.length * 8).forEach((x, i) => {
      expect(x).toBeCloseTo(output.flat()[i] ?? Number.NaN, 4);
    });
    floats(inputAt, input.length * 8).forEach((x, i) => {
      expect(x).toBeCloseTo(input.flat()[i] ?? Number.NaN, 4);
    });
  });
});

describe("the file", () => {
  test("is the same for any number of threads, with plain instructions, and for steps of any size; not for another seed", () => {
    const settings = { cut: 0.5, shortestCut: 8, longestCut: 20, dropout: 0.2, linesPerLabel: 30 };
    const quantise = { dsub: 2, norms: true };
    const first = readFileSync(trained(lines, settings, { quantise }));
    for (const threads of [2, 3, 8])
      expect(readFileSync(trained(lines, { ...settings, threads }, { quantise })).equals(first)).toBe(true);
    expect(readFileSync(trained(lines, settings, { quantise, plain: true })).equals(first)).toBe(true);
    expect(readFileSync(trained(lines, { ...settings, seed: 2 }, { quantise })).equals(first)).toBe(false);
  });

  const program = (() => {
    try {
      execFileSync("fasttext", { stdio: "ignore" });
      return true;
    } catch (error) {
      return (error as { code?: string }).code !== "ENOENT";
    }
  })();
  test.skipIf(!program)("is read by the fastText program with the same answers (skipped where it is not installed)", () => {
    for (const [settings, how] of [
      [{}, {}],
      [{ oneVsAll: true, wordNgrams: 2 }, {}],
      [{}, { quantise: { dsub: 2, norms: true } }],
      [{ wordNgrams: 3 }, { quantise: { dsub: 4, norms: false } }],
    ] as const) {
      const path = trained(lines, settings, how);
      const text = join(scratch, "asked.txt");
      writeFileSync(text, `${asked.join("\n")}\n`);
      const printed = execFileSync("fasttext", ["predict-prob", path, text, "1"]).toString().trimEnd().split("\n");
      const model = new FastTextModel(path);
      const { values, offsets } = column(asked);
      const { labels, probabilities } = model.predict(values, offsets, 1);
      printed.forEach((line, i) => {
        const [label, p] = line.split(" ");
        expect(label).toBe(model.labels[labels[i] ?? -1]);
        expect(Number(p) - 1e-5).toBeCloseTo(probabilities[i] ?? Number.NaN, 4);
      });
    }
  });
});

describe("what is refused, with a code", () => {
  const impossible = expect.objectContaining({ code: "TRAINING_IMPOSSIBLE" });
  const start = (labels: readonly string[], rows: readonly [number, string][], settings: Partial<FastTextSettings> = {}) => {
    const trainer = new FastTextTrainer({ ...base, ...settings }, labels);
    const { values, offsets } = column(rows.map(([, text]) => text));
    trainer.add(
      values,
      offsets,
      Int32Array.from(rows, ([label]) => label),
    );
    return trainer;
  };

  test("no line, one label, a label without a line, labels that no file can hold", () => {
    expect(() => start([], []).run(1)).toThrow(impossible);
    expect(() => start(["a"], [[0, "x"]]).run(1)).toThrow(impossible);
    expect(() => start(["a", "b"], [[0, "x"]]).run(1)).toThrow(impossible);
    for (const label of ["", "a b", "a\nb", "a\u0000", "\ud800"]) expect(() => start([label, "b"], [])).toThrow(impossible);
    expect(() => start(["a", "a"], [])).toThrow(impossible);
  });

  test("nothing to learn from, weights beyond memory, lines after the start, a file before the end, a place that is none", () => {
    const two: [number, string][] = [
      [0, "x"],
      [1, "y"],
    ];
    expect(() => start(["a", "b"], two, { longest: 0, shortest: 0, leastCount: 9 }).run(1)).toThrow(impossible);
    expect(() => start(["a", "b"], two, { buckets: 2_000_000_000, dimensions: 4096 }).run(1)).toThrow(impossible);
    const trainer = start(["a", "b"], two);
    trainer.run(1);
    expect(() => trainer.add(new Uint8Array(1), Int32Array.of(0, 1), Int32Array.of(0))).toThrow(impossible);
    expect(() => start(["a", "b"], two).write(join(scratch, "early.bin"))).toThrow(impossible);
    while (!trainer.run(100).done);
    expect(() => trainer.write(join(scratch, "no", "folder"))).toThrow(expect.objectContaining({ code: "MODEL_NOT_WRITABLE" }));
  });

  test("settings outside their range, and labels that do not fit the rows", () => {
    for (const wrong of [
      { dimensions: 0 },
      { rate: Number.NaN },
      { longest: 65 },
      { threads: 0 },
      { dropout: 1 },
      { longestCut: 3 },
    ])
      expect(() => new FastTextTrainer({ ...base, ...wrong }, ["a", "b"])).toThrow(RangeError);
    const trainer = new FastTextTrainer(base, ["a", "b"]);
    expect(() => trainer.add(new Uint8Array(1), Int32Array.of(0, 1), Int32Array.of(2))).toThrow(RangeError);
    expect(() => trainer.add(new Uint8Array(1), Int32Array.of(0, 1), Int32Array.of())).toThrow(TypeError);
    expect(() => trainer.run(0)).toThrow(RangeError);
  });

  test("any bytes can be trained on, and what is written can be read", () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.constantFrom("__label__x a", "</s> a", "\u0000", "", " ", "a".repeat(5000)),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 20 }), fc.boolean(), (texts, quantised) => {
        const settings = { epochs: 2, buckets: 50, wordNgrams: 2, cut: 0.5, dropout: 0.5, threads: 2 };
        try {
          const quantise = { dsub: 3, norms: true };
          new FastTextModel(
            trained(
              texts.map((bytes, i) => [`l${i % 2}`, bytes]),
              settings,
              quantised ? { quantise } : {},
            ),
          );
        } catch (error) {
          // Words that begin as labels do are no words; of those alone a model cannot be made.
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 60 },
    );
  });
});
