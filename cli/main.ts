#!/usr/bin/env node
/** The command as a process: its words, its streams, its exit code. */
import { codeOf } from "../corpus/index.js";
import { runProgram } from "./program.js";

// Whoever reads may stop reading (`| head`); a terminal that is gone must not end a run.
process.stdout.on("error", (error) => {
  if (codeOf(error) !== "EPIPE") throw error;
  process.exit();
});
process.stderr.on("error", () => undefined);

process.exitCode = await runProgram(process.argv.slice(2));
