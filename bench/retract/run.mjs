/**
 * `npm run bench -- retract [folder] [inputs]`: how many documents a second `apertus-data retract` decides on again, with how much
 * memory: the real command in a process of its own, Node's start, the version's tables and its bitmaps included. `inputs` holds
 * web/robotstxt.warc.gz, whose files the synthetic hosts have. The corpus takes about 2 GB and a few minutes to make; with a folder
 * it is made there once and kept. A decision is what one file says of one document to one agent in one mode: a document whose site has
 * a capture is asked for all 15 agents in all three modes at once, one whose site has none not at all.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { benchCorpus, size } from "./corpus.mjs";

const [kept, inputs = process.env.APERTUS_DATA_TEST_INPUTS ?? resolve(import.meta.dirname, "../../../shared/data")] =
  process.argv.slice(2);
const folder = kept === undefined ? mkdtempSync(join(tmpdir(), "apertus-bench-retract-")) : resolve(kept);
const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
const observer = `data:text/javascript,process.on("exit",()=>console.error("usage "+JSON.stringify(process.resourceUsage())))`;
const target = { documents: 300_000, decisions: 2_000_000 };
const agents = 15;
const modes = 3;

try {
  const corpus = await benchCorpus(folder, join(inputs, "web/robotstxt.warc.gz"));
  const { asked } = JSON.parse(readFileSync(join(corpus, "complete"), "utf8"));
  const asks = [
    ["new captures, and their archive is made", ["--robots", join(folder, "new.warc")]],
    ["new captures", ["--robots", join(folder, "new.warc")]],
    ["new captures, dry run", ["--robots", join(folder, "new.warc"), "--dry-run"]],
    ["the corpus's captures, at-capture", ["--policy", "at-capture"]],
    ["a host", ["--host", "www.site-7919.com"]],
  ];
  const rows = asks.map(([what, flags]) => {
    forget(corpus);
    const { seconds, cpu, megabytes, result } = ask(corpus, flags);
    const speed = size.documents / seconds;
    return {
      what,
      seconds: round(seconds),
      "CPU s": round(cpu),
      "peak MB": Math.round(megabytes),
      "documents/s": Math.round(speed),
      "decisions/s": flags[0] === "--host" ? "" : Math.round((asked / seconds) * agents * modes),
      "taken out": result.removed.documents,
    };
  });
  console.table(rows);
  const { "documents/s": documents, "decisions/s": decisions } = rows[1];
  console.log(
    `target: ${target.documents} documents/s and ${target.decisions} decisions/s: ${documents >= target.documents && decisions >= target.decisions ? "met" : "missed"}`,
  );
  forget(corpus);
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}

/** Versions that an earlier run wrote. */
function forget(corpus) {
  for (const name of readdirSync(join(corpus, "versions")))
    if (name !== "000000.json") rmSync(join(corpus, "versions", name), { recursive: true });
}

/** Runs the command; a module that is loaded before it prints what the process used when it ends. */
function ask(corpus, flags) {
  const start = performance.now();
  const args = ["--import", observer, cli, "retract", "--corpus", corpus, "--json", ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const seconds = (performance.now() - start) / 1000;
  const usage = /^usage (.*)$/m.exec(stderr)?.[1];
  if (status !== 0 || usage === undefined) throw new Error(stderr);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(usage);
  return { seconds, cpu: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1000, result: JSON.parse(stdout) };
}

function round(value) {
  return Number(value.toPrecision(3));
}
