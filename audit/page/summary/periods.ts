/** Months of capture, put together into quarters or years where there are too many for one chart. */
import type { CorpusSummary, MonthFlow } from "../../summary/model.js";
import type { Kinds } from "./kinds.js";

/** Bars that can be told apart on a phone. */
export const mostPeriods = 48;

export interface Period {
  /** For a table and for the axis. */
  readonly name: string;
  /** On the axis; undefined where it has no room. */
  readonly tick: string | undefined;
  readonly kept: number;
  /** By place of the rule among the kinds; the last are all others. */
  readonly dropped: readonly number[];
}

export interface Periods {
  readonly unit: "month" | "quarter" | "year" | "some years";
  /** In order; empty ones stand where none is too many. */
  readonly periods: readonly Period[];
  /** Documents whose capture date is not known. */
  readonly undated: Period | undefined;
}

export function periodsOf({ months }: CorpusSummary, kinds: Kinds): Periods {
  const dated = months.flatMap((flow) => {
    const index = monthIndex(flow.month);
    return index === undefined ? [] : [{ index, flow }];
  });
  const undated = months.filter(({ month }) => monthIndex(month) === undefined);
  const rest = undated.length === 0 ? undefined : total("date not known", undefined, undated, kinds);
  if (dated.length === 0) return { unit: "month", periods: [], undated: rest };
  const first = dated.reduce((least, { index }) => Math.min(least, index), Number.POSITIVE_INFINITY);
  const last = dated.reduce((most, { index }) => Math.max(most, index), Number.NEGATIVE_INFINITY);
  for (const [unit, size] of [
    ["month", 1],
    ["quarter", 3],
    ["year", 12],
  ] as const) {
    const [from, to] = [Math.floor(first / size), Math.floor(last / size)];
    if (to - from >= mostPeriods) continue;
    const every = tickEvery(to - from + 1, 12 / size);
    const periods = Array.from({ length: to - from + 1 }, (_, i) => {
      const at = from + i;
      const flows = dated.filter(({ index }) => Math.floor(index / size) === at).map(({ flow }) => flow);
      return total(nameOf(at, size), at % every === 0 || to === from ? tickOf(at, size) : undefined, flows, kinds);
    });
    return { unit, periods, undated: rest };
  }
  return { unit: "some years", periods: someYears(dated, kinds), undated: rest };
}

interface Dated {
  readonly index: number;
  readonly flow: MonthFlow;
}

/** Dates so far apart are mostly wrong ones: the newest years that have documents, and all before them as one. */
function someYears(dated: readonly Dated[], kinds: Kinds): readonly Period[] {
  const years = new Map<number, MonthFlow[]>();
  for (const { index, flow } of dated) {
    const year = Math.floor(index / 12);
    years.set(year, [...(years.get(year) ?? []), flow]);
  }
  const sorted = [...years].sort(([a], [b]) => a - b);
  const shown = sorted.slice(-(mostPeriods - 1));
  const earlier = sorted.slice(0, sorted.length - shown.length).flatMap(([, flows]) => flows);
  const every = tickEvery(shown.length, 1);
  const periods = shown.map(([year, flows], i) =>
    total(String(year), i % every === 0 || i === shown.length - 1 ? String(year) : undefined, flows, kinds),
  );
  return earlier.length === 0 ? periods : [total(`before ${shown[0]?.[0]}`, undefined, earlier, kinds), ...periods];
}

function total(name: string, tick: string | undefined, flows: readonly MonthFlow[], kinds: Kinds): Period {
  const dropped = Array.from({ length: kinds.rules.length + 1 }, () => 0);
  let kept = 0;
  for (const flow of flows) {
    kept += flow.kept;
    for (const [key, documents] of Object.entries(flow.dropped)) {
      const place = kinds.place(key);
      dropped[place] = (dropped[place] ?? 0) + documents;
    }
  }
  return { name, tick, kept, dropped };
}

/** Months since year 0. */
function monthIndex(month: string | null): number | undefined {
  const parts = /^(\d{4,6})-(\d{2})$/.exec(month ?? "");
  const of = Number(parts?.[2]);
  return parts === null || of < 1 || of > 12 ? undefined : Number(parts[1]) * 12 + of - 1;
}

/** At most five ticks, at the beginnings of years where there is more than one year. */
function tickEvery(periods: number, perYear: number): number {
  const steps = [1, 2, 3, 4, 6].filter((step) => step < perYear && perYear % step === 0);
  const years = [1, 2, 3, 5, 10, 20, 50].map((step) => step * perYear);
  return [...steps, ...years].find((step) => periods / step <= 5) ?? periods;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function nameOf(at: number, size: 1 | 3 | 12): string {
  if (size === 12) return String(at);
  const perYear = 12 / size;
  const year = Math.floor(at / perYear);
  return size === 1 ? `${months[at % 12]} ${year}` : `${year}, quarter ${(at % 4) + 1}`;
}

/** A year is named at its first period. */
function tickOf(at: number, size: 1 | 3 | 12): string {
  if (size === 12) return String(at);
  const perYear = 12 / size;
  if (at % perYear === 0) return String(Math.floor(at / perYear));
  return size === 1 ? nameOf(at, 1) : `Q${(at % 4) + 1} ${Math.floor(at / perYear)}`;
}
