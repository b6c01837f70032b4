/**
 * A run from its recipe to its manifest. What is done already, by an interrupted run or by an earlier one over other inputs, is
 * found by its records and not done again. The coordinator holds plans and counts; documents are only ever in the workers.
 */
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
  writeFirstVersion,
} from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { clusterJob, refineUnit } from "./barrier.js";
import { runBisecting } from "./bisect.js";
import { type CompiledRecipe, compile, stagesDigest } from "./compile.js";
import { meterEnergy } from "./energy.js";
import { type FinishedUnit, runDigest, shardJobs, tableJobs, writeResult } from "./finish.js";
import type { Job, JobProgress, StageTime, UnitDone } from "./jobs/index.js";
import { oddities, unreadDates } from "./oddities.js";
import { makePlan } from "./plan.js";
import { Pool } from "./pool.js";
import { loadRecipe } from "./recipe.js";
import { staysAfter, sweep, sweepAttempts } from "./sweep.js";
import type { ReadUnit } from "./unit.js";

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
  /** Hash what an earlier run left, instead of trusting each file of the right size. */
  readonly rehash?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  /** Milliseconds after which a worker that is silent is taken for hung, by kind of job; for tests. */
  readonly patience?: Readonly<Partial<Record<Job["kind"], number>>>;
}

export interface RunResult {
  readonly manifest: Manifest;
  readonly corpus: CorpusFolder;
  /** The run's manifest was there already. */
  readonly unchanged: boolean;
  readonly seconds: number;
  /** Worker processes at one time, at most: `seconds` of each of them is the time that `times` are parts of. */
  readonly workers: number;
  /** Sum of the peak resident memory of all processes: an upper bound of what the run held at once. */
  readonly peakMemoryBytes: number;
  /** Of all workers together: by stage, and `read`, `write`, `reread`, `shards`, `tables`. */
  readonly times: Readonly<Record<string, StageTime>>;
  readonly warnings: readonly string[];
}

/** A whole run's work: the records of every phase. */
interface Work {
  readonly units: readonly FinishedUnit[];
  readonly shards: readonly UnitRecord[];
  readonly tables: ReadonlyMap<TableName, UnitRecord>;
  /** All of them, those of the barriers too. */
  readonly records: readonly UnitRecord[];
}

/** Work that was done before is not there, or not whole. */
class Missing extends Error {}

/**
 * A worker that reports nothing for this long is killed. Reading and refining report every batch, whose largest is one record of
 * the largest size; probes report as often, and every one of them that hangs has to be waited for. Jobs without filters may hash
 * or sort a large file for hours without a word.
 */
const patience: Readonly<Partial<Record<Job["kind"], number>>> = {
  read: 5 * 60_000,
  refine: 5 * 60_000,
  "probe-read": 60_000,
  "probe-refine": 60_000,
};

export async function run(options: RunOptions): Promise<RunResult> {
  const corpus = new CorpusFolder(options.corpus);
  const loaded = loadRecipe(options.recipePath);
  // Everything that can be wrong with the recipe is found before the corpus folder is touched.
  await compile(loaded, undefined);
  const unlock = lockCorpus(corpus);
  try {
    return await new Run(options, corpus, await compile(loaded, corpus.assets())).go();
  } finally {
    unlock();
  }
}

class Run {
  readonly #start = performance.now();
  readonly #energy = meterEnergy();
  readonly #warnings: string[] = [];
  readonly #times: Record<string, StageTime> = {};
  readonly #pool: Pool;
  /** While finished work is looked up: the manifest that it led to. */
  #finished: Manifest | undefined;

