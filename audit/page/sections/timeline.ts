/** The site's opt-outs against the captures of its pages: a chart for each scheme and host, its turns in sentences, all captures. */
import type { OwnerReport, Site, SiteCapture } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { stateName } from "../names.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { bytes, count, counted, day, listed, shortDay } from "../wording.js";
import { answers, timed, timelineChart } from "./timeline-chart.js";

const mostSites = 6;
const mostTurns = 8;
const mostCaptures = 200;

export function timeline(report: OwnerReport): Markup | null {
  if (report.sites.length === 0) return null;
  const { sites, sites_total } = report;
  if (sites.every(({ captures, page_captures }) => captures.length === 0 && page_captures.length === 0)) {
    return section({
      id: "timeline",
      title: "When you said what",
      body: html`<p class="empty">The corpus knows of no capture of this site’s robots.txt and of no date of a page.</p>`,
    });
  }
  const rest = sites.slice(mostSites);
  const unlisted = sites_total - sites.length;
  return section({
    id: "timeline",
    title: "When you said what",
    lead: "A robots.txt speaks for one scheme and host. This is what was captured of it, and when the pages were. Which capture decided on a page, whenever the page itself was captured, the corpus's policy says.",
    body: html`${legend(sites.slice(0, mostSites))}${sites.slice(0, mostSites).map((site) => siteFigure(site, report))}${
      rest.length === 0
        ? null
        : html`<p class="note">${counted(rest.length + unlisted, "more host")}${unlisted > 0 ? `, of which the ${count(rest.length)} largest` : ""} with ${counted(
            rest.reduce((sum, { pages }) => sum + pages, 0),
            "page",
          )}: ${rest.slice(0, 12).map(({ authority, pages }) => html`${raw(authority)} (${count(pages)}) `)}${
            rest.length > 12 ? "and others, see the JSON report" : null
          }</p>`
    }`,
  });
}

function siteFigure(site: Site, report: OwnerReport): Content {
  const policy = report.corpus.policy;
  const agents = policy?.agents.length ?? 0;
  const summary = siteSummary(site, agents);
  return html`<figure class="site">
<figcaption><h3>${raw(site.authority)}</h3><p>${pagesSentence(site)} ${summary}</p></figcaption>
${timelineChart(site, Math.max(1, agents), policy?.as_of ?? null, `Timeline of ${site.authority}. ${summary}`)}
${turnsList(site, agents)}${capturesTable(site)}
</figure>
`;
}

function pagesSentence(site: Site): string {
  if (site.pages === 0) return "None of the pages is on it.";
  if (site.out === 0) return `${counted(site.pages, "page")}, ${site.pages === 1 ? "in" : "all in"} the corpus.`;
  if (site.in === 0) return `${counted(site.pages, "page")}, ${site.pages === 1 ? "not" : "none of them"} in the corpus.`;
  return `${counted(site.pages, "page")}, ${count(site.in)} in the corpus and ${count(site.out)} not.`;
}

function siteSummary({ captures }: Site, agents: number): string {
  if (captures.length === 0) return "No robots.txt of it was captured.";
  const closing = captures.filter(({ disallowed_at_root }) => disallowed_at_root.length > 0).length;
  const silent = captures.filter(({ state }) => !answers(state)).length;
  const first = captures[0]?.captured_at ?? "";
  const last = captures.at(-1)?.captured_at ?? "";
  const when = captures.length === 1 ? ` on ${day(first)}` : ` between ${day(first)} and ${day(last)}`;
  const shut =
    closing === 0
      ? `${captures.length === 1 ? "it shut" : "none of them shuts"} out ${captures.length === 1 ? "none" : "any"} of the ${counted(agents, "agent")}`
      : `${captures.length === 1 ? "it shut" : closing === captures.length ? "all of them shut" : `${count(closing)} of them shut`} out at least one of the ${counted(agents, "agent")}`;
  const open = silent === 0 ? "" : `, and ${count(silent)} got no answer`;
  return `Its robots.txt was captured ${captures.length === 1 ? "once" : captures.length === 2 ? "twice" : `${count(captures.length)} times`}${when}; ${shut}${open}.`;
}

interface Turn {
  readonly capture: SiteCapture;
  readonly closed: readonly string[];
  readonly opened: readonly string[];
  /** Agents were shut out before. */
  readonly also: boolean;
}

/** Where the list of agents that are shut out changed from one answering capture to the next, and what decided on pages. */
function turnsOf(site: Site): readonly Turn[] {
  const turns: Turn[] = [];
  let before: ReadonlySet<string> | undefined;
  for (const { capture } of timed(site.captures)) {
    if (!answers(capture.state)) continue;
    const now = new Set(capture.disallowed_at_root);
    if (before !== undefined) {
      const was = before;
      const closed = [...now].filter((agent) => !was.has(agent));
      const opened = [...was].filter((agent) => !now.has(agent));
      if (closed.length + opened.length > 0 || capture.decided) turns.push({ capture, closed, opened, also: was.size > 0 });
    } else if (capture.decided) turns.push({ capture, closed: [...now], opened: [], also: false });
    before = now;
  }
  return turns;
}

