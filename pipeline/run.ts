/**
 * A run from its recipe to its manifest. What is done already, by an interrupted run or by an earlier one over other inputs, is
 * found by its records and not done again. The coordinator holds plans and counts; documents are only ever in the workers.
 */
import { readFileSync, statSync } from "node:fs";
import {
  type CommittedFile,
  CorpusFolder,
  canonicalJson,
  disk,
  lockCorpus,
  type Manifest,
  type Phase,
  readCommitted,
  readManifest,
  replaceFile,
  type TableName,
  type UnitRecord,
} from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { runBisecting } from "./bisect.js";
import { type CompiledRecipe, compile } from "./compile.js";
import { type FinishedUnit, runDigest, shardJobs, sweep, sweepAttempts, tableJobs, writeResult } from "./finish.js";
import type { JobProgress, RefineUnit, StageTime, UnitDone } from "./jobs/index.js";
import { sliceName } from "./jobs/index.js";
import { makePlan } from "./plan.js";
import { Pool } from "./pool.js";
import { parseRecipe } from "./recipe.js";
import { clusterId, type ReadUnit, refineId } from "./unit.js";

export type RunEvent =
  | { readonly type: "plan"; readonly files: number; readonly units: number; readonly bytes: number }
  /** A phase begins, or goes on: `done` of its `units` are committed, `found` of them by an earlier run. */
  | {
      readonly type: "phase";
      readonly phase: "plan" | Phase;
      readonly units: number;
      readonly done: number;
      readonly found: number;
    }
  | ({ readonly type: "progress" } & JobProgress)
  | { readonly type: "warning"; readonly message: string };

export interface RunOptions {
  readonly recipePath: string;
  /** Wins over the recipe's own `corpus`. */
  readonly corpus: string;
  readonly workers: number;
  /** For sorting and clustering, in bytes. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

export interface RunResult {
  readonly manifest: Manifest;
  readonly corpus: CorpusFolder;
  /** The run's manifest was there already. */
  readonly unchanged: boolean;
  readonly seconds: number;
  /** Sum of the peak resident memory of all processes: an upper bound of what the run held at once. */
  readonly peakMemoryBytes: number;
  readonly times: Readonly<Record<string, StageTime>>;
  readonly warnings: readonly string[];
}

/** A worker that reports nothing for this long is killed; the largest single step is one record of the largest size. */
const stallMilliseconds = 10 * 60 * 1000;

export async function run(options: RunOptions): Promise<RunResult> {
  const corpus = new CorpusFolder(options.corpus);
  const text = readFileSync(options.recipePath, "utf8");
  const loaded = parseRecipe(text, options.recipePath);
  // Everything that can be wrong with the recipe is found before the corpus folder is touched.
  await compile(loaded, undefined);
  const unlock = lockCorpus(corpus);
  try {
    return await new Run(options, corpus, text, await compile(loaded, corpus.assets())).go();
  } finally {
    unlock();
  }
}

class Run {
  readonly #start = performance.now();
  readonly #warnings: string[] = [];
  readonly #times: Record<string, StageTime> = {};
  readonly #pool: Pool;

