/** Redaction spans carried along with a batch: taking rows, and joining the spans of two filters. */
import type { Redactions } from "./verdict.js";

interface Span {
  readonly start: number;
  readonly length: number;
  readonly kind: string;
}

function spansOf(redactions: Redactions, row: number): Span[] {
  const spans: Span[] = [];
  for (let i = redactions.rows[row]; i < redactions.rows[row + 1]; i++) {
    spans.push({ start: redactions.start[i], length: redactions.length[i], kind: redactions.kinds[redactions.kind[i]] });
  }
  return spans;
}

function build(rows: readonly (readonly Span[])[]): Redactions {
  const kinds = [...new Set(rows.flat().map((span) => span.kind))].sort();
  const count = rows.reduce((total, spans) => total + spans.length, 0);
  const result = {
    rows: new Int32Array(rows.length + 1),
    start: new Int32Array(count),
    length: new Int32Array(count),
    kind: new Uint8Array(count),
    kinds,
  };
  let at = 0;
  rows.forEach((spans, row) => {
    for (const { start, length, kind } of spans) {
      result.start[at] = start;
      result.length[at] = length;
      result.kind[at++] = kinds.indexOf(kind);
    }
    result.rows[row + 1] = at;
  });
  return result;
}

export function takeRedactions(redactions: Redactions, rows: ArrayLike<number>): Redactions {
  return build(Array.from(rows, (row) => spansOf(redactions, row)));
}

/** The spans of both; where two overlap, the one of the earlier filter stands and the later one is left out. */
export function joinRedactions(earlier: Redactions, later: Redactions): Redactions {
  const rows: Span[][] = [];
  for (let row = 0; row + 1 < earlier.rows.length; row++) {
    const first = spansOf(earlier, row);
    const free = spansOf(later, row).filter(
      (span) => !first.some((taken) => span.start < taken.start + taken.length && taken.start < span.start + span.length),
    );
    rows.push([...first, ...free].sort((a, b) => a.start - b.start));
  }
  return build(rows);
}

/** One row's spans as text, for the tables between two phases: [[start, length, kind], …]. */
export function redactionsToJson(redactions: Redactions | undefined, row: number): string {
  if (redactions === undefined || redactions.rows[row] === redactions.rows[row + 1]) return "";
  return JSON.stringify(spansOf(redactions, row).map(({ start, length, kind }) => [start, length, kind]));
}

export function redactionsFromJson(rows: readonly string[]): Redactions | undefined {
  if (rows.every((text) => text === "")) return undefined;
  return build(
    rows.map((text) =>
      text === ""
        ? []
        : (JSON.parse(text) as [number, number, string][]).map(([start, length, kind]) => ({ start, length, kind })),
    ),
  );
}

/** Spans of one row by kind. */
export function countRedactions(redactions: Redactions | undefined, row: number): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  if (redactions === undefined) return counts;
  for (const { kind } of spansOf(redactions, row)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
