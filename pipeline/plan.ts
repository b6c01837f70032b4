/** The plan of a run: every input cut into units, in the order in which the shards will hold them. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CorpusFolder, codeOf, digestOf, replaceFile } from "../corpus/index.js";
import { type CompiledRecipe, compile } from "./compile.js";
import { findInputs, type InputFile } from "./inputs.js";
import { type Cuts, cutFile, cutsSchema } from "./jobs/cut.js";
import type { CutJob } from "./jobs/index.js";
import type { LoadedRecipe } from "./recipe.js";
import { type ReadUnit, readUnit } from "./unit.js";

export interface Plan {
  readonly units: readonly ReadUnit[];
  readonly files: readonly InputFile[];
  /** Bytes of all input files. */
  readonly bytes: number;
  readonly warnings: readonly string[];
  /** Where the cuts are remembered, relative to the corpus folder. */
  readonly cuts: readonly string[];
}

/**
 * @param cut how a file is cut: in this process, or by a worker
 * @param corpus where cuts are remembered, so that a resumed run does not walk its inputs again; undefined to remember nothing
 */
export async function makePlan(
  recipe: CompiledRecipe,
  corpus: CorpusFolder | undefined,
  cut: (job: CutJob) => Promise<Cuts> = (job) => cutFile(job.input, job.unitBytes),
  done: (files: number, of: number) => void = () => undefined,
): Promise<Plan> {
  const { files, twice } = await findInputs(recipe.loaded);
  const unitBytes = recipe.loaded.recipe.units.bytes;
  let finished = 0;
  const cuts = await Promise.all(
    files.map(async (input) => {
      const result = await remembered(corpus, cutsPath(input, unitBytes), () =>
        cut({ kind: "cut", input: { path: input.path, format: input.format, columns: input.columns }, unitBytes }),
      );
      done(++finished, files.length);
      return result;
    }),
  );
  const units: ReadUnit[] = [];
  const seen = new Set<string>();
  const warnings = twice.map((path) => `${path} is matched by two inputs and read once`);
  for (const [index, input] of files.entries()) {
    const { sha256, extent, slices } = cuts[index] ?? { sha256: "", extent: "bytes", slices: [] };
    for (const slice of slices) {
      const unit = readUnit(recipe, input, extent, slice, sha256);
      if (seen.has(unit.id))
        warnings.push(`${input.path} is the same file under the same name as another input and is read once`);
      else units.push(unit);
      seen.add(unit.id);
    }
  }
  const bytes = files.reduce((total, { fingerprint }) => total + fingerprint.bytes, 0);
  return { units, files, bytes, warnings, cuts: files.map((input) => cutsPath(input, unitBytes)) };
}

/**
 * A plan as a run would make it, and nothing left behind: assets are prepared in a folder that is removed again, so that whatever
 * a run would refuse at its start is refused here.
 */
export async function rehearse(loaded: LoadedRecipe): Promise<{ readonly compiled: CompiledRecipe; readonly plan: Plan }> {
  const assets = mkdtempSync(join(tmpdir(), "apertus-data-plan-"));
  try {
    // All parameters first: what is wrong with the recipe itself is told before files are looked for.
    await compile(loaded, undefined);
    const compiled = await compile(loaded, assets);
    return { compiled, plan: await makePlan(compiled, undefined) };
  } finally {
    rmSync(assets, { recursive: true, force: true });
  }
}

/** The time of change is part of the name: a file whose middle was edited has the old fingerprint. */
function cutsPath({ fingerprint, changedAt, path, format, columns }: InputFile, unitBytes: number): string {
  return `units/cuts/${digestOf({ fingerprint, changedAt, path, format, columns, unitBytes }).slice(0, 32)}.json`;
}

async function remembered(corpus: CorpusFolder | undefined, name: string, cut: () => Promise<Cuts>): Promise<Cuts> {
  if (corpus === undefined) return cut();
  const path = corpus.resolve(name);
  try {
    const kept = cutsSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (kept.success) return kept.data;
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && !(error instanceof SyntaxError)) throw error;
  }
  const cuts = await cut();
  replaceFile(path, Buffer.from(JSON.stringify(cuts)));
  return cuts;
}
