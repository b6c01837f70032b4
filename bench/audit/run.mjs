/**
 * `npm run bench -- audit [folder]`: how long `apertus-data audit` takes to answer for one host of a corpus with ten million ledger
 * rows and a million documents, and how much memory: the real command in a process of its own, Node's start included, all three
 * files written. The median and the least of five runs are printed; the median has to be under 2 s and 300 MB. The corpus takes
 * about 0.8 GB and a few minutes to make; with a folder it is made there once and kept.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { benchCorpus, hosts } from "./corpus.mjs";

const [kept] = process.argv.slice(2);
const folder = kept === undefined ? mkdtempSync(join(tmpdir(), "apertus-bench-audit-")) : resolve(kept);
const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
const runs = 5;
const observer = `data:text/javascript,process.on("exit",()=>console.error("usage "+JSON.stringify(process.resourceUsage())))`;
const target = { seconds: 2, megabytes: 300 };

try {
  const corpus = await benchCorpus(folder);
  const rows = hosts.map(([host, pages]) => {
    const results = Array.from({ length: runs }, () => ask(corpus, host));
    const seconds = results.map((result) => result.seconds);
    const megabytes = Math.max(...results.map((result) => result.megabytes));
    const cpu = median(results.map((result) => result.cpu));
    return {
      host,
      pages,
      "median s": round(median(seconds)),
      "least s": round(Math.min(...seconds)),
      "CPU s": round(cpu),
      "peak MB": Math.round(megabytes),
    };
  });
  console.table(rows);
  const missed = rows.filter((row) => row["median s"] > target.seconds || row["peak MB"] > target.megabytes);
  console.log(
    `target: ${target.seconds} s, ${target.megabytes} MB: ${missed.length === 0 ? "met" : `missed for ${missed.map(({ host }) => host).join(", ")}`}`,
  );
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}

/** Runs the command; a module that is loaded before it prints what the process used when it ends. */
function ask(corpus, host) {
  const start = performance.now();
  const args = ["--import", observer, cli, "audit", host, "--corpus", corpus, "--out", join(folder, "out")];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const seconds = (performance.now() - start) / 1000;
  const usage = /^usage (.*)$/m.exec(stderr)?.[1];
  if (status !== 0 || usage === undefined) throw new Error(stderr);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(usage);
  return { seconds, megabytes: maxRSS / 1000, cpu: (userCPUTime + systemCPUTime) / 1e6 };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function round(value) {
  return Number(value.toPrecision(3));
}
