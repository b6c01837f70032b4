/** `apertus-data plan <recipe>`: what a run would do, before it does it. */
import { statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { estimate, loadRecipe, rehearse } from "../pipeline/index.js";
import { exitCodes, printable } from "./exit.js";
import { bytes, clock, count, workerCount } from "./numbers.js";
import { exampleRecipe } from "./run.js";
import { table } from "./table.js";

export function planCommand(finish: (code: number) => void): Command {
  return new Command("plan")
    .summary("show what a run would do: units, disk, hours")
    .description("Checks a recipe, finds and cuts its inputs, and estimates units, disk and time. Writes nothing.")
    .argument("[recipe]", "YAML file; without one, the bundled example")
    .option("--workers <n>", "worker processes to plan for", workerCount, availableParallelism())
    .option("--json", "print one JSON object", false)
    .addHelpText("after", "\nExample:\n  apertus-data plan web.yaml --workers 64")
    .action(async (recipe: string | undefined, flags: { workers: number; json: boolean }) => {
      const loaded = loadRecipe(recipe ?? exampleRecipe());
      const { compiled, plan } = await rehearse(loaded);
      const guess = estimate(plan, flags.workers);
      const folder =
        loaded.recipe.corpus === undefined ? process.cwd() : dirname(resolve(loaded.baseFolder, loaded.recipe.corpus));
      const disk = statfsSync(folder);
      const free = disk.bavail * disk.bsize;
      const phases = compiled.segments.map(({ stages, barrier }) => ({
        stages: stages.map(({ name }) => name),
        barrier: barrier?.name ?? null,
      }));
      const summary = {
        files: plan.files.length,
        input_bytes: plan.bytes,
        units: plan.units.length,
        phases,
        ...guess,
        free_bytes: free,
      };
      if (flags.json) console.log(JSON.stringify({ ...summary, warnings: plan.warnings }));
      else {
        const formats = Object.entries(byFormat(plan.files));
        console.log(
          table(
            ["format", "files", "bytes"],
            formats.map(([format, sizes]) => [format, count(sizes.files), bytes(sizes.bytes)]),
          ),
        );
        console.log(
          `\n${phases.map(({ stages, barrier }) => [...stages, barrier === null ? "shards" : `‖ ${barrier} ‖`].join(" → ")).join(" → ")}`,
        );
        console.log(`${count(plan.units.length)} units of work in ${phases.length} phase${phases.length === 1 ? "" : "s"}`);
        console.log(
          `about ${bytes(guess.disk_bytes)} of disk at most (${bytes(free)} free), about ${clock(guess.seconds)} with ${flags.workers} workers`,
        );
        console.log(`  estimated from ${guess.basis}`);
        for (const warning of [...plan.warnings, ...guess.advice]) console.log(`warning: ${printable(warning)}`);
      }
      finish(exitCodes.done);
    });
}

function byFormat(
  files: readonly { readonly format: string; readonly fingerprint: { readonly bytes: number } }[],
): Record<string, { files: number; bytes: number }> {
  const formats: Record<string, { files: number; bytes: number }> = {};
  for (const { format, fingerprint } of files) {
    const entry = formats[format] ?? { files: 0, bytes: 0 };
    formats[format] = { files: entry.files + 1, bytes: entry.bytes + fingerprint.bytes };
  }
  return formats;
}
