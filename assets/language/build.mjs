// Trains lid-small.ftz: `npm run build && node assets/language/build.mjs <folder>`, where the folder holds train/*.tsv.zst and
// dev/*.tsv.zst as README.md lists them. Needs the programs zstd and fasttext (0.9.2; the environment variable FASTTEXT
// may name another build of it: with -O3 -march=native -ffast-math it trains three to four times as fast as Debian's). Two
// threads write the same weights without a lock, so a second run gives a model as good, not the same bytes.
// Writes lid-small.ftz, labels.tsv, thresholds.json and metrics.json beside itself.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { FastTextModel } from "../../dist/native/index.js";
import { answers, round, score, threshold } from "./evaluate.mjs";
import { noiseLines } from "./noise.mjs";
import { random } from "./random.mjs";
import { normalisedStrings, readLines, readSources, sampleLines, shards } from "./training-text.mjs";

const settings = { lines: 400, noiseLines: 1500, dim: 64, bucket: 100_000, minn: 2, maxn: 5, minCount: 100, lr: 1.6, epoch: 3, dsub: 2, seed: 1 };
const noise = "zxx_Zyyy";
// The languages whose scores are reported one by one: those with most text on the web.
const major = (
  "eng_Latn deu_Latn fra_Latn spa_Latn por_Latn ita_Latn nld_Latn pol_Latn ces_Latn ron_Latn hun_Latn swe_Latn dan_Latn fin_Latn " +
  "ell_Grek rus_Cyrl ukr_Cyrl bul_Cyrl tur_Latn arb_Arab pes_Arab heb_Hebr hin_Deva ben_Beng tam_Taml tha_Thai vie_Latn ind_Latn " +
  "cmn_Hani jpn_Jpan kor_Hang swh_Latn roh_Latn gsw_Latn"
).split(" ");

const folder = process.argv[2];
const here = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), "language-model-"));
const trainingFile = join(scratch, "train.txt");
const started = Date.now();

const sources = readSources(join(folder, "train"));
await writeTrainingFile();
const option = ([name, value]) => [`-${name}`, String(value)];
const { dim, bucket, minn, maxn, minCount, lr, epoch, seed, dsub } = settings;
const training = Object.entries({ dim, bucket, minn, maxn, minCount, lr, epoch, seed, loss: "softmax", thread: 2 }).flatMap(option);
fasttext("supervised", "-input", trainingFile, "-output", join(scratch, "lid-small"), ...training);
fasttext("quantize", "-input", trainingFile, "-output", join(scratch, "lid-small"), "-qnorm", "-dsub", String(dsub), "-thread", "2");
writeFileSync(join(here, "lid-small.ftz"), readFileSync(join(scratch, "lid-small.ftz")));
rmSync(scratch, { recursive: true });
const minutes = round((Date.now() - started) / 60_000);

const evidence = new Map([...sources].map(([label, kinds]) => [label, shards.find((shard) => kinds[shard] !== undefined)]));
const rows = [...sources].map(([label, kinds]) => [label, evidence.get(label), ...shards.map((shard) => kinds[shard]?.length ?? 0)].join("\t"));
writeFileSync(join(here, "labels.tsv"), `${[["label", "best_evidence", ...shards.map((s) => `${s}_lines`)].join("\t"), ...rows].join("\n")}\n`);

const model = new FastTextModel(join(here, "lid-small.ftz"));
const found = Object.fromEntries(
  ["udhr", "mediawiki", "same"].map((set) => {
    const lines = readLines(join(folder, "dev", `${set}.tsv.zst`)).filter(([label]) => sources.has(label));
    return [set, answers(model, lines)];
  }),
);
const scores = Object.fromEntries(Object.entries(found).map(([set, list]) => [set, score(list)]));
const natural = [...found.udhr, ...found.mediawiki];
const minConfidence = threshold(natural);
const nonsense = answers(model, noiseLines(2000, 2).map((text) => [noise, text]));
const share = (list, test) => round(list.filter(test).length / list.length);
const undetermined = ({ guess, confidence }) => guess === noise || guess === "und" || confidence < minConfidence;
const byEvidence = Object.fromEntries(
  Object.entries(found).map(([set, list]) => [
    set,
    Object.fromEntries(
      shards.flatMap((shard) => {
        const part = list.filter(({ label }) => evidence.get(label) === shard);
        if (part.length === 0) return [];
        const { f1, ...rest } = score(list.map((a) => a));
        const labels = [...f1].filter(([label]) => evidence.get(label) === shard);
        return [[shard, { ...rest, lines: part.length, labels: labels.length, accuracy: share(part, (a) => a.label === a.guess), macroF1: round(labels.reduce((sum, [, f]) => sum + f, 0) / labels.length) }]];
      }),
    ),
  ]),
);

writeFileSync(join(here, "thresholds.json"), `${JSON.stringify({ min_confidence: minConfidence }, undefined, 2)}\n`);
writeFileSync(
  join(here, "metrics.json"),
  `${JSON.stringify(
    {
      model: { sha256: sha256(join(here, "lid-small.ftz")), bytes: statSync(join(here, "lid-small.ftz")).size, labels: model.labels.length },
      settings,
      minutes,
      sources: Object.fromEntries(
        shards.map((shard) => [`train/${shard}.tsv.zst`, { sha256: sha256(join(folder, "train", `${shard}.tsv.zst`)), labels: [...sources.values()].filter((kinds) => kinds[shard] !== undefined).length, bestEvidenceOf: [...evidence.values()].filter((best) => best === shard).length }]),
      ),
      development: Object.fromEntries(
        Object.entries(scores).map(([set, { f1: _, ...rest }]) => [set, { ...rest, sha256: sha256(join(folder, "dev", `${set}.tsv.zst`)) }]),
      ),
      byEvidence,
      major: Object.fromEntries(
        major.map((label) => [label, Object.fromEntries(Object.entries(scores).flatMap(([set, { f1 }]) => (f1.has(label) ? [[set, round(f1.get(label))]] : [])))]),
      ),
      undetermined: {
        minConfidence,
        noise: share(nonsense, undetermined),
        wrong: share(natural.filter((a) => a.label !== a.guess), undetermined),
        right: share(natural.filter((a) => a.label === a.guess), undetermined),
        naturalAsNoise: share(natural, ({ guess }) => guess === noise),
      },
    },
    undefined,
    2,
  )}\n`,
);
console.log(readFileSync(join(here, "metrics.json"), "utf8"));

async function writeTrainingFile() {
  // One pass over shuffled lines: fastText reads its file in order, and neighbours of one label would pull the weights about.
  const lines = [...sources].flatMap(([label, kinds], i) => sampleLines(kinds, settings.lines, settings.seed * 100_003 + i).map((text) => `__label__${label} ${text}\n`));
  for (const text of normalisedStrings(noiseLines(settings.noiseLines, settings.seed))) if (text !== "") lines.push(`__label__${noise} ${text}\n`);
  const out = createWriteStream(trainingFile);
  for (const line of random(settings.seed).shuffled(lines)) if (!out.write(line)) await once(out, "drain");
  out.end();
  await once(out, "finish");
  console.log(`${lines.length} lines, ${statSync(trainingFile).size} bytes`);
}

function fasttext(...args) {
  execFileSync("nice", ["-n", "10", process.env.FASTTEXT ?? "fasttext", ...args], { stdio: ["ignore", "inherit", "inherit"] });
}

function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
