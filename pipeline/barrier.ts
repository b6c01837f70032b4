/** What stands between two segments, seen from the coordinator: the job of the barrier, and the units behind it. */
import type { CommittedFile, CorpusFolder, UnitRecord } from "../corpus/index.js";
import type { CompiledRecipe, Segment } from "./compile.js";
import type { FinishedUnit } from "./finish.js";
import type { ClusterJob } from "./jobs/cluster.js";
import { type RefineUnit, sliceName } from "./jobs/index.js";
import { clusterId, refineId } from "./unit.js";

/** The barrier at the end of a segment looks at the signatures of all its units. */
export function clusterJob(
  corpus: CorpusFolder,
  segment: Segment,
  units: readonly FinishedUnit[],
  memoryBytes: number,
): ClusterJob {
  const signed = units.flatMap(({ records }) => {
    const record = records.at(-1);
    const file = record === undefined ? undefined : fileOf(record, "signatures.parquet");
    return record === undefined || file === undefined ? [] : [{ unit: record.id, file, counts: record.counts }];
  });
  return {
    kind: "cluster",
    id: clusterId(
      segment,
      signed.map(({ unit, file }) => ({ unit, sha256: file.sha256 })),
    ),
    segment: segment.index,
    signatures: signed.map(({ unit, file }) => ({ unit, path: corpus.resolve(file.path) })),
    documents: total(signed.map(({ counts }) => counts?.kept)),
    bytes: total(signed.map(({ counts }) => counts?.text_bytes)),
    memoryBytes,
  };
}

/** A unit's documents on their way into the segment `index`, behind the barrier whose decisions `cluster` recorded. */
export function refineUnit(
  recipe: CompiledRecipe,
  index: number,
  { unit, records }: FinishedUnit,
  cluster: UnitRecord,
): RefineUnit {
  const segment = recipe.segments[index];
  const upstream = records.at(-1);
  const first = records[0];
  if (segment === undefined || upstream === undefined || first === undefined) throw new RangeError("a unit without a record");
  const slice = fileOf(cluster, sliceName(upstream.id));
  return {
    id: refineId(segment, upstream.id, slice?.sha256 ?? null),
    segment: index,
    source: unit.input.source,
    upstream: upstream.id,
    documents: fileOf(upstream, "documents.parquet")?.path ?? null,
    text: fileOf(first, "text.parquet")?.path ?? null,
    slice: slice?.path ?? null,
  };
}

function total(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function fileOf(record: UnitRecord, name: string): CommittedFile | undefined {
  return record.files.find((file) => file.name === name);
}