function turnsList(site: Site, agents: number): Content {
  const turns = turnsOf(site);
  if (turns.length === 0) return null;
  // To hide a single one would save nothing.
  const deciding = turns.filter(({ capture }) => capture.decided).slice(-mostTurns);
  const ends = new Set([...turns.slice(0, 2), ...turns.slice(2 - mostTurns), ...deciding]);
  const shown = turns.length > ends.size + 1 ? turns.filter((turn) => ends.has(turn)) : turns;
  const hiddenBefore = (i: number): number => {
    const [turn, before] = [shown[i], shown[i - 1]];
    return turn === undefined || before === undefined ? 0 : turns.indexOf(turn) - turns.indexOf(before) - 1;
  };
  return html`<ol class="turns">${shown.map(({ capture, closed, opened, also }, i) => {
    const sentence = changeSentence(closed, opened, agents, also);
    const hidden = hiddenBefore(i);
    return html`${hidden > 0 ? html`<li class="gap">${counted(hidden, "more change")}</li>` : null}<li><time datetime="${capture.captured_at}">${day(capture.captured_at)}</time> <span>${sentence === "" ? "says the same as before" : sentence}${capture.decided ? html` <span class="tag">decided on pages</span>` : null}</span></li>`;
  })}</ol>`;
}

function changeSentence(closed: readonly string[], opened: readonly string[], agents: number, also: boolean): string {
  const names = (list: readonly string[]): string => (list.length === agents ? `all ${agents} agents` : listed(list, 4));
  const parts: string[] = [];
  if (closed.length > 0) parts.push(`${also ? "also " : ""}shuts out ${names(closed)}`);
  if (opened.length > 0) parts.push(`lets ${names(opened)} in again`);
  return parts.join(" and ");
}

function capturesTable(site: Site): Content {
  if (site.captures.length === 0) return null;
  const shown = site.captures.slice(-mostCaptures).reverse();
  return html`<details class="more-box${site.captures.length > 40 ? " long" : ""}"><summary>${site.captures.length === 1 ? "The capture" : `All ${count(site.captures.length)} captures`} as a table</summary>
${table(
  `Captures of the robots.txt of ${site.authority}`,
  [
    column("Captured"),
    column("Found"),
    numberColumn("Agents shut out at /"),
    numberColumn("Pages it would leave out"),
    column("Decided"),
    numberColumn("Size"),
    column("SHA-256"),
  ],
  shown.map(
    (capture) =>
      html`<tr><td class="date">${shortDay(capture.captured_at)}</td><td>${stateName(capture.state)}${capture.authority === site.authority ? null : html` at ${raw(capture.authority)}`}</td><td class="number">${answers(capture.state) ? count(capture.disallowed_at_root.length) : "–"}</td><td class="number">${answers(capture.state) ? count(capture.pages_disallowed) : "–"}</td><td>${capture.decided ? "yes" : ""}</td><td class="number">${bytes(capture.bytes)}</td><td>${capture.sha256 === null ? "" : html`<code class="raw" title="${capture.sha256}">${capture.sha256.slice(0, 12)}…</code>`}</td></tr>`,
  ),
)}${site.captures.length > mostCaptures ? html`<p class="note">The newest ${mostCaptures}; all are in the JSON report.</p>` : null}</details>`;
}

function legend(sites: readonly Site[]): Markup {
  const captures = sites.flatMap((site) => site.captures);
  const silent = captures.some(({ state }) => !answers(state));
  const key = (shape: Content, label: string): Content =>
    html`<li><svg class="swatch" width="16" height="16" aria-hidden="true" focusable="false">${shape}</svg>${label}</li>`;
  return html`<ul class="legend">${[
    captures.length > 0 && [
      key(html`<circle class="mark-closed" cx="8" cy="8" r="4"/>`, "robots.txt shuts agents out"),
      key(html`<circle class="mark-open" cx="8" cy="8" r="4"/>`, "shuts nobody out"),
      silent &&
        key(
          html`<g class="cross"><line x1="4.5" y1="4.5" x2="11.5" y2="11.5"/><line x1="4.5" y1="11.5" x2="11.5" y2="4.5"/></g>`,
          "no answer",
        ),
      captures.some(({ decided }) => decided) &&
        key(
          html`<circle class="decided" cx="8" cy="8" r="7"/><circle class="mark-closed" cx="8" cy="8" r="3"/>`,
          "decided on pages",
        ),
    ],
    key(html`<rect class="part-in" x="5" y="2" width="6" height="14"/>`, "page in the corpus"),
    key(html`<rect class="pages-out" x="5" y="2" width="6" height="14"/>`, "page left out"),
  ]}</ul>`;
}
