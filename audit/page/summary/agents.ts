/** Opt-outs by agent, beside what the Apertus project published of its own filter. */

import type { AgentCount, ConsentSummary, CorpusSummary } from "../../summary/model.js";
import { publishedAny } from "../../summary/published.js";
import { type Content, html, type Markup } from "../markup.js";
import { policySentence, readingName, stateName } from "../names.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { count, counted, listed, percent } from "../wording.js";
import { bar, barCell, barColumn, numberCell } from "./bars.js";
import { about, aboutCounted, named, shortened } from "./figures.js";

/** Ways of reading, and states of a robots.txt, that have a column or a row. */
const mostReadings = 6;
const mostStates = 40;

export function agents({ consent }: CorpusSummary): Markup {
  if (consent === null) {
    return section({
      id: "agents",
      title: "Opt-outs by crawler",
      body: html`<p class="empty">The recipe has no consent stage: no robots.txt was asked, and no opt-out was respected or counted.</p>`,
    });
  }
  return section({
    id: "agents",
    title: "Opt-outs by crawler",
    lead: html`Whom the sites’ robots.txt files refuse. What speaks is ${shortened(policySentence(consent), 300)}, read ${readings(consent)}.`,
    body: html`${sentence(consent)}
${consent.any === 0 ? null : byAgent(consent)}
${consent.any === 0 ? null : html`<p class="note">◆ marks the share in Apertus’s own corpus: documents refused to that crawler, of the ${count(publishedAny.english)} English ones that its filter removed. Source: ${consent.published_source}. Its documents were other pages, in other years, than these, so the two columns can be compared in their order and not in their size. A page may be refused to several crawlers: the bars do not add up. Pages that a later rule left out are not counted: of them no answer is kept.</p>`}
${byMode(consent)}
${withoutRules(consent)}`,
  });
}

function readings({ modes }: ConsentSummary): string {
  return listed(
    modes.map((mode) => shortened(readingName(mode))),
    mostReadings,
  );
}

function sentence({ pages, with_rules, any, agents: all, profile }: ConsentSummary): Content {
  const listName = html`${counted(all.length, "name")} in the list ${named(profile)}`;
  return html`<p>Of ${aboutCounted(pages, "page")} whose robots.txt the run looked for, ${about(with_rules)} had one with rules, and <b>${about(any)}</b> (${percent(any, pages)}) may not be used by at least one of the ${listName}.</p>`;
}

function byAgent({ agents: all, any }: ConsentSummary): Markup {
  const sorted = [...all].sort((a, b) => b.pages - a.pages);
  return table(
    "Pages refused, by crawler",
    [
      column("Crawler"),
      barColumn("Share of all refused pages"),
      numberColumn("Pages"),
      numberColumn("Share"),
      numberColumn("Apertus"),
    ],
    sorted.map(({ agent, pages, published }) => {
      const english = published?.english ?? undefined;
      return html`<tr><th scope="row" class="agent">${agentName(agent)}</th>${barCell(bar([{ className: "part-in", value: pages }], any, english === undefined ? undefined : (any * english) / publishedAny.english))}${numberCell("Pages", count(pages))}${numberCell("Share", percent(pages, any))}${numberCell("Apertus", english === undefined ? html`<span class="aside">not given</span>` : percent(english, publishedAny.english))}</tr>`;
    }),
    "bars",
  );
}

function agentName(agent: string): Content {
  return agent === "*" ? html`${raw("*")} <span class="aside">any other crawler</span>` : named(agent);
}

function byMode({ agents: all, modes }: ConsentSummary): Content {
  const columns = [...new Set(all.flatMap(({ by_mode }) => Object.keys(by_mode)))].slice(0, mostReadings);
  if (all.length === 0 || columns.length === 0) return null;
  return html`<details class="more-box"><summary>By way of reading, and what Apertus published</summary>${table(
    "Pages refused, by crawler and way of reading",
    [
      column("Crawler"),
      ...columns.map(
        (mode) =>
          html`<th scope="col" class="number rule-column">${shortened(readingName(mode))}${modes.includes(mode) ? null : html` <span class="tag">not in force</span>`}</th>`,
      ),
      numberColumn("Apertus, English"),
      numberColumn("Apertus, multilingual"),
    ],
    all.map(
      (one) =>
        html`<tr><th scope="row" class="agent">${agentName(one.agent)}</th>${columns.map((mode) => html`<td class="number">${count(one.by_mode[mode] ?? 0)}</td>`)}${published(one)}</tr>`,
    ),
  )}<p class="note">Of any crawler, Apertus’s filter removed ${count(publishedAny.english)} English and ${count(publishedAny.multilingual)} multilingual documents of its audited sample.</p></details>`;
}

function published({ published: known }: AgentCount): Content {
  return [known?.english, known?.multilingual].map(
    (documents) =>
      html`<td class="number">${documents === null || documents === undefined ? html`<span class="aside">not given</span>` : count(documents)}</td>`,
  );
}

const addressless = "a text without an address";

function withoutRules({ without_rules, pages, with_rules }: ConsentSummary): Content {
  const states = Object.entries(without_rules).sort(([, a], [, b]) => b - a);
  if (states.length === 0) return null;
  const silent = pages - with_rules;
  const shown = states.slice(0, mostStates);
  return html`<h3>Where no rules were found</h3><p>For ${aboutCounted(silent, "page")} (${percent(silent, pages)}) there is no captured robots.txt with rules. What was found instead:</p>${table(
    "Pages without rules, by what was found",
    [column("Found"), barColumn(), numberColumn("Pages"), numberColumn("Share")],
    shown.map(
      ([state, number]) =>
        html`<tr><th scope="row">${state === "no-url" ? addressless : shortened(stateName(state))}</th>${barCell(bar([{ className: "part-in", value: number }], silent))}${numberCell("Pages", count(number))}${numberCell("Share", percent(number, silent))}</tr>`,
    ),
    "bars",
  )}`;
}
