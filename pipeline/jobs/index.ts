/** Every kind of job that a worker can do, and how. */
import { loadZstd } from "../../formats/index.js";
import type { InputFile } from "../inputs.js";
import { type ClusterJob, clusterJob } from "./cluster.js";
import type { JobContext } from "./context.js";
import { type Cuts, cutFile } from "./cut.js";
import { type ShardJob, shardJob, type TableJob, tableJob } from "./finalise.js";
import { type ProbeReadJob, probeReadJob, type ReadJob, readJob, type UnitDone } from "./read.js";
import { type ProbeRefineJob, probeRefineJob, type RefineJob, refineJob } from "./refine.js";

export interface CutJob {
  readonly kind: "cut";
  readonly input: Pick<InputFile, "path" | "format" | "columns">;
  readonly unitBytes: number;
}

/** Jobs that end in a committed unit. */
export type CommitJob = ReadJob | RefineJob | ClusterJob | ShardJob | TableJob;
export type ProbeJob = ProbeReadJob | ProbeRefineJob;
export type Job = CommitJob | ProbeJob | CutJob;

/** What a job of each kind answers: a committed unit, a number of records, or cuts. */
export type JobResult<J extends Job> = J extends CommitJob ? UnitDone : J extends ProbeJob ? number : Cuts;

export async function doJob(context: JobContext, job: Job): Promise<UnitDone | number | Cuts> {
  // Every table is written with it.
  await loadZstd();
  switch (job.kind) {
    case "cut":
      return cutFile(job.input, job.unitBytes);
    case "read":
      return readJob(context, job);
    case "refine":
      return refineJob(context, job);
    case "cluster":
      return clusterJob(context, job);
    case "shard":
      return shardJob(context, job);
    case "table":
      return tableJob(context, job);
    case "probe-read":
      return probeReadJob(context, job);
    case "probe-refine":
      return probeRefineJob(context, job);
  }
}

export { sliceName } from "./cluster.js";
export { JobContext, type JobProgress, type StageTime } from "./context.js";
export type { Cuts } from "./cut.js";
export type { ShardPiece, ShardPlace, TablePart } from "./finalise.js";
export type { UnitDone } from "./read.js";
export type { RefineUnit } from "./refine.js";
