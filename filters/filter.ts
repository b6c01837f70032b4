/**
 * The contract of a filter: read this file, then any filter is easy to read.
 *
 * A filter is a pure function of (batch, parameters, digested assets): the same input gives the same output in any process, on
 * any machine, in any order. It never reads inputs, never edits text, and never decides what comes before or after it.
 */
import type { z } from "zod";
import type { Batch, Evidence, EvidenceBlob, Redactions, Verdict } from "../corpus/index.js";
import type { Column, ColumnType } from "../formats/index.js";

export interface BatchResult {
  /** One a row, in order; left out where every row is kept. */
  readonly verdicts?: readonly Verdict[];
  /** Annotation columns by name, exactly those that the filter says it adds. */
  readonly columns?: Readonly<Record<string, Column>>;
  readonly redactions?: Redactions;
  /** Captured bytes that the verdicts, or the annotations of kept documents, rest on. May repeat between batches. */
  readonly blobs?: readonly EvidenceBlob[];
}

/** A file that a filter's decisions depend on. Its digest is part of the identity of each unit of work. */
export interface Asset {
  /** e.g. "robots-archive". */
  readonly name: string;
  /** Empty where the file itself is not at hand, and its provenance says enough. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** What it was made from, for the manifest: sources with their digests, counts, licence. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

export interface PrepareContext {
  /** The folder that relative paths in the recipe start from. */
  readonly baseFolder: string;
  /** A folder of this corpus for prepared files; name a file by the digest of what it is made from and reuse it if it is there. */
  readonly assetFolder: string;
}

/** A filter that decides on each document by itself. */
export interface Filter<Parameters = unknown> {
  readonly kind: "document";
  /** As it is written in a recipe, e.g. "language". */
  readonly name: string;
  /** Raised whenever any output for any input may change. */
  readonly version: number;
  /** One sentence for `--help` and the recipe reference. */
  readonly summary: string;
  /** Every key has `.describe()` and a default; the recipe reference is generated from it. */
  readonly parameters: z.ZodType<Parameters>;
  /** Columns that it reads. A filter that does not need `text` can run before extraction. */
  readonly needs: readonly string[];
  /** Columns that it reads where the batch has them, and does without where it has not. */
  readonly uses?: readonly string[];
  /** Annotation columns that it adds to kept documents, with a sentence for the corpus format's documentation. */
  readonly adds: Readonly<Record<string, { readonly type: ColumnType; readonly about: string }>>;
  /** True where a drop is the owner's wish: the text of a page that it drops is never kept. */
  readonly optOut?: boolean;
  /** Every rule that its verdicts may name, with a sentence that a page's owner understands. */
  readonly rules: Readonly<Record<string, string>>;
  /**
   * Parameters as they are written, filled up from a file that they name, before the schema sees them; what is written wins.
   * Paths start from `baseFolder`.
   */
  resolve?(written: Readonly<Record<string, unknown>>, baseFolder: string): Readonly<Record<string, unknown>>;
  /**
   * The parameters without what differs between machines, where some of them say where a file lies: the file's content is an
   * asset, known by its digest. What this gives is part of each unit's identity and stands in the manifest.
   */
  portable?(parameters: Parameters): unknown;
  /** Makes or finds the files it depends on: once a run, before any work is cut. */
  prepare(parameters: Parameters, context: PrepareContext): Promise<readonly Asset[]>;
  /** Opens the filter in a worker process. */
  open(parameters: Parameters, assets: readonly Asset[]): Promise<OpenFilter>;
}

export interface OpenFilter {
  process(batch: Batch): BatchResult;
  close?(): void;
}

/**
 * A filter that needs the whole corpus: it puts a barrier. Before it, each unit signs its documents; at the barrier the
 * signatures of all units are looked at together; behind it, each unit applies its own slice of the decisions.
 */
export interface CorpusFilter<Parameters = unknown> {
  readonly kind: "corpus";
  readonly name: string;
  readonly version: number;
  readonly summary: string;
  readonly parameters: z.ZodType<Parameters>;
  readonly needs: readonly string[];
  readonly rules: Readonly<Record<string, string>>;
  /** Columns that `sign` gives each document. */
  readonly signature: Readonly<Record<string, ColumnType>>;
  sign(batch: Batch, parameters: Parameters): Readonly<Record<string, Column>>;
  /**
   * All documents to be dropped, sorted by (unit, row), which is also what makes the result the same in any order of work.
   * `signatures` are Parquet files with the columns id, captured_at, url, row and the signature's own.
   */
  decide(signatures: readonly SignatureFile[], parameters: Parameters, scratch: Scratch): AsyncIterable<CorpusDrop>;
}

export interface SignatureFile {
  /** The unit's identity: a name that does not change with the plan. */
  readonly unit: string;
  readonly path: string;
}

export interface CorpusDrop {
  readonly unit: string;
  /** Row in the unit, as in its signature file. */
  readonly row: number;
  readonly rule: string;
  readonly evidence: Evidence;
}

/** What a decision over the whole corpus may use: memory in bytes, and a folder to spill to that is emptied afterwards. */
export interface Scratch {
  readonly memoryBytes: number;
  readonly folder: string;
}

export type AnyFilter = Filter<unknown> | CorpusFilter<unknown>;
