/** A finished corpus of given token lists, without the run that would make it: one shard for each list of batches. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CorpusFolder,
  type Manifest,
  type ShardEntry,
  type TokenizerEntry,
  writeFirstVersion,
  writeManifest,
} from "../../corpus/index.js";
import { ArrowShardWriter, binaryColumn, utf8Column } from "../../formats/index.js";
import { openTokenizer } from "../../tokenizer/index.js";

/** Token ids by shard, batch and row. */
export type Shards = readonly (readonly (readonly (readonly number[])[])[])[];

export interface SmallCorpus {
  readonly corpus: CorpusFolder;
  readonly manifest: Manifest;
}

const tokenizerOnce = openTokenizer("apertus");

const schema = [
  { name: "id", type: "binary" },
  { name: "tokens", type: "list<uint32>" },
  { name: "language", type: "utf8" },
  { name: "source", type: "utf8" },
  { name: "text_bytes", type: "uint32" },
] as const;

export async function makeCorpus(
  folder: string,
  shards: Shards,
  tokenizer: Partial<TokenizerEntry> = {},
): Promise<SmallCorpus> {
  const corpus = new CorpusFolder(folder);
  mkdirSync(join(folder, "shards"), { recursive: true });
  const entries = shards.map((batches, index) => writeShard(corpus, index, batches));
  const sum = (key: "rows" | "tokens"): number => entries.reduce((total, entry) => total + entry[key], 0);
  const [rows, tokens] = [sum("rows"), sum("tokens")];
  const { name, digest, vocabularySize, golden, special } = await tokenizerOnce;
  const { bos, eos, pad } = special;
  const manifest: Manifest = {
    format: "apertus-corpus",
    format_version: 1,
    name: "small",
    recipe: {},
    recipe_digest: "",
    run_digest: createHash("sha256").update(JSON.stringify(shards)).digest("hex"),
    stages: [],
    tokenizer: { name, digest, vocabulary_size: vocabularySize, bos, eos, pad, golden, ...tokenizer },
    plan: [],
    shards: entries,
    tables: { documents: [], ledger: [], evidence: [], blobs: [], quarantine: [] },
    text: [],
    totals: {
      ...{ records: rows, skipped: {}, documents: rows, kept: rows, dropped: {}, quarantined: 0 },
      ...{ tokens, text_bytes: 0, redacted: {}, languages: {} },
    },
    units: "delete",
  };
  writeManifest(corpus, manifest);
  writeFirstVersion(corpus, manifest);
  return { corpus, manifest };
}

function writeShard(corpus: CorpusFolder, index: number, lists: Shards[number]): ShardEntry {
  const parts: Uint8Array[] = [];
  const writer = new ArrowShardWriter({ write: (bytes) => void parts.push(bytes.slice()) }, schema);
  const batches = lists.map((rows, batch) => {
    const offsets = [0];
    for (const ids of rows) offsets.push((offsets.at(-1) ?? 0) + ids.length);
    const { offset, metadataBytes, bodyBytes } = writer.write({
      id: binaryColumn(rows.map((_, row) => Buffer.from(`${index}/${batch}/${row}`.padEnd(16)))),
      tokens: { type: "list<uint32>", values: Uint32Array.from(rows.flat()), offsets: Int32Array.from(offsets) },
      language: utf8Column(rows.map((_, row) => (row % 2 === 0 ? "deu_Latn" : ""))),
      source: utf8Column(rows.map(() => "small")),
      text_bytes: { type: "uint32", values: Uint32Array.from(rows, (ids) => ids.length * 4) },
    });
    return { offset, metadata_bytes: metadataBytes, body_bytes: bodyBytes, rows: rows.length };
  });
  writer.finish();
  const bytes = Buffer.concat(parts);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = `shards/${String(index).padStart(5, "0")}-${sha256.slice(0, 12)}.arrow`;
  writeFileSync(corpus.resolve(path), bytes);
  const [first, last] = [lists[0]?.flat() ?? [], lists.at(-1)?.flat() ?? []];
  return {
    name: "shard",
    path,
    bytes: bytes.length,
    rows: lists.flat().length,
    sha256,
    tokens: lists.flat(2).length,
    batches,
    first_ids: first.slice(0, 16),
    last_ids: last.slice(-16),
  };
}

/** Documents of the given lengths, BOS and EOS included, each token different from all others of its corpus while they last. */
export function documents(lengths: readonly number[], from = 1000): number[][] {
  let next = from;
  return lengths.map((length) => Array.from({ length }, (_, i) => (i === 0 ? 1 : i === length - 1 ? 2 : next++)));
}
