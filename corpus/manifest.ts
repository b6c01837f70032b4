/**
 * manifest.json: what a corpus is, complete enough to read it without our code. Written last; whatever it does not name is no
 * part of the corpus. It holds nothing that differs between two runs of one recipe over one input: no times, no worker counts.
 */
import { readFileSync } from "node:fs";
import { DataError } from "../errors/index.js";
import { canonicalJson } from "./canonical.js";
import { type CommittedFile, replaceFile } from "./commit.js";
import type { Counts } from "./counts.js";
import { codeOf } from "./disk.js";
import { type CorpusFolder, formatVersion, type TableName } from "./layout.js";

/** A file that a stage's decisions depended on. */
export interface AssetEntry {
  readonly name: string;
  readonly sha256: string;
  readonly provenance: Readonly<Record<string, unknown>>;
}

export interface StageEntry {
  readonly name: string;
  readonly version: number;
  readonly parameters: unknown;
  readonly assets: readonly AssetEntry[];
  /** Documents that entered and left the stage. */
  readonly documents_in: number;
  readonly documents_out: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** What a drop by each of its rules means, in a sentence for the page's owner. */
  readonly rules: Readonly<Record<string, string>>;
}

export interface BatchEntry {
  /** Where the batch's IPC message begins in the file. */
  readonly offset: number;
  readonly metadata_bytes: number;
  readonly body_bytes: number;
  readonly rows: number;
}

export interface ShardEntry extends CommittedFile {
  readonly tokens: number;
  readonly batches: readonly BatchEntry[];
  /** The first and the last token ids of the shard: a wrong tokenizer or a missing BOS shows at once. */
  readonly first_ids: readonly number[];
  readonly last_ids: readonly number[];
}

export interface TokenizerEntry {
  readonly name: string;
  readonly digest: string;
  readonly vocabulary_size: number;
  /** Ids of begin and end of document and of padding; null where the vocabulary has none. */
  readonly bos: number | null;
  readonly eos: number | null;
  readonly pad: number | null;
  /** Encodings of fixed strings; a reader that tokenises again checks itself against them. */
  readonly golden: readonly { readonly text: string; readonly ids: readonly number[] }[];
  /** Of a vocabulary that is not one of those that ship: the corpus's copy of its file, and how it was loaded. */
  readonly vocabulary?: { readonly file: CommittedFile; readonly options: Readonly<Record<string, unknown>> };
}

export interface PlannedUnit {
  readonly id: string;
  readonly input: string;
  readonly source: string;
  readonly format: string;
  readonly start: number;
  readonly end: number;
  readonly extent: "bytes" | "row";
  /** SHA-256 of the whole input file. */
  readonly sha256: string;
  readonly counts: Counts;
}

export interface Manifest {
  readonly format: "apertus-corpus";
  readonly format_version: number;
  readonly name: string;
  readonly recipe: unknown;
  readonly recipe_digest: string;
  /** Digest over recipe, assets and plan: a run that would write the same manifest finds its work done. */
  readonly run_digest: string;
  readonly stages: readonly StageEntry[];
  readonly tokenizer: TokenizerEntry | null;
  /** Units in plan order; shards hold their documents in this order. */
  readonly plan: readonly PlannedUnit[];
  readonly shards: readonly ShardEntry[];
  readonly tables: Readonly<Record<TableName, readonly CommittedFile[]>>;
  /** Extracted text, one file a unit, where the recipe keeps it. */
  readonly text: readonly CommittedFile[];
  readonly totals: Counts;
  /** Whether the units' own files are still there ("keep") or were removed after the run ("delete"). */
  readonly units: "keep" | "delete";
}

export function readManifest(corpus: CorpusFolder): Manifest | undefined {
  const path = corpus.manifest();
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(text) as Partial<Manifest>;
  } catch (cause) {
    throw new DataError("MANIFEST_CORRUPT", { file: path, cause });
  }
  if (manifest.format !== "apertus-corpus" || typeof manifest.format_version !== "number") {
    throw new DataError("MANIFEST_CORRUPT", { file: path, detail: "it does not say that it is a corpus" });
  }
  if (manifest.format_version > formatVersion) {
    throw new DataError("CORPUS_TOO_NEW", {
      file: path,
      detail: `format ${manifest.format_version}, known up to ${formatVersion}`,
    });
  }
  return manifest as Manifest;
}

/** The manifest, or CORPUS_NOT_FOUND. */
export function openManifest(corpus: CorpusFolder): Manifest {
  const manifest = readManifest(corpus);
  if (manifest === undefined) throw new DataError("CORPUS_NOT_FOUND", { file: corpus.root });
  return manifest;
}

export function writeManifest(corpus: CorpusFolder, manifest: Manifest): void {
  replaceFile(corpus.manifest(), Buffer.from(`${JSON.stringify(JSON.parse(canonicalJson(manifest)), null, 1)}\n`));
}
