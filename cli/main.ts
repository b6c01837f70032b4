#!/usr/bin/env node
/** `apertus-data <verb>`: one file a verb. This one only puts them together. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { codeOf } from "../corpus/index.js";
import { exitCodes, reportError } from "./exit.js";

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
  .version(packageVersion())
  .enablePositionalOptions()
  .showHelpAfterError("(add --help for what may stand here)")
  .exitOverride();

// Whoever reads may stop reading (`| head`); a terminal that is gone must not end a run.
process.stdout.on("error", (error) => {
  if (codeOf(error) !== "EPIPE") throw error;
  process.exit();
});
process.stderr.on("error", () => undefined);

/** In the order of the help. Loaded where it is used: an answer about one host should not wait for what a run needs. */
const verbs: Readonly<Record<string, () => Promise<(finish: (code: number) => void) => Command>>> = {
  run: async () => (await import("./run.js")).runCommand,
  plan: async () => (await import("./plan.js")).planCommand,
  try: async () => (await import("./try.js")).tryCommand,
  inspect: async () => (await import("./inspect.js")).inspectCommand,
  audit: async () => (await import("./audit.js")).auditCommand,
  retract: async () => (await import("./retract.js")).retractCommand,
  diff: async () => (await import("./diff.js")).diffCommand,
  robots: async () => (await import("./robots.js")).robotsCommand,
  verify: async () => (await import("./verify.js")).verifyCommand,
  doctor: async () => (await import("./doctor.js")).doctorCommand,
};
const [, , named = ""] = process.argv;
const wanted = Object.hasOwn(verbs, named) ? [verbs[named]] : Object.values(verbs);

for (const load of wanted) {
  const command = (await load?.())?.(finish);
  if (command === undefined) continue;
  command.exitOverride();
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) finish(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
  else finish(reportError(error, process.argv.includes("--json")));
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("apertus-data/package.json") as { readonly version: string };
  return version;
}
