/** Exports for training programs: the bytes, which documents, and what becomes of them at an interruption or a retraction. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CorpusFolder, type Manifest, writeDeletions, writeFirstVersion, writeManifest } from "../../corpus/index.js";
import { readArrow } from "../../formats/index.js";
import { exportHuggingFace, exportMegatron, megatronLaunch, megatronType } from "../../tokenizer/index.js";
import { codeOf, scratchFolder } from "../pipeline/corpora.js";
import { documents, makeCorpus, type Shards } from "./small-corpus.js";

const { folder, remove } = scratchFolder("export");
afterAll(remove);
let folders = 0;
const next = (name: string): string => join(folder, `${name}-${folders++}`);

const shards: Shards = [[documents([3, 5]), documents([2, 4, 6], 2000)], [documents([7, 3, 8], 3000)]];
const make = (tokenizer = {}) => makeCorpus(next("corpus"), shards, tokenizer);

const retract = (corpus: CorpusFolder, manifest: Manifest, rows: readonly (readonly [number, readonly number[]])[]) =>
  writeDeletions(corpus, manifest, new Map(rows.map(([shard, gone]) => [manifest.shards[shard].path, gone])), [], new Date());

/** Reads a pair by the layout of Megatron-LM's IndexedDataset. */
function readPair(prefix: string): number[][] {
  const [idx, bin] = [readFileSync(`${prefix}.idx`), readFileSync(`${prefix}.bin`)];
  const sequences = Number(idx.readBigUInt64LE(18));
  return Array.from({ length: sequences }, (_, i) => {
    const length = idx.readInt32LE(34 + 4 * i);
    const at = Number(idx.readBigInt64LE(34 + 4 * sequences + 8 * i));
    return Array.from({ length }, (_, j) => bin.readInt32LE(at + 4 * j));
  });
}

const prefixesIn = (out: string): string[] => readFileSync(join(out, "prefixes.txt"), "utf8").trim().split("\n");

test("a pair is, byte for byte, what Megatron-LM writes for these documents", async () => {
  const { corpus } = await makeCorpus(next("corpus"), [[[[1, 1000, 2]], [[1, 131_071, 70_000, 2]]]]);
  const out = next("out");
  const { record } = await exportMegatron({ corpus, out });
  const [prefix] = prefixesIn(out);
  expect(prefix).toMatch(/^00000-[0-9a-f]{12}-all$/);
  expect(readFileSync(join(out, `${prefix}.bin`)).toString("hex")).toBe(
    "01000000e80300000200000001000000ffff01007011010002000000",
  );
  expect(readFileSync(join(out, `${prefix}.idx`)).toString("hex")).toBe(
    [
      ...["4d4d494449445800", "00", "0100000000000000", "04", "0200000000000000", "0300000000000000"],
      ...["03000000", "04000000"],
      ...["0000000000000000", "0c00000000000000"],
      ...["0000000000000000", "0100000000000000", "0200000000000000"],
    ].join(""),
  );
  const [part] = record.parts;
  expect([part?.documents, part?.tokens, record.documents, record.tokens]).toEqual([2, 7, 2, 7]);
  for (const { name, bytes, sha256 } of part?.files ?? []) {
    const found = readFileSync(join(out, name));
    expect([found.length, createHash("sha256").update(found).digest("hex")]).toEqual([bytes, sha256]);
  }
});

test("ids are uint16 below 65,500 entries of the vocabulary, by Megatron's rule", () => {
  expect([1, 65_499, 65_500, 131_072].map(megatronType)).toEqual(["uint16", "uint16", "int32", "int32"]);
});

test("documents that a version takes away are left out, and the version before can still be exported", async () => {
  const { corpus, manifest } = await make();
  await retract(corpus, manifest, [[0, [0, 3]]]);
  const out = next("out");
  await exportMegatron({ corpus, out });
  const all = shards.map((batches) => batches.flat());
  expect(prefixesIn(out).map((prefix) => readPair(join(out, prefix)))).toEqual([
    all[0].filter((_, row) => row !== 0 && row !== 3),
    all[1],
  ]);
  const before = next("out");
  await exportMegatron({ corpus, out: before, version: 0 });
  expect(prefixesIn(before).map((prefix) => readPair(join(before, prefix)))).toEqual(all);
});

