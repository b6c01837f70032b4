/**
 * Finds the record that kills its worker. A unit whose worker died twice is halved, again and again, each half tried in a process
 * of its own with its results thrown away, until one record is left; that record goes to quarantine and the unit is done without
 * it. Each probe has to die twice, so that a worker killed by chance accuses no record.
 */
import { DataError } from "../errors/index.js";
import type { JobResult } from "./jobs/index.js";
import type { ProbeReadJob, ReadJob } from "./jobs/read.js";
import type { ProbeRefineJob, RefineJob } from "./jobs/refine.js";
import { type Pool, WorkerDeath } from "./pool.js";

/** More deadly records in one unit than this are no accident of the input. */
const mostDeadly = 64;

/** So many other records of a unit are tried by themselves before the first one is accused. */
const witnesses = 3;

export async function runBisecting<J extends ReadJob | RefineJob>(
  pool: Pool,
  job: J,
  found: (position: number) => void,
): Promise<JobResult<ReadJob>> {
  const deadly: number[] = [];
  for (;;) {
    try {
      return await pool.run<ReadJob | RefineJob>({ ...job, deadly: [...deadly] });
    } catch (error) {
      if (!(error instanceof WorkerDeath)) throw error;
      if (deadly.length >= mostDeadly) throw failed(job, error);
      const position = await findDeadly(pool, job, deadly);
      if (position === undefined) throw failed(job, error);
      deadly.push(position);
      deadly.sort((a, b) => a - b);
      found(position);
    }
  }
}

/** @throws DataError FILTER_KILLS_WORKERS where other records, tried by themselves, kill their workers too */
async function findDeadly(pool: Pool, job: ReadJob | RefineJob, deadly: readonly number[]): Promise<number | undefined> {
  const probe = (from: number, to: number): Promise<number | "dead"> => {
    const range = { deadly: [...deadly], from, to };
    const task: ProbeReadJob | ProbeRefineJob =
      job.kind === "read"
        ? { kind: "probe-read", unit: job.unit, ...range }
        : { kind: "probe-refine", unit: job.unit, ...range };
    return pool.run(task).catch((error: unknown) => {
      if (error instanceof WorkerDeath) return "dead" as const;
      throw error;
    });
  };
  // Reading alone, with every record ignored, tells how many there are.
  const records = await probe(0, 0);
  if (records === "dead") return undefined;
  if (records === 0 || (records === 1 && (await probe(0, 1)) !== "dead")) return undefined;
  let [low, high] = [0, records];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((await probe(low, middle)) === "dead") high = middle;
    else if ((await probe(middle, high)) === "dead") low = middle;
    else return undefined;
  }
  if (deadly.length > 0) return low;
  const others = [...new Set(sampled(records, witnesses + 1))].filter((record) => record !== low).slice(0, witnesses);
  const survivors = await Promise.all(others.map(async (record) => (await probe(record, record + 1)) !== "dead"));
  if (others.length < witnesses || survivors.includes(true)) return low;
  throw new DataError("FILTER_KILLS_WORKERS", {
    file: nameOf(job),
    detail: `records ${[low, ...others].join(", ")} of a unit`,
  });
}

/** Some positions out of `records`, spread over them. */
function sampled(records: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(((records - 1) * i) / (count - 1)));
}

function nameOf(job: ReadJob | RefineJob): string {
  return job.kind === "read" ? job.unit.input.path : job.unit.upstream;
}

function failed(job: ReadJob | RefineJob, cause: WorkerDeath): DataError {
  return new DataError("UNIT_FAILED", { file: nameOf(job), detail: cause.message, cause });
}
