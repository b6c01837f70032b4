/**
 * What became of the records stage by stage, as rows of a table: what came in, what was left out and why, what went on. In each
 * row `in` is `left out` + `out`, from the first stage, reading, whose `in` are the records, to the documents that are kept.
 */
import type { Manifest } from "../corpus/index.js";
import { extraction } from "../pipeline/index.js";
import { count } from "./numbers.js";

export interface StageRow {
  /** The stage's name, as in the run's times; undefined for a row that says why something was left out of the stage above. */
  readonly stage?: string;
  /** Label, in, left out, out. */
  readonly cells: readonly string[];
}

export const stageHeader = ["stage", "in", "left out", "out"] as const;

/** What the rows are made of; a manifest has it. */
export interface StageCounts {
  readonly totals: Pick<Manifest["totals"], "records" | "skipped" | "kept">;
  readonly stages: readonly Pick<Manifest["stages"][number], "name" | "documents_in" | "dropped">[];
}

export function stageRows({ totals, stages }: StageCounts): readonly StageRow[] {
  const skips = Object.entries(totals.skipped);
  const atExtract = skips.filter(([reason]) => reason in extraction.skips);
  const atRead = skips.filter(([reason]) => !(reason in extraction.skips));
  const after = (index: number): number => stages[index + 1]?.documents_in ?? totals.kept;
  return [
    ...rowsOf("read", totals.records, after(-1), skipped(atRead)),
    ...stages.flatMap(({ name, documents_in, dropped }, index) => {
      const drops = Object.entries(dropped).map(([rule, number]): Reason => [rule.split("/")[1] ?? rule, number]);
      return rowsOf(name, documents_in, after(index), [...drops, ...(name === "extract" ? skipped(atExtract) : [])]);
    }),
  ];
}

type Reason = readonly [reason: string, number: number];

function skipped(skips: readonly Reason[]): readonly Reason[] {
  return skips.map(([reason, number]) => [`skipped: ${reason}`, number]);
}

/** What is neither dropped nor skipped and does not go on lies in quarantine. */
function rowsOf(stage: string, into: number, out: number, reasons: readonly Reason[]): readonly StageRow[] {
  const named = reasons.reduce((total, [, number]) => total + number, 0);
  const all = reasons.toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (into - out > named) all.push(["quarantined", into - out - named]);
  const leftOut = into === out ? "" : count(into - out);
  return [
    { stage, cells: [stage, count(into), leftOut, count(out)] },
    ...all.map(([reason, number]) => ({ cells: [`  ${reason}`, "", count(number), ""] })),
  ];
}
