/** The loop in a process: what it leaves, how it goes on, and how it stops where something is wrong. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { listCheckpoints, openWeights, readMetrics, type StepMetrics } from "../../trainer/index.js";
import { Feed } from "../../trainer/run/feed.js";
import { scratchFolder } from "../pipeline/corpora.js";
import { countingCorpus, length, runSmall, smallRecipe } from "./runs.js";

const { folder, remove } = scratchFolder("training");
beforeAll(() => countingCorpus(join(folder, "corpus")));
afterAll(remove);

async function errorOf(work: Promise<unknown>): Promise<DataError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error("there was no error");
}

/** SHA-256 of each file of tensors of a checkpoint. */
const tensorsOf = (out: string, step: number): readonly string[] => {
  const at = join(folder, out, "checkpoints", `step-${String(step).padStart(8, "0")}`);
  return readdirSync(at)
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => sha256(readFileSync(join(at, name))));
};

const steps = (out: string): readonly StepMetrics[] => readMetrics(join(folder, out)).filter((one) => one.type === "step");

describe("a run", () => {
  test("leaves checkpoints, metrics and a report, and learns", async () => {
    const { result, events } = await runSmall(folder, "whole", { averaging: { kind: "ema", every: 2, decay: 0.5 } });
    expect(result).toMatchObject({ step: 8, steps: 8, tokens: 8 * 2 * length, interrupted: false });
    // The cooldown's begin, at step 8 - floor(0.11 * 8) = 8, is the end.
    expect(listCheckpoints(result.run).map(({ step }) => step)).toEqual([4, 8]);
    const found = steps("whole");
    expect(found.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(found[0].loss).toBeCloseTo(Math.log(131_072), 1);
    expect(found[0].drop_rate).toBeGreaterThan(0);
    expect(result.evaluation?.loss).toBeLessThan(11.7);
    const held = events.flatMap((event) => (event.type === "evaluation" ? [event.metrics] : []));
    expect(held.map(({ step, of }) => `${of} ${step}`)).toEqual(["weights 0", "weights 4", "weights 8", "average 8"]);
    // Three sequences of 16 labels, less those behind an end.
    expect(held[0].labels).toBeGreaterThan(40);
    expect(held[0].bits_per_byte).toBeCloseTo((held[0].loss * held[0].labels) / Math.LN2 / held[0].bytes, 10);
    const page = readFileSync(result.report, "utf8");
    expect(page).toContain("After 8 steps held-out text costs");
    expect(page).not.toContain("<script");
    expect(existsSync(join(result.run, ".lock"))).toBe(false);
  });

  test("is the same to the bit with two threads, and when it is stopped after any step and goes on", async () => {
    const averaging = { kind: "ema", every: 2, decay: 0.5 };
    for (const stopAt of [5]) {
      const stop = new AbortController();
      const out = `stopped-${stopAt}`;
      const { result } = await runSmall(
        folder,
        out,
        { averaging },
        {
          signal: stop.signal,
          threads: 2,
          hear: (event) => {
            if (event.type === "step" && event.metrics.step === stopAt) stop.abort();
          },
        },
      );
      expect(result).toMatchObject({ step: stopAt, interrupted: true });
      // A kill may cut the last line of the metrics, and lines of steps behind the checkpoint are done again.
      appendFileSync(join(result.run, "metrics.jsonl"), `{"type":"step","step":${stopAt + 1}}\n{"type":"st`);
      const again = await runSmall(folder, out, { averaging }, { resume: true });
      expect(again.result.step).toBe(8);
      expect(tensorsOf(out, 8)).toEqual(tensorsOf("whole", 8));
      expect(steps(out).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(steps(out).map(({ loss }) => loss)).toEqual(steps("whole").map(({ loss }) => loss));
    }
  });

  test("does not depend on the size of a micro-batch, but for rounding", async () => {
    await runSmall(folder, "micro", { batch: { sequences: 2, micro: 2 } });
    for (const [i, { loss }] of steps("micro").entries()) expect(loss).toBeCloseTo(steps("whole")[i].loss, 4);
  });

  test("goes on where it is done already, and does nothing", async () => {
    const before = tensorsOf("micro", 8);
    const { result, events } = await runSmall(folder, "micro", { batch: { sequences: 2, micro: 2 } }, { resume: true });
    expect(result).toMatchObject({ step: 8, interrupted: false });
    expect(events.map(({ type }) => type)).toEqual(["start"]);
    expect(tensorsOf("micro", 8)).toEqual(before);
  });

  test("keeps the newest checkpoints, those of each so many steps, and the one at which the cooldown begins", async () => {
    const checkpoints = { every: 1, keep: 1, keep_every: 3 };
    const { result } = await runSmall(folder, "kept", { checkpoints, schedule: { cooldown: { steps: 4 } } });
    expect(listCheckpoints(result.run).map(({ step }) => step)).toEqual([3, 4, 6, 8]);
  });

  test("keeps the average of each window by itself", async () => {
    const averaging = { kind: "uniform", every: 1, window: 4 };
    const { result, events } = await runSmall(folder, "windows", { averaging, optimiser: { rate: 1e-6 } });
    expect(readdirSync(join(result.run, "averages"))).toEqual(["step-00000004", "step-00000008"]);
    expect(events.filter((event) => event.type === "evaluation" && event.metrics.of === "average")).toHaveLength(2);
    const [average, last] = [openWeights(join(result.run, "averages/step-00000008")), openWeights(result.run)];
    const [a, b] = [average.read("lm_head.weight"), last.read("lm_head.weight")];
    average.close();
    last.close();
    const differences = a.map((value, i) => Math.abs(value - b[i]));
    expect(differences.every((difference) => difference < 1e-4)).toBe(true);
    expect(differences.some((difference) => difference > 0)).toBe(true);
  });
});

describe("a cooldown that leaves its trunk", () => {
  test("begins with the trunk's state and rate, ends lower, and leaves the trunk as it is", async () => {
    const trunk = { schedule: { cooldown: null, final: 0 } };
    const { result: first } = await runSmall(folder, "trunk", trunk);
    const before = tensorsOf("trunk", 4);
    const branch = { step: 4, steps: 3 };
    const { result } = await runSmall(folder, "trunk", trunk, { branch });
    expect(result).toMatchObject({ step: 7, run: join(first.run, "branches/step-00000004-cooldown-3") });
    const rates = readMetrics(result.run).flatMap((one) => (one.type === "step" ? [one.learning_rate / 0.01] : []));
    expect(rates[0]).toBe(1);
    expect(rates[1]).toBeCloseTo(1 - Math.sqrt(1 / 3), 12);
    expect(rates).toHaveLength(3);
    // The first step of the branch is the trunk's fifth.
    const [own] = readMetrics(result.run).filter((one) => one.type === "step");
    expect(own.loss).toBe(steps("trunk")[4].loss);
    expect(tensorsOf("trunk", 4)).toEqual(before);
    expect((await runSmall(folder, "trunk", trunk, { branch, resume: true })).result.step).toBe(7);
  });

  test("needs a checkpoint of that step", async () => {
    const error = await errorOf(runSmall(folder, "trunk", {}, { branch: { step: 5, steps: 1 } }));
    expect(error.code).toBe("CHECKPOINT_NOT_FOUND");
    expect(error.message).toContain("it has those of the steps 4, 8");
  });
});

describe("a run does not begin", () => {
  test("over another, nor over other files", async () => {
    const used = await errorOf(runSmall(folder, "whole"));
    expect([used.code, used.mend]).toEqual(["TRAINING_FOLDER_USED", expect.stringContaining("--resume")]);
    mkdirSync(join(folder, "mine"));
    writeFileSync(join(folder, "mine", "diary.txt"), "");
    expect((await errorOf(runSmall(folder, "mine"))).message).toContain("it holds diary.txt");
  });

  test("from a damaged checkpoint, and says which one is whole", async () => {
    cpSync(join(folder, "whole"), join(folder, "damaged"), { recursive: true });
    const newest = join(folder, "damaged/checkpoints/step-00000008");
    const file = join(newest, "optimiser.safetensors");
    const bytes = readFileSync(file);
    bytes[bytes.length - 9] ^= 1;
    writeFileSync(file, bytes);
    const averaging = { kind: "ema", every: 2, decay: 0.5 };
    const resume = () => runSmall(folder, "damaged", { averaging }, { resume: true });
    const flipped = await errorOf(resume());
    expect([flipped.code, flipped.mend]).toEqual([
      "CHECKPOINT_DAMAGED",
      `remove the folder ${newest}; training then goes on from step 4`,
    ]);
    truncateSync(file, 100);
    expect((await errorOf(resume())).message).toContain("100 bytes, not");
    writeFileSync(join(newest, "state.json"), "{");
    expect((await errorOf(resume())).code).toBe("CHECKPOINT_DAMAGED");
    rmSync(newest, { recursive: true });
    expect((await resume()).result.step).toBe(8);
    expect(tensorsOf("damaged", 8)).toEqual(tensorsOf("whole", 8));
  });

  test.each([
    [
      "another model",
      { model: { shape: { width: 4, layers: 2, heads: 2, kv_heads: 1, head_width: 2, hidden: 8 } } },
      "TRAINING_DIFFERS",
    ],
    ["another optimiser", { optimiser: { kind: "adamw" } }, "TRAINING_DIFFERS"],
    [
      "another order of sequences",
      { data: { sources: [{ corpus: "corpus" }], length, held_out: 3, seed: 3 } },
      "LOADER_STATE_DIFFERS",
    ],
    ["others held out", { data: { sources: [{ corpus: "corpus" }], length, held_out: 2 } }, "TRAINING_DIFFERS"],
  ])("from a checkpoint of %s", async (_, changes, code) => {
    expect((await errorOf(runSmall(folder, "micro", changes, { resume: true }))).code).toBe(code);
  });

  test("with all of a source held out, or a stage without its length", async () => {
    const data = { sources: [{ corpus: "corpus" }], length: 300, held_out: 2 };
    expect((await errorOf(runSmall(folder, "none", { data }))).message).toContain("would be held out");
    const stages = { ...data, length, stages: [{ weights: { corpus: 1 } }, {}] };
    expect((await errorOf(runSmall(folder, "none", { data: stages }))).message).toContain("stage 1 lacks its `sequences`");
  });
});

test("a recipe that changes may go on where checkpoints fit, and what changed is said", async () => {
  const { events } = await runSmall(folder, "micro", { steps: 9, spike: null }, { resume: true });
  expect(events).toContainEqual({ type: "warning", message: expect.stringMatching(/: .*steps.*spike|: .*spike/) });
});

describe("a run that goes astray", () => {
  test.each([
    [
      "a loss that jumps",
      { spike: 0.5, steps: 30, optimiser: { rate: 9, clip: null }, schedule: { warmup: 20, warmup_from: 0 } },
    ],
    [
      "a loss that is no number",
      {
        spike: null,
        steps: 30,
        model: { ...smallRecipe().model, deviation: 1 },
        optimiser: { rate: 10, clip: null, weight_decay: 10 },
      },
    ],
  ])("stops at %s, keeps its checkpoints, and names step and documents", async (name, changes) => {
    const error = await errorOf(runSmall(folder, name, { ...changes, checkpoints: { every: 5 } }));
    expect(error.code).toBe("TRAINING_DIVERGED");
    expect(error.message).toMatch(/step \d+\).*; the step read \d documents, shards\/.* row \d+/);
    const fault = JSON.parse(readFileSync(join(folder, name, "fault.json"), "utf8")) as Record<string, unknown>;
    expect(fault).toMatchObject({
      documents: expect.arrayContaining([
        { source: "corpus", shard: expect.any(String), row: expect.any(Number), id: null, url: null },
      ]),
    });
    const [newest] = listCheckpoints(join(folder, name)).slice(-1);
    for (const { name: tensor } of [{ name: "lm_head.weight" }]) {
      if (newest === undefined) continue;
      const weights = openWeights(newest.folder);
      expect(weights.read(tensor).every(Number.isFinite)).toBe(true);
      weights.close();
    }
  });
});

test("what is held out is never trained on, over any number of passes over the data", async () => {
  const { data } = smallRecipe();
  const feed = await Feed.open(data, folder);
  const held = feed.evaluation(2).flatMap(({ origins }) => origins.map(({ sequence }) => sequence));
  expect(held).toHaveLength(3);
  const total = feed.loader.sources[0].sequences;
  const seen = new Set<number>();
  for (let i = 0; i < 5 * total; i++)
    for (const { origins } of feed.take(2, 1)) for (const { sequence } of origins) seen.add(sequence);
  expect(new Set(held).size).toBe(3);
  expect(held.filter((sequence) => seen.has(sequence))).toEqual([]);
  expect(seen.size).toBe(total - 3);
});

test("the sequences of a feed do not depend on the steps in which they are taken", async () => {
  const { data } = smallRecipe();
  const tokensOf = async (counts: readonly number[], micro: number): Promise<readonly number[]> => {
    const feed = await Feed.open(data, folder);
    const all = counts.flatMap((count) => feed.take(count, micro).flatMap(({ tokens }) => [...tokens]));
    const other = await Feed.open(data, folder);
    other.resume(feed.state);
    expect(other.take(2, 2)).toEqual(feed.take(2, 2));
    return all;
  };
  const wanted = await tokensOf([150], 4);
  expect(await tokensOf([1, 70, 79], 3)).toEqual(wanted);
});
