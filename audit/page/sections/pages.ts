/** All pages: the first two hundred as a plain table, which the script replaces by one that searches, filters and sorts them all. */
import type { OwnerReport, Page } from "../../owner/model.js";
import { html, type Markup } from "../markup.js";
import { languageName } from "../names.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { count, counted, shortDay, statusWords } from "../wording.js";

const plainRows = 200;
/** Rows that are printed. */
const printedRows = 60;

export function pages(report: OwnerReport): Markup | null {
  const { pages: all, pages_total } = report;
  if (all.length === 0) return null;
  const cut =
    pages_total > all.length
      ? html` This report lists ${count(all.length)} of ${count(pages_total)}; the CSV file beside it has all of them.`
      : null;
  return section({
    id: "pages",
    title: "Page by page",
    wide: true,
    lead: html`Every page that was read, with what became of it.${cut}`,
    body: html`<div id="pages-live" class="live"></div>
<div class="static">
${table(
  "Pages",
  [
    column("Page"),
    column("Status"),
    column("Rule"),
    column("Captured"),
    column("Language"),
    numberColumn("Tokens"),
    numberColumn("Redactions"),
  ],
  all.slice(0, plainRows).map(row),
)}
${all.length > plainRows ? html`<p class="note screen-only">These are the first ${plainRows} of ${counted(pages_total, "page")}. The CSV file beside this page has all of them.</p>` : null}
${all.length > printedRows ? html`<p class="note print-only">Printed are the first ${printedRows} of ${counted(pages_total, "page")}. The CSV file beside it has all of them.</p>` : null}
</div>`,
  });
}

function row({ url, status, rule, captured_at, language, tokens, redactions }: Page, index: number): Markup {
  return html`<tr${index >= printedRows ? html` class="screen-only"` : null}><th scope="row" class="address">${raw(url)}</th><td><span class="status ${status}">${statusWords[status]}</span></td><td>${rule}</td><td class="date">${
    captured_at === null ? "–" : shortDay(captured_at)
  }</td><td>${language === null ? "–" : (languageName(language) ?? language)}</td><td class="number">${tokens === null ? "–" : count(tokens)}</td><td class="number">${redactions === null ? "–" : count(redactions)}</td></tr>`;
}
