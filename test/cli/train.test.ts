/** The verbs train, generate and export model as they are called: a kill, signals, exit codes, what is printed. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../corpus/index.js";
import { cli, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";
import { callCli } from "./call.js";

const { folder, remove } = scratchFolder("train-cli");
const recipe = (name: string, changes: Readonly<Record<string, unknown>> = {}): string => {
  const path = join(folder, `${name}.yaml`);
  const shape = { width: 4, layers: 1, heads: 2, kv_heads: 1, head_width: 2, hidden: 8 };
  writeFileSync(
    path,
    JSON.stringify({
      version: 1,
      steps: 4,
      out: name,
      model: { shape },
      data: { sources: [{ corpus: "corpus" }], length: 16, held_out: 2 },
      optimiser: { rate: 0.01 },
      batch: { sequences: 1, micro: 1 },
      checkpoints: { every: 2 },
      evaluate_every: 2,
      ...changes,
    }),
  );
  return path;
};

beforeAll(async () => {
  writeLines(join(folder, "texts.jsonl"), texts(30));
  const path = writeRecipe(join(folder, "corpus.yaml"), { inputs: [{ path: "texts.jsonl" }], stages: ["extract", "tokenize"] });
  await runBuilt(path, join(folder, "corpus"));
});
afterAll(remove);

const call = (...args: readonly string[]) => callCli(folder, args);

/** A process of its own, and a signal for it once so many steps are in its metrics. */
async function signalled(args: readonly string[], run: string, steps: number, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const metrics = join(folder, run, "metrics.jsonl");
  while (
    child.exitCode === null &&
    !(existsSync(metrics) && readFileSync(metrics, "utf8").split('"type":"step"').length > steps)
  )
    await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill(signal);
  return { status: await ended, stderr };
}

const tensorsOf = (run: string, step: string): Readonly<Record<string, string>> => {
  const at = join(folder, run, "checkpoints", step);
  const names = readdirSync(at).filter((name) => name.endsWith(".safetensors"));
  return Object.fromEntries(names.map((name) => [name, sha256(readFileSync(join(at, name)))]));
};

