// A corpus of random token ids, for measuring what reads shards: shards of 256 MB as `run` leaves them, without their texts.
// `makeCorpus(folder, { shards, tokens, meanLength })`: tokens a shard; lengths are geometric, so most documents are short.
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CorpusFolder, writeFirstVersion, writeManifest } from "../dist/corpus/index.js";
import { ArrowShardWriter, binaryColumn, utf8Column } from "../dist/formats/index.js";
import { openTokenizer } from "../dist/tokenizer/index.js";

const schema = [
  { name: "id", type: "binary" },
  { name: "tokens", type: "list<uint32>" },
  { name: "language", type: "utf8" },
  { name: "source", type: "utf8" },
  { name: "text_bytes", type: "uint32" },
];

export async function makeCorpus(folder, { shards, tokens, meanLength }) {
  mkdirSync(join(folder, "shards"), { recursive: true });
  const corpus = new CorpusFolder(folder);
  const tokenizer = await openTokenizer("apertus");
  const random = generator(7);
  const entries = Array.from({ length: shards }, (_, index) => makeShard(corpus, index, tokens, meanLength, random));
  const sum = (key) => entries.reduce((total, entry) => total + entry[key], 0);
  const counts = {
    ...{ records: sum("rows"), skipped: {}, documents: sum("rows"), kept: sum("rows"), dropped: {}, quarantined: 0 },
    ...{ tokens: sum("tokens"), text_bytes: 0, redacted: {} },
  };
  const { name, digest, vocabularySize, golden, special } = tokenizer;
  const manifest = {
    ...{
      format: "apertus-corpus",
      format_version: 1,
      name: "synthetic",
      recipe: {},
      recipe_digest: "",
      run_digest: "synthetic",
    },
    ...{ stages: [], plan: [], shards: entries, text: [], totals: counts, units: "delete" },
    tables: { documents: [], ledger: [], evidence: [], blobs: [], quarantine: [] },
    tokenizer: {
      ...{ name, digest, vocabulary_size: vocabularySize, golden },
      ...{ bos: special.bos, eos: special.eos, pad: special.pad },
    },
  };
  writeManifest(corpus, manifest);
  writeFirstVersion(corpus, manifest);
  return manifest;
}

function makeShard(corpus, index, tokens, meanLength, random) {
  const temporary = corpus.resolve(`shards/${index}`);
  const handle = openSync(temporary, "w");
  const hash = createHash("sha256");
  let bytes = 0;
  const sink = {
    write(part) {
      writeSync(handle, part);
      hash.update(part);
      bytes += part.length;
    },
  };
  const writer = new ArrowShardWriter(sink, schema);
  const batches = [];
  let [rows, done] = [0, 0];
  let [first, last] = [[], []];
  while (done < tokens) {
    const lists = [];
    for (let size = 0; size < 1 << 20 && done < tokens; ) {
      const length = Math.min(tokens - done, 2 + Math.floor(-meanLength * Math.log(1 - random() / 2 ** 32)));
      const ids = new Uint32Array(length);
      for (let i = 1; i < length - 1; i++) ids[i] = 1000 + (random() % 130_072);
      ids[0] = 1;
      ids[length - 1] = 2;
      lists.push(ids);
      size += length;
      done += length;
    }
    const offsets = Int32Array.from([
      0,
      ...lists.map(
        (
          (at) => (ids) =>
            (at += ids.length)
        )(0),
      ),
    ]);
    const values = new Uint32Array(offsets[lists.length]);
    for (const [row, ids] of lists.entries()) values.set(ids, offsets[row]);
    const extent = writer.write({
      id: binaryColumn(lists.map((_, row) => Buffer.from(String(rows + row).padStart(16, "0")))),
      tokens: { type: "list<uint32>", values, offsets },
      language: utf8Column(lists.map(() => "eng_Latn")),
      source: utf8Column(lists.map(() => "synthetic")),
      text_bytes: { type: "uint32", values: Uint32Array.from(lists, (ids) => ids.length * 4) },
    });
    const { offset, metadataBytes: metadata_bytes, bodyBytes: body_bytes } = extent;
    batches.push({ offset, metadata_bytes, body_bytes, rows: lists.length });
    rows += lists.length;
    if (batches.length === 1) first = [...values.subarray(0, 16)];
    last = [...values.subarray(-16)];
  }
  writer.finish();
  closeSync(handle);
  const sha256 = hash.digest("hex");
  const path = `shards/${String(index).padStart(5, "0")}-${sha256.slice(0, 12)}.arrow`;
  renameSync(temporary, corpus.resolve(path));
  return { name: "shard", path, bytes, rows, sha256, tokens: done, batches, first_ids: first, last_ids: last };
}

/** Mulberry32: 32 random bits a call. */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
