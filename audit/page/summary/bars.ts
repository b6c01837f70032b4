/** Bars that stand in a cell of a table: the number is beside them, so they are hidden from screen readers. */
import { type Content, html, type Markup } from "../markup.js";

export interface BarPart {
  readonly className: string;
  readonly value: number;
}

/** @param whole what the whole width is worth; `mark` is a place on the same scale that is compared with */
export function bar(parts: readonly BarPart[], whole: number, mark?: number): Markup {
  let at = 0;
  const blocks = parts.map(({ className, value }) => {
    const width = whole <= 0 ? 0 : (100 * value) / whole;
    const block = width > 0 ? html`<rect class="${className}" x="${place(at)}" width="${place(width)}" height="12"/>` : null;
    at += width;
    return block;
  });
  const pointer =
    mark === undefined || whole <= 0
      ? null
      : html`<svg class="pointer" x="${place((100 * mark) / whole)}" width="1" height="12"><path d="M0-3L4 6 0 15-4 6Z"/></svg>`;
  return html`<svg class="bar" width="100%" height="12" aria-hidden="true" focusable="false"><rect class="bar-ground" width="100%" height="12"/>${blocks}${pointer}</svg>`;
}

function place(percentage: number): string {
  return `${Math.round(Math.min(100, Math.max(0, percentage)) * 100) / 100}%`;
}

/** Heads a column of bars; without words, where the number beside the bars says it all. */
export function barColumn(words = ""): Markup {
  return words === "" ? html`<td class="bar-column"></td>` : html`<th scope="col" class="bar-column">${words}</th>`;
}

export function barCell(...bars: readonly Markup[]): Markup {
  return html`<td class="bar-column">${bars}</td>`;
}

/** A cell that is named on a phone, where the table has no head. */
export function numberCell(label: string, value: Content): Markup {
  return html`<td class="number" data-label="${label}">${value}</td>`;
}
