// `npm run bench -- pipeline [recipe.yaml] [--runs N]`: milliseconds per MB of text and documents per second by stage, from the
// run's own timers, with one worker, beside the budget of docs/performance.md. MB are 10^6 bytes of UTF-8 text that left
// extraction; a run's median of N is printed. Without a recipe: examples/web.yaml where its data are there, else the example.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "../dist/pipeline/index.js";

const budget = {
  read: ["Parquet 8", 8],
  consent: ["consent", 1],
  language: ["language", 20],
  quality: ["quality", 8],
  toxicity: ["toxicity", 5],
  duplicates: ["signatures", 10],
  pii: ["PII", 3],
  tokenize: ["tokenizer", 12],
  write: ["shards and ledger", 5],
};

const args = process.argv.slice(2);
const runsAt = args.indexOf("--runs");
const runs = runsAt < 0 ? 3 : Number(args.splice(runsAt, 2)[1]);
const root = resolve(import.meta.dirname, "..");
const web = join(root, "examples/web.yaml");
const hasWeb = existsSync(resolve(root, "../shared/data/web/pages.warc.gz"));
const recipePath = args[0] ?? (hasWeb ? web : join(root, "examples/quickstart/recipe.yaml"));

const results = [];
for (let i = 0; i < runs; i++) {
  const corpus = mkdtempSync(join(tmpdir(), "apertus-bench-"));
  try {
    results.push(await run({ recipePath, corpus, workers: 1, memoryBytes: 1e9 }));
  } finally {
    rmSync(corpus, { recursive: true, force: true });
  }
}

const [first] = results;
const stages = first.manifest.stages.map(({ name }) => name);
const firstOnText = stages[stages.indexOf("extract") + 1];
const textMB = first.times[firstOnText].bytes / 1e6;
const rows = ["read", ...stages, "reread", "write", "shards", "tables"].flatMap((name) => {
  const times = results.map((result) => result.times[name]).filter((time) => time !== undefined);
  if (times.length === 0) return [];
  const seconds = median(times.map((time) => time.seconds));
  const [label, milliseconds] = budget[name] ?? ["", undefined];
  return [
    {
      stage: name,
      "ms per MB of text": round((1000 * seconds) / textMB),
      budget: milliseconds === undefined ? "" : milliseconds,
      "documents/s": times[0].documents === 0 ? "" : Math.round(times[0].documents / seconds),
      seconds: round(seconds),
      for: label,
    },
  ];
});
console.table(rows);
const wall = median(results.map((result) => result.seconds));
const { totals } = first.manifest;
console.log(
  `${recipePath}\n${totals.documents} documents, ${textMB.toFixed(2)} MB of text, ${totals.tokens} tokens; whole run with one worker: median ${wall.toFixed(1)} s of ${runs} runs`,
);

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function round(value) {
  return Number(value.toPrecision(3));
}
