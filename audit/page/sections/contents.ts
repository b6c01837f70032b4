/** What is inside the pages that are in: languages, redactions; and what could not be read. */
import type { OwnerReport } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { languageName } from "../names.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { bytes, count, percent } from "../wording.js";
import { placeText } from "./place.js";

const mostLanguages = 20;
const mostUnreadable = 100;

export function contents(report: OwnerReport): Markup | null {
  const { summary } = report;
  if (summary.in === 0) return null;
  return section({
    id: "contents",
    title: "What was taken in",
    lead: html`${count(summary.tokens)} tokens of ${bytes(summary.text_bytes)} of text.`,
    body: html`${languages(report)}${redactions(report)}`,
  });
}

function languages({ languages: all }: OwnerReport): Content {
  if (all.length === 0) return html`<h3>Languages</h3><p class="empty">This corpus names no languages.</p>`;
  const most = all.reduce((max, { tokens }) => Math.max(max, tokens), 1);
  return html`<h3>Languages</h3>${table(
    "Languages of the pages that are in",
    [
      column("Language"),
      html`<th scope="col" class="bar-column">Share of tokens</th>`,
      numberColumn("Tokens"),
      numberColumn("Pages"),
    ],
    all.slice(0, mostLanguages).map(({ label, pages, tokens }) => {
      const name = languageName(label);
      return html`<tr><th scope="row">${name === undefined ? raw(label === "" ? "not named" : label) : html`${name} <code class="aside">${label}</code>`}</th><td class="bar-column">${bar(tokens, most)}</td><td class="number">${count(tokens)}</td><td class="number">${count(pages)}</td></tr>`;
    }),
  )}${all.length > mostLanguages ? html`<p class="note">${count(all.length - mostLanguages)} more, see the JSON report.</p>` : null}`;
}

function redactions({ redactions: kinds }: OwnerReport): Content {
  if (kinds.length === 0) return html`<h3>Redactions</h3><p class="empty">Nothing was redacted in the pages that are in.</p>`;
  const most = kinds.reduce((max, kind) => Math.max(max, kind.redactions), 1);
  return html`<h3>Redactions</h3><p>Personal data that was found is not in the corpus: a placeholder stands in its place.</p>${table(
    "Redactions by kind",
    [
      column("Kind"),
      html`<th scope="col" class="bar-column">Redactions</th>`,
      numberColumn("Number"),
      numberColumn("Pages with any"),
    ],
    kinds.map(
      (kind) =>
        html`<tr><th scope="row">${kind.kind}</th><td class="bar-column">${bar(kind.redactions, most)}</td><td class="number">${count(kind.redactions)}</td><td class="number">${count(kind.pages)}</td></tr>`,
    ),
  )}`;
}

function bar(part: number, most: number): Markup {
  return html`<svg class="bar" width="100%" height="12" role="img" aria-label="${percent(part, most)} of the longest bar"><rect class="bar-ground" width="100%" height="12"/><rect class="part-in" width="${((100 * part) / most).toFixed(2)}%" height="12"/></svg>`;
}

export function unreadable({ unreadable: records, summary }: OwnerReport): Markup | null {
  if (records.length === 0) return null;
  return section({
    id: "unreadable",
    title: "What could not be read",
    lead: "These records are counted as neither in nor out: whatever they held is not in the corpus.",
    body: html`${table(
      "Records that could not be read",
      [column("Page"), column("Why"), column("Where")],
      records
        .slice(0, mostUnreadable)
        .map(
          ({ url, reason, detail, place, count_known }) =>
            html`<tr><th scope="row" class="address">${url === "" ? "address not known" : raw(url)}</th><td data-label="Why"><b>${reason}</b>${detail === "" ? null : html`<br>${detail}`}${count_known ? null : html`<br><span class="tag">nobody can count what was behind it</span>`}</td><td class="wide" data-label="Where">${placeText(place)}</td></tr>`,
        ),
      "stacked",
    )}${
      summary.unreadable > mostUnreadable || records.length > mostUnreadable
        ? html`<p class="note">The first ${mostUnreadable} of ${count(Math.max(records.length, summary.unreadable))}; all are in the JSON report.</p>`
        : null
    }`,
  });
}
