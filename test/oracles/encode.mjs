// The JavaScript side of tokenizer.py and vocabularies.py: encodes documents (each a 4-byte little-endian length and its bytes) to
// ids (each document's count, then its ids, 4 bytes each) and prints the seconds of processor time that encoding took, in batches of
// about 1 MB, the best of three rounds, each with a fresh tokenizer. With a vocabulary file it also holds what is decoded against the
// documents, where the vocabulary is lossless. `--names` prints the names of the special ids instead.
//   node test/oracles/encode.mjs DOCUMENTS IDS [0|1: mathematics tokens | VOCABULARY [OPTIONS as JSON]]
import { readFileSync, writeFileSync } from "node:fs";
import { loadTokenizer, openTokenizer } from "../../dist/tokenizer/index.js";

const [input, output, which = "1", options = "{}"] = process.argv.slice(2);
const isBundled = which === "0" || which === "1";
const openOne = () =>
  isBundled ? openTokenizer("apertus", { mathematicsTokens: which === "1" }) : loadTokenizer(which, JSON.parse(options));
if (input === "--names") {
  console.log(JSON.stringify([...(await openTokenizer("apertus")).special.names.values()]));
} else {
  const file = readFileSync(input);
  const batches = [];
  for (let at = 0; at < file.length; ) {
    const parts = [];
    const offsets = [0];
    while (at < file.length && offsets.at(-1) < 1e6) {
      const length = file.readUInt32LE(at);
      parts.push(file.subarray(at + 4, at + 4 + length));
      offsets.push(offsets.at(-1) + length);
      at += 4 + length;
    }
    batches.push({ type: "utf8", values: new Uint8Array(Buffer.concat(parts)), offsets: Int32Array.from(offsets) });
  }
  let seconds = Number.POSITIVE_INFINITY;
  let encoded = [];
  let tokenizer;
  for (let round = 0; round < 3; round++) {
    tokenizer = await openOne();
    const began = process.cpuUsage();
    encoded = batches.map((text) => tokenizer.encodeBatch(text, { bos: false, eos: false }));
    const { user, system } = process.cpuUsage(began);
    seconds = Math.min(seconds, (user + system) / 1e6);
  }
  if (!isBundled && tokenizer.lossless) {
    for (const [i, { values }] of encoded.entries()) {
      if (!Buffer.from(tokenizer.decode(values)).equals(batches[i].values))
        throw new Error(`batch ${i} is not what is decoded`);
    }
  }
  const out = encoded.flatMap(({ values, offsets }) =>
    Array.from({ length: offsets.length - 1 }, (_, row) => {
      const ids = values.subarray(offsets[row], offsets[row + 1]);
      return Buffer.concat(
        [Uint32Array.of(ids.length), ids].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
      );
    }),
  );
  writeFileSync(output, Buffer.concat(out));
  console.log(seconds);
}
