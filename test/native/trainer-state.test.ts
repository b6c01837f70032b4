import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NativeModel, type OptimiserStep } from "../../native/index.js";
import { randomBatch, randomModel, seeded, shapeOf } from "./trainer-models.js";

const shape = shapeOf({ vocabulary: 37, width: 21, layers: 2, heads: 4, kvHeads: 2, headWidth: 6, hidden: 45 });
const one = { threads: 1, dtype: "float32" } as const;

describe("initialisation", () => {
  it("is normal with the published spread, and norms and slopes are constants", () => {
    const model = new NativeModel(
      shapeOf({ vocabulary: 400, width: 64, layers: 2, heads: 4, kvHeads: 2, headWidth: 16, hidden: 160 }),
      one,
    );
    model.initialise(28, 0.01);
    for (const { name, shape: sides } of model.tensors) {
      const values = model.read("weight", name);
      if (name.endsWith("alpha_p")) expect(values[0]).toBeCloseTo(Math.log(Math.exp(0.8) - 1), 7);
      else if (name.endsWith("alpha_n")) expect(values[0]).toBeCloseTo(Math.log(Math.exp(0.3) - 1), 7);
      else if (sides.length === 1) expect(values.every((x) => x === 1)).toBe(true);
      else {
        const wanted = /o_proj|down_proj/.test(name) ? 0.005 : 0.01;
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const moment = (n: number) => values.reduce((sum, x) => sum + (x / wanted) ** n, 0) / values.length;
        expect(Math.abs(mean)).toBeLessThan((5 * wanted) / Math.sqrt(values.length));
        expect(Math.abs(moment(2) - 1)).toBeLessThan(8 / Math.sqrt(values.length));
        expect(Math.abs(moment(4) - 3)).toBeLessThan(50 / Math.sqrt(values.length));
      }
    }
  });

  it("is the same bits for ever, on any machine and with any number of threads", () => {
    for (const threads of [1, 3]) {
      const model = new NativeModel(shape, { threads, dtype: "float32" });
      model.initialise(28, 0.008944);
      const hash = createHash("sha256");
      for (const { name } of model.tensors) hash.update(Buffer.from(model.read("weight", name).buffer));
      expect(hash.digest("hex")).toBe("bae0c150c51e1cce51f2be13459ff3795d0c25abe5fd74fd68d4e6060f68a0b1");
    }
  });
});

describe("a step", () => {
  const options = {
    learningRate: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    beta3: 0.9995,
    alpha: 3.5,
    correction1: 0.1,
    correction2: 0.001,
    epsilon: 1e-8,
    weightDecay: 0.1,
    gradientScale: 0.5,
  };
  it.each(["ademamix", "adamw"] as const)("of %s does what its definition says, and decays matrices alone", async (kind) => {
    const { model } = randomModel(shape, one);
    const random = seeded(5);
    const kinds = ["weight", "gradient", "m1", "m2", "v"] as const;
    const before = new Map(
      model.tensors.map(({ name }) => {
        const count = model.read("weight", name).length;
        const entry = Object.fromEntries(
          kinds.map((key) => {
            const values = Float32Array.from({ length: count }, () => (key === "v" ? random() : 2 * random() - 1));
            model.write(key, name, values);
            return [key, values];
          }),
        );
        return [name, entry] as const;
      }),
    );
    await model.step({ kind, ...options } satisfies OptimiserStep);
    for (const { name, shape: sides } of model.tensors) {
      const old = before.get(name);
      const now = Object.fromEntries(kinds.map((key) => [key, model.read(key, name)]));
      let worst = 0;
      const get = (from: Record<string, Float32Array> | undefined, key: string, i: number) => from?.[key]?.[i] ?? Number.NaN;
      for (let i = 0; i < (old?.weight?.length ?? 0); i++) {
        const g = 0.5 * get(old, "gradient", i);
        const m1 = 0.9 * get(old, "m1", i) + 0.1 * g;
        const m2 = 0.9995 * get(old, "m2", i) + 0.0005 * g;
        const v = 0.999 * get(old, "v", i) + 0.001 * g * g;
        const denominator = Math.sqrt(v) / Math.sqrt(0.001) + 1e-8;
        const update = (m1 / 0.1 + (kind === "ademamix" ? 3.5 * m2 : 0)) / denominator;
        const p = get(old, "weight", i);
        const expected = {
          weight: p - 0.01 * (update + (sides.length > 1 ? 0.1 : 0) * p),
          m1,
          v,
          m2: kind === "ademamix" ? m2 : get(old, "m2", i),
        };
        for (const [key, value] of Object.entries(expected)) worst = Math.max(worst, Math.abs(value - get(now, key, i)));
      }
      expect(worst, name).toBeLessThan(2e-6);
    }
  });
});

describe("the average of weights", () => {
  it("begins as a copy, follows at its rate, and changes places with the weights", async () => {
    const { model } = randomModel(shape, one);
    const name = "lm_head.weight";
    expect(() => model.read("average", name)).toThrow(/no average/);
    expect(() => model.swapWeightsWithAverage()).toThrow(/no average/);
    const first = model.read("weight", name);
    await model.averageWeights(1);
    expect(model.read("average", name)).toEqual(first);
    const second = first.map((x) => x + 1);
    model.write("weight", name, second);
    await model.averageWeights(0.25);
    model.read("average", name).forEach((x, i) => {
      expect(x).toBeCloseTo((first[i] ?? 0) + 0.25, 6);
    });
    const average = model.read("average", name);
    model.swapWeightsWithAverage();
    expect(model.read("weight", name)).toEqual(average);
    expect(model.read("average", name)).toEqual(second);
    model.swapWeightsWithAverage();
    await model.averageWeights(1);
    expect(model.read("average", name)).toEqual(second);
  });
});

