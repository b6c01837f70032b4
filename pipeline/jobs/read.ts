/** The job of the first phase: one slice of an input, from its bytes to a committed unit. */
import { Attempt, tally, type UnitRecord } from "../../corpus/index.js";
import { DataError, type ErrorCode } from "../../errors/index.js";
import type { Segment } from "../compile.js";
import { isUnchanged } from "../inputs.js";
import { contentBytes, type SegmentSink, type StageTally } from "../segment.js";
import { type Chunk, readSource } from "../sources/index.js";
import { keepsText, type ReadUnit } from "../unit.js";
import { UnitWriter } from "../unit-writer.js";
import { type JobContext, type JobProgress, type StageTime, timesOf } from "./context.js";

export interface ReadJob {
  readonly kind: "read";
  readonly unit: ReadUnit;
  /** Positions of records that killed their worker; they go to quarantine unread. */
  readonly deadly: readonly number[];
}

/** Reads part of a unit and throws the result away, to find the record that kills its worker. */
export interface ProbeReadJob {
  readonly kind: "probe-read";
  readonly unit: ReadUnit;
  readonly deadly: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface UnitDone {
  readonly record: UnitRecord;
  readonly times: Readonly<Record<string, StageTime>>;
}

/** Files that break off are read as far as they go; what is lost behind that place is one quarantine row. */
const brokenFile: ReadonlySet<ErrorCode> = new Set([
  "PARQUET_CORRUPT",
  "ARROW_CORRUPT",
  "ARROW_TOO_LARGE",
  "COMPRESSED_CORRUPT",
  "COMPRESSED_TOO_LARGE",
]);

export async function readJob(context: JobContext, { unit, deadly }: ReadJob): Promise<UnitDone> {
  const { recipe, corpus } = context;
  const segment = context.segment(0);
  const runner = await context.runner(0);
  const attempt = new Attempt(corpus, "read", unit.id);
  const writer = new UnitWriter(attempt, {
    source: unit.input.source,
    writesText: keepsText(recipe),
    ...(segment.barrier === undefined ? {} : { barrier: segment.barrier }),
  });
  const tallies = runner.newTallies();
  const skip = new Set(deadly);
  const clock = new Stopwatch();
  try {
    let nextIndex = 0;
    const chunks = readChunks(context, unit, (index) => {
      nextIndex = index + 1;
      return skip.has(index) ? "quarantine" : "read";
    });
    for (;;) {
      const chunk = await clock.time("read", () => chunks.next());
      if (chunk.done === true) break;
      takeChunk(writer, chunk.value);
      const { kind, batch, records } = chunk.value;
      const before = writer.counts.kept;
      runTimed(clock, tallies, () => runner.run(kind, batch, writer, tallies));
      context.progress({ records, documents: batch.rows, kept: writer.counts.kept - before, bytes: contentBytes(batch) });
    }
    const lost = chunks.lost;
    if (lost !== undefined) {
      writer.counts.records++;
      writer.counts.documents++;
      const end = unit.extent === "bytes" ? unit.slice.end - unit.slice.start : 0;
      writer.quarantined({
        file: unit.input.file,
        offset: unit.slice.start,
        length: end,
        unit: unit.extent,
        index: nextIndex,
        url: "",
        reason: lost.code.toLowerCase().replaceAll("_", "-"),
        // Not the whole message: it names the file by this machine's path.
        detail: lost.site.detail ?? "",
        countKnown: false,
      });
    }
    if (!isUnchanged(unit.input)) throw new DataError("INPUT_CHANGED", { file: unit.input.path });
    const { slice, extent, sha256 } = unit;
    const { file, format, source, columns, fingerprint } = unit.input;
    const descriptor = { input: { file, format, source, columns, fingerprint, sha256 }, slice, extent, deadly };
    const record = clock.timeSync("write", () => writer.commit(descriptor, tallies));
    return { record, times: timesOf(tallies, clock.seconds) };
  } catch (error) {
    attempt.abandon();
    throw error;
  }
}

/** Returns how many records lie in the probed part; what the stages say is thrown away. */
export async function probeReadJob(context: JobContext, job: ProbeReadJob): Promise<number> {
  const runner = await context.runner(0);
  const sink = probeSink(context.segment(0));
  const skip = new Set(job.deadly);
  let records = 0;
  const chunks = readChunks(context, job.unit, (index) => {
    records = index + 1;
    return index >= job.from && index < job.to && !skip.has(index) ? "read" : "ignore";
  });
  for (;;) {
    const chunk = await chunks.next();
    if (chunk.done === true) return records;
    runner.run(chunk.value.kind, chunk.value.batch, sink, runner.newTallies());
    context.progress(noProgress);
  }
}

/** Says no more than that the worker is not hung. */
export const noProgress: JobProgress = { records: 0, documents: 0, kept: 0, bytes: 0 };

/** Throws everything away; what is kept is signed first, as signing may be what kills. */
export function probeSink({ barrier }: Segment): SegmentSink {
  return {
    dropped: () => undefined,
    skipped: () => undefined,
    blobs: () => undefined,
    text: (flow) => flow,
    kept: ({ batch }) => void barrier?.filter.sign(batch, barrier.parameters),
  };
}

function readChunks(
  { recipe }: JobContext,
  { input, slice, sha256 }: ReadUnit,
  select: (index: number) => "read" | "ignore" | "quarantine",
): { next(): Promise<IteratorResult<Chunk>>; lost: DataError | undefined } {
  const source = readSource({ input, slice, sha256, select, recordBytes: recipe.loaded.recipe.limits.record_bytes });
  return {
    lost: undefined,
    async next() {
      try {
        return await source.next();
      } catch (error) {
        if (!(error instanceof DataError) || !brokenFile.has(error.code)) throw error;
        this.lost = error;
        return { done: true, value: undefined };
      }
    },
  };
}

function takeChunk(writer: UnitWriter, chunk: Chunk): void {
  writer.counts.records += chunk.records;
  writer.counts.documents += chunk.batch.rows + chunk.quarantined.length;
  writer.unreadDates += chunk.unreadDates;
  for (const [reason, count] of Object.entries(chunk.skipped)) tally(writer.counts.skipped, reason, count);
  for (const fault of chunk.quarantined) writer.quarantined(fault);
}

/** Time that a job spends outside its stages. */
export class Stopwatch {
  readonly seconds: Record<string, number> = {};

  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.add(name, (performance.now() - start) / 1000);
    return result;
  }

  timeSync<T>(name: string, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.add(name, (performance.now() - start) / 1000);
    return result;
  }

  add(name: string, seconds: number): void {
    this.seconds[name] = (this.seconds[name] ?? 0) + seconds;
  }
}

/** Runs the stages; what they did not use of the time went into writing tables. */
export function runTimed(clock: Stopwatch, tallies: readonly StageTally[], work: () => void): void {
  const before = tallies.reduce((total, { seconds }) => total + seconds, 0);
  const start = performance.now();
  work();
  const inStages = tallies.reduce((total, { seconds }) => total + seconds, 0) - before;
  clock.add("write", (performance.now() - start) / 1000 - inStages);
}
