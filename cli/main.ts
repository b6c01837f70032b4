#!/usr/bin/env node
/** `apertus-data <verb>`: one file a verb. This one only puts them together. */
import { Command, CommanderError } from "commander";
import { codeOf } from "../corpus/index.js";
import { diffCommand } from "./diff.js";
import { doctorCommand } from "./doctor.js";
import { exitCodes, reportError } from "./exit.js";
import { inspectCommand } from "./inspect.js";
import { planCommand } from "./plan.js";
import { robotsCommand } from "./robots.js";
import { runCommand } from "./run.js";
import { tryCommand } from "./try.js";
import { verifyCommand } from "./verify.js";

const finish = (code: number): void => {
  process.exitCode = code;
};

// Whoever reads our output may have seen enough of it: `… | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed),
);

const program = new Command("apertus-data")
  .description(
    "Compliant, auditable pretraining data for language models: web archives in, token shards out, every decision explained.",
  )
  .showHelpAfterError("(add --help for what may stand here)")
  .exitOverride();

// Whoever reads may stop reading (`| head`); a terminal that is gone must not end a run.
process.stdout.on("error", (error) => {
  if (codeOf(error) !== "EPIPE") throw error;
  process.exit();
});
process.stderr.on("error", () => undefined);

for (const make of [
  runCommand,
  planCommand,
  tryCommand,
  inspectCommand,
  diffCommand,
  robotsCommand,
  verifyCommand,
  doctorCommand,
]) {
  const command = make(finish);
  command.exitOverride();
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) finish(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
  else finish(reportError(error, process.argv.includes("--json")));
}
