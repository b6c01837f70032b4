/** `apertus-data model train`: trains a language identification model or another text classifier from labelled lines. */
import { Command } from "commander";
import type { TrainedModel, TrainingKind, TrainingProgress } from "../pipeline/index.js";
import { exitCodes, printable } from "./exit.js";
import { bytes, clock, count, percent, workerCount } from "./numbers.js";
import { table } from "./table.js";

interface TrainFlags {
  readonly threads: number;
  readonly json: boolean;
}

export function modelCommand(finish: (code: number) => void): Command {
  const trainCommand = (kind: TrainingKind, summary: string, description: string): Command =>
    new Command(kind)
      .summary(summary)
      .description(description)
      .argument("<recipe>", "YAML file; docs/classifiers.md describes it")
      .option("--threads <number>", "threads, at most 4 are used; the model is the same for any number", workerCount, 1)
      .option("--json", "print one JSON object", false)
      .addHelpText("after", `\nExample:\n  apertus-data model train ${kind} recipe.yaml --threads 2`)
      .action(async (path: string, flags: TrainFlags) => {
        // Loaded where it is used: the help should not wait for the pipeline.
        const { loadTrainingRecipe, train } = await import("../pipeline/index.js");
        const { recipe, baseFolder } = loadTrainingRecipe(path);
        const hear = watch(process.stderr);
        const trained = await train({ kind, recipe, baseFolder, threads: flags.threads, hear });
        if (flags.json) console.log(JSON.stringify({ output: recipe.output, ...trained }));
        else print(recipe.output, trained);
        finish(exitCodes.done);
      });
  const train = new Command("train")
    .summary("train a model from labelled lines")
    .addCommand(
      trainCommand(
        "language",
        "a model for the language filter",
        "Trains on text as the language filter reads it: lower-case words of letters. The model is a fastText file.",
      ).exitOverride(),
    )
    .addCommand(
      trainCommand(
        "classifier",
        "a model over words as they stand",
        "Trains on words as they stand between white space. The model is a fastText file.",
      ).exitOverride(),
    );
  return new Command("model").summary("train a text classifier").addCommand(train.exitOverride());
}

function print(output: string, { model, scores }: TrainedModel): void {
  console.log(
    `${printable(output)}: ${bytes(model.bytes)}, ${count(model.labels)} labels, ${count(model.words)} words, sha256 ${model.sha256}`,
  );
  const rows = Object.entries(scores).map(([name, score]) => [
    printable(name),
    count(score.lines),
    count(score.labels),
    percent(score.accuracy, 1),
    percent(score.macro_f1, 1),
    ...["below 30", "30 to 59", "60 to 119", "120 and more"].map((length) => {
      const part = score.by_length[length];
      return part === undefined ? "–" : percent(part.accuracy, 1);
    }),
  ]);
  if (rows.length > 0)
    console.log(
      `\n${table(["measured on", "lines", "labels", "accuracy", "macro-F1", "<30 chars", "30–59", "60–119", "120+"], rows)}`,
    );
}

/** One line, redrawn on a terminal, a plain one every few seconds elsewhere. */
function watch(stream: NodeJS.WriteStream): (progress: TrainingProgress) => void {
  const every = stream.isTTY ? 100 : 5000;
  let drawn = Number.NEGATIVE_INFINITY;
  let began: number | undefined;
  return ({ phase, share, lines, loss }) => {
    const now = performance.now();
    if (phase === "training") began ??= now;
    if (now - drawn < every && share < 1) return;
    drawn = now;
    const left = began === undefined || share === 0 ? "" : `, ${clock(((now - began) / 1000) * (1 / share - 1))} left`;
    const text =
      phase === "training"
        ? `training ${percent(share, 1)}${loss === undefined ? "" : `, loss ${loss.toFixed(3)}`}${left}`
        : `${phase} ${count(lines)} lines`;
    stream.write(stream.isTTY ? `\r\u001b[K${text}${share === 1 ? "\n" : ""}` : `${text}\n`);
  };
}
