/** Domains: the largest ones, and how documents are spread over large and small ones. */
import type { CorpusSummary, DomainSize } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { otherForm } from "../names.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { count, counted, percent } from "../wording.js";
import { bar } from "./bars.js";
import { about, aboutCounted, mostOf, sumOf } from "./figures.js";
import { swatch } from "./kinds.js";

const mostOpen = 20;

export function domains(summary: CorpusSummary): Markup {
  const { domains: all, domains_total, domain_sizes } = summary;
  if (all.length === 0) {
    return section({ id: "domains", title: "Domains", body: html`<p class="empty">No document was read.</p>` });
  }
  const open = all.length <= mostOpen + 5 ? all : all.slice(0, mostOpen);
  const rest = all.slice(open.length);
  return section({
    id: "domains",
    title: "Domains",
    lead: html`${aboutCounted(domains_total, "domain")}, each with its sub-domains. The largest by tokens, and what was left out of them.`,
    body: html`${legend()}${domainTable("The largest domains", open, all)}${
      rest.length === 0
        ? null
        : html`<details class="more-box${rest.length > 40 ? " long" : ""}"><summary>The next ${count(rest.length)}</summary>${domainTable("The next domains", rest, all)}</details>`
    }${
      domains_total > all.length
        ? html`<p class="note">${aboutCounted(domains_total - all.length, "smaller domain")} not listed.</p>`
        : null
    }
${spread(domain_sizes)}`,
  });
}

function legend(): Markup {
  return html`<ul class="legend"><li>${swatch("part-in")}kept</li><li>${swatch("part-opted-out")}opted out</li><li>${swatch("part-rest")}left out by other rules</li></ul>`;
}

function documentsOf({ kept, dropped }: DomainSize): number {
  return kept + dropped;
}

function domainTable(caption: string, rows: readonly DomainSize[], all: readonly DomainSize[]): Markup {
  const most = mostOf(all, documentsOf);
  return table(
    caption,
    [
      column("Domain"),
      html`<th scope="col" class="bar-column">Documents read</th>`,
      numberColumn("Kept"),
      numberColumn("Opted out"),
      numberColumn("Other rules"),
      numberColumn("Tokens"),
    ],
    rows.map(
      (domain) =>
        html`<tr><th scope="row" class="domain">${nameOf(domain.domain)}</th><td class="bar-column">${bar(
          [
            { className: "part-in", value: domain.kept },
            { className: "part-opted-out", value: domain.opted_out },
            { className: "part-rest", value: domain.dropped - domain.opted_out },
          ],
          most,
        )}</td><td class="number" data-label="Kept">${about(domain.kept)}</td><td class="number" data-label="Opted out">${about(domain.opted_out)}</td><td class="number" data-label="Other rules">${about(domain.dropped - domain.opted_out)}</td><td class="number" data-label="Tokens">${about(domain.tokens)}</td></tr>`,
    ),
    "shares",
  );
}

function nameOf(domain: string): Content {
  if (domain === "") return html`<span class="aside">without an address</span>`;
  const other = otherForm(domain);
  return html`${raw(domain)}${other === undefined ? null : html` <span class="aside">${other}</span>`}`;
}

/** Classes grow tenfold: the axis is a logarithm, the bars are not. */
function spread(sizes: CorpusSummary["domain_sizes"]): Content {
  const [domainsTotal, documentsTotal] = [sumOf(sizes, (size) => size.domains), sumOf(sizes, ({ documents }) => documents)];
  if (domainsTotal === 0) return null;
  return html`<h3>Large and small domains</h3><p>${concentration(sizes, domainsTotal, documentsTotal)}</p>
<ul class="legend"><li>${swatch("part-rest")}share of domains</li><li>${swatch("part-in")}share of documents</li></ul>${table(
    "Domains by number of documents",
    [
      column("Documents read"),
      html`<th scope="col" class="bar-column">Share of domains, share of documents</th>`,
      numberColumn("Domains"),
      numberColumn("Documents"),
    ],
    sizes.map(
      ({ from, domains: number, documents }) =>
        html`<tr><th scope="row">${range(from)}</th><td class="bar-column">${bar([{ className: "part-rest", value: number }], domainsTotal)}${bar([{ className: "part-in", value: documents }], documentsTotal)}</td><td class="number" data-label="Domains">${about(number)} <span class="aside share-of">${percent(number, domainsTotal)}</span></td><td class="number" data-label="Documents">${about(documents)} <span class="aside share-of">${percent(documents, documentsTotal)}</span></td></tr>`,
    ),
    "shares",
  )}`;
}

function range(from: number): string {
  const to = from * 10 - 1;
  return `${about(from)} to ${to >= 1e7 ? `under ${about(to + 1)}` : about(to)}`;
}

function concentration(sizes: CorpusSummary["domain_sizes"], domainsTotal: number, documentsTotal: number): string {
  const largest = sizes.at(-1);
  if (largest === undefined || sizes.length === 1) {
    return `No domain has ${about(10 ** sizes.length)} documents or more.`;
  }
  const has = largest.domains === 1 ? "has" : "have";
  return `${counted(largest.domains, "domain")} of ${about(domainsTotal)} ${has} ${about(largest.from)} documents or more, and with them ${percent(largest.documents, documentsTotal)} of all that were read.`;
}
