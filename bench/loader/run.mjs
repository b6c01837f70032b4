// `npm run bench -- loader [corpus] [--length N] [--shards N]`: tokens a second that one core takes from shards in the page cache, read in
// the order of a shuffled run, and what a plain copy of the same memory would take. Without a corpus, random ids in shards of 250 MB are
// made in a temporary folder first (3 of them unless told).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CorpusFolder } from "../../dist/corpus/index.js";
import { openLoader } from "../../dist/trainer/index.js";
import { makeCorpus } from "../synthetic-corpus.mjs";

const args = process.argv.slice(2);
const option = (name, standard) => {
  const at = args.indexOf(name);
  return at < 0 ? standard : Number(args.splice(at, 2)[1]);
};
const lengths = [option("--length", 0)].filter((length) => length > 0);
const shards = option("--shards", 3);
const scratch = args[0] === undefined ? mkdtempSync(join(tmpdir(), "apertus-bench-")) : undefined;
try {
  const folder = args[0] ?? scratch;
  if (scratch !== undefined) await makeCorpus(folder, { shards, tokens: 62e6, meanLength: 900 });
  const rows = [];
  for (const length of lengths.length > 0 ? lengths : [2048, 4096, 65536]) {
    const opening = performance.now();
    const loader = await openLoader({ sources: [{ name: "corpus", corpus: new CorpusFolder(folder) }], length, seed: 1 });
    const opened = performance.now();
    const count = Math.max(1, Math.floor(2 ** 21 / length));
    const into = new Int32Array(count * (length + 1));
    const round = () => {
      const start = process.cpuUsage();
      const wall = performance.now();
      let tokens = 0;
      let documents = 0;
      for (let first = 0; first + count <= loader.sequences; first += count) {
        const { offsets, boundaries } = loader.read(first, count, into);
        tokens += count * length;
        documents += boundaries.length - offsets.length + 1;
      }
      const { user, system } = process.cpuUsage(start);
      return { tokens, documents, wall: (performance.now() - wall) / 1000, cpu: (user + system) / 1e6 };
    };
    const first = round();
    const rounds = [round(), round(), round(), round(), round()].sort((a, b) => a.cpu - b.cpu);
    const median = rounds[2];
    const copy = copySeconds(into);
    rows.push({
      length,
      "open, ms": Math.round(opened - opening),
      "first pass, M tokens/s": millions(first.tokens / first.cpu),
      "M tokens/s": millions(median.tokens / median.cpu),
      "wall, M tokens/s": millions(median.tokens / median.wall),
      "M documents/s": Number((median.documents / median.cpu / 1e6).toPrecision(3)),
      "memcpy, M tokens/s": millions(into.length / copy),
    });
  }
  console.table(rows);
  console.log(
    "M tokens/s are of processor time, user and system; the first pass maps the pages. Median of 5 passes over the corpus.",
  );
} finally {
  if (scratch !== undefined) rmSync(scratch, { recursive: true });
}

function copySeconds(from) {
  const to = new Int32Array(from.length);
  to.set(from);
  const start = performance.now();
  for (let i = 0; i < 20; i++) to.set(from);
  return (performance.now() - start) / 20_000;
}

function millions(value) {
  return Math.round(value / 1e6);
}
