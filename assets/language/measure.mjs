// Measures lid.ftz on the development lines and writes labels.tsv, thresholds.json, metrics.json and the model card:
// `npm run build && node assets/language/measure.mjs <folder>`; the builder runs it after training.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FastTextModel } from "../../dist/native/index.js";
import { writeCard } from "./card.mjs";
import { answers, labelThresholds, mean, right, rightGroup, round, score, share, threshold } from "./evaluate.mjs";
import { noiseLines as makeNoise } from "./noise.mjs";
import { leftOut, noiseLabel, noiseLines, quantise, settings, shards } from "./settings.mjs";
import { readLines, readSources } from "./training-text.mjs";

// The languages whose scores are reported one by one: those with most text on the web, and those of Switzerland.
const major = (
  "eng_Latn deu_Latn fra_Latn spa_Latn por_Latn ita_Latn nld_Latn pol_Latn ces_Latn ron_Latn hun_Latn swe_Latn dan_Latn fin_Latn " +
  "ell_Grek rus_Cyrl ukr_Cyrl bul_Cyrl tur_Latn arb_Arab pes_Arab heb_Hebr hin_Deva ben_Beng tam_Taml tha_Thai vie_Latn ind_Latn " +
  "cmn_Hani jpn_Jpan kor_Hang swh_Latn gsw_Latn roh_Latn"
).split(" ");
const sets = ["udhr", "mediawiki", "same"];
const lengths = [
  ["below 30", 0, 30],
  ["30 to 59", 30, 60],
  ["60 to 119", 60, 120],
  ["120 and more", 120, Number.POSITIVE_INFINITY],
];
const here = (name) => join(import.meta.dirname, name);

/** `sources` as readSources gives them; `trained` is copied to its place. */
export function measure(folder, sources, trained, words) {
  if (trained !== undefined) copyFileSync(trained, here("lid.ftz"));
  const model = new FastTextModel(here("lid.ftz"));
  const best = new Map([...sources].map(([label, kinds]) => [label, shards.find((shard) => kinds[shard] !== undefined)]));
  const devFile = (set) => join(folder, "dev", `${set}.tsv.zst`);
  const found = Object.fromEntries(
    sets.map((set) => [set, answers(model, readLines(devFile(set)).filter(([label]) => sources.has(label)))]),
  );
  const scores = mapValues(found, score);
  const natural = [...found.udhr, ...found.mediawiki];
  const minConfidence = threshold(natural);
  const labels = labelThresholds([...natural, ...found.same], minConfidence);
  writeJson(here("thresholds.json"), { min_confidence: minConfidence, labels });
  const undetermined = ({ guess, confidence }) =>
    guess === noiseLabel || guess === "und" || confidence < (labels[guess] ?? minConfidence);

  const standing = new Map([...sources.keys()].map((label) => [label, standingOf(label, scores)]));
  writeLabels(sources, best, scores, standing);
  const byLength = (list) =>
    Object.fromEntries(
      lengths.map(([name, least, end]) => [
        name,
        share(
          list.filter(({ length }) => length >= least && length < end),
          right,
        ),
      ]),
    );
  const noise = makeNoise(2000, 2).map((text) => [noiseLabel, text]);
  writeJson(here("metrics.json"), {
    model: {
      sha256: sha256(here("lid.ftz")),
      bytes: statSync(here("lid.ftz")).size,
      labels: model.labels.length,
      words: words ?? wordsBefore(),
    },
    settings: { ...settings, quantise, noiseLines, leftOut },
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
          const long = part.filter(({ length }) => length >= 120);
          return [
            [
              shard,
              {
                lines: part.length,
                labels: f1s.length,
                accuracy: share(part, right),
                macroF1: mean(f1s),
                accuracyFrom120: share(long, right),
              },
            ],
          ];
        }),
      ),
    ),
    byLength: mapValues(found, byLength),
    standing: Object.fromEntries(
      ["confirmed", "mixed", "weak", "word lists agree", "word lists disagree", "untested"].map((kind) => [
        kind,
        [...standing.values()].filter((of) => of === kind).length,
      ]),
    ),
    major: Object.fromEntries(
      major.map((label) => [
        label,
        Object.fromEntries(
          Object.entries(scores).flatMap(([set, { f1 }]) => (f1.has(label) ? [[set, round(f1.get(label))]] : [])),
        ),
      ]),
    ),
    confusions: confusions(natural),
    undetermined: {
      minConfidence,
      raisedLabels: Object.keys(labels).length,
      noise: share(answers(model, noise), undetermined),
      wrong: share(
        natural.filter((answer) => !rightGroup(answer)),
        undetermined,
      ),
      right: share(natural.filter(right), undetermined),
      naturalAsNoise: share(natural, ({ guess }) => guess === noiseLabel),
    },
  });
  writeCard();
  console.log(readFileSync(here("metrics.json"), "utf8"));
}

/**
 * How far a label's name can be trusted: `confirmed` has an F1 of 0.8 or more on each set of natural text that has it, `weak` on
 * none, `mixed` on some. A label that no natural text has is judged by held-out lines of its own sources, if there are any.
 */
function standingOf(label, scores) {
  const natural = ["udhr", "mediawiki"].flatMap((set) => (scores[set].f1.has(label) ? [scores[set].f1.get(label) >= 0.8] : []));
  if (natural.length > 0) return natural.every(Boolean) ? "confirmed" : natural.some(Boolean) ? "mixed" : "weak";
  if (!scores.same.f1.has(label)) return "untested";
  return scores.same.f1.get(label) >= 0.8 ? "word lists agree" : "word lists disagree";
}

function writeLabels(sources, best, scores, standing) {
  const head = ["label", "best_evidence", ...shards.map((shard) => `${shard}_lines`), ...sets.map((set) => `${set}_f1`), "standing"];
  const rows = [...sources].map(([label, kinds]) => [
    label,
    best.get(label),
    ...shards.map((shard) => kinds[shard] ?? 0),
    ...sets.map((set) => (scores[set].f1.has(label) ? scores[set].f1.get(label).toFixed(2) : "")),
    standing.get(label),
  ]);
  writeFileSync(here("labels.tsv"), [head, ...rows].map((row) => `${row.join("\t")}\n`).join(""));
}

/** The pairs that are confused most on natural text, outside of groups: [label, guess, lines]. */
function confusions(found) {
  const counts = new Map();
  for (const answer of found) {
    if (rightGroup(answer)) continue;
    const pair = `${answer.label} ${answer.guess}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 40)
    .map(([pair, lines]) => [...pair.split(" "), lines]);
}

/** Of the model that stands there: the file says it, but nothing reads it. */
function wordsBefore() {
  return existsSync(here("metrics.json")) ? JSON.parse(readFileSync(here("metrics.json"), "utf8")).model.words : undefined;
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
