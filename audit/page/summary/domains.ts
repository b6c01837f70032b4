/** Domains: the largest ones, and how documents are spread over large and small ones. */
import type { CorpusSummary, DomainSize } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { otherForm } from "../names.js";
import { column, numberColumn, section, table } from "../section.js";
import { count, counted, percent } from "../wording.js";
import { bar, barCell, barColumn, numberCell } from "./bars.js";
import { about, aboutCounted, mostOf, named, sumOf } from "./figures.js";
import { swatch } from "./kinds.js";

const mostOpen = 20;
const mostOptedOut = 10;

export function domains(summary: CorpusSummary): Markup {
  const { domains: all, domains_total, domains_opted_out: optedOut, domains_opted_out_total, domain_sizes } = summary;
  if (all.length === 0) {
    return section({ id: "domains", title: "Domains", body: html`<p class="empty">No document was read.</p>` });
  }
  return section({
    id: "domains",
    title: "Domains",
    lead: html`${aboutCounted(domains_total, "domain")}, each with its sub-domains; what was read of them and what was left out.`,
    body: html`${legend()}<h3>Most tokens</h3>${folded("The domains with most tokens", all, mostOpen, domains_total)}
${
  optedOut.length === 0
    ? null
    : html`<h3>Most opt-outs</h3><p>${aboutCounted(domains_opted_out_total, "domain")} (${percent(domains_opted_out_total, domains_total)}) opted out with at least one document.</p>${folded("The domains that opted out with most documents", optedOut, mostOptedOut, domains_opted_out_total)}`
}
${spread(domain_sizes)}`,
  });
}

function folded(caption: string, all: readonly DomainSize[], most: number, total: number): Content {
  // To fold a few away would save nothing.
  const open = all.length <= most + 5 ? all : all.slice(0, most);
  const rest = all.slice(open.length);
  return html`${domainTable(caption, open, all)}${
    rest.length === 0
      ? null
      : html`<details class="more-box${rest.length > 40 ? " long" : ""}"><summary>The next ${count(rest.length)}</summary>${domainTable(`${caption}, continued`, rest, all)}</details>`
  }${total > all.length ? html`<p class="note">${aboutCounted(total - all.length, "domain")} with fewer not listed.</p>` : null}`;
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
      barColumn("Documents read"),
      numberColumn("Kept"),
      numberColumn("Opted out"),
      numberColumn("Other rules"),
      numberColumn("Tokens"),
    ],
    rows.map(
      (domain) =>
        html`<tr><th scope="row" class="domain">${nameOf(domain.domain)}</th>${barCell(
          bar(
            [
              { className: "part-in", value: domain.kept },
              { className: "part-opted-out", value: domain.opted_out },
              { className: "part-rest", value: domain.dropped - domain.opted_out },
            ],
            most,
          ),
        )}${numberCell("Kept", about(domain.kept))}${numberCell("Opted out", about(domain.opted_out))}${numberCell("Other rules", about(domain.dropped - domain.opted_out))}${numberCell("Tokens", about(domain.tokens))}</tr>`,
    ),
    "bars",
  );
}

function nameOf(domain: string): Content {
  if (domain === "") return html`<span class="aside">without an address</span>`;
  const other = otherForm(domain);
  return html`${named(domain)}${other === undefined ? null : html` <span class="aside">${other}</span>`}`;
}

/** Classes grow tenfold: the axis is a logarithm, the bars are not. */
function spread(sizes: CorpusSummary["domain_sizes"]): Content {
  const [domainsTotal, documentsTotal] = [sumOf(sizes, (size) => size.domains), sumOf(sizes, ({ documents }) => documents)];
  if (domainsTotal === 0) return null;
  return html`<h3>Large and small domains</h3><p>${concentration(sizes, domainsTotal, documentsTotal)}</p>
<ul class="legend"><li>${swatch("part-rest")}share of domains</li><li>${swatch("part-in")}share of documents</li></ul>${table(
    "Domains by number of documents",
    [column("Documents read"), barColumn(), numberColumn("Domains"), numberColumn("Documents")],
    sizes.map(
      ({ from, domains: number, documents }) =>
        html`<tr><th scope="row">${range(from)}</th>${barCell(bar([{ className: "part-rest", value: number }], domainsTotal), bar([{ className: "part-in", value: documents }], documentsTotal))}${numberCell("Domains", html`${about(number)} <span class="aside share-of">${percent(number, domainsTotal)}</span>`)}${numberCell("Documents", html`${about(documents)} <span class="aside share-of">${percent(documents, documentsTotal)}</span>`)}</tr>`,
    ),
    "bars",
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
