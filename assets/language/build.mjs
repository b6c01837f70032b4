// Trains lid.ftz with this project's own trainer: `npm run build && node assets/language/build.mjs <folder> [threads]`, where the
// folder holds train/*.tsv.zst and dev/*.tsv.zst as README.md lists them. The same folder gives the same bytes, for any number of
// threads. Then measures it (measure.mjs), which writes everything else that stands here and the model card.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { train, trainingRecipeSchema } from "../../dist/pipeline/index.js";
import { measure } from "./measure.mjs";
import { noiseLines as makeNoise } from "./noise.mjs";
import { leftOut, noiseLabel, noiseLines, quantise, settings, shards } from "./settings.mjs";
import { readSources } from "./training-text.mjs";

const [, , folder, threads = "1"] = process.argv;
const scratch = mkdtempSync(join(tmpdir(), "language-model-"));
const noiseFile = join(scratch, "noise.tsv");
writeFileSync(noiseFile, makeNoise(noiseLines, settings.seed).map((line) => `${noiseLabel}\t${line}\n`).join(""));
const output = join(scratch, "lid.ftz");
const recipe = trainingRecipeSchema.parse({
  version: 1,
  train: [...shards.map((shard) => ({ path: resolve(folder, "train", `${shard}.tsv.zst`) })), { path: noiseFile }],
  leave_out: leftOut,
  settings,
  quantise,
  output,
});
let told = 0;
const trained = await train({
  kind: "language",
  recipe,
  baseFolder: folder,
  threads: Number(threads),
  hear({ phase, share, loss }) {
    if (phase !== "training" || share < told) return;
    console.log(`${(share * 100).toFixed(0)} % ${loss?.toFixed(3) ?? ""}`);
    told = share + 0.02;
  },
});
measure(folder, readSources(join(folder, "train")), output, trained.model.words);
rmSync(scratch, { recursive: true });
