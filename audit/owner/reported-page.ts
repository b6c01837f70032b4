/** A row of documents or ledger as a page of the report. */
import { tally } from "../../corpus/index.js";
import type { Page } from "./model.js";
import { type PageRow, parsedJson } from "./rows.js";

/** A page as it is known while the report is made: the decisions are not in order yet. */
export interface ReportedPage extends Omit<Page, "decision"> {
  readonly evidence_id: string | null;
}

/** A document that the run kept, and that a version took away and says why. */
export function isRetracted({ shard, stage }: PageRow): boolean {
  return shard !== null && stage !== null;
}

/** @param retracted the version that is reported on leaves the row out */
export function reportedPage(row: PageRow, retracted: boolean): ReportedPage {
  const kept = row.stage === null || isRetracted(row);
  return {
    url: row.url,
    captured_at: instant(row.capturedAt ?? Number.NaN),
    status: retracted ? "retracted" : kept ? "in" : "out",
    stage: retracted ? (row.stage ?? "retract") : row.stage,
    rule: retracted ? (row.rule ?? "retracted") : row.rule,
    evidence_id: row.evidence,
    tokens: row.tokens,
    language: row.language === "" ? null : row.language,
    redactions: kept ? Object.values(redactionsOf(row)).reduce((sum, count) => sum + count, 0) : null,
    source: row.source,
    place: row.place,
    shard: row.shard,
    row: row.shard === null ? null : row.row,
    id: row.id,
  };
}

/** Redacted spans by kind. */
export function redactionsOf({ redactions }: PageRow): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  if (redactions === null || redactions === "") return counts;
  for (const [, , kind] of parsedJson(redactions) as readonly (readonly [number, number, string])[]) tally(counts, kind);
  return counts;
}

/** Null where the time is not known, or none that a date can name. */
export function instant(time: number): string | null {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : null;
}
