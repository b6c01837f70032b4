// Language identification of 2 KB documents: our kernels against the fastText program, same model, one run, one thread each.
// `npm run build && node bench/language.mjs <folder of inputs>`, the folder holding lid/dev/udhr.tsv.zst (many languages mixed)
// and books/austen_janeaustenr/emma.txt (one language). Needs the programs fasttext and zstd; FASTTEXT may name another build of
// the program. Times are of the processor (user and system), the least of five; the program's is that of all documents less that
// of one, so loading the model is not counted.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { FastTextModel, normaliseForLanguage } from "../dist/native/index.js";

const folder = process.argv[2];
const program = process.env.FASTTEXT ?? "fasttext";
const modelPath = join(import.meta.dirname, "../assets/language/lid.ftz");
const scratch = mkdtempSync(join(tmpdir(), "bench-language-"));
const model = new FastTextModel(modelPath);
const size = 2048;
const rounds = 5;

const udhr = new Map();
for (const line of execFileSync("zstd", ["-dc", join(folder, "lid/dev/udhr.tsv.zst")], { maxBuffer: 2 ** 30 })
  .toString()
  .split("\n")) {
  const [label, text] = line.split("\t");
  if (text !== undefined) udhr.set(label, `${udhr.get(label) ?? ""}${text} `);
}
const mixed = interleave([...udhr.values()].map(documents));
const english = documents(readFileSync(join(folder, "books/austen_janeaustenr/emma.txt"), "utf8"));

console.log(`${cpus()[0]?.model}, ${program}`);
for (const [name, texts] of [
  ["238 languages mixed", mixed],
  ["English", english],
]) {
  const { values, offsets } = column(texts);
  const megabytes = values.length / 1e6;
  const read = normaliseForLanguage(values, offsets);
  const ours = fastest(() => model.predict(read.values, read.offsets, 2));
  const normalising = fastest(() => normaliseForLanguage(values, offsets));
  const lines = texts.map((_, i) => Buffer.from(read.values.subarray(read.offsets[i], read.offsets[i + 1])).toString());
  const all = join(scratch, "all.txt");
  const one = join(scratch, "one.txt");
  writeFileSync(all, `${lines.join("\n")}\n`);
  writeFileSync(one, `${lines[0]}\n`);
  const ask = (path) => execFileSync(program, ["predict-prob", modelPath, path, "2"], { maxBuffer: 2 ** 30 }).toString();
  const theirs = programTime(all) - programTime(one);
  const same = compare(ask(all), model.predict(read.values, read.offsets, 2));
  const per = (ms) => (ms / megabytes).toFixed(1).padStart(7);
  console.log(`${name}: ${texts.length} documents, ${megabytes.toFixed(2)} MB; ${same}`);
  console.log(`  normalise      ${per(normalising)} ms/MB`);
  console.log(`  predict        ${per(ours)} ms/MB`);
  console.log(
    `  fastText       ${per(theirs)} ms/MB   ${(theirs / ours).toFixed(1)} times our predict, ${(theirs / (ours + normalising)).toFixed(1)} times both`,
  );
}
rmSync(scratch, { recursive: true });

function documents(text) {
  const bytes = Buffer.from(text);
  const found = [];
  for (let at = 0; at + size <= bytes.length; at += size)
    found.push(bytes.toString("utf8", at, at + size).replace(/\s+/g, " "));
  return found;
}

function interleave(lists) {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

function column(texts) {
  const rows = texts.map((text) => Buffer.from(text));
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i] + row.length;
  });
  return { values: Buffer.concat(rows), offsets };
}

/** Milliseconds of the processor, the least of several runs. */
function fastest(run) {
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

function programTime(path) {
  const command = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null';
  const times = Array.from({ length: rounds }, () => {
    const { stderr } = spawnSync("bash", ["-c", command, "bash", program, "predict-prob", modelPath, path, "2"], {
      encoding: "utf8",
    });
    const [user, system] = stderr.trim().split(" ").map(Number);
    return (user + system) * 1000;
  });
  return Math.min(...times);
}

/** The program adds 0.00001 to each probability that it prints. */
function compare(answers, { labels, probabilities }) {
  const rows = answers
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));
  const agree = rows.filter(([label], i) => label === model.labels[labels[i * 2]]).length;
  const worst = Math.max(...rows.map((row, i) => Math.abs(Number(row[1]) - 1e-5 - probabilities[i * 2])));
  return `same label on ${agree} of ${rows.length}, largest difference of probability ${worst.toExponential(1)}`;
}
