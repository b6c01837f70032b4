/** The last phase, seen from the coordinator: which jobs there are, and the manifest. */
import { basename, isAbsolute } from "node:path";
import {
  type CommittedFile,
  type CorpusFolder,
  CountsBuilder,
  digestOf,
  formatVersion,
  listVersions,
  type Manifest,
  readVersion,
  type ShardEntry,
  type StageEntry,
  shardsDigest,
  type TableName,
  tables,
  type UnitRecord,
  writeFirstVersion,
  writeManifest,
} from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type CompiledRecipe, stageIdentity } from "./compile.js";
import type { ShardJob, ShardPlace, TableJob, TablePart } from "./jobs/finalise.js";
import { stageRequests } from "./recipe.js";
import type { TokenBatch } from "./token-writer.js";
import { tokenizerEntry } from "./tokenize.js";
import type { ReadUnit } from "./unit.js";
import { resultsOf } from "./unit-writer.js";

/** What one planned unit became: the records of each segment that it went through, the first phase's first. */
export interface FinishedUnit {
  readonly unit: ReadUnit;
  readonly records: readonly UnitRecord[];
}

/** Digest over everything that the manifest depends on. */
export function runDigest(recipe: CompiledRecipe, units: readonly ReadUnit[]): string {
  return digestOf({
    format_version: formatVersion,
    recipe: portableRecipe(recipe),
    stages: recipe.order.map(stageIdentity),
    units: units.map(({ id }) => id),
  });
}

/** Shards are filled with whole batches in plan order; a shard is closed before it would pass its size. */
export function shardJobs(recipe: CompiledRecipe, units: readonly FinishedUnit[]): readonly ShardJob[] {
  const jobs: ShardJob[] = [];
  let pieces: { path: string; batches: TokenBatch[] }[] = [];
  let bytes = 0;
  const close = (): void => {
    if (pieces.length > 0) jobs.push({ kind: "shard", id: short({ shard: jobs.length, pieces }), index: jobs.length, pieces });
    pieces = [];
    bytes = 0;
  };
  for (const { records } of units) {
    const last = records.at(-1);
    const file = last?.files.find(({ name }) => name === "tokens.arrow");
    if (last === undefined || file === undefined) continue;
    for (const batch of resultsOf(last).tokens) {
      const size = batch.metadata_bytes + batch.body_bytes;
      if (bytes > 0 && bytes + size > recipe.loaded.recipe.shards.bytes) close();
      if (pieces.at(-1)?.path !== file.path) pieces.push({ path: file.path, batches: [] });
      pieces.at(-1)?.batches.push(batch);
      bytes += size;
    }
  }
  close();
  return jobs;
}

/** Where each unit's documents lie once the shards have their names. */
function placesOf(
  units: readonly FinishedUnit[],
  jobs: readonly ShardJob[],
  shards: readonly UnitRecord[],
): readonly ShardPlace[] {
  const unitOf = new Map<string, number>();
  units.forEach(({ records }, index) => {
    const file = records.at(-1)?.files.find(({ name }) => name === "tokens.arrow");
    if (file !== undefined) unitOf.set(file.path, index);
  });
  const seen = new Map<number, number>();
  const places: ShardPlace[] = [];
  jobs.forEach((job, index) => {
    let row = 0;
    for (const { path, batches } of job.pieces) {
      const unit = unitOf.get(path) ?? 0;
      const rows = batches.reduce((total, batch) => total + batch.rows, 0);
      const first = seen.get(unit) ?? 0;
      places.push({ unit, first, rows, shard: shards[index]?.files[0]?.path ?? "", row });
      seen.set(unit, first + rows);
      row += rows;
    }
  });
  return places;
}

export function tableJobs(
  recipe: CompiledRecipe,
  units: readonly FinishedUnit[],
  jobs: readonly ShardJob[],
  shards: readonly UnitRecord[],
  memoryBytes: number,
): readonly TableJob[] {
  const places = placesOf(units, jobs, shards);
  const keepsText = recipe.loaded.recipe.storage.text === "keep";
  return tables.flatMap((table): TableJob[] => {
    const parts: TablePart[] = [];
    const digests: string[] = [];
    units.forEach(({ records }, unit) => {
      // Documents of an earlier segment went on to the last one; what was dropped on the way stays in that segment's ledger.
      for (const record of table === "documents" ? records.slice(-1) : records) {
        const file = record.files.find(({ name }) => name === `${table}.parquet`);
        if (file === undefined) continue;
        const text = table === "documents" && keepsText ? (textOf(records)?.path ?? "") : "";
        parts.push({ path: file.path, unit, text });
        digests.push(file.sha256);
      }
    });
    if (parts.length === 0) return [];
    const used = table === "documents" ? places : [];
    return [
      {
        kind: "table",
        id: short({ table, digests, units: parts.map(({ unit, text }) => [unit, text]), places: used }),
        table,
        parts,
        places: used,
        memoryBytes,
      },
    ];
  });
}

