import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { NativeModelShape, TrainingBatch } from "../../native/index.js";
import {
  instructionSets,
  length2,
  oracleLoss,
  randomBatch,
  randomDocuments,
  randomModel,
  seeded,
  shapeOf,
} from "./trainer-models.js";
import { oracleLogits, oracleLosses, type Weights } from "./trainer-oracle.js";

const shapes: Readonly<Record<string, { shape: NativeModelShape; rows: number; length: number }>> = {
  "odd sizes, two queries a key": {
    shape: shapeOf({ vocabulary: 37, width: 21, layers: 2, heads: 4, kvHeads: 2, headWidth: 6, hidden: 45 }),
    rows: 3,
    length: 19,
  },
  "a head a key": {
    shape: shapeOf({ vocabulary: 50, width: 24, layers: 1, heads: 3, kvHeads: 3, headWidth: 16, hidden: 40 }),
    rows: 2,
    length: 33,
  },
  "all queries on one key, tiles beyond the first": {
    shape: shapeOf({ vocabulary: 29, width: 16, layers: 1, heads: 3, kvHeads: 1, headWidth: 8, hidden: 17 }),
    rows: 1,
    length: 150,
  },
  "wide heads": {
    shape: shapeOf({ vocabulary: 23, width: 32, layers: 1, heads: 2, kvHeads: 1, headWidth: 128, hidden: 24 }),
    rows: 1,
    length: 70,
  },
  "a row of one token": {
    shape: shapeOf({ vocabulary: 5, width: 3, layers: 2, heads: 1, kvHeads: 1, headWidth: 2, hidden: 1 }),
    rows: 1,
    length: 1,
  },
};
interface Slope {
  readonly direction: Float64Array;
  readonly slope: number;
}
const slopes = new Map<NativeModelShape, Map<string, Slope>>();
const one = { threads: 1, dtype: "float32" } as const;

describe.each(instructionSets)("with %s instructions", (instructions) => {
  describe.each(Object.entries(shapes))("%s", (_, { shape, rows, length }) => {
    it("losses are those of the oracle, whole rows and documents", async () => {
      const { model, weights } = randomModel(shape, { ...one, instructions });
      for (const documents of [undefined, randomDocuments(rows, length)]) {
        const batch = { ...randomBatch(shape, rows, length), ...(documents === undefined ? {} : { documents }) };
        const expected = oracleLosses(shape, weights, batch);
        const losses = await model.losses(batch);
        expect(Math.max(...losses.map((loss, i) => Math.abs(loss - (expected[i] ?? 0))))).toBeLessThan(1e-5);
        const { loss, counted, lossAll, all } = await model.evaluate(batch);
        expect(all).toBe(rows * length);
        expect(counted).toBe(batch.mask.reduce((sum, bit) => sum + bit, 0));
        expect(Math.abs(loss / oracleLoss(shape, weights, batch) - 1)).toBeLessThan(1e-6);
        expect(Math.abs(lossAll / expected.reduce((sum, x) => sum + x, 0) - 1)).toBeLessThan(1e-6);
      }
    });

    it("gradients are the oracle's differences in random directions", async () => {
      const { model, weights } = randomModel(shape, { ...one, instructions });
      const batch = { ...randomBatch(shape, rows, length), documents: randomDocuments(rows, length) };
      await model.accumulate({ ...batch, scale: 0.25 });
      await model.accumulate({ ...batch, scale: 0.25 });
      const total = Math.hypot(...model.tensors.map(({ name }) => length2(model.read("gradient", name))));
      expect(Math.abs((await model.gradientNorm()) / total - 1)).toBeLessThan(1e-9);
      for (const { name } of model.tensors) {
        const { direction, slope } = slopeOf(shape, weights, batch, name);
        const gradient = model.read("gradient", name);
        const found = gradient.reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0);
        expect(Math.abs(found - 0.5 * slope), name).toBeLessThan(1e-4 * length2(gradient) + 2e-6 * total);
      }
    });
  });
});

/** How the loss changes along a random direction of a tensor, in float64; worked out once for all sets of instructions. */
function slopeOf(shape: NativeModelShape, weights: Weights, batch: TrainingBatch, name: string): Slope {
  const known = slopes.get(shape) ?? new Map<string, Slope>();
  slopes.set(shape, known);
  const before = known.get(name);
  if (before !== undefined) return before;
  const values = weights.get(name) ?? new Float64Array(0);
  const random = seeded(4);
  const direction = values.map(() => (random() < 0.5 ? -1 : 1));
  const step = 1e-5;
  const at = (sign: number) =>
    oracleLoss(
      shape,
      new Map(weights).set(
        name,
        values.map((x, i) => x + sign * step * (direction[i] ?? 0)),
      ),
      batch,
    );
  const slope = { direction, slope: (at(1) - at(-1)) / (2 * step) };
  known.set(name, slope);
  return slope;
}

