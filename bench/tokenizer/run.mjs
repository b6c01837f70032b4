// Tokens per second of one thread, ours beside tokenizers and tiktoken (Python) and gpt-tokenizer and js-tiktoken (npm), on the same
// documents; ids are compared first. MB are 10^6 bytes of UTF-8 text; seconds are of the processor.
//   npm run bench -- tokenizer DATA [--python PYTHON] [--packages FOLDER] [FILE …]
// DATA holds lid/dev and books (test/oracles/tokenizer.py), PYTHON has tokenizers, tiktoken and zstandard, FOLDER has gpt-tokenizer and js-tiktoken in
// its node_modules (`npm install --prefix FOLDER gpt-tokenizer js-tiktoken`), each FILE is a vocabulary file. Without PYTHON only ours
// is timed, over the Apertus vocabulary.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadTokenizer, openTokenizer } from "../../dist/tokenizer/index.js";

const args = process.argv.slice(2);
const option = (name) => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const [python, packages] = [option("--python"), option("--packages")];
const [data, ...files] = args;
if (data === undefined) {
  console.error("usage: npm run bench -- tokenizer DATA [--python PYTHON] [--packages FOLDER] [FILE …]");
  process.exit(2);
}

const loads = [];
for (let i = 0; i < 7; i++) {
  const began = performance.now();
  await openTokenizer("apertus");
  loads.push(performance.now() - began);
}
loads.sort((a, b) => a - b);
console.log(`the Apertus vocabulary loads in ${loads[3].toFixed(0)} ms (median of 7; best ${loads[0].toFixed(0)})\n`);

const folder = mkdtempSync(join(tmpdir(), "apertus-data-bench-"));
try {
  const sources = documents();
  console.log("vocabulary          texts        MB   cold   warm  | peer            MB/s  ids  times faster (cold)");
  for (const file of ["apertus", ...files]) {
    for (const [source, path] of sources) await measure(file, source, path);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Each source's documents in a file: a 4-byte little-endian length and the bytes. */
function documents() {
  const plain = ["emma", "prideprejudice"].map((name) => join(data, `books/austen_janeaustenr/${name}.txt`)).filter(existsSync);
  if (python === undefined) {
    const path = join(folder, "novels");
    writeFileSync(path, Buffer.concat(plain.flatMap((name) => framed(readFileSync(name)))));
    return [["novels", path]];
  }
  const program = `
import struct, sys
sys.path.insert(0, ${JSON.stringify(join(import.meta.dirname, "../../test/oracles"))})
from tokenizer import lid, books, corpora
for source in (lid, books, corpora):
    with open(${JSON.stringify(folder)} + "/" + source.__name__, "wb") as file:
        for document in source(${JSON.stringify(data)}): file.write(struct.pack("<I", len(document)) + document)`;
  run(["-c", program]);
  return ["lid", "books", "corpora"].map((name) => [name, join(folder, name)]);
}

function framed(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}

function run(command) {
  const env = { ...process.env, TOKENIZERS_PARALLELISM: "false", RAYON_NUM_THREADS: "1" };
  const { status, stdout, stderr } = spawnSync(python, command, { encoding: "utf8", maxBuffer: 1 << 30, env });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function seconds(work) {
  const began = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(began);
  return [(user + system) / 1e6, result];
}

async function measure(file, source, path) {
  const rows = [];
  const all = readFileSync(path);
  for (let at = 0; at < all.length; at += 4 + all.readUInt32LE(at))
    rows.push(all.subarray(at + 4, at + 4 + all.readUInt32LE(at)));
  const batches = [];
  for (let row = 0; row < rows.length; ) {
    const offsets = [0];
    const first = row;
    while (row < rows.length && offsets.at(-1) < 1e6) offsets.push(offsets.at(-1) + rows[row++].length);
    const values = new Uint8Array(Buffer.concat(rows.slice(first, row)));
    batches.push({ type: "utf8", values, offsets: Int32Array.from(offsets) });
  }
  const size = rows.reduce((sum, row) => sum + row.length, 0) / 1e6;
  const tokenizer =
    file === "apertus" ? await openTokenizer("apertus", { mathematicsTokens: false }) : await loadTokenizer(file);
  const encode = () => batches.map((text) => tokenizer.encodeBatch(text, { bos: false, eos: false }));
  const [cold, encoded] = seconds(encode);
  const warm = Math.min(...Array.from({ length: 5 }, () => seconds(encode)[0]));
  const ids = Buffer.concat(encoded.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)));
  const ours = `${basename(file).slice(0, 19).padEnd(20)}${source.padEnd(9)}${size.toFixed(1).padStart(6)}${(size / cold).toFixed(1).padStart(7)}${(size / warm).toFixed(1).padStart(7)}`;
  const peers = [...(python === undefined ? [] : pythonPeers(file, path)), ...(await packagePeers(file, rows))];
  if (peers.length === 0) console.log(ours);
  for (const [i, peer] of peers.entries()) {
    const same = peer.ids.equals(ids) ? "same" : "DIFFER";
    const times = (peer.seconds / cold).toFixed(1);
    console.log(
      `${i === 0 ? ours : " ".repeat(ours.length)}  | ${peer.name.padEnd(14)}${(size / peer.seconds).toFixed(2).padStart(6)}  ${same}  ${times}`,
    );
  }
}

/** What test/oracles/vocabularies.py compares with; the Apertus vocabulary's own comparison is in test/oracles/tokenizer.py. */
function pythonPeers(file, path) {
  if (file === "apertus") return [];
  const out = join(folder, "ids");
  const program = `
import struct, sys, time
sys.path.insert(0, ${JSON.stringify(join(import.meta.dirname, "../../test/oracles"))})
from vocabularies import peer
raw, at, texts = open(${JSON.stringify(path)}, "rb").read(), 0, []
while at < len(raw):
    (length,) = struct.unpack_from("<I", raw, at)
    texts.append(raw[at + 4:at + 4 + length].decode("utf-8"))
    at += 4 + length
encode = peer(${JSON.stringify(file)})
began = time.process_time()
ids = [encode(text) for text in texts]
print(time.process_time() - began)
with open(${JSON.stringify(out)}, "wb") as file:
    for row in ids: file.write(struct.pack(f"<{len(row)}I", *row))`;
  const took = Number(run(["-c", program]));
  const name = file.endsWith(".tiktoken") || basename(file) === "tekken.json" ? "tiktoken" : "tokenizers";
  return [{ name, seconds: took, ids: readFileSync(out) }];
}

async function packagePeers(file, rows) {
  const encoding = basename(file, ".tiktoken");
  if (packages === undefined || !["cl100k_base", "o200k_base"].includes(encoding)) return [];
  const texts = rows.map((row) => row.toString("utf8"));
  const from = (path) => import(pathToFileURL(join(packages, "node_modules", path)).href);
  const gpt = await from(`gpt-tokenizer/esm/encoding/${encoding}.js`);
  const ranks = await from(`js-tiktoken/dist/ranks/${encoding}.js`);
  const { Tiktoken } = await from("js-tiktoken/dist/lite.js");
  const js = new Tiktoken(ranks.default);
  const peers = [
    ["gpt-tokenizer", (text) => gpt.encode(text, { disallowedSpecial: new Set() })],
    ["js-tiktoken", (text) => js.encode(text, [], [])],
  ];
  return peers.map(([name, encode]) => {
    const [took, ids] = seconds(() => texts.map((text) => encode(text)));
    return { name, seconds: took, ids: Buffer.concat(ids.map((list) => Buffer.from(Uint32Array.from(list).buffer))) };
  });
}
