/** A run that goes astray: how it is told, and which documents the step was about. */
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { CorpusFolder, openManifest, openVersion } from "../../corpus/index.js";
import { literal, openSql, readArrow } from "../../formats/index.js";
import { goneRows } from "../../tokenizer/index.js";
import type { TrainRecipe } from "../recipe.js";
import type { Origin } from "./feed.js";

/** Losses that a spike is told by. */
export const recentLosses = 50;
/** Fewer losses have no median worth the name. */
const leastLosses = 10;

/**
 * What is wrong with a step, before its gradients are used; undefined where nothing is.
 * @param recent losses of the steps before, the newest last
 * @param spike how far above their median a loss may be; null: any
 */
export function faultOfStep(loss: number, norm: number, recent: readonly number[], spike: number | null): string | undefined {
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (!Number.isFinite(norm)) return `the norm of the gradients is ${norm}`;
  if (spike === null || recent.length < leastLosses) return undefined;
  const sorted = [...recent].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  if (loss <= median + spike) return undefined;
  return `the loss is ${loss.toFixed(3)}, and the median of the last ${recent.length} steps ${median.toFixed(3)}`;
}

/** A document of which a sequence has a part. */
export interface TouchedDocument {
  readonly source: string;
  readonly shard: string;
  readonly row: number;
  /** Hex; and null where the corpus' tables say none. */
  readonly id: string | null;
  readonly url: string | null;
}

/** The documents of sequences, in the order of the shards. It reads the shards up to the last of them: for a run that has stopped. */
export async function documentsOf(
  data: TrainRecipe["data"],
  baseFolder: string,
  origins: readonly Origin[],
): Promise<readonly TouchedDocument[]> {
  const found: TouchedDocument[] = [];
  for (const [index, { name, corpus: path, version }] of data.sources.entries()) {
    // The last label of a sequence is the first token behind it.
    const spans = origins
      .filter(({ source }) => source === index)
      .map(({ sequence }) => ({ from: sequence * data.length, to: (sequence + 1) * data.length + 1 }))
      .sort((a, b) => a.from - b.from);
    if (spans.length === 0) continue;
    const corpus = new CorpusFolder(resolve(baseFolder, path));
    const places = await rowsOf(corpus, version, spans);
    const names = await namesOf(corpus, places);
    for (const place of places)
      found.push({ source: name, ...place, ...(names.get(`${place.shard}/${place.row}`) ?? { id: null, url: null }) });
  }
  return found;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

type DocumentName = Pick<TouchedDocument, "id" | "url">;

interface RowPlace {
  readonly shard: string;
  readonly row: number;
}

async function rowsOf(corpus: CorpusFolder, number: number | undefined, spans: readonly Span[]): Promise<readonly RowPlace[]> {
  const manifest = openManifest(corpus);
  const version = openVersion(corpus, manifest, number);
  const end = Math.max(...spans.map(({ to }) => to));
  const rows: RowPlace[] = [];
  let at = 0;
  for (const shard of manifest.shards) {
    if (at >= end) break;
    const gone = new Set(await goneRows(corpus, version, shard));
    let row = 0;
    for await (const { tokens } of readArrow(corpus.resolve(shard.path), { columns: ["tokens"] })) {
      if (tokens?.type !== "list<uint32>") break;
      for (let i = 0; i + 1 < tokens.offsets.length; i++, row++) {
        if (gone.has(row)) continue;
        const [from, to] = [at, at + tokens.offsets[i + 1] - tokens.offsets[i]];
        if (spans.some((span) => span.from < to && from < span.to)) rows.push({ shard: shard.path, row });
        at = to;
      }
    }
  }
  return rows;
}

/** Ids and addresses by place, from the corpus' table of documents. */
async function namesOf(corpus: CorpusFolder, places: readonly RowPlace[]): Promise<ReadonlyMap<string, DocumentName>> {
  const names = new Map<string, DocumentName>();
  const files = openManifest(corpus).tables.documents.map(({ path }) => literal(corpus.resolve(path)));
  if (files.length === 0 || places.length === 0) return names;
  const sql = await openSql({ memoryBytes: 256e6, spillFolder: tmpdir() });
  try {
    const wanted = places.map(({ shard, row }) => `(${literal(shard)}, ${row})`).join(", ");
    const statement = `SELECT shard, "row", id, url FROM read_parquet([${files.join(", ")}]) WHERE (shard, "row") IN (${wanted})`;
    for await (const { shard, row, id, url } of sql.rows(statement)) {
      names.set(`${shard}/${row}`, {
        id: id instanceof Uint8Array ? Buffer.from(id).toString("hex") : null,
        url: typeof url === "string" && url !== "" ? url : null,
      });
    }
    return names;
  } finally {
    sql.close();
  }
}
