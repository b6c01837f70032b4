// What the quality, toxicity and pii filters cost on prose, in ms per MB of UTF-8 text on one core: the kernels alone and the
// filters with their verdicts. `npm run build && node bench/text-filters.mjs <folder of inputs>`, the folder holding
// books/austen_janeaustenr (six novels). Texts are cut into documents at line ends.
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Batch } from "../dist/corpus/index.js";
import { pii } from "../dist/filters/pii/index.js";
import { quality } from "../dist/filters/quality/index.js";
import { toxicity } from "../dist/filters/toxicity/index.js";
import { findPii, piiKinds, textStatistics } from "../dist/native/index.js";

const folder = join(process.argv[2] ?? ".", "books/austen_janeaustenr");
const values = Buffer.concat(
  readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name))),
);
const megabytes = values.length / 1e6;
const rounds = 15;

const open = async (filter, parameters = {}) =>
  filter.open(filter.parameters.parse(parameters), await filter.prepare(filter.parameters.parse(parameters), {}));
const filters = [await open(quality), await open(toxicity), await open(pii), await open(pii, { mode: "apertus" })];

console.log(`${cpus()[0]?.model}, ${megabytes.toFixed(1)} MB, median of ${rounds} rounds, ms of processor time per MB`);
for (const size of [4096, 65_536, values.length]) {
  const offsets = documents(size);
  const batch = new Batch([["text", { type: "utf8", values, offsets }]]);
  const [qualityFilter, toxicityFilter, strict, apertus] = filters;
  console.log(
    `${offsets.length - 1} documents of ${size} bytes:`,
    `quality kernel ${time(() => textStatistics(values, offsets))}, filter ${time(() => qualityFilter.process(batch))};`,
    `toxicity filter ${time(() => toxicityFilter.process(batch))};`,
    `pii kernel ${time(() => findPii(values, offsets, { kinds: piiKinds, loose: false, documentation: false }))},`,
    `filter ${time(() => strict.process(batch))}, apertus mode ${time(() => apertus.process(batch))}`,
  );
}

function documents(size) {
  const offsets = [0];
  for (let at = 0; at < values.length; offsets.push(at)) {
    at = Math.min(values.length, at + size);
    while (at < values.length && values[at - 1] !== 10) at++;
  }
  return Int32Array.from(offsets);
}

function time(run) {
  const times = Array.from({ length: rounds }, () => {
    const begin = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  return (times[rounds >> 1] / megabytes).toFixed(2);
}
