// Measures lid-small.ftz on the development lines and writes labels.tsv, thresholds.json, metrics.json and the model card:
// `npm run build && node assets/language/measure.mjs <folder>`; the builder runs it after training.
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FastTextModel } from "../../dist/native/index.js";
import { writeCard } from "./card.mjs";
import { answers, round, score, threshold } from "./evaluate.mjs";
import { noiseLines } from "./noise.mjs";
import { noiseLabel, removed, settings } from "./settings.mjs";
import { readLines, readSources, shards } from "./training-text.mjs";

// The languages whose scores are reported one by one: those with most text on the web, and those of Switzerland.
const major = (
  "eng_Latn deu_Latn fra_Latn spa_Latn por_Latn ita_Latn nld_Latn pol_Latn ces_Latn ron_Latn hun_Latn swe_Latn dan_Latn fin_Latn " +
  "ell_Grek rus_Cyrl ukr_Cyrl bul_Cyrl tur_Latn arb_Arab pes_Arab heb_Hebr hin_Deva ben_Beng tam_Taml tha_Thai vie_Latn ind_Latn " +
  "cmn_Hani jpn_Jpan kor_Hang swh_Latn gsw_Latn roh_Latn"
).split(" ");

/** `allSources` as readSources gives them. */
export function measure(folder, allSources) {
  const sources = new Map([...allSources].filter(([label]) => !removed.includes(label)));
  const here = (name) => join(import.meta.dirname, name);
  const best = new Map([...sources].map(([label, kinds]) => [label, shards.find((shard) => kinds[shard] !== undefined)]));
  const counts = [...sources].map(([label, kinds]) => [label, best.get(label), ...shards.map((shard) => kinds[shard]?.length ?? 0)]);
  const head = ["label", "best_evidence", ...shards.map((shard) => `${shard}_lines`)];
  writeFileSync(here("labels.tsv"), [head, ...counts].map((row) => `${row.join("\t")}\n`).join(""));

  const model = new FastTextModel(here("lid-small.ftz"));
  const devFile = (set) => join(folder, "dev", `${set}.tsv.zst`);
  const found = Object.fromEntries(
    ["udhr", "mediawiki", "same"].map((set) => [set, answers(model, readLines(devFile(set)).filter(([label]) => sources.has(label)))]),
  );
  const scores = mapValues(found, score);
  const natural = [...found.udhr, ...found.mediawiki];
  const right = (answer) => answer.label === answer.guess;
  const minConfidence = threshold(natural);
  const undetermined = ({ guess, confidence }) => guess === noiseLabel || guess === "und" || confidence < minConfidence;

  writeJson(here("thresholds.json"), { min_confidence: minConfidence });
  writeJson(here("metrics.json"), {
    model: { sha256: sha256(here("lid-small.ftz")), bytes: statSync(here("lid-small.ftz")).size, labels: model.labels.length },
    settings: { ...settings, removed },
    sources: Object.fromEntries(
      shards.map((shard) => [
        `train/${shard}.tsv.zst`,
        {
          sha256: sha256(join(folder, "train", `${shard}.tsv.zst`)),
          labels: [...sources.values()].filter((kinds) => kinds[shard] !== undefined).length,
          bestEvidenceOf: [...best.values()].filter((shardOf) => shardOf === shard).length,
        },
      ]),
    ),
    development: mapValues(scores, ({ f1: _, ...rest }, set) => ({ ...rest, sha256: sha256(devFile(set)) })),
    byEvidence: mapValues(found, (list, set) =>
      Object.fromEntries(
        shards.flatMap((shard) => {
          const part = list.filter(({ label }) => best.get(label) === shard);
          if (part.length === 0) return [];
          const f1s = [...scores[set].f1].filter(([label]) => best.get(label) === shard).map(([, f1]) => f1);
          const macroF1 = round(f1s.reduce((a, b) => a + b, 0) / f1s.length);
          return [[shard, { lines: part.length, labels: f1s.length, accuracy: share(part, right), macroF1 }]];
        }),
      ),
    ),
    byLength: mapValues(found, (list) =>
      Object.fromEntries(
        [
          ["below 30", 0, 30],
          ["30 to 59", 30, 60],
          ["60 to 119", 60, 120],
          ["120 and more", 120, Number.POSITIVE_INFINITY],
        ].map(([name, least, end]) => [name, share(list.filter(({ length }) => length >= least && length < end), right)]),
      ),
    ),
    major: Object.fromEntries(
      major.map((label) => [
        label,
        Object.fromEntries(Object.entries(scores).flatMap(([set, { f1 }]) => (f1.has(label) ? [[set, round(f1.get(label))]] : []))),
      ]),
    ),
    undetermined: {
      minConfidence,
      noise: share(answers(model, noiseLines(2000, 2).map((text) => [noiseLabel, text])), undetermined),
      wrong: share(natural.filter((answer) => !right(answer)), undetermined),
      right: share(natural.filter(right), undetermined),
      naturalAsNoise: share(natural, ({ guess }) => guess === noiseLabel),
    },
  });
  writeCard();
  console.log(readFileSync(here("metrics.json"), "utf8"));
}

function share(list, test) {
  return list.length === 0 ? 0 : round(list.filter(test).length / list.length);
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

if (import.meta.filename === process.argv[1]) {
  const [, , folder] = process.argv;
  measure(folder, readSources(join(folder, "train")));
}