describe("a model in training", () => {
  const { shape, rows, length } = shapes["odd sizes, two queries a key"] as (typeof shapes)[string] & object;

  it("gives the same bits for one thread, two and five", async () => {
    const wide = shapeOf({ vocabulary: 1031, width: 96, layers: 2, heads: 6, kvHeads: 2, headWidth: 16, hidden: 200 });
    const batch = { ...randomBatch(wide, 3, 129), documents: randomDocuments(3, 129) };
    const results = [];
    for (const threads of [1, 2, 5]) {
      const { model } = randomModel(wide, { threads, dtype: "float32" });
      const { loss } = await model.accumulate({ ...batch, scale: 1 });
      const hash = createHash("sha256");
      for (const { name } of model.tensors) hash.update(Buffer.from(model.read("gradient", name).buffer));
      results.push({ loss, norm: await model.gradientNorm(), gradients: hash.digest("hex") });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("sees a row's documents as rows of their own", async () => {
    const { model } = randomModel(shape, one);
    const { tokens } = randomBatch(shape, 1, 40);
    const documents = { boundaries: Int32Array.of(0, 7, 8, 40), offsets: Int32Array.of(0, 4) };
    const together = await model.losses({ tokens, rows: 1, length: 40, documents });
    for (const [from, to] of [
      [0, 7],
      [7, 8],
      [8, 40],
    ] as const) {
      const alone = await model.losses({ tokens: tokens.slice(from, to + 1), rows: 1, length: to - from });
      alone.forEach((loss, i) => {
        expect(Math.abs(loss - (together[from + i] ?? 0))).toBeLessThan(2e-6);
      });
    }
  });

  it("gives no gradient to what the mask leaves out", async () => {
    const { model } = randomModel(shape, one);
    const batch = randomBatch(shape, rows, length);
    const result = await model.accumulate({ ...batch, mask: new Uint8Array(rows * length), scale: 1 });
    expect(result).toMatchObject({ loss: 0, counted: 0, all: rows * length });
    expect(await model.gradientNorm()).toBe(0);
    await model.accumulate({ ...batch, scale: 1 });
    expect(await model.gradientNorm()).toBeGreaterThan(0);
    model.zeroGradients();
    expect(await model.gradientNorm()).toBe(0);
  });

  it("shows a weight that is no number in loss and norm", async () => {
    const { model } = randomModel(shape, one);
    model.write("weight", "model.layers.0.mlp.act_fn.alpha_p", Float32Array.of(Number.NaN));
    const { loss } = await model.accumulate({ ...randomBatch(shape, rows, length), scale: 1 });
    expect(loss).toBeNaN();
    expect(await model.gradientNorm()).toBeNaN();
  });

  it("continues a prompt with the logits of the whole sequence", async () => {
    const { model, weights } = randomModel(shape, one);
    const tokens = randomBatch(shape, 1, 79).tokens;
    const all = await model.logits(tokens, 1, 80);
    const expected = oracleLogits(shape, weights, tokens, 1, 80, new Int32Array(80));
    expect(Math.max(...all.map((x, i) => Math.abs(x - (expected[i] ?? 0))))).toBeLessThan(1e-4);
    const generator = model.generator(80);
    for (const [from, to] of [
      [0, 66],
      [66, 67],
      [67, 78],
      [78, 79],
      [79, 80],
    ] as const) {
      const logits = await generator.next(tokens.slice(from, to));
      expect(generator.length).toBe(to);
      logits.forEach((x, i) => {
        expect(Math.abs(x - (all[(to - 1) * shape.vocabulary + i] ?? 0))).toBeLessThan(2e-5);
      });
    }
    await expect(generator.next(Int32Array.of(1))).rejects.toThrow(RangeError);
  });

  it("multiplies in bfloat16 where asked to: near float32, and not the same", async () => {
    const batch = randomBatch(shape, rows, length);
    const exact = await randomModel(shape, one).model.accumulate({ ...batch, scale: 1 });
    for (const threads of [1, 2]) {
      const { model } = randomModel(shape, { threads, dtype: "bfloat16" });
      const { loss } = await model.accumulate({ ...batch, scale: 1 });
      expect(loss).not.toBe(exact.loss);
      expect(Math.abs(loss / exact.loss - 1)).toBeLessThan(1e-2);
      expect(model.backend).toMatch(/bfloat16/);
    }
  });
});
