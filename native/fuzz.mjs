// Feeds the kernels bytes that nobody would write: `node native/fuzz.mjs [--seconds N] [--seed S] [kernel …]`. Run under the
// sanitizers by `npm run test:asan`. A finding is a crash of the process; the seed is printed, so that it can be had again.
// Needs the compiled project (npm run build).
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RobotsCompiler, RobotsFile } from "../dist/filters/index.js";
import * as native from "../dist/native/index.js";
import { loadTokenizer, openTokenizer } from "../dist/tokenizer/index.js";
import { fuzzTrainer } from "./fuzz-trainer.mjs";

const args = process.argv.slice(2);
const option = (name, standard) => {
  const at = args.indexOf(name);
  return at < 0 ? standard : Number(args.splice(at, 2)[1]);
};
const seconds = option("--seconds", 10);
const seed = option("--seed", Date.now() % 2 ** 31);
let state = seed;
const random = (below) => {
  // Mulberry32: small, seeded, good enough to pick bytes.
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
};

/** Pieces that lie near the edges of what the kernels look for. */
const pieces = [
  "jane@example.org",
  "@",
  ".",
  "8.8.8.8",
  "1.2.3.4.5",
  "DE89 3704 0044 0532 0130 00",
  "GB",
  "</s>",
  "<email-pii>",
  "\\begin{",
  "\r\n",
  "…",
  "•",
  "\u00a0",
  "\u3000",
  "日本語",
  "ไทย",
  "ß",
  "İ",
  "e\u0301\u0301\u0301",
  "👩‍👩‍👧",
  "\ud800",
  "٣",
  "word word word word ",
  "#",
  "\0",
].map((text) => Buffer.from(text));
const broken = [
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xc0, 0xaf],
].map((b) => Buffer.from(b));

function text() {
  const parts = [];
  for (let i = random(40); i > 0; i--) {
    const kind = random(4);
    if (kind === 0) parts.push(Buffer.from(Array.from({ length: random(20) }, () => random(256))));
    else if (kind === 1) parts.push(broken[random(broken.length)]);
    else {
      const piece = pieces[random(pieces.length)];
      for (let n = random(20) === 0 ? random(3000) : 1; n > 0; n--) parts.push(piece);
    }
  }
  return Buffer.concat(parts);
}

function batch() {
  const rows = Array.from({ length: random(6) }, text);
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i] + row.length;
  });
  return { values: new Uint8Array(Buffer.concat(rows)), offsets };
}

/** Of robots.txt files; joined without care, so that records lose their ends. */
const records = [
  ...[
    "User-agent: *",
    "User-agent: GPTBot",
    "user agent ai2bot/2, CCBot",
    "User-agent: bot",
    "Disallow: /",
    "Allow: /a",
    "Disallow: /*a*b$",
  ],
  ...[
    "disallow /a?b=%2f$",
    "Allow: /index.html",
    "Disallow: https://h/a;b?c#d",
    "Sitemap: x",
    "User-agent:",
    "\\nDisallow:",
    "\n",
    "\n",
    "\r",
    "\r\n",
  ],
  ...[
    " ",
    ":",
    "#",
    "*",
    "$",
    "%",
    "%C3",
    "/",
    "\u0085",
    "\u2028",
    "\u3000",
    "K",
    "İ",
    "\ufeff",
    "Disallow: /aaaaaaaaaaaaaaaaaaaaaaaab*aaaaaaaaaaaaac",
  ],
].map((piece) => Buffer.from(piece));
const agents = ["GPTBot", "AI2Bot", "CCBot/2.0", "*", "", "Applebot-Extended"];
const robots = new RobotsCompiler(agents);

function robotsFile() {
  const parts = [];
  for (let i = random(60); i > 0; i--)
    parts.push(random(12) === 0 ? text() : records[random(records.length)], records[7 + random(10)]);
  return Buffer.concat(parts).subarray(0, 500 * 1024);
}

const tokenizer = await openTokenizer("apertus");
const vocabularies = join(import.meta.dirname, "../test/fixtures/tokenizer/small");
const vocabularyNames = readdirSync(vocabularies).filter((name) => !name.endsWith(".ids.json"));
const loaded = await Promise.all(vocabularyNames.map((name) => loadTokenizer(join(vocabularies, name))));
const folder = mkdtempSync(join(tmpdir(), "apertus-fuzz-"));
const fixtures = join(import.meta.dirname, "../test/fixtures/fasttext");
const models = readdirSync(fixtures)
  .filter((name) => /\.(bin|ftz)$/.test(name))
  .map((name) => readFileSync(join(fixtures, name)));

