/**
 * The flow as a river from top to bottom, and as a table at once: each row's first cell holds its piece of the picture, so that the
 * words stand where the branch leaves, on any width, and a screen reader has the table alone. Widths are to scale (after
 * M. H. Sankey, The Thermal Efficiency of Steam Engines, 1898).
 */
import type { CorpusSummary } from "../../summary/model.js";
import { type Content, html, join, type Markup } from "../markup.js";
import { count, counted, percent } from "../wording.js";
import { about, named, shortened } from "./figures.js";
import { type FlowRow, flowRows } from "./flow.js";
import type { Kinds } from "./kinds.js";

/** User units of the picture: all documents, and the whole cell. */
const full = 300;
const wide = 360;
/** Radius of the inner edge of a turn, and the least width that can be seen. */
const turn = 14;
const least = 2.5;
/** UTF-16 units of a rule’s sentence. */
const mostMeaning = 400;

export function flowPicture(summary: CorpusSummary, kinds: Kinds): Markup {
  const rows = flowRows(summary);
  const [start] = rows;
  const whole = start?.type === "start" ? start.documents : 0;
  const scale = (documents: number): number => (whole === 0 ? 0 : (full * documents) / whole);
  return html`<table class="flow">
<caption class="unseen">Documents through the stages</caption>
<thead><tr><td></td><th scope="col" class="number">Documents</th><th scope="col">What became of them</th></tr></thead>
<tbody>
${rows.map((row) => html`${rowMarkup(row, whole, scale, kinds)}\n`)}</tbody>
</table>`;
}

function rowMarkup(row: FlowRow, whole: number, scale: (documents: number) => number, kinds: Kinds): Markup {
  switch (row.type) {
    case "start":
      return html`<tr class="flow-end"><td class="stream">${trunk(scale(row.documents))}</td><td class="number"><b class="figure">${about(row.documents)}</b></td><th scope="row">${row.documents === 1 ? "page or text came in" : "pages and texts came in"}</th></tr>`;
    case "through":
      return html`<tr class="flow-through"><td class="stream">${trunk(scale(row.documents))}</td><td class="number"><span class="aside">0</span></td><th scope="row"><span class="aside">left out by ${join(
        row.stages.map((name) => named(name)),
        ", ",
      )}</span></th></tr>`;
    case "leave": {
      const documents = row.into - row.out;
      const className = row.rule === undefined ? "kind-other" : kinds.className(`${row.stage}/${row.rule}`);
      const broad = scale(documents) > 40;
      return html`<tr${broad ? html` class="flow-broad"` : null}><td class="stream">${trunk(scale(row.out))}${branch(scale(row.into), scale(documents), className)}</td><td class="number"><b class="figure">${about(documents)}</b></td><th scope="row">${leaving(row, percent(documents, whole))}</th></tr>`;
    }
    case "end":
      return html`<tr class="flow-end"><td class="stream">${trunk(scale(row.documents))}</td><td class="number"><b class="figure">${about(row.documents)}</b></td><th scope="row">${row.documents === 1 ? "is" : "are"} in the corpus <span class="aside">${percent(row.documents, whole)}</span></th></tr>`;
  }
}

function leaving({ stage, rule, words, meaning }: Extract<FlowRow, { type: "leave" }>, share: string): Content {
  const by = stage === undefined ? null : html`<span class="aside">${shortened(stage)} / </span>`;
  return html`<span class="flow-rule">${by}${rule === undefined ? words : html`<b>${shortened(words)}</b>`} <span class="aside">${share}</span></span>${meaning === "" ? null : html`<span class="flow-meaning">${shortened(meaning, mostMeaning)}</span>`}`;
}

/** What goes on, as high as the row turns out to be. */
function trunk(width: number): Markup {
  const right = tenth(width);
  return html`<svg class="trunk" viewBox="0 0 ${wide} 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">${
    width > 0
      ? html`<rect class="flow-in" y="-1" width="${right}" height="102"/><path class="flow-edge" d="M0-1V101M${right}-1V101"/>`
      : null
  }</svg>`;
}

/** What leaves: out of the right side of the river, round a turn, to the words. */
function branch(from: number, exact: number, className: string): Markup {
  const width = Math.max(least, exact);
  const [right, left, outer] = [tenth(from), tenth(from - width), tenth(turn + width)];
  const path = `M${right} 0A${turn} ${turn} 0 0 0 ${tenth(from + turn)} ${turn}H${wide - 8}V${outer}H${tenth(from + turn)}A${outer} ${outer} 0 0 1 ${left} 0Z`;
  return html`<svg class="branch" viewBox="0 0 ${wide} ${tenth(outer + turn)}" aria-hidden="true" focusable="false"><path class="${className}" d="${path}"/></svg>`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Both sums that a run has to balance, in numbers. */
export function balance({ totals }: CorpusSummary): Markup {
  const skipped = Object.values(totals.skipped).reduce((sum, number) => sum + number, 0);
  return html`<p class="note">To scale; what would be too narrow to see is drawn a little wider. The counts balance: ${counted(totals.records, "record")} = ${counted(totals.documents, "document")} + ${count(skipped)} skipped; ${counted(totals.documents, "document")} = ${count(totals.kept)} kept${totals.retracted === 0 ? "" : ` (${count(totals.retracted)} of them taken out later)`} + ${count(totals.dropped)} left out by rules + ${count(totals.quarantined)} in quarantine.</p>`;
}