  constructor(
    private readonly options: RunOptions,
    private readonly corpus: CorpusFolder,
    recipeText: string,
    private readonly recipe: CompiledRecipe,
  ) {
    const assets = recipe.order.map((stage) => stage.assets);
    this.#pool = new Pool({
      workers: options.workers,
      setup: { corpus: corpus.root, recipe: { text: recipeText, path: recipe.loaded.path }, assets },
      progress: (progress) => this.#tell({ type: "progress", ...progress }),
      died: (_job, how) => this.#warn(`a worker died (${how}); its unit is tried once more`),
      stallMilliseconds,
    });
  }

  async go(): Promise<RunResult> {
    const { signal } = this.options;
    const stop = (): void => this.#pool.stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      if (signal?.aborted === true) this.#pool.stop();
      sweepAttempts(this.corpus);
      const plan = await makePlan(
        this.recipe,
        this.corpus,
        (job) => this.#pool.run(job),
        (done, units) => {
          this.#tell({ type: "phase", phase: "plan", units, done, found: 0 });
        },
      );
      for (const warning of plan.warnings) this.#warn(warning);
      this.#tell({ type: "plan", files: plan.files.length, units: plan.units.length, bytes: plan.bytes });
      const found = this.#finished(plan.units);
      if (found !== undefined) return this.#result(found, true);
      const read = await this.#read(plan.units);
      const { units, clusters } = await this.#refine(read);
      const manifest = await this.#finalise(units, clusters);
      return this.#result(manifest, false);
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#pool.stop();
      if (signal?.aborted === true) sweepAttempts(this.corpus);
    }
  }

  /** The manifest, where this very run has been done before and all that it names is there. */
  #finished(units: readonly ReadUnit[]): Manifest | undefined {
    let manifest: Manifest | undefined;
    try {
      manifest = readManifest(this.corpus);
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== "MANIFEST_CORRUPT") throw error;
      this.#warn(`${error.message}; it is made anew`);
      return undefined;
    }
    if (manifest?.run_digest !== runDigest(this.recipe, units)) return undefined;
    const files: CommittedFile[] = [...manifest.shards, ...manifest.text, ...Object.values(manifest.tables).flat()];
    const missing = files.find((file) => !hasSize(this.corpus, file));
    if (missing === undefined) return manifest;
    this.#warn(`${missing.path} is missing or cut short; it is made anew`);
    return undefined;
  }

  async #read(units: readonly ReadUnit[]): Promise<readonly FinishedUnit[]> {
    const records = await this.#phase(
      "read",
      units,
      ({ id }) => id,
      (unit) =>
        runBisecting(this.#pool, { kind: "read", unit, deadly: [] }, (position) =>
          this.#warn(`${unit.input.file}: record ${position} of a unit kills its worker and goes to quarantine`),
        ),
    );
    return units.map((unit, index) => ({ unit, records: [records[index]].filter((record) => record !== undefined) }));
  }

  /** Every barrier, and the segment behind it. */
  async #refine(read: readonly FinishedUnit[]): Promise<{ units: readonly FinishedUnit[]; clusters: readonly UnitRecord[] }> {
    let units = read;
    const clusters: UnitRecord[] = [];
    for (const segment of this.recipe.segments.slice(1)) {
      const before = this.recipe.segments[segment.index - 1];
      if (before === undefined) continue;
      const signed = units.flatMap(({ records }) => {
        const record = records.at(-1);
        const file = record?.files.find(({ name }) => name === "signatures.parquet");
        return record === undefined || file === undefined ? [] : [{ unit: record.id, file }];
      });
      const id = clusterId(
        before,
        signed.map(({ unit, file }) => ({ unit, sha256: file.sha256 })),
      );
      const signatures = signed.map(({ unit, file }) => ({ unit, path: this.corpus.resolve(file.path) }));
      const memoryBytes = this.options.memoryBytes;
      const [cluster] = await this.#phase(
        "cluster",
        [id],
        () => id,
        () => this.#pool.run({ kind: "cluster", id, segment: before.index, signatures, memoryBytes }),
      );
      if (cluster === undefined) continue;
      clusters.push(cluster);
      const jobs = units.map((unit) => refineUnit(this.recipe, segment.index, unit, cluster));
      const records = await this.#phase(
        "refine",
        jobs,
        (job) => job.id,
        (unit) =>
          runBisecting(this.#pool, { kind: "refine", unit, deadly: [] }, (position) =>
            this.#warn(`document ${position} of unit ${unit.upstream} kills its worker and goes to quarantine`),
          ),
      );
      units = units.map((unit, i) => ({
        ...unit,
        records: [...unit.records, records[i]].filter((record) => record !== undefined),
      }));
    }
    return { units, clusters };
  }

  async #finalise(units: readonly FinishedUnit[], clusters: readonly UnitRecord[]): Promise<Manifest> {
    const shards = shardJobs(this.recipe, units);
    const shardRecords = await this.#phase(
      "finalise",
      shards,
      ({ id }) => id,
      (job) => this.#pool.run(job),
    );
    const memoryBytes = this.options.memoryBytes / Math.min(4, this.options.workers);
    const jobs = tableJobs(units, shards, shardRecords, memoryBytes);
    const tableRecords = await this.#phase(
      "finalise",
      jobs,
      ({ id }) => id,
      (job) => this.#pool.run(job),
    );
    const byTable = new Map<TableName, UnitRecord>();
    jobs.forEach(({ table }, index) => {
      const record = tableRecords[index];
      if (record !== undefined) byTable.set(table, record);
    });
    const manifest = await writeResult(this.corpus, this.recipe, units, shardRecords, byTable);
    sweep(this.corpus, manifest, units, [...shardRecords, ...tableRecords], clusters);
    return manifest;
  }

  /** Does what is not done yet of a phase; returns all records in order. */
  async #phase<T>(
    phase: Phase,
    units: readonly T[],
    idOf: (unit: T) => string,
    work: (unit: T) => Promise<UnitDone>,
  ): Promise<readonly UnitRecord[]> {
    const records = units.map((unit) => this.#committed(phase, idOf(unit)));
    const found = records.filter((record) => record !== undefined).length;
    let done = found;
    this.#tell({ type: "phase", phase, units: units.length, done, found });
    return Promise.all(
      units.map(async (unit, index) => {
        const earlier = records[index];
        if (earlier !== undefined) return earlier;
        const { record, times } = await work(unit);
        this.#addTimes(times);
        this.#tell({ type: "phase", phase, units: units.length, done: ++done, found });
        return record;
      }),
    );
  }

  /** A unit's record, unless a file of it is damaged: then the record is taken back and the unit made anew. */
  #committed(phase: Phase, id: string): UnitRecord | undefined {
    try {
      return readCommitted(this.corpus, phase, id);
    } catch (error) {
      if (!(error instanceof DataError) || (error.code !== "CORPUS_DAMAGED" && error.code !== "RECORD_CORRUPT")) throw error;
      // Removing the files of finished units is a recipe's own choice and no damage.
      if (this.recipe.loaded.recipe.storage.units === "keep" && this.recipe.loaded.recipe.storage.text === "keep") {
        this.#warn(`${error.message}; it is made anew`);
      }
      disk.remove(this.corpus.record(phase, id));
      disk.flushFolder(this.corpus.unitFolder(phase));
      return undefined;
    }
  }

  #result(manifest: Manifest, unchanged: boolean): RunResult {
    const seconds = (performance.now() - this.#start) / 1000;
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024 + this.#pool.memoryBytes;
    if (!unchanged) this.#warnings.push(...oddities(manifest));
    const result = {
      manifest,
      corpus: this.corpus,
      unchanged,
      seconds,
      peakMemoryBytes,
      times: this.#times,
      warnings: this.#warnings,
    };
    this.#keepJournal(result);
    return result;
  }

  /** How this run went, beside the corpus and no part of it. */
  #keepJournal({ manifest, seconds, peakMemoryBytes, unchanged }: Omit<RunResult, "corpus">): void {
    const ended = new Date().toISOString();
    const entry = {
      ended,
      seconds,
      workers: this.options.workers,
      peak_memory_bytes: peakMemoryBytes,
      unchanged,
      run_digest: manifest.run_digest,
      times: this.#times,
      warnings: this.#warnings,
    };
    disk.makeFolder(this.corpus.runs());
    replaceFile(`${this.corpus.runs()}/${ended.replaceAll(":", "-")}.json`, Buffer.from(`${canonicalJson(entry)}\n`));
  }

  #addTimes(times: Readonly<Record<string, StageTime>>): void {
    for (const [name, time] of Object.entries(times)) {
      const { seconds, documents, bytes } = this.#times[name] ?? { seconds: 0, documents: 0, bytes: 0 };
      this.#times[name] = { seconds: seconds + time.seconds, documents: documents + time.documents, bytes: bytes + time.bytes };
    }
  }

  #tell(event: RunEvent): void {
    this.options.onEvent?.(event);
  }

  #warn(message: string): void {
    this.#warnings.push(message);
    this.#tell({ type: "warning", message });
  }
}