test("a shard whose documents are all gone gives an empty pair", async () => {
  const { corpus, manifest } = await make();
  await retract(corpus, manifest, [[1, [0, 1, 2]]]);
  const out = next("out");
  const { record } = await exportMegatron({ corpus, out });
  expect(record.parts.map(({ documents, tokens }) => [documents, tokens])).toEqual([
    [5, 20],
    [0, 0],
  ]);
});

test("a retraction makes anew only the pair that it touched, and removes the one before", async () => {
  const { corpus, manifest } = await make();
  const out = next("out");
  await exportMegatron({ corpus, out });
  const [touched, other] = prefixesIn(out);
  const inode = statSync(join(out, `${other}.bin`)).ino;
  await retract(corpus, manifest, [[0, [1]]]);
  const { written, unchanged, removed } = await exportMegatron({ corpus, out });
  expect([written, unchanged, removed]).toEqual([1, 1, [`${touched}.bin`, `${touched}.idx`]]);
  const [anew, same] = prefixesIn(out);
  expect([same, statSync(join(out, `${same}.bin`)).ino]).toEqual([other, inode]);
  expect(anew).toMatch(new RegExp(`^${touched?.slice(0, 18)}-[0-9a-f]{12}$`));
  expect(readdirSync(join(out, "parts"))).toEqual([`${anew}.json`, `${same}.json`].sort());
});

test("an export that was interrupted goes on, and ends as one that was not", async () => {
  const { corpus } = await make();
  const [out, whole] = [next("out"), next("out")];
  const stop = new AbortController();
  const first = exportMegatron({ corpus, out, signal: stop.signal, onPart: () => stop.abort(new Error("stop")) });
  await expect(first).rejects.toThrow("stop");
  const { written, unchanged } = await exportMegatron({ corpus, out });
  expect([written, unchanged]).toEqual([1, 1]);
  await exportMegatron({ corpus, out: whole });
  for (const name of readdirSync(whole, { recursive: true, encoding: "utf8" }).filter((entry) => entry !== "parts"))
    expect(readFileSync(join(out, name)).equals(readFileSync(join(whole, name)))).toBe(true);
});

test("a pair that was cut off, lost its record, or is another's is made anew", async () => {
  const { corpus } = await make();
  const out = next("out");
  await exportMegatron({ corpus, out });
  const [a, b] = prefixesIn(out);
  truncateSync(join(out, `${a}.bin`), 4);
  writeFileSync(join(out, "parts", `${b}.json`), "{");
  expect((await exportMegatron({ corpus, out })).written).toBe(2);
  // The right size, and other counts.
  const idx = readFileSync(join(out, `${a}.idx`));
  idx.writeInt32LE(9, 34);
  writeFileSync(join(out, `${a}.idx`), idx);
  rmSync(join(out, `${b}.idx`));
  expect((await exportMegatron({ corpus, out })).written).toBe(2);
  expect((await exportMegatron({ corpus, out })).written).toBe(0);
});

test("leftovers of a killed export go; files of others stay", async () => {
  const { corpus } = await make();
  const out = next("out");
  mkdirSync(out);
  const leftovers = ["x.bin.attempt-1-0123456789ab", "00009-0123456789ab-all.bin"];
  for (const name of [...leftovers, "notes.txt"]) writeFileSync(join(out, name), "");
  await exportMegatron({ corpus, out });
  expect(readdirSync(out)).toContain("notes.txt");
  for (const name of leftovers) expect(readdirSync(out)).not.toContain(name);
});

test("one folder holds one kind of export of one corpus", async () => {
  const { corpus } = await make();
  const out = next("out");
  await exportMegatron({ corpus, out });
  expect(await codeOf(exportHuggingFace({ corpus, out }))).toBe("EXPORT_FOLDER_OTHER");
  const other = await makeCorpus(next("corpus"), [[documents([5])]]);
  expect(await codeOf(exportMegatron({ corpus: other.corpus, out }))).toBe("EXPORT_FOLDER_OTHER");
  expect(await codeOf(exportMegatron({ corpus, out: corpus.root }))).toBe("EXPORT_FOLDER_OTHER");
  writeFileSync(join(out, "export.json"), "[]");
  expect(await codeOf(exportMegatron({ corpus, out }))).toBe("EXPORT_FOLDER_OTHER");
});

