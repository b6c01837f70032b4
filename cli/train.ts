/** `apertus-data train [recipe]`: from a corpus to a model; and what a training would take. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { DataError } from "../errors/index.js";
import type { LoadedTrainRecipe, TrainOptions, TrainRecipe, TrainResult } from "../trainer/index.js";
import { exitCodes, printable, quoted } from "./exit.js";
import { clock, count, counted, wholeNumber, workerCount } from "./numbers.js";
import { printPlan } from "./train-plan.js";
import { createTrainProgress } from "./train-progress.js";
import { loadWith, type TrainFlags } from "./train-recipe.js";

export function trainCommand(finish: (code: number) => void): Command {
  return new Command("train")
    .summary("train a model on corpora as a recipe says")
    .description(
      "Trains an Apertus model on the shards of corpora, and leaves a run's folder: checkpoints, metrics.jsonl, report.html.\nWithout a recipe it trains the smallest model on ./apertus-example, which `run` makes, into ./apertus-training.",
    )
    .argument("[recipe]", "YAML file; see docs/training-recipe.md. With --plan, a preset's name too")
    .option("--out <folder>", "the run's folder, instead of the recipe's `out`")
    .option("--corpus <folder>", "a corpus, instead of the recipe's sources")
    .option("--threads <n>", "threads; the weights are the same for any number", workerCount, availableParallelism())
    .option("--resume", "go on from the newest checkpoint in the run's folder, where there is one", false)
    .option(
      "--branch-cooldown <step>",
      "leave the run at this checkpoint and cool down, in a folder inside the run's; the run may go on",
      wholeNumber,
    )
    .option("--cooldown-steps <n>", "steps of that cooldown; otherwise as many as the recipe's", wholeNumber)
    .option("--plan", "print what the recipe, or each preset, would take, and train nothing", false)
    .option("--hardware <name>", "for --plan: gh200, h200, h100, a100 or mi300x", "gh200")
    .option("--devices <n>", "for --plan: how many", wholeNumber)
    .option("--utilisation <share>", "for --plan: the part of the hardware's peak that is reached", Number)
    .option("--json", "print one JSON object at the end and nothing else on standard output", false)
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data train\n  apertus-data train recipe.yaml --out /data/runs/1 --resume\n  apertus-data train recipe.yaml --branch-cooldown 4000\n  apertus-data train --plan 8b --devices 1024\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 interrupted.",
    )
    .action(async (recipe: string | undefined, flags: TrainFlags) =>
      finish(flags.plan ? await printPlan(recipe, flags) : await trainVerb(recipe, flags)),
    );
}

async function trainVerb(path: string | undefined, flags: TrainFlags): Promise<number> {
  const { train } = await import("../trainer/index.js");
  const loaded = await loadWith(path, flags);
  const out = runFolder(loaded, path, flags);
  const branch = await branchOf(loaded.recipe, flags);
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write("\nstopping after this step, with a checkpoint\n");
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const progress = createTrainProgress(process.stderr);
  const options: TrainOptions = {
    recipe: loaded.recipe,
    baseFolder: loaded.baseFolder,
    out,
    threads: flags.threads,
    resume: flags.resume,
    ...(branch === undefined ? {} : { branch }),
    signal: stop.signal,
    hear: (event) => progress.hear(event),
  };
  try {
    const result = await train(options);
    progress.end();
    if (result.interrupted) {
      process.stderr.write(`interrupted at step ${result.step}; to go on:\n  ${again(path, flags).map(quoted).join(" ")}\n`);
      return exitCodes.interrupted;
    }
    if (flags.json) console.log(JSON.stringify(summary(result)));
    else print(result);
    return exitCodes.done;
  } finally {
    progress.end();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function runFolder({ recipe, baseFolder }: LoadedTrainRecipe, path: string | undefined, flags: TrainFlags): string {
  const named = recipe.out === undefined ? undefined : resolve(baseFolder, recipe.out);
  const out = flags.out ?? (path === undefined ? "apertus-training" : named);
  if (out !== undefined) return resolve(out);
  throw new DataError("USAGE", {
    detail: "no folder is named for the run",
    mend: "give --out FOLDER, or `out: FOLDER` in the recipe",
  });
}

async function branchOf(recipe: TrainRecipe, flags: TrainFlags): Promise<TrainOptions["branch"]> {
  const { branchCooldown: step, cooldownSteps } = flags;
  if (step === undefined) {
    if (cooldownSteps === undefined) return undefined;
    throw new DataError("USAGE", { detail: "--cooldown-steps is of --branch-cooldown", mend: "add --branch-cooldown STEP" });
  }
  const { defaultBranchSteps } = await import("../trainer/index.js");
  const steps = cooldownSteps ?? defaultBranchSteps(recipe);
  if (steps > 0) return { step, steps };
  throw new DataError("USAGE", { detail: "a cooldown of no steps", mend: "give --cooldown-steps a number above 0" });
}

function again(path: string | undefined, flags: TrainFlags): readonly string[] {
  const words = ["apertus-data", "train", ...(path === undefined ? [] : [path])];
  for (const [option, value] of [
    ["--out", flags.out],
    ["--corpus", flags.corpus],
    ["--branch-cooldown", flags.branchCooldown],
    ["--cooldown-steps", flags.cooldownSteps],
  ] as const) {
    if (value !== undefined) words.push(option, String(value));
  }
  return [...words, "--resume"];
}

/** The JSON object that `--json` ends with; docs/command-line.md lists its keys. */
function summary({ run, step, steps, tokens, seconds, checkpoint, report, evaluation }: TrainResult): unknown {
  return { run, step, steps, tokens, seconds, checkpoint, report, evaluation };
}

function print({ step, tokens, seconds, checkpoint, report, evaluation }: TrainResult): void {
  console.log(`\n${counted(step, "step")}, ${count(tokens)} tokens in ${clock(seconds)}`);
  if (evaluation !== null) {
    const { loss, bits_per_byte, sequences } = evaluation;
    console.log(
      `held out: ${bits_per_byte.toFixed(4)} bits a byte, loss ${loss.toFixed(4)} (${counted(sequences, "sequence")})`,
    );
  }
  console.log(`report: ${printable(report)}\ncheckpoint: ${printable(checkpoint)}`);
  console.log(`to sample from it:\n  apertus-data generate --checkpoint ${quoted(checkpoint)} --prompt 'The '`);
}
