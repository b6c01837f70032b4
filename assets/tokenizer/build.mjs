// Writes tekken-v3.br from Mistral's tekken_240718.json (or .json.xz, which needs the program xz):
//   node assets/tokenizer/build.mjs <tekken_240718.json[.xz]>
//
// The file is a Brotli stream of: one line of JSON (format, name, pattern, tokens, source), then each of the first 130,072 ranks
// in order, as one byte of length and the token's bytes.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node assets/tokenizer/build.mjs <tekken_240718.json[.xz]>");
  process.exit(2);
}
const expected = "eccd1665d2e477697c33cb7f0daa6f6dfefc57a0a6bceb66d4be52952f827516";
const source = path.endsWith(".xz") ? unxz(path) : readFileSync(path);
const sha256 = createHash("sha256").update(source).digest("hex");
if (sha256 !== expected) throw new Error(`${path} has SHA-256 ${sha256}, not ${expected}`);

const { config, vocab } = JSON.parse(source.toString("utf8"));
const tokens = config.default_vocab_size - config.default_num_special_tokens;
const parts = [];
for (const [rank, entry] of vocab.slice(0, tokens).entries()) {
  const bytes = Buffer.from(entry.token_bytes, "base64");
  if (entry.rank !== rank || bytes.length === 0 || bytes.length > 255) throw new Error(`rank ${rank} is not as expected`);
  parts.push(Uint8Array.of(bytes.length), bytes);
}
const header = { format: 1, name: "tekken-v3", pattern: config.pattern, tokens, source: { file: "tekken_240718.json", sha256 } };
const plain = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]);
const packed = brotliCompressSync(plain, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  },
});
const target = new URL("tekken-v3.br", import.meta.url);
writeFileSync(target, packed);
console.log(`${tokens} tokens, ${plain.length} bytes, packed ${packed.length}`);
console.log(`SHA-256 ${createHash("sha256").update(packed).digest("hex")}`);

function unxz(file) {
  const run = spawnSync("xz", ["-dc", file], { maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`xz could not read ${file}: ${run.stderr}`);
  return run.stdout;
}
