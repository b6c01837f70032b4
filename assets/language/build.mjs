// Trains lid-small.ftz: `npm run build && node assets/language/build.mjs <folder>`, where the folder holds train/*.tsv.zst and
// dev/*.tsv.zst as README.md lists them. Needs the programs zstd and fasttext (0.9.2; the environment variable FASTTEXT
// may name another build of it: with -O3 -march=native -ffast-math it trains three to four times as fast as Debian's). Two
// threads write the same weights without a lock, so a second run gives a model as good, not the same bytes.
// Writes lid-small.ftz, then measures it (measure.mjs).
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.mjs";
import { noiseLines } from "./noise.mjs";
import { random } from "./random.mjs";
import { removeLabels } from "./remove-labels.mjs";
import { noiseLabel, removed, settings } from "./settings.mjs";
import { normalisedStrings, readSources, sampleLines } from "./training-text.mjs";

const folder = process.argv[2];
const scratch = mkdtempSync(join(tmpdir(), "language-model-"));
const trainingFile = join(scratch, "train.txt");
const output = join(scratch, "lid-small");

const sources = readSources(join(folder, "train"));
await writeTrainingFile();
const { dim, bucket, minn, maxn, minCount, lr, epoch, seed, dsub } = settings;
fasttext("supervised", { input: trainingFile, output, dim, bucket, minn, maxn, minCount, lr, epoch, seed, loss: "softmax", thread: 2 });
fasttext("quantize", { input: trainingFile, output, dsub, thread: 2, qnorm: true });
writeFileSync(join(import.meta.dirname, "lid-small.ftz"), removeLabels(readFileSync(`${output}.ftz`), removed));
rmSync(scratch, { recursive: true });
measure(folder, sources);

async function writeTrainingFile() {
  // One pass over shuffled lines: fastText reads its file in order, and neighbours of one label would pull the weights about.
  const lines = [...sources].flatMap(([label, kinds], i) =>
    sampleLines(kinds, settings.lines, settings.seed * 100_003 + i).map((text) => `__label__${label} ${text}\n`),
  );
  for (const text of normalisedStrings(noiseLines(settings.noiseLines, settings.seed))) {
    if (text !== "") lines.push(`__label__${noiseLabel} ${text}\n`);
  }
  const out = createWriteStream(trainingFile);
  for (const line of random(settings.seed).shuffled(lines)) if (!out.write(line)) await once(out, "drain");
  out.end();
  await once(out, "finish");
  console.log(`${lines.length} lines, ${statSync(trainingFile).size} bytes`);
}

/** The program, behind whatever else this machine does. An option that is true has no value. */
function fasttext(verb, options) {
  const list = Object.entries(options).flatMap(([name, value]) => (value === true ? [`-${name}`] : [`-${name}`, String(value)]));
  execFileSync("nice", ["-n", "10", process.env.FASTTEXT ?? "fasttext", verb, ...list], { stdio: ["ignore", "inherit", "inherit"] });
}