  constructor(
    private readonly options: RunOptions,
    private readonly corpus: CorpusFolder,
    private readonly recipe: CompiledRecipe,
  ) {
    const { text, path } = recipe.loaded;
    const assets = recipe.order.map((stage) => stage.assets);
    this.#pool = new Pool({
      workers: options.workers,
      setup: { corpus: corpus.root, recipe: { text, path }, assets, stages: stagesDigest(recipe) },
      progress: (progress) => this.#tell({ type: "progress", ...progress }),
      died: (_job, how) => this.#warn(`a worker died (${how}); its unit is tried once more`),
      stallMilliseconds: ({ kind }) => options.patience?.[kind] ?? patience[kind],
    });
  }

  async go(): Promise<RunResult> {
    const { signal } = this.options;
    const stop = (): void => void this.#pool.stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      if (signal?.aborted === true) stop();
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
      const before = this.#manifestOf(plan.units);
      const found = before === undefined ? undefined : await this.#lookUp(plan.units, before);
      if (before !== undefined && found !== undefined) {
        // Whatever a kill left undone behind the manifest.
        writeFirstVersion(this.corpus, before);
        sweep(this.corpus, before, found.records, plan.cuts);
        return this.#result(before, true);
      }
      const work = await this.#work(plan.units);
      const manifest = await writeResult(this.corpus, this.recipe, work.units, work.shards, work.tables);
      sweep(this.corpus, manifest, work.records, plan.cuts);
      for (const warning of [...unreadDates(work.units), ...oddities(manifest)]) this.#warn(warning);
      return this.#result(manifest, false);
    } catch (error) {
      await this.#pool.stop();
      sweepQuietly(this.corpus);
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      await this.#pool.stop();
    }
  }

  /** The manifest, where this very run has been done before. */
  #manifestOf(units: readonly ReadUnit[]): Manifest | undefined {
    try {
      const manifest = readManifest(this.corpus);
      return manifest?.run_digest === runDigest(this.recipe, units) ? manifest : undefined;
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== "MANIFEST_CORRUPT") throw error;
      this.#warn(`${error.message}; it is made anew`);
      return undefined;
    }
  }

  /** The work that led to a manifest; undefined where part of it is missing or damaged. */
  async #lookUp(units: readonly ReadUnit[], manifest: Manifest): Promise<Work | undefined> {
    this.#finished = manifest;
    try {
      return await this.#work(units);
    } catch (error) {
      if (error instanceof Missing) return undefined;
      throw error;
    } finally {
      this.#finished = undefined;
    }
  }

  async #work(planned: readonly ReadUnit[]): Promise<Work> {
    const { units, clusters } = await this.#refine(await this.#read(planned));
    const { shards, tables } = await this.#finalise(units);
    const records = [...units.flatMap((unit) => unit.records), ...clusters, ...shards, ...tables.values()];
    return { units, shards, tables, records };
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
      const job = clusterJob(this.corpus, before, units, this.options.memoryBytes);
      const [cluster] = await this.#phase(
        "cluster",
        [job],
        ({ id }) => id,
        () => this.#pool.run(job),
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

  async #finalise(units: readonly FinishedUnit[]): Promise<Pick<Work, "shards" | "tables">> {
    const shardsToMake = shardJobs(this.recipe, units);
    const shards = await this.#phase(
      "finalise",
      shardsToMake,
      ({ id }) => id,
      (job) => this.#pool.run(job),
    );
    const memoryBytes = this.options.memoryBytes / Math.min(4, this.options.workers);
    const jobs = tableJobs(this.recipe, units, shardsToMake, shards, memoryBytes);
    const records = await this.#phase(
      "finalise",
      jobs,
      ({ id }) => id,
      (job) => this.#pool.run(job),
    );
    const tables = new Map<TableName, UnitRecord>();
    jobs.forEach(({ table }, index) => {
      const record = records[index];
      if (record !== undefined) tables.set(table, record);
    });
    return { shards, tables };
  }

  /** Does what is not done yet of a phase; returns all records in order. */
  async #phase<T>(
    phase: Phase,
    units: readonly T[],
    idOf: (unit: T) => string,
    work: (unit: T) => Promise<UnitDone>,
  ): Promise<readonly UnitRecord[]> {
    const records = units.map((unit) => this.#committed(phase, idOf(unit)));
    if (this.#finished !== undefined) return records.filter((record) => record !== undefined);
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

  /**
   * A unit's record, unless a file of it is damaged: then the record is taken back and the unit made anew.
   * @throws Missing while finished work is looked up
   */
  #committed(phase: Phase, id: string): UnitRecord | undefined {
    const finished = this.#finished;
    const wanted = (file: CommittedFile): boolean => finished === undefined || staysAfter(finished, file);
    try {
      const record = readCommitted(this.corpus, phase, id, { wanted, rehash: this.options.rehash === true });
      if (record === undefined && finished !== undefined) throw new Missing();
      return record;
    } catch (error) {
      if (!(error instanceof DataError) || (error.code !== "CORPUS_DAMAGED" && error.code !== "RECORD_CORRUPT")) throw error;
      // Removing the files of finished units is a recipe's own choice and no damage.
      const { units, text } = this.recipe.loaded.recipe.storage;
      if (finished !== undefined || (units === "keep" && text === "keep")) this.#warn(`${error.message}; it is made anew`);
      if (finished !== undefined) throw new Missing();
      disk.remove(this.corpus.record(phase, id));
      disk.flushFolder(this.corpus.unitFolder(phase));
      return undefined;
    }
  }

  #result(manifest: Manifest, unchanged: boolean): RunResult {
    const seconds = (performance.now() - this.#start) / 1000;
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024 + this.#pool.memoryBytes;
    const result = {
      manifest,
      corpus: this.corpus,
      unchanged,
      seconds,
      workers: this.#pool.workersAtOnce,
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
      energy_joules: this.#energy(),
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
    if (this.#warnings.includes(message)) return;
    this.#warnings.push(message);
    this.#tell({ type: "warning", message });
  }
}

/** Leftovers take room, which may be what was lacking; a disk that fails here too must not hide why the run failed. */
function sweepQuietly(corpus: CorpusFolder): void {
  try {
    sweepAttempts(corpus);
  } catch {}
}