describe("arguments that nobody should give", () => {
  const model = randomModel(shape, one).model;
  const batch = randomBatch(shape, 2, 5);

  it("shapes outside their bounds are refused", () => {
    const make = (change: object) => () => new NativeModel({ ...shape, ...change }, one);
    for (const side of ["vocabulary", "width", "layers", "heads", "kvHeads", "headWidth", "hidden"]) {
      for (const value of [0, -1, 1.5, Number.NaN, 2 ** 40, "8", undefined])
        expect(make({ [side]: value }), side).toThrow(RangeError);
    }
    expect(make({ kvHeads: 3 })).toThrow(RangeError);
    expect(make({ headWidth: 7 })).toThrow(RangeError);
    expect(make({ normEpsilon: 0 })).toThrow(RangeError);
    expect(make({ inverseFrequencies: new Float64Array(2) })).toThrow(RangeError);
    expect(make({ inverseFrequencies: new Float32Array(3) })).toThrow(TypeError);
    expect(make({ inverseFrequencies: Float64Array.of(1, Number.NaN, 0) })).toThrow(RangeError);
    expect(make({ width: 2 ** 23, vocabulary: 2 ** 23 })).toThrow(RangeError);
    for (const threads of [0, 1.5, 1e9]) expect(() => new NativeModel(shape, { ...one, threads })).toThrow(RangeError);
    expect(() => new NativeModel(shape, { ...one, dtype: "float16" as "float32" })).toThrow(RangeError);
    expect(() => new NativeModel(shape, { ...one, instructions: "sse" as "plain" })).toThrow(RangeError);
  });

  it("a model or a batch beyond the machine's memory is a coded error", async () => {
    const huge = { ...shape, width: 2 ** 20, hidden: 2 ** 20, vocabulary: 2 ** 16 };
    expect(() => new NativeModel(huge, one)).toThrow(expect.objectContaining({ code: "TRAINING_OUT_OF_MEMORY" }));
    const wide = new NativeModel({ ...shape, hidden: 2 ** 14, layers: 60 }, one);
    const length = 2 ** 20;
    const batchOf = { tokens: new Int32Array(length + 1), rows: 1, length, scale: 1 };
    await expect(wide.accumulate(batchOf)).rejects.toMatchObject({ code: "TRAINING_OUT_OF_MEMORY" });
    expect((await wide.evaluate(batch)).all).toBe(10);
  });

  it("batches that do not fit together are refused, and the model goes on", async () => {
    const wrong = [
      { tokens: new Int32Array(3) },
      { tokens: new Float32Array(12) as unknown as Int32Array },
      { tokens: batch.tokens.map((id, i) => (i === 7 ? 37 : id)) },
      { tokens: batch.tokens.map((id, i) => (i === 11 ? -1 : id)) },
      { rows: 0 },
      { rows: 2 ** 24, length: 2 ** 24 },
      { length: 4.5 },
      { mask: new Uint8Array(9) },
      { documents: { boundaries: Int32Array.of(0, 5), offsets: Int32Array.of(0, 2) } },
      { documents: { boundaries: Int32Array.of(0, 5, 0, 4), offsets: Int32Array.of(0, 2, 4) } },
      { documents: { boundaries: Int32Array.of(0, 3, 3, 5, 0, 5), offsets: Int32Array.of(0, 4, 6) } },
      { documents: { boundaries: Int32Array.of(0, 9, 5, 0, 5), offsets: Int32Array.of(0, 3, 5) } },
      { documents: { boundaries: Int32Array.of(0, 5, 0, 5), offsets: Int32Array.of(0, 2, 400) } },
      { documents: { boundaries: Int32Array.of(0, 5, 0, 5), offsets: Int32Array.of(0, -2, 4) } },
      { documents: { boundaries: Int32Array.of(), offsets: Int32Array.of(0, 0, 0) } },
      { scale: Number.NaN },
    ];
    for (const change of wrong) {
      await expect(model.accumulate({ ...batch, scale: 1, ...change }), JSON.stringify(change)).rejects.toThrow(/.+/);
    }
    await expect(model.logits(batch.tokens, 2, 5)).rejects.toThrow(RangeError);
    expect((await model.accumulate({ ...batch, scale: 1 })).all).toBe(10);
  });

  it("names, kinds and lengths that do not exist are refused", () => {
    expect(() => model.read("weight", "model.layers.2.mlp.up_proj.weight")).toThrow(RangeError);
    expect(() => model.read("v2" as "v", "lm_head.weight")).toThrow(RangeError);
    expect(() => model.write("weight", "model.norm.weight", new Float32Array(20))).toThrow(RangeError);
    expect(() => model.write("weight", "model.norm.weight", new Float64Array(21) as unknown as Float32Array)).toThrow(
      TypeError,
    );
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => model.initialise(seed, 0.01)).toThrow(RangeError);
    expect(() => model.generator(0)).toThrow(RangeError);
  });

  it("a second call while one is at work is refused", async () => {
    const running = model.accumulate({ ...batch, scale: 1 });
    await expect(model.accumulate({ ...batch, scale: 1 })).rejects.toThrow(/at work/);
    expect(() => model.read("weight", "lm_head.weight")).toThrow(/at work/);
    expect(() => model.zeroGradients()).toThrow(/at work/);
    await running;
    expect(model.read("weight", "lm_head.weight").length).toBe(37 * 21);
  });
});
