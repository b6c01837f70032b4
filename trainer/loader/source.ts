/**
 * A corpus at one of its versions, as a stream of tokens that is mapped and read in place. Before a token is read, the tokenizer is
 * compared with the manifest's, and each shard's headers, size and ids at both ends with what the manifest says of it.
 */
import { closeSync, openSync, readSync } from "node:fs";
import {
  type CorpusFolder,
  openManifest,
  openVersion,
  type ShardEntry,
  shardsDigest,
  type TokenizerEntry,
} from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type ListLayout, readListLayout } from "../../formats/index.js";
import { openTokenStream, type TokenStream } from "../../native/index.js";
import { goneRows } from "../../tokenizer/index.js";

export interface LoaderSource {
  /** What stages and batches call it. */
  readonly name: string;
  readonly corpus: CorpusFolder;
  /** The newest where it is left out. */
  readonly version?: number;
}

export interface OpenSource {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the list of its shards, and of the bitmaps of what the version takes away. */
  readonly shardsDigest: string;
  readonly deletions: readonly string[];
  readonly tokenizerDigest: string;
  readonly documents: number;
  readonly stream: TokenStream;
}

/**
 * @param check compares the manifest's tokenizer with ours
 * @throws DataError CORPUS_NOT_FOUND, VERSION_NOT_FOUND, TOKENS_MISSING, TOKENIZER_MISMATCH, CORPUS_DAMAGED
 */
export async function openSource(
  { name, corpus, version: number }: LoaderSource,
  check: (corpus: CorpusFolder, tokenizer: TokenizerEntry) => Promise<void>,
): Promise<OpenSource> {
  const manifest = openManifest(corpus);
  const version = openVersion(corpus, manifest, number);
  const { tokenizer, shards, totals } = manifest;
  if (tokenizer === null) throw new DataError("TOKENS_MISSING", { file: corpus.root });
  const digest = shardsDigest(manifest);
  await check(corpus, tokenizer);
  const batches: number[] = [];
  const gone: number[] = [];
  for (const [index, shard] of shards.entries()) {
    const layouts = shardLayout(corpus, shard);
    addGone(gone, await goneRows(corpus, version, shard), layouts, batches.length / 5);
    for (const { rows, offsetsAt, valuesAt, values } of layouts) batches.push(index, rows, offsetsAt, valuesAt, values);
  }
  const stream = openTokenStream({
    paths: shards.map(({ path }) => corpus.resolve(path)),
    sizes: Float64Array.from(shards, ({ bytes }) => bytes),
    batches: Float64Array.from(batches),
    gone: Float64Array.from(gone),
    vocabularySize: tokenizer.vocabulary_size,
  });
  return {
    name,
    version: version.version,
    shardsDigest: digest,
    deletions: version.deletions.map(({ sha256 }) => sha256),
    tokenizerDigest: tokenizer.digest,
    documents: totals.kept - gone.length / 2,
    stream,
  };
}

function shardLayout(corpus: CorpusFolder, shard: ShardEntry): readonly ListLayout[] {
  const file = corpus.resolve(shard.path);
  const damaged = (detail: string, cause?: unknown): DataError => new DataError("CORPUS_DAMAGED", { file, detail, cause });
  let layouts: readonly ListLayout[];
  try {
    layouts = readListLayout(file, shard.bytes, "tokens", shard.batches);
  } catch (error) {
    throw error instanceof DataError ? damaged(error.message, error) : error;
  }
  const tokens = layouts.reduce((sum, { values }) => sum + values, 0);
  if (tokens !== shard.tokens || layouts.some(({ rows }, batch) => rows !== shard.batches[batch]?.rows))
    throw damaged(`its batches hold ${tokens} tokens, not ${shard.tokens}, or other rows`);
  const [first, last] = [layouts[0], layouts.at(-1)];
  if (first === undefined || last === undefined) return layouts;
  const starts = idsAt(file, first.valuesAt, Math.min(shard.first_ids.length, first.values));
  const count = Math.min(shard.last_ids.length, last.values);
  const ends = idsAt(file, last.valuesAt + 4 * (last.values - count), count);
  if (String(starts) !== String(shard.first_ids) || String(ends) !== String(shard.last_ids))
    throw damaged("its first and last token ids are not those that the manifest names");
  return layouts;
}

function idsAt(file: string, place: number, count: number): readonly number[] {
  const bytes = Buffer.alloc(count * 4);
  const handle = openSync(file, "r");
  try {
    readSync(handle, bytes, 0, bytes.length, place);
  } finally {
    closeSync(handle);
  }
  return Array.from({ length: count }, (_, i) => bytes.readUInt32LE(i * 4));
}

/** Rows of a shard as batch and row in it. */
function addGone(to: number[], rows: Uint32Array, layouts: readonly ListLayout[], firstBatch: number): void {
  let [batch, before] = [0, 0];
  for (const row of rows) {
    while (row >= before + layouts[batch].rows) before += layouts[batch++].rows;
    to.push(firstBatch + batch, row - before);
  }
}
