/**
 * The job of a barrier: looks at the signatures of all units together and leaves each unit its own slice of the decisions, so
 * that a unit behind the barrier is redone only where its own slice changed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Attempt, canonicalJson, coded, disk } from "../../corpus/index.js";
import type { SignatureFile } from "../../filters/index.js";
import { RowTable } from "../unit-tables.js";
import type { JobContext } from "./context.js";
import type { UnitDone } from "./read.js";

export interface ClusterJob {
  readonly kind: "cluster";
  readonly id: string;
  readonly segment: number;
  readonly signatures: readonly SignatureFile[];
  /** What was signed, for the run's times: documents, and UTF-8 bytes of their texts. */
  readonly documents: number;
  readonly bytes: number;
  readonly memoryBytes: number;
}

/** A slice's columns: rows of the unit's documents to drop, ascending. */
export const sliceSchema = { row: "float64", rule: "utf8", evidence: "utf8" } as const;

export function sliceName(unit: string): string {
  return `${unit}.parquet`;
}

export async function clusterJob(context: JobContext, job: ClusterJob): Promise<UnitDone> {
  const { barrier } = context.segment(job.segment);
  if (barrier === undefined) throw new RangeError(`segment ${job.segment} has no barrier`);
  const start = performance.now();
  const attempt = new Attempt(context.corpus, "cluster", job.id);
  const folder = scratchFolder(context);
  let drops = 0;
  try {
    let unit: string | undefined;
    let slice: RowTable | undefined;
    const scratch = { memoryBytes: job.memoryBytes, folder };
    for await (const { unit: owner, row, rule, evidence } of barrier.filter.decide(
      job.signatures,
      barrier.parameters,
      scratch,
    )) {
      if (owner !== unit) {
        await slice?.finish();
        slice = new RowTable(attempt, sliceName(owner), sliceSchema);
        unit = owner;
      }
      slice?.add({ row, rule, evidence: canonicalJson(evidence) });
      drops++;
    }
    await slice?.finish();
    const descriptor = { barrier: barrier.name, signatures: job.signatures.map((file) => file.unit) };
    const record = attempt.commit(descriptor, { drops });
    const seconds = (performance.now() - start) / 1000;
    return { record, times: { [barrier.name]: { seconds, documents: job.documents, bytes: job.bytes } } };
  } catch (error) {
    attempt.abandon();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An empty folder inside the corpus folder to spill to: the disk that has room for the corpus has room for its sorting. */
export function scratchFolder({ corpus }: JobContext): string {
  const units = corpus.resolve("units");
  disk.makeFolder(units);
  try {
    return mkdtempSync(join(units, "scratch-"));
  } catch (error) {
    throw coded(units, error);
  }
}
