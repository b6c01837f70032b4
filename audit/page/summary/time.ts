/** By date of capture: how much was read, and which share of it each rule left out. Two panels over one axis. */
import type { CorpusSummary } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { count, counted, percent } from "../wording.js";
import { about, aboutCounted, mostOf, sumOf } from "./figures.js";
import { type Kinds, swatch } from "./kinds.js";
import { type Period, type Periods, periodsOf } from "./periods.js";

/** Heights in pixels: the upper panel, the lower one, and what lies between and around them. */
const upper = 128;
const lower = 128;
const head = 24;
const between = 40;
const foot = 28;

export function overTime(summary: CorpusSummary, kinds: Kinds): Markup {
  const periods = periodsOf(summary, kinds);
  const { unit } = periods;
  const all = periods.undated === undefined ? periods.periods : [...periods.periods, periods.undated];
  if (sumOf(all, read) === 0) {
    return section({ id: "time", title: "Over time", body: html`<p class="empty">No document was read.</p>` });
  }
  const by = unit === "some years" ? "year" : unit;
  return section({
    id: "time",
    title: "Over time",
    lead: html`By the ${by} in which the pages were captured${unit === "month" ? null : ", since there are too many months for one picture"}. Where little was read, a share says little: a bar of 100% may be one page.`,
    body: html`${
      periods.periods.length === 0
        ? html`<p>No document has a date of capture: ${counted(sumOf(all, read), "document")} in all, of which ${count(sumOf(all, left))} left out.</p>`
        : html`${legend(kinds)}<figure>${chart(periods, kinds)}</figure>`
    }
<details class="more-box${all.length > 60 ? " long" : ""}"><summary>The numbers, by ${by}</summary>${numbers(all, kinds)}</details>`,
  });
}

function read({ kept, dropped }: Period): number {
  return kept + sumOf(dropped, (documents) => documents);
}

function left({ dropped }: Period): number {
  return sumOf(dropped, (documents) => documents);
}

function legend(kinds: Kinds): Markup {
  const names = kinds.classNames;
  return html`<ul class="legend"><li>${swatch("part-in")}kept</li>${kinds.rules.map(
    (rule, i) => html`<li>${swatch(names[i] ?? "")}${raw(rule)}</li>`,
  )}${kinds.others === 0 ? null : html`<li>${swatch("kind-other")}${kinds.othersName}</li>`}</ul>`;
}

function chart({ periods, undated }: Periods, kinds: Kinds): Markup {
  // One place is left free between the dates and what has none.
  const slots = periods.length + (undated === undefined ? 0 : 2);
  const slot = 100 / Math.max(slots, 4);
  const bars: readonly (readonly [place: number, period: Period])[] = [
    ...periods.map((period, i) => [i, period] as const),
    ...(undated === undefined ? [] : [[periods.length + 1, undated] as const]),
  ];
  const most = mostOf(
    bars.map(([, period]) => period),
    read,
  );
  const [base, shareTop] = [head + upper, head + upper + between];
  const bottom = shareTop + lower;
  const height = bottom + foot;
  const ticks = periods.flatMap(({ tick }, i) => (tick === undefined ? [] : [{ at: i * slot, tick, last: i * slot > 86 }]));
  return html`<svg class="time-chart" width="100%" height="${height}" role="img" aria-label="${spoken(bars, kinds)}">
<text x="0" y="14">Documents read <tspan class="note-text">up to ${about(most)}</tspan></text>
<text x="0" y="${shareTop - 10}">Share left out, by rule <tspan class="note-text">of 100%</tspan></text>
<line class="grid" x1="0" x2="100%" y1="${head}" y2="${head}"/><line class="grid" x1="0" x2="100%" y1="${shareTop}" y2="${shareTop}"/><line class="grid" x1="0" x2="100%" y1="${shareTop + lower / 2}" y2="${shareTop + lower / 2}"/>
${bars.map(([place, period]) => columnOf(period, place * slot, slot, most, kinds))}
<line class="axis" x1="0" x2="100%" y1="${base}" y2="${base}"/><line class="axis" x1="0" x2="100%" y1="${bottom}" y2="${bottom}"/>
${ticks.map(
  ({ at, tick, last }) =>
    html`<line class="axis" x1="${place(at + slot * 0.1)}" x2="${place(at + slot * 0.1)}" y1="${bottom}" y2="${bottom + 5}"/><text class="note-text" x="${place(last ? at + slot * 0.9 : at + slot * 0.1)}" y="${height - 6}"${last ? html` text-anchor="end"` : null}>${tick}</text>`,
)}${
  undated === undefined
    ? null
    : html`<text class="note-text" x="${place((periods.length + 2) * slot - slot * 0.1)}" y="${height - 6}" text-anchor="end">no date</text>`
}
</svg>`;
}

function spoken(bars: readonly (readonly [number, Period])[], kinds: Kinds): string {
  const periods = bars.map(([, period]) => period);
  const [first, last] = [periods[0]?.name ?? "", periods.at(-1)?.name ?? ""];
  const [rule] = kinds.rules;
  return `Documents by date of capture, ${first} to ${last}: ${aboutCounted(sumOf(periods, read), "document")}, ${about(sumOf(periods, left))} left out${rule === undefined ? "" : `, most of them by ${rule}`}. The numbers are in the table below.`;
}

function columnOf(period: Period, at: number, slot: number, most: number, kinds: Kinds): Content {
  const all = read(period);
  if (all === 0) return null;
  const where = html`x="${place(at + slot * 0.1)}" width="${place(slot * 0.8)}"`;
  const tall = Math.max(2, (upper * all) / most);
  const kept = (tall * period.kept) / all;
  const base = head + upper;
  let y = head + upper + between + lower;
  const classNames = kinds.classNames;
  const parts = period.dropped.map((documents, i) => {
    if (documents === 0) return null;
    const part = (lower * documents) / all;
    y -= part;
    return html`<rect class="${classNames[i] ?? ""}" ${where} y="${tenth(y)}" height="${tenth(part)}"/>`;
  });
  const title = `${period.name}: ${counted(all, "document")}, ${count(left(period))} left out (${percent(left(period), all)})`;
  return html`<g><rect class="read-out" ${where} y="${tenth(base - tall)}" height="${tenth(tall - kept)}"/><rect class="part-in" ${where} y="${tenth(base - kept)}" height="${tenth(kept)}"/>${parts}<title>${title}</title></g>`;
}

function numbers(periods: readonly Period[], kinds: Kinds): Markup {
  const others = kinds.others > 0;
  return table(
    "Documents by date of capture and rule",
    [
      column("Captured"),
      numberColumn("Read"),
      numberColumn("Kept"),
      numberColumn("Left out"),
      ...kinds.rules.map((rule) => html`<th scope="col" class="number rule-column">${raw(rule)}</th>`),
      others ? numberColumn(kinds.othersName) : null,
    ],
    periods
      .filter((period) => read(period) > 0)
      .map(
        (period) =>
          html`<tr><th scope="row" class="date">${period.name}</th><td class="number">${count(read(period))}</td><td class="number">${count(period.kept)}</td><td class="number">${percent(left(period), read(period))}</td>${period.dropped
            .slice(0, kinds.rules.length + (others ? 1 : 0))
            .map((documents) => html`<td class="number">${documents === 0 ? "" : count(documents)}</td>`)}</tr>`,
      ),
  );
}

function place(percentage: number): string {
  return `${Math.round(percentage * 1000) / 1000}%`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
