/** By date of capture: how much was read, and which share of it each rule left out. Two panels over one axis. */
import type { CorpusSummary } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { column, numberColumn, section, table } from "../section.js";
import { count, counted, percent } from "../wording.js";
import { about, aboutCounted, mostOf, named, shortened, sumOf } from "./figures.js";
import { type Kinds, swatch } from "./kinds.js";
import { type Period, type Periods, periodsOf } from "./periods.js";

/** Heights in pixels: the upper panel, the lower one, and what lies between and around them. */
const upper = 128;
const lower = 128;
const head = 24;
const between = 40;
const foot = 28;
/** A bar alone is no slab. */
const fewest = 12;

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
    lead:
      periods.periods.length === 0
        ? undefined
        : html`By the ${by} in which the pages were captured${unit === "month" ? null : ", since there are too many months for one picture"}. Where little was read, a share says little: a bar of 100% may be one page.`,
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
  return html`<ul class="legend"><li>${swatch("part-in")}kept</li>${kinds.rules.length === 0 ? null : html`<li>${swatch("read-out")}left out, all rules</li>`}${kinds.rules.map(
    (rule, i) => html`<li>${swatch(names[i] ?? "")}${named(rule)}</li>`,
  )}${kinds.others === 0 ? null : html`<li>${swatch("kind-other")}${kinds.othersName}</li>`}</ul>`;
}

/** Where everything in the chart stands. */
interface Layout {
  /** Per cent of the width for one period. */
  readonly slot: number;
  /** Documents at the top of the upper panel; share at the top of the lower one, which nothing left out does without. */
  readonly most: number;
  readonly mostShare: number;
  readonly base: number;
  readonly shareTop: number;
  readonly bottom: number;
}

function chart({ periods, undated }: Periods, kinds: Kinds): Markup {
  // One place is left free between the dates and what has none.
  const slots = periods.length + (undated === undefined ? 0 : 2);
  const slot = 100 / Math.max(slots, fewest);
  const bars: readonly (readonly [place: number, period: Period])[] = [
    ...periods.map((period, i) => [i, period] as const),
    ...(undated === undefined ? [] : [[periods.length + 1, undated] as const]),
  ];
  const all = bars.map(([, period]) => period);
  const most = mostOf(all, read);
  const largest = mostOf(all, (period) => (read(period) === 0 ? 0 : left(period) / read(period)));
  const mostShare = [0.1, 0.25, 0.5, 0.75].find((share) => largest <= share) ?? 1;
  const [base, shareTop] = [head + upper, head + upper + between];
  const bottom = largest === 0 ? base : shareTop + lower;
  const layout = { slot, most, mostShare, base, shareTop, bottom };
  const height = bottom + foot;
  return html`<svg class="time-chart" width="100%" height="${height}" role="img" aria-label="${spoken(bars, kinds)}">
<text x="0" y="14">Documents read <tspan class="note-text">up to ${about(most)}</tspan></text>
${gridLine(head)}${
  largest === 0
    ? null
    : html`<text x="0" y="${shareTop - 10}">Share left out, by rule <tspan class="note-text">up to ${100 * mostShare}%</tspan></text>${gridLine(shareTop)}${gridLine(shareTop + lower / 2)}`
}
${bars.map(([at, period]) => columnOf(period, at * slot, layout, kinds))}
${axisLine(base)}${bottom === base ? null : axisLine(bottom)}
${periods.map(({ tick }, i) => (tick === undefined || (undated !== undefined && i * slot > 78) ? null : tickMark(tick, i * slot, layout)))}${
  undated === undefined
    ? null
    : html`<text class="note-text" x="${place((periods.length + 2) * slot - slot * 0.1)}" y="${height - 6}" text-anchor="end">no date</text>`
}
</svg>`;
}

function gridLine(y: number): Markup {
  return html`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/>`;
}

function axisLine(y: number): Markup {
  return html`<line class="axis" x1="0" x2="100%" y1="${y}" y2="${y}"/>`;
}

/** Labels near the end of the axis are set before their mark. */
function tickMark(tick: string, at: number, { slot, bottom }: Layout): Markup {
  const last = at > 86;
  const mark = place(at + slot * 0.1);
  return html`<line class="axis" x1="${mark}" x2="${mark}" y1="${bottom}" y2="${bottom + 5}"/><text class="note-text" x="${last ? place(at + slot * 0.9) : mark}" y="${bottom + foot - 6}"${last ? html` text-anchor="end"` : null}>${tick}</text>`;
}

function spoken(bars: readonly (readonly [number, Period])[], kinds: Kinds): string {
  const periods = bars.map(([, period]) => period);
  const [first, last] = [periods[0]?.name ?? "", periods.at(-1)?.name ?? ""];
  const [rule] = kinds.rules;
  return `Documents by date of capture, ${first} to ${last}: ${aboutCounted(sumOf(periods, read), "document")}, ${about(sumOf(periods, left))} left out${rule === undefined ? "" : `, most of them by ${rule}`}. The numbers are in the table below.`;
}

function columnOf(period: Period, at: number, layout: Layout, kinds: Kinds): Content {
  const { slot, most, mostShare, base } = layout;
  const all = read(period);
  if (all === 0) return null;
  const where = html`x="${place(at + slot * 0.1)}" width="${place(slot * 0.8)}"`;
  const tall = Math.max(2, (upper * all) / most);
  const kept = (tall * period.kept) / all;
  let y = layout.bottom;
  const classNames = kinds.classNames;
  const parts = period.dropped.map((documents, i) => {
    if (documents === 0) return null;
    const part = (lower * documents) / (all * mostShare);
    y -= part;
    return html`<rect class="${classNames[i] ?? ""}" ${where} y="${tenth(y)}" height="${tenth(part)}"/>`;
  });
  const title = `${period.name}: ${counted(all, "document")}, ${count(left(period))} left out (${percent(left(period), all)})`;
  return html`<g><rect class="read-out" ${where} y="${tenth(base - tall)}" height="${tenth(tall - kept)}"/><rect class="part-in" ${where} y="${tenth(base - kept)}" height="${tenth(kept)}"/>${parts}<title>${title}</title></g>`;
}

/** `stage/rule`, which may be broken behind the slash. */
function breakable(key: string): Content {
  const [stage, ...rule] = shortened(key).split("/");
  return html`<code class="raw">${stage}/<wbr>${rule.join("/")}</code>`;
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
      ...kinds.rules.map((rule) => html`<th scope="col" class="number rule-column">${breakable(rule)}</th>`),
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