describe("apertus-data train", () => {
  it("of the tiny preset has the same weights to the bit after ten steps in one go, and after kill -9 behind the fifth", async () => {
    const tiny = { steps: 10, model: {}, evaluate_every: 100 };
    const whole = recipe("whole", { ...tiny, checkpoints: { every: 10 } });
    const killed = recipe("killed", { ...tiny, checkpoints: { every: 5 } });
    expect((await call("train", whole, "--threads", "2")).status).toBe(0);
    const { status } = await signalled(["train", killed], "killed", 6, "SIGKILL");
    expect(status).toBe(null);
    expect(readdirSync(join(folder, "killed", "checkpoints"))).toContain("step-00000005");
    expect(existsSync(join(folder, "killed", "checkpoints", "step-00000010"))).toBe(false);
    const again = await call("train", killed, "--resume");
    expect([again.status, again.stderr]).toEqual([0, expect.stringContaining("from step 5, 10 steps")]);
    const wanted = tensorsOf("whole", "step-00000010");
    expect(Object.keys(wanted)).toEqual(["optimiser.safetensors", "weights.safetensors"]);
    expect(tensorsOf("killed", "step-00000010")).toEqual(wanted);
  });

  it("saves a checkpoint at SIGTERM, ends with 3, and says how to go on", async () => {
    const path = recipe("stopped", { steps: 100_000, checkpoints: { every: 100_000 } });
    const { status, stderr } = await signalled(["train", path], "stopped", 3, "SIGTERM");
    expect(status).toBe(3);
    const step = Number(/interrupted at step (\d+); to go on:/.exec(stderr)?.[1]);
    expect(stderr).toContain(`apertus-data train ${path} --resume`);
    expect(readdirSync(join(folder, "stopped", "checkpoints"))).toEqual([`step-${String(step).padStart(8, "0")}`]);
  });

  it("prints where report and checkpoint are, and one JSON object with --json", async () => {
    const path = recipe("small");
    const { status, stdout, stderr } = await call("train", path);
    expect(status).toBe(0);
    expect(stdout).toContain("held out: ");
    expect(stdout).toContain(`report: ${join(folder, "small", "report.html")}`);
    expect(stderr).toMatch(/step 0: held out \d\.\d{4} bits a byte/);
    expect(stderr).toMatch(/4\/4 · loss [\d.]+ · [\d,]+ tokens\/s · rate [\d.e-]+ · norm [\d.]+/);
    const again = await call("train", path, "--resume", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({
      run: join(folder, "small"),
      step: 4,
      steps: 4,
      tokens: 64,
      evaluation: null,
    });
    const branch = await call("train", path, "--branch-cooldown", "2", "--cooldown-steps", "3", "--json");
    expect(JSON.parse(branch.stdout)).toMatchObject({
      step: 5,
      run: join(folder, "small", "branches", "step-00000002-cooldown-3"),
    });
  });

  it("names the pages that a step read where it goes astray", async () => {
    const { status, stderr } = await call(
      "train",
      recipe("astray", {
        spike: 0.5,
        steps: 60,
        optimiser: { rate: 9, clip: null },
        checkpoints: { every: 100 },
        evaluate_every: 100,
      }),
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/error TRAINING_DIVERGED: .*step \d+\).*https:\/\/site\d\.example\/\d+/);
    expect(stderr).toContain("mend: ");
  });

  it.each([
    [["train", "nowhere.yaml"], 2, "RECIPE_NOT_FOUND"],
    [["train", "--out", "no-corpus"], 1, "CORPUS_NOT_FOUND"],
    [["train", "small.yaml"], 2, "TRAINING_FOLDER_USED"],
    [["train", "small.yaml", "--cooldown-steps", "3"], 2, "--cooldown-steps is of --branch-cooldown"],
    [["train", "small.yaml", "--branch-cooldown", "3"], 2, "the recipe has no cooldown whose length a branch could take"],
    [["train", "small.yaml", "--branch-cooldown", "3", "--cooldown-steps", "2"], 1, "it has those of the steps 2, 4"],
    [["train", "--plan", "--hardware", "abacus"], 2, "name one of gh200"],
    [["generate", "--checkpoint", "nowhere"], 1, "CHECKPOINT_NOT_FOUND"],
    [["generate", "--checkpoint", "small", "--top-p", "2"], 2, "a number from 0 to 1 is wanted"],
    [["export", "model", "--checkpoint", "small", "--out", "corpus"], 2, "EXPORT_FOLDER_OTHER"],
  ])("%j ends with %i", async (args, code, text) => {
    const { status, stderr } = await call(...args);
    expect([status, stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  it("refuses a model that no kernel takes as a wrong shape", async () => {
    const { status, stderr } = await call(
      "train",
      recipe("vast", { model: { shape: { width: 900_000, layers: 4000, hidden: 900_000 } } }),
    );
    expect([status, stderr]).toEqual([2, expect.stringContaining("MODEL_SHAPE_INVALID")]);
  });

  it("refuses unknown keys by name and line", async () => {
    writeFileSync(
      join(folder, "wrong.yaml"),
      "version: 1\nsteps: 3\ndata:\n  sources: [{ corpus: corpus }]\nschedule:\n  warm_up: 3\n",
    );
    const { status, stderr } = await call("train", "wrong.yaml", "--out", "wrong");
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/RECIPE_INVALID: .*wrong\.yaml, line 6.*unknown key "warm_up"/),
    ]);
  });
});

describe("apertus-data train --plan", () => {
  it("lists every preset beside what Apertus published", async () => {
    const { status, stdout } = await call("train", "--plan", "--devices", "4096");
    expect(status).toBe(0);
    expect(stdout).toMatch(/70b +70,599,864,480 +15 T +4\.50e\+11 +6\.74e\+24 +1\.5 TB +4,096 +726 +723 +58/);
    expect(stdout).toMatch(/8b +8,053,338,176 +15 T .* 6,328 +6,960/);
  });

  it("plans a recipe, and one preset, as JSON", async () => {
    const { stdout } = await call("train", "small.yaml", "--plan", "--json");
    const { plans } = JSON.parse(stdout) as { plans: readonly Record<string, unknown>[] };
    expect(plans).toMatchObject([{ name: "model", tokens: 64, published: null, devices: 1 }]);
    expect(JSON.parse((await call("train", "8B", "--plan", "--json")).stdout)).toMatchObject({ plans: [{ name: "8b" }] });
  });
});

describe("apertus-data generate and export model", () => {
  it("continue a prompt alike for one seed, from a run and from its export", async () => {
    const sample = async (checkpoint: string, ...more: readonly string[]) => {
      const { status, stdout } = await call(
        "generate",
        "--checkpoint",
        checkpoint,
        "--prompt",
        "Document </s>",
        "--tokens",
        "6",
        "--json",
        ...more,
      );
      expect(status).toBe(0);
      return JSON.parse(stdout) as {
        readonly text: string;
        readonly prompt_tokens: number;
        readonly tokens: readonly number[];
      };
    };
    const first = await sample("small");
    // Text in a prompt stays text: no end of a document comes from it.
    expect(first.prompt_tokens).toBeGreaterThan(3);
    expect((await sample("small")).text).toBe(first.text);
    expect((await sample("small", "--seed", "7")).text).not.toBe(first.text);
    const { status, stdout } = await call("export", "model", "--checkpoint", "small", "--out", "hf", "--dtype", "float32");
    expect([status, stdout]).toEqual([0, expect.stringContaining("from_pretrained")]);
    expect(await sample("hf")).toMatchObject({ text: first.text, tokens: first.tokens });
  });

  it("train further from an export", async () => {
    const path = recipe("further", { model: { from: "hf" }, steps: 2 });
    const { status, stderr } = await call("train", path);
    expect([status, stderr]).toEqual([0, expect.stringContaining("1,048,")]);
  });
});
