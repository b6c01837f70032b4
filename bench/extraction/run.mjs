// Quality and speed of HTML extraction, beside named peers in the same run.
//
//   node bench/extraction/run.mjs <folder> [--warc pages.warc.gz] [--peers <folder with node_modules>]
//
// <folder> holds html/*.html.gz, index.tsv (file, benchmark id, URL) and article_extraction_ground_truth.json.gz of the article
// extraction benchmark (github.com/scrapinghub/article-extraction-benchmark). The measure is that benchmark's: words are runs of
// \w; a page's text is the multiset of its 4-word shingles (one shorter shingle where there are fewer words); precision and recall
// of the extracted multiset are computed per page and averaged over pages (precision over pages with any extracted shingle); F1 is
// the harmonic mean of the two averages. "tune" is the half of the pages that the constants were chosen on (even first byte of the
// file's SHA-1 name), "test" the other half.
//
// Peers: @mozilla/readability with linkedom where --peers has them installed, and trafilatura where `python3 -c "import
// trafilatura"` works. All get the same decoded page.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { decodeBytes, htmlToText } from "../../dist/pipeline/extraction/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { warc: { type: "string" }, peers: { type: "string" } },
});
const [folder] = positionals;
if (folder === undefined && values.warc === undefined) {
  console.error("usage: node bench/extraction/run.mjs <folder> [--warc pages.warc.gz] [--peers <folder with node_modules>]");
  process.exit(2);
}
console.log(`${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`);

const options = { mainText: true, minMainCharacters: 250, xml: false };
const decode = (bytes) => decodeBytes(bytes, "", "html").text;

if (folder !== undefined) {
  const pages = readPages(folder);
  report("apertus-data extract", pages, (page) => htmlToText(page.html, options).text);
  report("apertus-data, all visible text", pages, (page) => htmlToText(page.html, { ...options, mainText: false }).text);
  const readability = await loadReadability();
  if (readability !== undefined) report("@mozilla/readability + linkedom", pages, (page) => readability(page.html));
  const trafilatura = runTrafilatura(pages);
  if (trafilatura !== undefined) report("trafilatura (time not comparable)", pages, (_, index) => trafilatura[index] ?? "");
}
if (values.warc !== undefined) speed(values.warc);

function readPages(path) {
  const truth = JSON.parse(gunzipSync(readFileSync(join(path, "article_extraction_ground_truth.json.gz"))));
  const rows = readFileSync(join(path, "index.tsv"), "utf8").trim().split("\n").slice(1);
  return rows.map((row) => {
    const [file, id] = row.split("\t");
    const html = decode(gunzipSync(readFileSync(join(path, "html", file))));
    return { html, truth: truth[id].articleBody, half: Number.parseInt(file.slice(0, 2), 16) % 2 === 0 ? "tune" : "test" };
  });
}

function report(name, pages, extract) {
  const start = performance.now();
  const texts = pages.map(extract);
  const seconds = (performance.now() - start) / 1000;
  const scored = pages.map((page, index) => ({ half: page.half, ...score(page.truth, texts[index]) }));
  console.log(`\n${name}: ${pages.length} pages, ${seconds.toFixed(1)} s`);
  for (const half of ["tune", "test", "all"]) {
    const some = scored.filter((page) => half === "all" || page.half === half);
    const precision = mean(some.filter((page) => page.extracted).map((page) => page.precision));
    const recall = mean(some.filter((page) => page.expected).map((page) => page.recall));
    const f1 = (2 * precision * recall) / (precision + recall);
    const figures = `precision ${precision.toFixed(3)}  recall ${recall.toFixed(3)}  F1 ${f1.toFixed(3)}`;
    console.log(`  ${half.padEnd(5)} ${String(some.length).padStart(3)} pages  ${figures}`);
  }
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function score(expected, extracted) {
  const truth = shingles(expected);
  const found = shingles(extracted);
  let both = 0;
  let missed = 0;
  let wrong = 0;
  for (const [shingle, count] of truth) {
    const times = found.get(shingle) ?? 0;
    both += Math.min(count, times);
    missed += Math.max(0, count - times);
  }
  for (const [shingle, times] of found) wrong += Math.max(0, times - (truth.get(shingle) ?? 0));
  const perfect = wrong === 0 && missed === 0;
  return {
    precision: perfect ? 1 : both === 0 ? 0 : both / (both + wrong),
    recall: perfect ? 1 : both === 0 ? 0 : both / (both + missed),
    extracted: both + wrong > 0,
    expected: both + missed > 0,
  };
}

function shingles(text) {
  const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const counts = new Map();
  for (let i = 0; i < Math.max(1, words.length - 3) && words.length > 0; i++) {
    const shingle = words.slice(i, i + 4).join(" ");
    counts.set(shingle, (counts.get(shingle) ?? 0) + 1);
  }
  return counts;
}

async function loadReadability() {
  try {
    const require = createRequire(join(resolve(values.peers ?? "."), "package.json"));
    const { Readability } = require("@mozilla/readability");
    const { parseHTML } = await import(pathToFileURL(require.resolve("linkedom")).href);
    return (html) => {
      try {
        return new Readability(parseHTML(html).document).parse()?.textContent ?? "";
      } catch {
        return "";
      }
    };
  } catch {
    console.log("\n@mozilla/readability and linkedom are not installed: not compared");
    return undefined;
  }
}

function runTrafilatura(pages) {
  const script =
    "import json, sys, trafilatura\n" +
    "for line in sys.stdin:\n" +
    "    print(json.dumps(trafilatura.extract(json.loads(line), include_comments=False) or ''))\n";
  const input = pages.map((page) => JSON.stringify(page.html)).join("\n");
  const run = spawnSync("python3", ["-c", script], { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  if (run.status !== 0) {
    console.log("\npython3 has no trafilatura: not compared");
    return undefined;
  }
  return run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Three rounds over the responses of a WARC file, decoding included; the best counts. */
function speed(path) {
  const pages = responses(gunzipSync(readFileSync(path)));
  const megabytes = pages.reduce((sum, page) => sum + page.length, 0) / 1e6;
  let best = Number.POSITIVE_INFINITY;
  let characters = 0;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    characters = pages.reduce((sum, page) => sum + htmlToText(decode(page), options).text.length, 0);
    best = Math.min(best, performance.now() - start);
  }
  const figures = `${(best / megabytes).toFixed(1)} ms per MB of HTML, ${((megabytes / best) * 1000).toFixed(1)} MB/s`;
  console.log(
    `\nspeed: ${pages.length} pages, ${megabytes.toFixed(1)} MB of HTML, ${characters} characters of text: ${figures}`,
  );
}

/** Bodies of the response records; just enough of a reader for well-formed files. */
function responses(file) {
  const bodies = [];
  let at = 0;
  for (let end = file.indexOf("\r\n\r\n", at); end >= 0; end = file.indexOf("\r\n\r\n", at)) {
    const head = file.subarray(at, end).toString("latin1");
    const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    const block = file.subarray(end + 4, end + 4 + length);
    if (/^warc-type:\s*response/im.test(head)) bodies.push(block.subarray(block.indexOf("\r\n\r\n") + 4));
    at = end + 4 + length + 4;
  }
  return bodies;
}