test.each([
  ["another digest", { digest: "0".repeat(64) }, "TOKENIZER_MISMATCH"],
  ["other golden encodings", { golden: [{ text: "Hello", ids: [7] }] }, "TOKENIZER_MISMATCH"],
  ["another vocabulary size", { vocabulary_size: 1 << 18 }, "TOKENIZER_MISMATCH"],
  ["another name", { name: "other" }, "TOKENIZER_UNKNOWN"],
])("a manifest whose tokenizer has %s is refused", async (_, entry, code) => {
  const { corpus } = await make(entry);
  expect(await codeOf(exportMegatron({ corpus, out: next("out") }))).toBe(code);
});

test.each([
  ["first ids", { first_ids: [1, 1001, 2] }],
  ["last ids", { last_ids: [3] }],
  ["number of rows", { rows: 9 }],
  ["number of tokens", { tokens: 9 }],
])("a shard with another %s than the manifest says is refused, and leaves nothing behind", async (_, entry) => {
  const { corpus, manifest } = await make();
  const changed = manifest.shards.map((shard, index) => (index === 0 ? { ...shard, ...entry } : shard));
  const other = { ...manifest, shards: changed };
  writeManifest(corpus, other);
  rmSync(corpus.version(0));
  writeFirstVersion(corpus, other);
  const out = next("out");
  expect(await codeOf(exportMegatron({ corpus, out }))).toBe("CORPUS_DAMAGED");
  expect(readdirSync(out)).toEqual(["export.json"]);
});

test("an id outside of the vocabulary, or a shard that is cut off, is refused", async () => {
  const beyond = await makeCorpus(next("corpus"), [[[[1, 131_072, 2]]]]);
  expect(await codeOf(exportMegatron({ corpus: beyond.corpus, out: next("out") }))).toBe("CORPUS_DAMAGED");
  const { corpus, manifest } = await make();
  truncateSync(corpus.resolve(manifest.shards[1].path), 700);
  expect(await codeOf(exportMegatron({ corpus, out: next("out") }))).toBe("CORPUS_DAMAGED");
});

test("a corpus without tokens has nothing to export", async () => {
  const { corpus, manifest } = await make();
  writeManifest(corpus, { ...manifest, tokenizer: null });
  expect(await codeOf(exportMegatron({ corpus, out: next("out") }))).toBe("TOKENS_MISSING");
});

test("the launch lines name the folder, the tokenizer and the Goldfish flags", async () => {
  const { corpus } = await make();
  const { record } = await exportMegatron({ corpus, out: next("out") });
  const text = megatronLaunch("/data/m", record).join("\n");
  expect(text).toContain("DATA=/data/m");
  expect(text).toContain("--tokenizer-model swiss-ai/Apertus-8B-2509");
  expect(text).toContain("--goldfish-loss --goldfish-k 50 --goldfish-h 50");
});

test("a data set folder lists its files and features, and has the rows that the version keeps", async () => {
  const { corpus, manifest } = await make();
  await retract(corpus, manifest, [[0, [2]]]);
  const out = next("out");
  const { record } = await exportHuggingFace({ corpus, out });
  const state = JSON.parse(readFileSync(join(out, "state.json"), "utf8"));
  const info = JSON.parse(readFileSync(join(out, "dataset_info.json"), "utf8"));
  expect(Object.keys(info.features)).toEqual(["id", "input_ids", "language", "source", "text_bytes"]);
  expect(info.splits.train.num_examples).toBe(7);
  const rows: unknown[] = [];
  for (const { filename } of state._data_files) {
    for await (const { input_ids, id } of readArrow(join(out, filename))) {
      if (input_ids?.type !== "list<uint32>" || id?.type !== "binary") throw new Error("other columns");
      for (let row = 0; row + 1 < id.offsets.length; row++) {
        const name = Buffer.from(id.values.subarray(id.offsets[row], id.offsets[row + 1]))
          .toString()
          .trim();
        rows.push([name, ...input_ids.values.subarray(input_ids.offsets[row], input_ids.offsets[row + 1])]);
      }
    }
  }
  const all = shards.flatMap((batches, s) => batches.flatMap((list, b) => list.map((ids, r) => [`${s}/${b}/${r}`, ...ids])));
  expect(rows).toEqual(all.filter(([name]) => name !== "0/1/0"));
  expect(record.documents).toBe(7);
  await retract(corpus, manifest, [[1, [0]]]);
  await exportHuggingFace({ corpus, out });
  const later = JSON.parse(readFileSync(join(out, "state.json"), "utf8"));
  expect(later._fingerprint).not.toBe(state._fingerprint);
  expect(later._data_files[0]).toEqual(state._data_files[0]);
});
