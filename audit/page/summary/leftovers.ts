/** What is neither kept nor left out by a rule: records that are no documents, what could not be read, what was redacted. */
import type { CorpusSummary } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { column, numberColumn, section, table } from "../section.js";
import { count, counted } from "../wording.js";
import { bar, barCell, barColumn, numberCell } from "./bars.js";
import { aboutCounted, mostOf, named, sumOf } from "./figures.js";

const mostShown = 60;

/** Records that the readers of archives and tables pass over, and the pages that extraction does. */
const reasons: Readonly<Record<string, string>> = {
  "empty-extraction": "pages without one visible character",
  "media-type": "images, scripts and whatever else is no page",
  metadata: "records about other records",
  "not-html": "captures that name no type and are no HTML",
  "not-http": "records of other protocols, such as DNS",
  request: "what the crawler asked; the answers are records of their own",
  revisit: "notes that a page had not changed",
  status: "answers that are no page: moved, missing, forbidden",
  "too-large": "pages above the size limit of the recipe",
  warcinfo: "notes on the archive itself",
};

const kinds: Readonly<Record<string, string>> = {
  email: "e-mail addresses",
  iban: "bank account numbers (IBAN)",
  ip: "IP addresses",
};

export function leftovers(summary: CorpusSummary): Markup {
  return section({
    id: "leftovers",
    title: "Redacted, unreadable, skipped",
    body: html`${redactions(summary)}${quarantine(summary)}${skipped(summary)}`,
  });
}

interface Item {
  readonly code: string;
  readonly words: Content;
  readonly number: number;
}

function itemTable(caption: string, head: string, items: readonly Item[]): Content {
  const sorted = [...items].sort((a, b) => b.number - a.number);
  const most = mostOf(sorted, ({ number }) => number);
  const rest = sorted.length - mostShown;
  return html`${table(
    caption,
    [column(head), barColumn(), numberColumn("Number")],
    sorted
      .slice(0, mostShown)
      .map(
        ({ code, words, number }) =>
          html`<tr><th scope="row">${named(code)}${words === "" ? null : html` <span class="aside">${words}</span>`}</th>${barCell(bar([{ className: "part-in", value: number }], most))}${numberCell("Number", count(number))}</tr>`,
      ),
    "bars",
  )}${rest > 0 ? html`<p class="note">${counted(rest, "more kind")} in the JSON file.</p>` : null}`;
}

function redactions({ redactions: all, stages }: CorpusSummary): Content {
  const items = Object.entries(all).map(([code, number]): Item => ({ code, words: kinds[code] ?? "", number }));
  const none = stages.some(({ name }) => name === "pii")
    ? "Nothing was found to redact."
    : "Nothing was redacted: the recipe has no stage for personal data.";
  return html`<h3>Redactions</h3>${
    items.length === 0
      ? html`<p class="empty">${none}</p>`
      : html`<p>Personal data in the documents that were kept. ${aboutCounted(
          sumOf(items, ({ number }) => number),
          "place",
        )} in all; a placeholder’s token stands there instead.</p>${itemTable("Redactions by kind", "Kind", items)}`
  }`;
}

function quarantine({ quarantine: all, totals }: CorpusSummary): Content {
  if (all.length === 0) return html`<h3>Quarantine</h3><p class="empty">Everything could be read.</p>`;
  return html`<h3>Quarantine</h3><p>${aboutCounted(totals.quarantined, "document")} could not be read or processed, and ${totals.quarantined === 1 ? "is" : "are"} in none of the other numbers of this page.</p>${itemTable(
    "Quarantine by reason",
    "Reason",
    all.map(({ reason, documents, example }) => ({
      code: reason,
      words: example === "" || example === "null" ? "" : html`for example ${named(example)}`,
      number: documents,
    })),
  )}`;
}

function skipped({ totals }: CorpusSummary): Content {
  const items = Object.entries(totals.skipped).map(([code, number]): Item => ({ code, words: reasons[code] ?? "", number }));
  if (items.length === 0) return html`<h3>Skipped records</h3><p class="empty">Every record was a document.</p>`;
  return html`<h3>Skipped records</h3><p>An archive holds more than pages. ${aboutCounted(
    sumOf(items, ({ number }) => number),
    "record",
  )} ${sumOf(items, ({ number }) => number) === 1 ? "was" : "were"} no document.</p>${itemTable("Skipped records by reason", "Reason", items)}`;
}