function refineUnit(recipe: CompiledRecipe, index: number, { unit, records }: FinishedUnit, cluster: UnitRecord): RefineUnit {
  const segment = recipe.segments[index];
  const upstream = records.at(-1);
  const first = records[0];
  if (segment === undefined || upstream === undefined || first === undefined) throw new RangeError("a unit without a record");
  const file = (record: UnitRecord, name: string): CommittedFile | undefined =>
    record.files.find((entry) => entry.name === name);
  const slice = file(cluster, sliceName(upstream.id));
  return {
    id: refineId(segment, upstream.id, slice?.sha256 ?? null),
    segment: index,
    source: unit.input.source,
    upstream: upstream.id,
    documents: file(upstream, "documents.parquet")?.path ?? null,
    text: file(first, "text.parquet")?.path ?? null,
    slice: slice?.path ?? null,
  };
}

function hasSize(corpus: CorpusFolder, file: CommittedFile): boolean {
  return statSync(corpus.resolve(file.path), { throwIfNoEntry: false })?.size === file.bytes;
}

/** What is not wrong but never intended: a run without documents, a filter that changes nothing. */
function oddities(manifest: Manifest): readonly string[] {
  const { totals, stages } = manifest;
  if (totals.documents === 0) {
    return ["no documents were found: check the inputs' formats, and that their records are responses or texts"];
  }
  if (totals.kept === 0) {
    const worst = [...stages].sort((a, b) => b.documents_in - b.documents_out - (a.documents_in - a.documents_out))[0];
    return [`no document was kept; ${worst?.name ?? "no stage"} dropped the most of them`];
  }
  return stages
    .filter(
      ({ name, documents_in, documents_out }) => droppers.has(name) && documents_in >= 1000 && documents_in === documents_out,
    )
    .map(({ name, documents_in }) => `${name} dropped none of ${documents_in} documents: check its parameters`);
}

/** Stages whose whole purpose is to drop; language and pii annotate and redact. */
const droppers = new Set(["consent", "quality", "toxicity", "duplicates"]);
