// Training of classifiers: our trainer against the fastText program, same lines, same settings, one thread each, and ours with two.
// `npm run build && node bench/training.mjs <folder of inputs>`, the folder holding lid/train/freq.tsv.zst and lid/dev/udhr.tsv.zst.
// Needs the programs fasttext and zstd; FASTTEXT may name another build. Times are of the processor, reading and quantising left out
// for ours, and all but writing for the program's (it reports its own loop only as a rate).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { FastTextModel, FastTextTrainer, normaliseForLanguage } from "../dist/native/index.js";

const folder = process.argv[2];
const program = process.env.FASTTEXT ?? "fasttext";
const scratch = mkdtempSync(join(tmpdir(), "bench-training-"));
const settings = {
  dimensions: 64,
  epochs: 8,
  rate: 1.6,
  leastCount: 5,
  mostWords: 1_000_000,
  wordNgrams: 1,
  buckets: 50_000,
  shortest: 2,
  longest: 4,
  oneVsAll: false,
  linesPerLabel: 0,
  cut: 0,
  shortestCut: 15,
  longestCut: 60,
  dropout: 0,
  seed: 1,
  threads: 1,
};

const development = readLines("lid/dev/udhr.tsv.zst");
const wanted = new Set(development.map(([label]) => label));
const taken = new Map();
const training = readLines("lid/train/freq.tsv.zst").filter(([label]) => {
  taken.set(label, (taken.get(label) ?? 0) + 1);
  return wanted.has(label) && taken.get(label) <= 100;
});
const names = [...new Set(training.map(([label]) => label))].sort();
const tested = development.filter(([label]) => names.includes(label));
// Lines in an order of no meaning; the program reads them as they stand.
const places = new Map(training.map((line, i) => [line, Math.imul(i + 1, 0x9e3779b1) >>> 0]));
training.sort((a, b) => places.get(a) - places.get(b));
const lines = normalised(training);
const questions = normalised(tested);

for (const oneVsAll of [false, true]) {
  for (const threads of [1, 2]) {
    const path = join(scratch, "ours.bin");
    const start = process.cpuUsage();
    const from = performance.now();
    const trainer = new FastTextTrainer({ ...settings, oneVsAll, threads }, names);
    trainer.add(
      lines.values,
      lines.offsets,
      Int32Array.from(training, ([label]) => names.indexOf(label)),
    );
    while (!trainer.run(1e6).done);
    const { user, system } = process.cpuUsage(start);
    trainer.write(path);
    report(`ours, ${threads} thread${threads > 1 ? "s" : ""}`, (user + system) / 1e6, performance.now() - from, path);
  }
  const input = join(scratch, "train.txt");
  const buffer = Buffer.from(lines.values);
  const text = training.map(
    ([label], i) => `__label__${label} ${buffer.toString("utf8", lines.offsets[i], lines.offsets[i + 1])}\n`,
  );
  writeFileSync(input, text.join(""));
  const options = {
    input,
    output: join(scratch, "theirs"),
    dim: settings.dimensions,
    epoch: settings.epochs,
    lr: settings.rate,
    minCount: settings.leastCount,
    bucket: settings.buckets,
    minn: settings.shortest,
    maxn: settings.longest,
    loss: oneVsAll ? "ova" : "softmax",
    thread: 1,
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const from = performance.now();
  const { stderr } = spawnSync("bash", ["-c", 'TIMEFORMAT="cpu %U %S"; time "$@"', "bash", program, "supervised", ...words], {
    encoding: "utf8",
  });
  const [user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr)?.slice(1).map(Number) ?? [];
  report("fastText, 1 thread", user + system, performance.now() - from, join(scratch, "theirs.bin"));
}
rmSync(scratch, { recursive: true });

function report(name, seconds, wall, path) {
  const model = new FastTextModel(path);
  const { labels } = model.predict(questions.values, questions.offsets, 1);
  const right = tested.filter(([label], i) => model.labels[labels[i]] === `__label__${label}`).length;
  console.log(
    `${name.padEnd(20)} ${seconds.toFixed(1).padStart(7)} s of the processor, ${(wall / 1000).toFixed(1).padStart(6)} s; ` +
      `accuracy ${((100 * right) / tested.length).toFixed(2)} on ${tested.length} lines of ${names.length} labels (${cpus()[0]?.model})`,
  );
}

function readLines(name) {
  return execFileSync("zstd", ["-dc", join(folder, name)], { maxBuffer: 2 ** 30 })
    .toString()
    .split("\n")
    .map((line) => line.split("\t"))
    .filter((fields) => fields.length === 2);
}

function normalised(list) {
  const rows = list.map(([, text]) => Buffer.from(text));
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i] + row.length;
  });
  return normaliseForLanguage(Buffer.concat(rows), offsets);
}
