/** `apertus-data plan <recipe>`: what a run would do, before it does it. */
import { statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { estimate, loadRecipe, rehearse } from "../pipeline/index.js";
import { exitCodes, printable } from "./exit.js";
import { bytes, clock, count, counted, workerCount } from "./numbers.js";
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
      const guess = await estimate(plan, compiled, flags.workers);
      const folder =
        loaded.recipe.corpus === undefined ? process.cwd() : dirname(resolve(loaded.baseFolder, loaded.recipe.corpus));
      const disk = statfsSync(folder);
      const free = disk.bavail * disk.bsize;
      const segments = compiled.segments.map(({ stages, barrier }) => ({
        stages: stages.map(({ name }) => name),
        barrier: barrier?.name ?? null,
      }));
      const phases = ["read", ...segments.slice(1).flatMap(() => ["cluster", "refine"]), "finalise"];
      const advice = [...guess.advice, ...diskAdvice(guess.disk_bytes, free)];
      const summary = {
        files: plan.files.length,
        input_bytes: plan.bytes,
        units: plan.units.length,
        segments,
        phases,
        ...guess,
        advice,
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
          `\n${segments.map(({ stages, barrier }) => [...stages, barrier === null ? "shards" : `‖ ${barrier} ‖`].join(" → ")).join(" → ")}`,
        );
        console.log(`${counted(plan.units.length, "unit")} of work; phases: ${phases.join(", ")}`);
        console.log(
          `about ${bytes(guess.disk_bytes)} of disk at most (${bytes(free)} free), ${duration(guess.seconds)} with ${counted(flags.workers, "worker")}`,
        );
        console.log(`  estimated from ${guess.basis}`);
        for (const warning of [...plan.warnings, ...advice]) console.log(`warning: ${printable(warning)}`);
      }
      finish(exitCodes.done);
    });
}

export function diskAdvice(needed: number, free: number): readonly string[] {
  if (needed <= free) return [];
  return [
    `the corpus may take ${bytes(needed)}, and the disk has ${bytes(free)} free; name a folder on another one with --corpus`,
  ];
}

function duration(seconds: number): string {
  return seconds < 60 ? "under a minute" : `about ${clock(seconds)}`;
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
