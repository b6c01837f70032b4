/** `apertus-data run [recipe]`: from a recipe to a corpus folder. */
import { availableParallelism, freemem } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { DataError } from "../errors/index.js";
import { loadRecipe, type RunResult, run } from "../pipeline/index.js";
import { closingTable } from "./closing-table.js";
import { exitCodes, quoted } from "./exit.js";
import { workerCount } from "./numbers.js";
import { createProgress } from "./progress.js";

interface RunFlags {
  readonly corpus?: string;
  readonly workers: number;
  readonly rehash: boolean;
  readonly json: boolean;
}

export function runCommand(finish: (code: number) => void): Command {
  return new Command("run")
    .summary("process a corpus as a recipe says")
    .description(
      "Reads the inputs of a recipe, applies its stages, and leaves a corpus folder: shards, documents, ledger, evidence.\nWithout a recipe it works on the bundled example, offline, into ./apertus-example.",
    )
    .argument("[recipe]", "YAML file; see docs/recipe.md")
    .option("--corpus <folder>", "where the corpus goes; the same folder again goes on where a run stopped")
    .option("--workers <n>", "worker processes", workerCount, availableParallelism())
    .option("--rehash", "hash what an earlier run left here and make damaged files anew; otherwise sizes are enough", false)
    .option("--json", "print one JSON object at the end and nothing else on standard output", false)
    .addHelpText(
      "after",
      "\nExamples:\n  apertus-data run\n  apertus-data run web.yaml --corpus /data/web --workers 16\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 interrupted, 4 done but too much in quarantine.",
    )
    .action(async (recipe: string | undefined, flags: RunFlags) => finish(await runVerb(recipe, flags)));
}

async function runVerb(recipe: string | undefined, flags: RunFlags): Promise<number> {
  const recipePath = recipe ?? exampleRecipe();
  const loaded = loadRecipe(recipePath);
  const named = loaded.recipe.corpus === undefined ? undefined : resolve(loaded.baseFolder, loaded.recipe.corpus);
  const corpus = flags.corpus ?? (recipe === undefined ? "apertus-example" : named);
  if (corpus === undefined) {
    throw new DataError("USAGE", {
      detail: "no corpus folder is named",
      mend: "give --corpus FOLDER, or `corpus: FOLDER` in the recipe",
    });
  }
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write("\nstopping; what is committed stays\n");
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const progress = createProgress(process.stderr);
  try {
    const result = await run({
      recipePath,
      corpus: resolve(corpus),
      workers: flags.workers,
      memoryBytes: Math.min(4e9, freemem() / 4),
      rehash: flags.rehash,
      signal: stop.signal,
      onEvent: (event) => progress.hear(event),
    });
    progress.end();
    if (flags.json) console.log(JSON.stringify(summary(result)));
    else console.log(`\n${closingTable(result)}`);
    return quarantineExceeded(result, loaded.recipe.limits.quarantine_share) ? exitCodes.quarantine : exitCodes.done;
  } catch (error) {
    progress.end();
    if (!stop.signal.aborted) throw error;
    const again = ["apertus-data", "run", ...(recipe === undefined ? [] : [recipe])];
    if (flags.corpus !== undefined) again.push("--corpus", flags.corpus);
    process.stderr.write(`interrupted; to go on where it stopped:\n  ${again.map(quoted).join(" ")}\n`);
    return exitCodes.interrupted;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** The JSON object that `--json` ends with; docs/command-line.md lists its keys. */
function summary({ manifest, corpus, seconds, workers, peakMemoryBytes, unchanged, warnings, times }: RunResult): unknown {
  const { records, skipped, documents, kept, dropped, quarantined, tokens, text_bytes, redacted, languages } = manifest.totals;
  return {
    records,
    skipped,
    documents,
    kept,
    dropped,
    quarantined,
    tokens,
    text_bytes,
    redacted,
    languages,
    seconds,
    workers,
    peak_memory_bytes: peakMemoryBytes,
    manifest: corpus.manifest(),
    run_digest: manifest.run_digest,
    unchanged,
    times,
    warnings,
  };
}

function quarantineExceeded({ manifest: { totals } }: RunResult, share: number): boolean {
  return totals.quarantined > share * totals.documents;
}

/** The recipe that ships with the package. */
export function exampleRecipe(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return resolve(here, "../../examples/quickstart/recipe.yaml");
}
