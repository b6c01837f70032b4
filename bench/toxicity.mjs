// How well the word lists find toxic texts: `npm run build && node bench/toxicity.mjs <folder of inputs>`, the folder holding
// toxicity/ (Measuring Hate Speech, COLD, ToLD-Br, MLMA, Multilingual HateCheck). Precision and recall of single texts by number of
// matches, and the share of pages dropped by default where a page is twenty texts of one label in a row.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Batch } from "../dist/corpus/index.js";
import { toxicity } from "../dist/filters/toxicity/index.js";
import { utf8Column } from "../dist/formats/index.js";

const folder = join(process.argv[2] ?? ".", "toxicity");
const dimensions = ["homophobia", "obscene", "insult", "racism", "misogyny", "xenophobia"];
const hateCheck = (language) => [`${language}/mhc_${language}_half.csv.gz`, "text", (row) => row.label === "1"];
const sets = {
  eng: ["en/ken20_test_2000.csv", "text", (row) => row.label === "1"],
  zho: ["zh/COLD_test.csv", "TEXT", (row) => row.label === "1"],
  por: ["pt/told_br.csv.gz", "text", (row) => dimensions.some((name) => Number(row[name]) > 0)],
  fra: ["fr/mlma_fr_raw.csv", "tweet", (row) => row.sentiment !== "normal"],
  ara: ["ar/mlma_ar_raw.csv", "tweet", (row) => row.sentiment !== "normal"],
  deu: hateCheck("de"),
  spa: hateCheck("es"),
  ita: hateCheck("it"),
  nld: hateCheck("nl"),
  pol: hateCheck("pl"),
};

const parameters = toxicity.parameters.parse({});
const filter = await toxicity.open(parameters, await toxicity.prepare(parameters, {}));
const judge = (texts, language) =>
  filter.process(new Batch(Object.entries({ text: utf8Column(texts), language: utf8Column(texts.map(() => language)) })));

console.log("| texts | toxic | one match: precision / recall | three matches | pages of toxic texts dropped | of others |");
console.log("|---|---|---|---|---|---|");
for (const [language, [file, column, isToxic]] of Object.entries(sets)) {
  const rows = csv(join(folder, file)).map((row) => ({ text: row[column], toxic: isToxic(row) }));
  const matches = judge(
    rows.map(({ text }) => text),
    language,
  ).columns.toxicity_matches.values;
  const score = (least) => {
    const hits = rows.filter((_, i) => matches[i] >= least);
    const right = hits.filter(({ toxic }) => toxic).length;
    const all = rows.filter(({ toxic }) => toxic).length;
    return `${hits.length === 0 ? "–" : (right / hits.length).toFixed(2)} / ${(right / all).toFixed(3)}`;
  };
  const dropped = (toxic) => {
    const texts = rows.filter((row) => row.toxic === toxic).map(({ text }) => text);
    const pages = Array.from({ length: Math.floor(texts.length / 20) }, (_, i) => texts.slice(20 * i, 20 * i + 20).join("\n"));
    return `${judge(pages, language).verdicts.filter(({ keep }) => !keep).length} of ${pages.length}`;
  };
  const share = rows.filter(({ toxic }) => toxic).length / rows.length;
  console.log(
    `| ${language}: ${file}, ${rows.length} | ${share.toFixed(2)} | ${score(1)} | ${score(3)} | ${dropped(true)} | ${dropped(false)} |`,
  );
}

/** RFC 4180. */
function csv(path) {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").replace(/^\ufeff/, "");
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ",") rows.push([]);
  }
  const [header, ...body] = rows;
  return body
    .filter((row) => row.length === header.length)
    .map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
}