const kernels = {
  trainer: () => fuzzTrainer(native, random),
  repairUtf8: () => native.repairUtf8(text()),
  findPii: () => {
    const { values, offsets } = batch();
    native.findPii(values, offsets, { kinds: native.piiKinds, loose: random(2) === 0, documentation: random(2) === 0 });
  },
  textStatistics: () => {
    const { values, offsets } = batch();
    native.textStatistics(values, offsets);
  },
  normaliseForLanguage: () => {
    const { values, offsets } = batch();
    native.normaliseForLanguage(values, offsets, 4096);
  },
  bpe: () => {
    const { values, offsets } = batch();
    const column = { type: "utf8", values, offsets };
    const tokens = tokenizer.encodeBatch(column, { bos: true, eos: true });
    for (let row = 0; row + 1 < offsets.length; row++) {
      const ids = tokens.values.slice(tokens.offsets[row], tokens.offsets[row + 1]);
      const back = Buffer.from(tokenizer.decode(ids));
      if (!back.equals(Buffer.from(values.subarray(offsets[row], offsets[row + 1]))))
        throw new Error("decode(encode(x)) is not x");
    }
  },
  loadedBpe: () => {
    const { values, offsets } = batch();
    for (const tokenizer of loaded) {
      const tokens = tokenizer.encodeBatch({ type: "binary", values, offsets }, { bos: true, eos: true });
      tokenizer.offsets(tokens.values);
      const back = Buffer.from(tokenizer.decode(tokens.values));
      const whole = values.subarray(offsets[0], offsets.at(-1));
      if (tokenizer.lossless && !back.equals(Buffer.from(whole))) throw new Error("decode(encode(x)) is not x");
    }
  },
  vocabularyFile: async () => {
    const bytes = readFileSync(join(vocabularies, vocabularyNames[random(vocabularyNames.length)]));
    for (let n = 1 + random(6); n > 0; n--) bytes[random(bytes.length)] = random(4) === 0 ? random(256) : 32 + random(95);
    const path = join(folder, "tokenizer.json");
    writeFileSync(path, bytes.subarray(0, random(8) === 0 ? random(bytes.length) : bytes.length));
    try {
      const tokenizer = await loadTokenizer(path);
      tokenizer.count(text());
    } catch (error) {
      if (!String(error?.code).startsWith("TOKENIZER_")) throw error;
    }
  },
  robots: () => {
    const bytes = robotsFile();
    const compiled = robots.compile(bytes);
    const reference = new RobotsFile(bytes, agents);
    for (let n = random(4); n >= 0; n--) {
      const target = random(2) === 0 ? `/${records[random(records.length)].toString("latin1")}` : text().toString("latin1");
      const [ours, theirs] = [compiled.answer(target), reference.answer(target)];
      for (const mode of ["rfc", "intent", "protego"]) {
        for (const agent of agents.keys()) {
          const said = [compiled.explain(ours, agent, mode), reference.explain(theirs, agent, mode)].map((one) =>
            JSON.stringify(one),
          );
          if (ours.bits[mode] !== theirs.bits[mode] || said[0] !== said[1]) throw new Error(`robots: ${said.join(" is not ")}`);
        }
      }
    }
    const { values, offsets } = batch();
    native.decideRobots([compiled.rules], new Int32Array(offsets.length - 1), values, offsets);
  },
  loader: () => {
    // Offsets that mostly rise, so that some layouts are honest; then places, sizes and deletions that need not be.
    const rows = random(12);
    const offsets = Int32Array.from(
      { length: rows + 1 },
      (
        (at) => () =>
          (at += random(9))
      )(-random(9)),
    );
    if (random(3) === 0) offsets[random(rows + 1)] = random(2) === 0 ? random(2 ** 31) - 2 ** 30 : random(40);
    const ids = Uint32Array.from({ length: random(80) }, () => (random(200) === 0 ? 2 ** 31 + random(9) : random(131072)));
    const path = join(folder, "shard");
    const bytes = Buffer.concat([Buffer.from(offsets.buffer), Buffer.from(ids.buffer)]);
    writeFileSync(path, bytes);
    const near = (value) => Math.max(0, value + (random(6) === 0 ? random(20) - 10 : 0));
    const batches = Array.from({ length: 1 + random(3) }, () => [
      ...[
        0,
        near(rows),
        4 * near(0),
        near(offsets.byteLength),
        near(Math.min(ids.length, Math.abs(offsets[rows] - offsets[0]))),
      ],
    ]);
    const gone = batches.flatMap((_, batch) => (random(2) === 0 ? [] : [batch, random(rows + 1)]));
    try {
      const stream = native.openTokenStream({
        paths: [path],
        sizes: Float64Array.of(near(bytes.length)),
        batches: Float64Array.from(batches.flat()),
        gone: Float64Array.from(gone),
        vocabularySize: 131072,
      });
      const length = 1 + random(10);
      const count = 1 + random(20);
      const stages = Float64Array.of(count, 1 + random(3), random(3), random(4));
      const loader = native.openSequenceLoader([stream, stream], length, random(2 ** 31), stages.subarray(0, 3));
      const { boundaries } = loader.read(0, count, new Int32Array(count * (length + 1)));
      if (boundaries.some((at) => at < 0 || at > length)) throw new Error("a boundary outside of its sequence");
    } catch (error) {
      if (error?.code !== "CORPUS_DAMAGED" && !(error instanceof RangeError)) throw error;
    }
  },
  fastTextModel: () => {
    const bytes = Buffer.from(models[random(models.length)]);
    for (let n = 1 + random(8); n > 0; n--) bytes[random(3) === 0 ? random(bytes.length) : random(200)] = random(256);
    const path = join(folder, "model");
    writeFileSync(path, bytes.subarray(0, random(4) === 0 ? random(bytes.length) : bytes.length));
    try {
      const model = new native.FastTextModel(path);
      const { values, offsets } = batch();
      model.predict(values, offsets, 2);
      model.close?.();
    } catch (error) {
      if (error?.code !== "MODEL_CORRUPT") throw error;
    }
  },
};

for (const name of args.length > 0 ? args : Object.keys(kernels)) {
  const end = performance.now() + seconds * 1000;
  let runs = 0;
  for (; performance.now() < end; runs++) await kernels[name]();
  console.log(`${name}: ${runs} inputs in ${seconds} s, seed ${seed}: no finding`);
}
rmSync(folder, { recursive: true });
