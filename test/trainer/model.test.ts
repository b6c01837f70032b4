/** Shapes, angles, plans and optimiser scalars, against what Apertus published. */
import { describe, expect, test } from "vitest";
import { averagingAfter } from "../../trainer/averaging/averaging.js";
import { modelTensors } from "../../trainer/hugging-face/tensors.js";
import { countParameters } from "../../trainer/model/configuration.js";
import { apertusUtilisation, hardware, operationsPerToken, planTraining } from "../../trainer/model/plan.js";
import { presets } from "../../trainer/model/presets.js";
import { inverseFrequencies } from "../../trainer/model/rope.js";
import { alphaAt, beta3At, clipScale, optimiserStep } from "../../trainer/optimiser/scalars.js";

const apertus = {
  ...{ kind: "ademamix" as const, beta1: 0.9, beta2: 0.999, beta3: 0.9999, alpha: 8 },
  ...{ warmup: 100_000, epsilon: 1e-8, weightDecay: 0.1, clip: 0.1 },
};

describe("shapes", () => {
  test("8B and 70B have as many parameters as Apertus", () => {
    expect(countParameters(presets["8b"].configuration).all).toBe(8_053_338_176);
    expect(countParameters(presets["70b"].configuration).all).toBe(70_599_864_480);
  });

  test("parameters are the sizes of the tensors, which are 14 a layer and 3", () => {
    for (const { configuration } of Object.values(presets)) {
      const tensors = modelTensors(configuration);
      expect(tensors).toHaveLength(14 * configuration.layers + 3);
      const trained = tensors.filter(({ constant }) => constant === undefined);
      const sizes = trained.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(countParameters(configuration).all);
    }
  });

  test("RoPE turns as in the reference vector: 8 wide, base 12 M, Llama 3's scaling", () => {
    const rope = { theta: 12e6, factor: 8, lowFrequency: 1, highFrequency: 4, originalLength: 8192 };
    const found = inverseFrequencies(8, rope);
    for (const [i, wanted] of [1, 0.016990442, 3.6084392e-5, 6.1308978e-7].entries())
      expect(found[i] / wanted).toBeCloseTo(1, 7);
  });
});

describe("plans", () => {
  test("operations a token are those of Apertus's 6.74e24", () => {
    expect(operationsPerToken(presets["70b"].configuration, 4096)).toBeCloseTo(4.496e11, -8.5);
    expect(operationsPerToken(presets["8b"].configuration, 4096) / 5.158e10).toBeCloseTo(1, 3);
    const { operations } = planTraining({ ...presets["70b"], device: hardware.gh200, devices: 4096, utilisation: 0.33 });
    expect(operations / 6.74e24).toBeCloseTo(1, 2);
  });

  test("at Apertus's utilisation 70B runs at its 723 tokens a second, about 59 days on 4,096 GH200", () => {
    const plan = planTraining({ ...presets["70b"], device: hardware.gh200, devices: 4096, utilisation: apertusUtilisation });
    expect(plan.tokens_per_second / 723).toBeCloseTo(1, 1);
    expect(plan.days).toBeGreaterThan(55);
    expect(plan.days).toBeLessThan(62);
    expect(plan.device_hours / 5.76e6).toBeCloseTo(1, 1);
  });
});

describe("scalars of a step", () => {
  test.each([
    [1, 0.9009883],
    [100, 0.9499662],
    [1000, 0.990901],
    [10_000, 0.999009],
    [50_000, 0.9998002],
    [100_000, 0.9999],
    [2_000_000, 0.9999],
  ])("beta3 of step %i is %d", (step, beta3) => {
    expect(beta3At(step, apertus)).toBeCloseTo(beta3, 7);
  });

  test("alpha rises evenly", () => {
    expect([1, 50_000, 100_000, 100_001].map((step) => alphaAt(step, apertus))).toEqual([8e-5, 4, 8, 8]);
  });

  test("corrections are of the two means that have them", () => {
    const { correction1, correction2, learningRate } = optimiserStep(2, 0.5, 1, apertus);
    expect([correction1, correction2, learningRate]).toEqual([1 - 0.81, 1 - 0.999 ** 2, 0.5]);
  });

  test("gradients are cut to the norm, and never made longer", () => {
    expect(clipScale(0.05, 0.1)).toBe(1);
    expect(clipScale(1, 0.1)).toBeCloseTo(0.1, 6);
    expect(clipScale(1e9, null)).toBe(1);
  });
});

test("a window's average is the mean of its samples; an exponential one begins with the first", () => {
  const settings = { kind: "uniform", every: 5, window: 20 } as const;
  let average = Number.NaN;
  const ends: number[] = [];
  for (let step = 1; step <= 60; step++) {
    const sample = averagingAfter(step, settings);
    if (sample === undefined) continue;
    average = sample.rate === 1 ? step : average + sample.rate * (step - average);
    if (sample.full) ends.push(average);
  }
  expect(ends).toEqual([12.5, 32.5, 52.5]);
  const rates = [1, 2, 3, 4].map((step) => averagingAfter(step, { kind: "ema", every: 2, decay: 0.75 })?.rate);
  expect(rates).toEqual([undefined, 1, undefined, 0.25]);
});
