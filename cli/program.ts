/** `apertus-data <verb>`: one file a verb. This one only puts them together. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { exitCodes, reportError } from "./exit.js";

type MakeVerb = (finish: (code: number) => void) => Command;

/** In the order of the help. Loaded where it is used: an answer about one host should not wait for what a run needs. */
const verbs: Readonly<Record<string, () => Promise<MakeVerb>>> = {
  run: async () => (await import("./run.js")).runCommand,
  plan: async () => (await import("./plan.js")).planCommand,
  try: async () => (await import("./try.js")).tryCommand,
  inspect: async () => (await import("./inspect.js")).inspectCommand,
  audit: async () => (await import("./audit.js")).auditCommand,
  retract: async () => (await import("./retract.js")).retractCommand,
  diff: async () => (await import("./diff.js")).diffCommand,
  fetch: async () => (await import("./fetch.js")).fetchCommand,
  robots: async () => (await import("./robots.js")).robotsCommand,
  tokenize: async () => (await import("./tokenize.js")).tokenizeCommand,
  export: async () => (await import("./export.js")).exportCommand,
  train: async () => (await import("./train.js")).trainCommand,
  generate: async () => (await import("./generate.js")).generateCommand,
  verify: async () => (await import("./verify.js")).verifyCommand,
  model: async () => (await import("./model.js")).modelCommand,
  doctor: async () => (await import("./doctor.js")).doctorCommand,
};

/**
 * Does what the words behind `apertus-data` say, and gives the exit code.
 * Errors are printed, never thrown.
 */
export async function runProgram(words: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const finish = (given: number): void => {
    code = given;
  };
  const program = new Command("apertus-data")
    .description(
      "Compliant, auditable pretraining data for language models: web archives in, token shards out, every decision explained.",
    )
    .version(packageVersion())
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what may stand here)")
    .exitOverride();
  const [named = ""] = words;
  const wanted = Object.hasOwn(verbs, named) ? [verbs[named]] : Object.values(verbs);
  try {
    for (const load of wanted) {
      const command = (await load?.())?.(finish);
      if (command !== undefined) program.addCommand(command.exitOverride());
    }
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) finish(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
    else finish(reportError(error, words.includes("--json")));
  }
  return code;
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("apertus-data/package.json") as { readonly version: string };
  return version;
}
