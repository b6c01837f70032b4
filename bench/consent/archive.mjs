/**
 * `npm run bench -- consent/archive [captures] [folder] [inputs]`: a robots archive of ten million captures (two million hosts, five
 * times each) is built and asked: how long it takes, how much memory, how large the file is, and how many authorities a second of the
 * processor are looked up. The bodies are the real ones of inputs/web/robotstxt.warc.gz below 4 KiB; three hosts of ten have a line of their own in
 * theirs, and every host changes its file once. Building and asking run in processes of their own, whose peaks are told.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RobotsArchive, writeArchive } from "../../dist/filters/consent/index.js";
import { bodiesOf, seeded } from "./inputs.mjs";

const times = 5;
const [
  captures = "10000000",
  kept,
  inputs = process.env.APERTUS_DATA_TEST_INPUTS ?? resolve(import.meta.dirname, "../../../shared/data"),
] = process.argv.slice(2);
const hosts = Math.round(Number(captures) / times);
const hostOf = (i) => `https://${i % 2 === 0 ? "www." : ""}site-${(i * 7_368_787) % 10_000_019}.example`;

if (process.env.BENCH_ARCHIVE_STEP !== undefined) {
  await { build, ask }[process.env.BENCH_ARCHIVE_STEP](process.env.BENCH_ARCHIVE_PATH);
} else {
  const folder = kept === undefined ? mkdtempSync(join(tmpdir(), "apertus-bench-archive-")) : resolve(kept);
  const path = join(folder, `${hosts}.archive`);
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) step("build", path);
    console.log(`file: ${(statSync(path).size / 1e9).toFixed(2)} GB\n`);
    step("ask", path);
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function step(name, path) {
  const env = { ...process.env, BENCH_ARCHIVE_STEP: name, BENCH_ARCHIVE_PATH: path };
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), captures, kept ?? "", inputs], {
    env,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
}

async function build(path) {
  const bodies = (await bodiesOf(join(inputs, "web/robotstxt.warc.gz"))).filter(({ length }) => length > 0 && length < 4096);
  const start = performance.now();
  const { counts } = await writeArchive(path, madeUp(bodies), () => ({}));
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `built: ${counts.captures} captures of ${counts.authorities} authorities, ${counts.bodies} bodies, in ${seconds.toFixed(0)} s (${Math.round(counts.captures / seconds)} captures/s; ${cpu().toFixed(0)} s of the processor), peak ${peak()} MB`,
  );
}

/** Crawl by crawl, as Common Crawl's files come: the hosts of each crawl in another order. */
async function* madeUp(bodies) {
  for (let crawl = 0; crawl < times; crawl++) {
    const at = Date.UTC(2021 + crawl, 5, 1);
    for (let i = 0; i < hosts; i++) {
      const host = (i * 1_000_003 + crawl * 7) % hosts;
      const name = hostOf(host);
      const text = bodies[(host + (crawl > host % times ? 1 : 0)) % bodies.length];
      const serial = crawl * hosts + i;
      yield {
        url: `${name}/robots.txt`,
        capturedAt: at + (i % 1000) * 1000,
        status: host % 20 === 0 ? 404 : 200,
        body: host % 10 < 3 ? Buffer.concat([text, Buffer.from(`\n# ${name}\n`)]) : text,
        truncated: false,
        file: `crawl-data/CC-MAIN-${crawl}/robotstxt/${Math.floor(i / 20_000)}.warc.gz`,
        offset: i * 1500,
        length: 1400,
        unit: "bytes",
        recordId: `urn:uuid:00000000-0000-4000-8000-${String(serial).padStart(12, "0")}`,
      };
    }
  }
}

function ask(path) {
  const archive = new RobotsArchive(path);
  const random = seeded(3);
  const some = 200_000;
  const present = Array.from({ length: some }, () => hostOf(random(hosts)));
  const absent = present.map((name) => name.replace("https:", "http:"));
  const rows = [];
  const measure = (what, names, look) => {
    const start = cpu();
    let found = 0;
    for (const name of names) if (look(name) !== undefined) found++;
    const seconds = cpu() - start;
    rows.push({ "look-ups": what, found, "authorities/s": Math.round(names.length / seconds) });
  };
  const newest = (name) => archive.newest(name, Number.POSITIVE_INFINITY);
  measure("first 2,000, by binary search in the file", present.slice(0, 2000), newest);
  measure("the next 100, and the names are read", present.slice(2000, 2100), newest);
  measure("random, newest capture", present, newest);
  measure("random, newest up to a day", present, (name) => archive.newest(name, Date.UTC(2023, 0, 1)));
  measure("sorted, newest capture", present.toSorted(), newest);
  measure("random, not there", absent, newest);
  measure("random, with the body, whose digest is checked", present.slice(0, 50_000), (name) => {
    const capture = newest(name);
    return capture === undefined ? undefined : archive.body(capture);
  });
  archive.close();
  console.table(rows);
  console.log(`peak ${peak()} MB`);
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function peak() {
  return Math.round(process.resourceUsage().maxRSS / 1000);
}
