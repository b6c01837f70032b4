import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import { FastTextModel } from "../../native/index.js";

const fixtures = join(import.meta.dirname, "../fixtures/fasttext");
const lines = readFileSync(join(fixtures, "lines.txt"), "utf8").trimEnd().split("\n");
const expected = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8")) as Record<string, [string, number][][]>;
const models = Object.keys(expected);
const scratch = mkdtempSync(join(tmpdir(), "fasttext-test-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function predict(model: FastTextModel, texts: readonly string[], k: number): [string, number][][] {
  const rows = texts.map((text) => Buffer.from(text));
  let end = 0;
  const offsets = Int32Array.from([0, ...rows.map((row) => (end += row.length))]);
  const { labels, probabilities } = model.predict(Buffer.concat(rows), offsets, k);
  return rows.map((_, row) =>
    Array.from(
      { length: k },
      (_, i) => [model.labels[labels[row * k + i]] ?? "", probabilities[row * k + i]] as [string, number],
    ),
  );
}

describe.each(models)("%s", (name) => {
  const model = new FastTextModel(join(fixtures, name));
  // The program adds the guard of its logarithm to what it prints; in a tree it is part of the product.
  const guard = name.startsWith("hierarchical") ? 0 : 1e-5;

  test("gives the program's labels and, to 0.00001, its probabilities", () => {
    const found = predict(model, lines, 3);
    expected[name]?.forEach((row, i) => {
      row.forEach(([label, probability], j) => {
        const [ours, p] = found[i]?.[j] ?? ["", Number.NaN];
        expect(Math.abs(p + guard - probability)).toBeLessThan(1e-5);
        // Equal probabilities may stand in any order.
        if (row.every(([, other], other_j) => other_j === j || Math.abs(other - probability) > 2e-5)) {
          if (j < 2 || label === ours) expect(ours).toBe(label);
        }
      });
    });
  });

  test("does not depend on the other rows, on their order, or on what was read before", () => {
    const fresh = new FastTextModel(join(fixtures, name));
    const backwards = predict(fresh, [...lines].reverse(), 2).reverse();
    expect(backwards).toEqual(predict(model, lines, 2));
    expect(lines.flatMap((line) => predict(fresh, [line], 2))).toEqual(backwards);
  });

  test("gives the same bits with plain instructions as with the widest", () => {
    const k = model.labels.length;
    expect(predict(new FastTextModel(join(fixtures, name), { plain: true }), lines, k)).toEqual(predict(model, lines, k));
  });

  test("probabilities fall, lie between 0 and 1, and sum to 1 where they must", () => {
    const k = model.labels.length;
    for (const row of predict(model, lines, k)) {
      const p = row.map(([, probability]) => probability);
      expect(p.every((x, i) => x >= 0 && x <= 1 && (i === 0 || x <= (p[i - 1] ?? 0)))).toBe(true);
      if (!name.startsWith("one")) expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
      expect(new Set(row.map(([label]) => label)).size).toBe(k);
    }
  });

  test("a file cut off anywhere is refused with a code", () => {
    const bytes = readFileSync(join(fixtures, name));
    const path = join(scratch, "cut.bin");
    for (let size = 0; size < bytes.length; size += size < 400 ? 7 : 997) {
      writeFileSync(path, bytes.subarray(0, size));
      expect(() => new FastTextModel(path)).toThrow(expect.objectContaining({ code: "MODEL_CORRUPT" }));
    }
  });

  test("a file with any bytes changed is refused with a code or gives some answer", () => {
    const bytes = readFileSync(join(fixtures, name));
    const path = join(scratch, "forged.bin");
    const change = fc.tuple(
      fc.oneof(fc.nat(120), fc.nat(bytes.length - 9), fc.nat(bytes.length - 9)),
      fc.constantFrom(
        Buffer.from([255]),
        Buffer.from([0, 0, 0, 128]),
        Buffer.from("ffffff7f", "hex"),
        Buffer.from("ffffffffffffff7f", "hex"),
        Buffer.from("0000c07f", "hex"),
        Buffer.from([1, 0, 0, 0]),
      ),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const forged = Buffer.from(bytes);
        for (const [at, piece] of changes) piece.copy(forged, at);
        writeFileSync(path, forged);
        try {
          const [row = []] = predict(new FastTextModel(path), [lines.join(" ")], 1);
          expect(row.every(([, p]) => p >= 0 && p <= 1)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test("a word </s> in the text ends the reading, white space of every kind separates, labels are no words", () => {
  const model = new FastTextModel(join(fixtures, "softmax.bin"));
  const [plain, ended, spaced, labelled] = predict(
    model,
    [
      "das Wetter ist",
      "das Wetter ist </s> el tiempo",
      "\ndas\t Wetter\u0000\v\fist\r\n",
      "das __label__x Wetter __label__deu_Latn ist",
    ],
    3,
  );
  expect(ended).toEqual(plain);
  expect(spaced).toEqual(plain);
  expect(labelled).toEqual(plain);
});

test("a missing file, a folder, and k outside the labels are refused", () => {
  expect(() => new FastTextModel(join(fixtures, "absent.bin"))).toThrow(expect.objectContaining({ code: "INPUT_NOT_FOUND" }));
  expect(() => new FastTextModel(fixtures)).toThrow(expect.objectContaining({ code: "INPUT_NOT_FOUND" }));
  const model = new FastTextModel(join(fixtures, "softmax.bin"));
  for (const k of [0, -1, 11, 2 ** 32 + 1, Number.NaN])
    expect(() => model.predict(new Uint8Array(), Int32Array.of(0, 0), k)).toThrow(RangeError);
});

test("long words and long texts are read in full", () => {
  const model = new FastTextModel(join(fixtures, "one-vs-all.bin"));
  const [once, twice] = predict(model, ["Donaudampfschifffahrt".repeat(20_000), "Donaudampfschifffahrt".repeat(40_000)], 1);
  expect(once?.[0]?.[0]).toBe(twice?.[0]?.[0]);
});

test("worker threads open models of their own beside each other", async () => {
  const addon = join(import.meta.dirname, "../../native/build/Release/apertus_native.node");
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { FastTextModel } = require(workerData.addon);
    const model = new FastTextModel(workerData.path);
    const text = Buffer.from(workerData.text);
    let last;
    for (let i = 0; i < 50; i++) last = model.predict(text, Int32Array.of(0, text.length), 3);
    parentPort.postMessage([...last.probabilities]);`;
  const path = join(fixtures, "norms.ftz");
  const answers = await Promise.all(
    [0, 1, 2].map(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(code, { eval: true, workerData: { addon, path, text: lines[0] } });
          worker.once("message", resolve).once("error", reject);
        }),
    ),
  );
  const here = predict(new FastTextModel(path), lines.slice(0, 1), 3)[0]?.map(([, p]) => p);
  expect(answers).toEqual([here, here, here]);
});
