/** `apertus-data generate`: text from a model. */
import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { exitCodes, printable } from "./exit.js";
import { count, wholeNumber, workerCount } from "./numbers.js";

interface GenerateFlags {
  readonly checkpoint: string;
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
  readonly threads: number;
  readonly json: boolean;
}

export function generateCommand(finish: (code: number) => void): Command {
  return new Command("generate")
    .summary("sample text from a trained model")
    .description(
      "Continues a prompt, token by token. The same checkpoint, prompt, settings and seed give the same text on one machine.\nA prompt is text: special tokens that are written in it stay text. The text ends where the model ends the document.",
    )
    .requiredOption("--checkpoint <folder>", "a run's folder, a checkpoint's, an average, or a Hugging Face model's")
    .option("--prompt <text>", "what the text begins with", "")
    .option("--tokens <n>", "tokens to sample, at most", wholeNumber, 100)
    .option("--temperature <number>", "0: always the most likely token; 1: as the model says", between(0, 100), 0.8)
    .option("--top-k <n>", "only the k most likely tokens; 0: all", wholeNumber, 0)
    .option("--top-p <share>", "only the most likely tokens that have this share together", between(0, 1), 0.95)
    .option("--seed <n>", "of the sampling", wholeNumber, 0)
    .option("--threads <n>", "threads", workerCount, availableParallelism())
    .option("--json", "print one JSON object", false)
    .addHelpText(
      "after",
      "\nExample:\n  apertus-data generate --checkpoint apertus-training --prompt 'Once upon a time' --tokens 50",
    )
    .action(async (flags: GenerateFlags) => finish(await generateVerb(flags)));
}

async function generateVerb(flags: GenerateFlags): Promise<number> {
  const { generate } = await import("../trainer/index.js");
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    const isStreaming = !flags.json;
    if (isStreaming) process.stdout.write(printable(flags.prompt));
    const made = await generate({
      ...flags,
      signal: stop.signal,
      // A model may write whatever stood in its texts, control characters too.
      hear: (text) => {
        if (isStreaming) process.stdout.write(printable(text));
      },
    });
    if (flags.json) {
      const { text, tokens, promptTokens: prompt_tokens, stopped, tokensPerSecond: tokens_per_second } = made;
      console.log(JSON.stringify({ prompt: flags.prompt, text, tokens, prompt_tokens, stopped, tokens_per_second }));
    } else {
      process.stdout.write("\n");
      const why = { end: "the document ended", length: "the model's positions ended", tokens: "", signal: "interrupted" }[
        made.stopped
      ];
      process.stderr.write(
        `${count(made.tokens.length)} tokens, ${made.tokensPerSecond.toFixed(1)} a second${why === "" ? "" : `; ${why}`}\n`,
      );
    }
    return made.stopped === "signal" ? exitCodes.interrupted : exitCodes.done;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most))
      throw new InvalidArgumentError(`a number from ${least} to ${most} is wanted`);
    return value;
  };
}
