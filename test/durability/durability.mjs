// Kills a small run everywhere and checks that what it leaves in the end is the same, byte for byte, as without a kill.
//
//   npm run test:durability -- [--random 50] [--every 1] [--seed 1] [--workers 1,2]
//
// For each number of workers: `random` runs killed at moments drawn from `seed`, and one run for every `every`-th operation on a
// file (create, write, flush, rename, link, flushFolder, remove) of the coordinator and of the workers: killed before or after
// it, with and without loss of power, or refused by the disk. Each is then started again until it is done.
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { differences, fingerprint, readJournal, runThrough, scratch, startRun } from "./harness.mjs";
import { writeSmallRecipe } from "./recipe.mjs";

/** What happens at each operation goes round: each kind of operation of each role meets each of these in turn. */
const ways = [
  { when: "after", power: true },
  { when: "before", power: true },
  { when: "after", power: false },
  { error: "ENOSPC" },
  { when: "before", power: false },
  { error: "EIO" },
];

const { values: flags } = parseArgs({
  options: {
    random: { type: "string", default: "50" },
    every: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "1,2" },
  },
});
const [random, every, seed] = [flags.random, flags.every, flags.seed].map(Number);
const started = performance.now();
const place = scratch("durability");
const recipe = writeSmallRecipe(join(place.folder, "inputs"));
process.on("exit", place.remove);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

let passed = 0;
let failed = 0;
const say = (text) => console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(5)} s  ${text}`);

for (const workers of flags.workers.split(",").map(Number)) {
  const corpus = join(place.folder, `undisturbed-${workers}`);
  const run = await startRun({ recipe, corpus, workers });
  if (run.code !== 0) throw new Error(`the undisturbed run failed:\n${run.errors}`);
  const expected = fingerprint(corpus);
  const operations = readJournal(run.journal);
  rmSync(run.journal, { recursive: true });
  const cases = [...randomCases(random, run.milliseconds, generator(seed)), ...failpoints(operations)];
  say(`${workers} workers: ${(run.milliseconds / 1000).toFixed(1)} s undisturbed, ${cases.length} cases`);
  await inParallel(Math.max(2, availableParallelism() >> 1), cases, async (disturbances, index) => {
    const fault = await tryCase({ workers, disturbances, corpus: join(place.folder, `corpus-${workers}-${index}`) }, expected);
    if (fault === undefined) passed++;
    else {
      failed++;
      say(`FAILED with ${workers} workers, ${JSON.stringify(disturbances)}: ${fault}`);
    }
    if ((passed + failed) % 20 === 0) say(`${passed} passed, ${failed} failed`);
  });
  rmSync(corpus, { recursive: true });
}
say("done");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Returns what is wrong, or undefined. */
async function tryCase({ workers, disturbances, corpus }, expected) {
  const outcomes = await runThrough({ recipe, corpus, workers, disturbances });
  const last = outcomes.at(-1);
  try {
    if (last?.code !== 0) return `the last run ended with ${last?.code ?? last?.signal}\n${last?.errors}`;
    for (const { code, signal, errors } of outcomes.slice(0, -1)) {
      // A kill ends a run by signal; a disk that refuses ends it with a coded error.
      if (signal === null && !(code === 1 && /^error (DISK_FULL|DISK_FAILED)/m.test(errors)))
        return `ended with ${code}\n${errors}`;
    }
    const different = differences(expected, fingerprint(corpus));
    return different.length === 0 ? undefined : `these differ: ${different.join(", ")}`;
  } finally {
    rmSync(corpus, { recursive: true, force: true });
  }
}

/** One to three kills in a row, half of them with loss of power. */
function randomCases(count, milliseconds, draw) {
  return Array.from({ length: count }, () => {
    const kills = draw() < 0.7 ? 1 : draw() < 0.7 ? 2 : 3;
    return Array.from({ length: kills }, () => ({
      signalAfter: ["SIGKILL", Math.round(draw() * milliseconds)],
      power: draw() < 0.5,
    }));
  });
}

function failpoints(operations) {
  const cases = [];
  const seen = new Map();
  const made = new Set();
  for (const [index, { pid, role, kind, path }] of operations.entries()) {
    const nth = (seen.get(`${pid} ${kind}`) ?? 0) + 1;
    seen.set(`${pid} ${kind}`, nth);
    // The n-th operation is counted in each process by itself. Of many writes in a row to one file the first and last stand for all.
    const isAmongWrites = [index - 1, index + 1].every((i) => operations[i]?.kind === "write" && operations[i].path === path);
    if (made.has(`${role} ${kind} ${nth}`) || (kind === "write" && isAmongWrites)) continue;
    made.add(`${role} ${kind} ${nth}`);
    const { power = false, ...way } = ways[nth % ways.length];
    cases.push([{ fault: { role, kind, nth, ...way }, power }]);
  }
  return cases.filter((_, index) => index % every === 0);
}

async function inParallel(width, items, work) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function generator(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
