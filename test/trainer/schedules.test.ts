/** Learning rates, against values of Schaipp et al.'s code (fixtures) and the definitions of Hägele et al. and Apertus. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sequencesAt, sequencesBefore } from "../../trainer/optimiser/batch-size.js";
import { branchCooldown, openSchedule, type ScheduleSettings } from "../../trainer/schedules/schedule.js";

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/trainer/schedules.json"), "utf8")) as {
  readonly T20: Readonly<Record<string, readonly number[]>>;
  readonly warmup: Readonly<Record<string, readonly number[]>>;
};

const plain: ScheduleSettings = {
  ...{ base: "constant", warmup: 0, warmupFrom: 0, cooldown: null, final: 0, rounding: "schaipp-2025" },
};

/** Settings for a name of the fixtures. */
function named(name: string): ScheduleSettings {
  const share = Number(/c([\d.]+)/.exec(name)?.[1] ?? 0);
  if (name.startsWith("wsd")) {
    const shape = name.includes("1-sqrt") ? "1-sqrt" : "linear";
    return { ...plain, cooldown: { length: { share }, shape } };
  }
  if (name.startsWith("cosine")) return { ...plain, base: "cosine", final: name.endsWith("0.1") ? 0.1 : 0 };
  if (name === "constant") return plain;
  if (name === "1/sqrt") return { ...plain, base: "inverse-sqrt" };
  return { ...plain, base: "inverse-sqrt", cooldown: { length: { share }, shape: "linear" } };
}

function expectValues(settings: ScheduleSettings, wanted: readonly number[]): void {
  const schedule = openSchedule(settings, wanted.length - 1);
  for (const [step, value] of wanted.entries()) expect(schedule.factor(step)).toBeCloseTo(value, 12);
}

describe("the schedules of Schaipp et al. (2025)", () => {
  test.each(Object.keys(fixture.T20))("%s has its 21 values for a horizon of 20", (name) => {
    expectValues(named(name), fixture.T20[name] ?? []);
  });

  test("linear decay is a cooldown over all of it", () => {
    const wanted = fixture.T20["wsd_linear_c1.0(=linear-decay)"] ?? [];
    expectValues({ ...plain, base: "linear" }, wanted);
  });

  test("warm-up begins at its fraction and reaches the peak one step behind it", () => {
    const warm = { ...plain, warmup: 5, warmupFrom: 0.01 };
    expectValues(
      { ...warm, cooldown: { length: { share: 0.2 }, shape: "linear" } },
      fixture.warmup["wsd_T40_len41_warmup5_c0.2"] ?? [],
    );
    expectValues({ ...warm, base: "cosine" }, fixture.warmup.cosine_T40_len41_warmup5 ?? []);
  });
});

test("the schedule of Hägele et al. (2024): 1 % of the peak at first, a fifth of cooldown whose first step is still at the peak", () => {
  const [steps, warmup] = [1000, 300];
  const cooldown = { length: { share: 0.2 }, shape: "1-sqrt" } as const;
  const schedule = openSchedule({ ...plain, warmup, warmupFrom: 0.01, cooldown, rounding: "hagele-2024" }, steps);
  for (let s = 0; s < steps; s++) {
    const n = Math.floor(0.2 * steps);
    const wanted = s < warmup ? s / warmup + (1 - s / warmup) / 100 : s < steps - n ? 1 : 1 - Math.sqrt((s - (steps - n)) / n);
    expect(schedule.factor(s)).toBeCloseTo(wanted, 12);
  }
  expect(schedule.cooldownFrom).toBe(800);
});

test("Apertus 8B: iterations, batches that double and a cooldown counted in samples, from 1.1e-4 to 1.1e-5", () => {
  const batch = { sequences: 1024, stages: [{ step: 1_678_000, sequences: 2048 }] };
  const steps = 2_627_139;
  const total = sequencesBefore(steps, batch);
  // 3,662,109,375 samples, to the last whole iteration.
  expect(Math.abs(total - 3_662_109_375)).toBeLessThan(2048);
  const cooldown = { length: { steps: Math.round(403_905_806 / 2048) }, shape: "1-sqrt" } as const;
  const schedule = openSchedule({ ...plain, warmup: 4000, warmupFrom: 0.1, cooldown, final: 0.1 }, steps, (step) =>
    sequencesBefore(step, batch),
  );
  expect(schedule.factor(0)).toBeCloseTo(0.1, 12);
  expect(schedule.factor(4000)).toBe(1);
  expect(schedule.factor(2_400_000)).toBe(1);
  expect(schedule.cooldownFrom).toBeCloseTo(2_429_920, -2);
  expect(schedule.factor(steps)).toBeCloseTo(0.1, 12);
  const quarter = schedule.cooldownFrom + Math.round((steps - schedule.cooldownFrom) / 4);
  expect(schedule.factor(quarter)).toBeCloseTo(0.1 + 0.9 * 0.5, 4);
});

test("a branch follows its trunk up to where it leaves, and ends at the final rate while the trunk goes on", () => {
  const cooldown = { length: { share: 0.2 }, shape: "1-sqrt" } as const;
  const trunk = openSchedule({ ...plain, warmup: 10, warmupFrom: 0.1, cooldown, final: 0.1 }, 1000);
  const branch = branchCooldown(trunk, 400, { steps: 100, shape: "linear", final: 0 });
  for (let step = 0; step <= 400; step++) expect(branch.factor(step)).toBe(trunk.factor(step));
  expect([branch.factor(450), branch.factor(500), branch.steps]).toEqual([0.5, 0, 500]);
  expect(trunk.factor(500)).toBe(1);
});

test("every rate lies between 0 and 1, falls in a cooldown, and is the same for batches that grow in step", () => {
  const settings = fc.record({
    base: fc.constantFrom("constant" as const, "linear" as const, "cosine" as const, "inverse-sqrt" as const),
    warmup: fc.nat({ max: 50 }),
    warmupFrom: fc.double({ min: 0, max: 1, noNaN: true }),
    cooldown: fc.option(
      fc.record({
        length: fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        shape: fc.constantFrom("linear" as const, "1-sqrt" as const),
      }),
    ),
    final: fc.double({ min: 0, max: 0.05, noNaN: true }),
    rounding: fc.constantFrom("hagele-2024" as const, "schaipp-2025" as const),
  });
  fc.assert(
    fc.property(settings, fc.integer({ min: 60, max: 200 }), (one, steps) => {
      const [schedule, sixfold] = [openSchedule(one, steps), openSchedule(one, steps, (step) => 6 * step)];
      for (let step = 0; step <= steps; step++) {
        const factor = schedule.factor(step);
        expect(factor).toBeGreaterThanOrEqual(0);
        expect(factor).toBeLessThanOrEqual(1 + 1e-12);
        expect(sixfold.factor(step)).toBeCloseTo(factor, 12);
        if (step > schedule.cooldownFrom && schedule.cooldownFrom > one.warmup)
          expect(factor).toBeLessThanOrEqual(schedule.factor(step - 1) + 1e-12);
      }
    }),
    { numRuns: 50 },
  );
});

test("sequences of steps that grow add up", () => {
  const batch = {
    sequences: 2,
    stages: [
      { step: 3, sequences: 5 },
      { step: 7, sequences: 8 },
    ],
  };
  let sum = 0;
  for (let step = 0; step < 12; step++) {
    expect(sequencesBefore(step, batch)).toBe(sum);
    sum += sequencesAt(step, batch);
  }
});