export async function writeResult(
  corpus: CorpusFolder,
  recipe: CompiledRecipe,
  units: readonly FinishedUnit[],
  shards: readonly UnitRecord[],
  tableRecords: ReadonlyMap<TableName, UnitRecord>,
): Promise<Manifest> {
  const keeps = recipe.loaded.recipe.storage;
  const text = units.map(({ records }) => textOf(records)).filter((file) => file !== undefined);
  const planned = units.map(({ unit }) => unit);
  const tokenize = recipe.order.find(({ kind }) => kind === "tokenize");
  const manifest: Manifest = {
    format: "apertus-corpus",
    format_version: formatVersion,
    name: recipe.loaded.recipe.name,
    recipe: portableRecipe(recipe),
    recipe_digest: digestOf(portableRecipe(recipe)),
    run_digest: runDigest(recipe, planned),
    stages: stageEntries(recipe, units),
    tokenizer: tokenize === undefined ? null : await tokenizerEntry(corpus, tokenize.parameters, tokenize.assets),
    plan: units.map(({ unit, records }) => ({
      id: unit.id,
      input: unit.input.file,
      source: unit.input.source,
      format: unit.input.format,
      start: unit.slice.start,
      end: unit.slice.end,
      extent: unit.extent,
      sha256: unit.sha256,
      counts: countsOf([{ unit, records }]).finish(unit.input.file),
    })),
    shards: shards.map((record): ShardEntry => {
      const { tokens, batches, first_ids, last_ids } = record.results as Pick<
        ShardEntry,
        "tokens" | "batches" | "first_ids" | "last_ids"
      >;
      const [file] = record.files;
      if (file === undefined) throw new DataError("INTERNAL", { detail: `shard unit ${record.id} has no file` });
      return { ...file, tokens, batches, first_ids, last_ids };
    }),
    tables: Object.fromEntries(
      tables.map((table) => [table, tableRecords.get(table)?.files ?? []]),
    ) as unknown as Manifest["tables"],
    text: keeps.text === "keep" ? text : [],
    totals: countsOf(units).finish(corpus.root),
    units: keeps.units,
  };
  refuseLostVersions(corpus, manifest);
  writeManifest(corpus, manifest);
  writeFirstVersion(corpus, manifest);
  return manifest;
}

/** The file of the texts that a unit's first phase wrote. */
function textOf(records: readonly UnitRecord[]): CommittedFile | undefined {
  return records[0]?.files.find(({ name }) => name === "text.parquet");
}

/** Shards that a later version was made for are not replaced: what was taken out must not come back. */
function refuseLostVersions(corpus: CorpusFolder, manifest: Manifest): void {
  if (listVersions(corpus).length > 1 && readVersion(corpus, 0).shards_digest !== shardsDigest(manifest)) {
    throw new DataError("VERSIONS_IN_THE_WAY", { file: corpus.resolve("versions") });
  }
}

/** Read counts come from the first segment, kept counts from the last, drops and quarantine from all. */
export function countsOf(units: readonly FinishedUnit[]): CountsBuilder {
  const total = new CountsBuilder();
  for (const { records } of units) {
    records.forEach((record, index) => {
      const { counts } = record;
      if (counts === undefined) return;
      const last = index === records.length - 1;
      total.add({
        ...counts,
        records: index === 0 ? counts.records : 0,
        documents: index === 0 ? counts.documents : 0,
        skipped: index === 0 ? counts.skipped : {},
        kept: last ? counts.kept : 0,
        tokens: last ? counts.tokens : 0,
        text_bytes: last ? counts.text_bytes : 0,
        redacted: last ? counts.redacted : {},
        languages: last ? counts.languages : {},
      });
    });
  }
  return total;
}

function stageEntries(recipe: CompiledRecipe, units: readonly FinishedUnit[]): readonly StageEntry[] {
  const flow = new Map<string, { in: number; out: number }>();
  const dropped = countsOf(units).dropped;
  for (const { records } of units) {
    for (const record of records) {
      for (const { name, in: into, out } of resultsOf(record).stages) {
        const entry = flow.get(name) ?? { in: 0, out: 0 };
        flow.set(name, { in: entry.in + into, out: entry.out + out });
      }
    }
  }
  return recipe.order.map((stage): StageEntry => {
    const drops = Object.entries(dropped).filter(([rule]) => rule.startsWith(`${stage.name}/`));
    let { in: into, out } = flow.get(stage.name) ?? { in: 0, out: 0 };
    if (stage.kind === "barrier") {
      const segment = recipe.segments.findIndex(({ barrier }) => barrier === stage);
      into = units.reduce((total, { records }) => total + (records[segment]?.counts?.kept ?? 0), 0);
      out = into - drops.reduce((total, [, count]) => total + count, 0);
    }
    const { name, version, portable: parameters } = stage;
    const assets = stage.assets.map((asset) => ({ name: asset.name, sha256: asset.sha256, provenance: asset.provenance }));
    return {
      name,
      version,
      parameters,
      assets,
      documents_in: into,
      documents_out: out,
      dropped: Object.fromEntries(drops),
      rules: "filter" in stage ? stage.filter.rules : {},
    };
  });
}

/** The recipe with its defaults filled in, without what differs between machines. */
function portableRecipe(recipe: CompiledRecipe): unknown {
  const { corpus: _corpus, ...rest } = recipe.loaded.recipe;
  const place = (path: string): string => (isAbsolute(path) ? basename(path) : path);
  const uses = new Map(stageRequests(rest).map(({ index, path }) => [index, path]));
  return {
    ...rest,
    inputs: rest.inputs.map((input) => ({ ...input, path: place(input.path) })),
    stages: recipe.order.map(({ name, portable }, index) => {
      const path = uses.get(index);
      return path === undefined ? { [name]: portable } : { use: place(path), parameters: portable };
    }),
  };
}

function short(value: unknown): string {
  return digestOf({ phase: "finalise", format_version: formatVersion, value }).slice(0, 32);
}
