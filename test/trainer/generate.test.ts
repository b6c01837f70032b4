/** Sampling: the generator against its published vectors, and what temperature, top-k and top-p leave. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { philox, uniformAt } from "../../trainer/generate/philox.js";
import { type SamplingSettings, sampleToken } from "../../trainer/generate/sample.js";

const hex = (words: Uint32Array): string => [...words].map((word) => word.toString(16).padStart(8, "0")).join(" ");

describe("Philox4x32-10", () => {
  // Known answers of Random123 (Salmon et al. 2011).
  test.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ] as const)("counter %j and key %j give %s", (counter, key, wanted) => {
    expect(hex(philox(counter, key))).toBe(wanted);
  });

  test("numbers are uniform, and others for each seed", () => {
    const of = (seed: number): readonly number[] => Array.from({ length: 4000 }, (_, n) => uniformAt(seed, n));
    const first = of(1);
    expect(first.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(first.reduce((sum, value) => sum + value, 0) / 4000).toBeCloseTo(0.5, 1);
    expect(of(2 ** 40)).not.toEqual(first);
    expect(of(1)).toEqual(first);
  });
});

const plain: SamplingSettings = { temperature: 1, topK: 0, topP: 1 };
const shares = (logits: readonly number[], settings: SamplingSettings): readonly number[] => {
  const draws = 2000;
  const counts = logits.map(() => 0);
  for (let i = 0; i < draws; i++) counts[sampleToken(Float32Array.from(logits), (i + 0.5) / draws, settings)]++;
  return counts.map((count) => count / draws);
};

describe("the next token", () => {
  const logits = [Math.log(0.1), Math.log(0.6), Math.log(0.3)];

  test("comes as often as the model says", () => {
    for (const [i, share] of shares(logits, plain).entries()) expect(share).toBeCloseTo([0.1, 0.6, 0.3][i], 3);
  });

  test("is the likeliest where the temperature is 0, of equals the first", () => {
    expect(shares(logits, { ...plain, temperature: 0 })).toEqual([0, 1, 0]);
    expect(shares([1, 1], { ...plain, temperature: 0 })).toEqual([1, 0]);
  });

  test("is among the k likeliest, or those that have the share p", () => {
    expect(shares(logits, { ...plain, topK: 2 })[0]).toBe(0);
    expect(shares(logits, { ...plain, topP: 0.5 })).toEqual([0, 1, 0]);
    expect(shares(logits, { ...plain, topP: 0.7 })[2]).toBeCloseTo(1 / 3, 2);
  });

  test("is one that may come, for any logits", () => {
    const logit = fc.float({ noNaN: false });
    const settings = fc.record({
      temperature: fc.double({ min: 0, max: 5, noNaN: true }),
      topK: fc.nat({ max: 5 }),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        settings,
        (values, uniform, one) => {
          const given = Float32Array.from(values);
          const allowed = (token: number): boolean => token % 2 === 0;
          const possible = [...given.keys()].filter((token) => allowed(token) && Number.isFinite(given[token]));
          if (possible.length === 0) expect(() => sampleToken(given, uniform, one, allowed)).toThrow(RangeError);
          else expect(possible).toContain(sampleToken(given, uniform, one, allowed));
        },
      ),
    );
  });
});
