/**
 * The token lists of a shard as one version of the corpus keeps them, in slices of bounded size. What is read is held against the
 * manifest on the way: rows, tokens, the ids at both ends, and that every id lies in the vocabulary.
 */
import { type CorpusFolder, deletedRows, type Manifest, type ShardEntry, type Version } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type Column, type ListColumn, readArrow } from "../formats/index.js";

/** Rows [from, to) of a slice, in a row. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

export interface TokenSlice {
  readonly tokens: ListColumn;
  /** The other columns that were asked for. */
  readonly others: Readonly<Record<string, Column>>;
  /** The rows that the version keeps, ascending, none empty. */
  readonly kept: readonly Run[];
}

/** The rows of one shard that a version takes away, ascending; they are as many as the version says, and lie in the shard. */
export async function goneRows(corpus: CorpusFolder, version: Version, shard: ShardEntry): Promise<Uint32Array> {
  const gone = await deletedRows(corpus, version, shard.path);
  const said = version.deletions.find((deletion) => deletion.shard === shard.path)?.rows ?? 0;
  if (gone.length !== said || (gone.at(-1) ?? 0) >= Math.max(1, shard.rows)) {
    throw new DataError("CORPUS_DAMAGED", {
      file: corpus.version(version.version),
      detail: `${gone.length} rows deleted in ${shard.path}, not ${said} of its ${shard.rows}`,
    });
  }
  return gone;
}

/** @throws DataError CORPUS_DAMAGED where the shard is not what the manifest says */
export async function* readKept(
  corpus: CorpusFolder,
  manifest: Manifest,
  shard: ShardEntry,
  gone: Uint32Array,
  others: readonly string[] = [],
): AsyncGenerator<TokenSlice, void, undefined> {
  const path = corpus.resolve(shard.path);
  const damaged = (detail: string): DataError => new DataError("CORPUS_DAMAGED", { file: path, detail });
  const ceiling = manifest.tokenizer?.vocabulary_size ?? 0;
  let [row, total, next] = [0, 0, 0];
  let [first, last]: (readonly number[])[] = [[], []];
  const edges = { first: shard.first_ids.length, last: shard.last_ids.length };
  try {
    for await (const { tokens, ...rest } of readArrow(path, { columns: ["tokens", ...others] })) {
      if (tokens?.type !== "list<uint32>") throw damaged("its column tokens holds no lists");
      const { values, offsets } = tokens;
      const greatest = greatestOf(values);
      if (greatest >= ceiling) throw damaged(`token id ${greatest} in a vocabulary of ${ceiling}`);
      if (first.length < edges.first) first = [...first, ...values.subarray(0, edges.first - first.length)];
      if (edges.last > 0) last = [...last, ...values.subarray(-edges.last)].slice(-edges.last);
      const rows = offsets.length - 1;
      const kept: Run[] = [];
      let from = 0;
      for (; next < gone.length && gone[next] < row + rows; next++) {
        const at = gone[next] - row;
        if (at > from) kept.push({ from, to: at });
        from = at + 1;
      }
      if (rows > from) kept.push({ from, to: rows });
      yield { tokens, others: rest as Record<string, Column>, kept };
      row += rows;
      total += values.length;
    }
  } catch (error) {
    if (error instanceof DataError && (error.code.startsWith("ARROW_") || error.code === "COLUMN_NOT_FOUND"))
      throw new DataError("CORPUS_DAMAGED", { file: path, detail: error.message, cause: error });
    throw error;
  }
  if (row !== shard.rows || total !== shard.tokens)
    throw damaged(`${row} rows of ${total} tokens, not ${shard.rows} of ${shard.tokens}`);
  if (String(first) !== String(shard.first_ids) || String(last) !== String(shard.last_ids))
    throw damaged("its first and last token ids are not those that the manifest names");
}

/** -1 where there are none. */
function greatestOf(values: Uint32Array): number {
  let greatest = -1;
  for (let i = 0; i < values.length; i++) if (values[i] > greatest) greatest = values[i];
  return greatest;
}
