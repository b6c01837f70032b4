/** What would be otherwise: under other policies, with a file that was given to the command, and with one that the reader pastes. */
import type { OwnerReport, PolicyOutcome, WhatIf } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { policySentence, readingName } from "../names.js";
import { column, numberColumn, raw, section, table } from "../section.js";
import { count, counted, listed } from "../wording.js";
import { underGroups } from "./answer.js";
import { fileView } from "./captured-file.js";

export function policies({ policies: outcomes, corpus, pages }: OwnerReport): Markup | null {
  if (pages.length === 0) return null;
  if (outcomes.length === 0) {
    return section({
      id: "policies",
      title: "Under other policies",
      body: html`<p class="empty">${
        corpus.policy === null
          ? "This corpus asked no robots.txt, so there is no policy to compare with."
          : "This corpus keeps no archive of robots.txt files, so other policies cannot be tried."
      }</p>`,
    });
  }
  const readings = new Set(outcomes.map(({ modes }) => listed(modes.map(readingName))));
  const [onlyReading] = readings.size === 1 ? readings : [];
  const inForce = outcomes.find(({ in_force }) => in_force);
  return section({
    id: "policies",
    title: "Under other policies",
    lead: html`What robots.txt alone would have said of the same pages, had the corpus followed another policy.${
      onlyReading === undefined ? null : ` Files are read ${onlyReading}.`
    }`,
    body: table(
      "Outcomes under other policies",
      [
        column("Which file speaks"),
        onlyReading === undefined && column("How it is read"),
        numberColumn("Let through"),
        numberColumn("…without a capture"),
        numberColumn("Left out"),
        numberColumn("Difference"),
      ],
      outcomes.map((outcome) => policyRow(outcome, inForce, onlyReading === undefined)),
      "stacked",
    ),
  });
}

function policyRow(outcome: PolicyOutcome, inForce: PolicyOutcome | undefined, withReading: boolean): Content {
  const difference = inForce === undefined ? 0 : outcome.disallowed - inForce.disallowed;
  const words =
    difference === 0 ? "none" : difference > 0 ? `${count(difference)} more out` : `${count(-difference)} fewer out`;
  return html`<tr${outcome.in_force ? html` class="in-force"` : null}><th scope="row">${upperFirst(policySentence(outcome))}${
    outcome.in_force ? html` <span class="tag">in force</span>` : null
  }</th>${
    withReading ? html`<td data-label="How it is read">${upperFirst(listed(outcome.modes.map(readingName)))}</td>` : null
  }<td class="number" data-label="Let through">${count(outcome.allowed)}</td><td class="number" data-label="…without a capture">${count(outcome.without_capture)}</td><td class="number" data-label="Left out">${count(outcome.disallowed)}</td><td class="number" data-label="Difference">${outcome.in_force ? "" : words}</td></tr>`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function whatIf(report: OwnerReport): Markup | null {
  if (report.pages.length === 0) return null;
  const { policy } = report.corpus;
  const asked =
    policy === null
      ? "This corpus asked no robots.txt; the answer is what a file says to every crawler (*)."
      : `It is asked for the ${counted(policy.agents.length, "agent")} of this corpus and read ${listed(policy.modes.map(readingName))}.`;
  return section({
    id: "what-if",
    title: "What if",
    wide: true,
    lead: "What another robots.txt would do to the pages in this report.",
    body: html`${report.what_if === null ? null : given(report.what_if)}<div class="screen-only"><p>Write or paste a file below. It is read by the same engine that made the corpus, here in your browser; nothing is sent anywhere. ${asked}</p>
<div id="what-if-live" class="live"></div><noscript><p class="empty">This part needs JavaScript. On the command line, <code>audit --what-if FILE</code> does the same.</p></noscript></div>
<p class="print-only note">On screen, a robots.txt can be tried here on all pages of this report.</p>`,
  });
}

function given({ file, allowed, disallowed, lines, changes, changes_total }: WhatIf): Markup {
  return html`<div class="decision"><h3>The file that was given to the command</h3>
<p class="rule-name">It would allow <b>${counted(allowed, "page")}</b> and disallow <b>${count(disallowed)}</b>${changes_total === 0 ? ", and change nothing" : html`; for ${counted(changes_total, "page")} that differs from now`}.</p>
${fileView(file, lines, "The robots.txt that was given to the command", true)}
${lines.length === 0 ? null : html`<dl class="deciding">${lines.map(({ line, groups, agents }) => html`<div><dt>Line ${count(line)}</dt><dd>disallows pages to ${listed(agents, 12)}${underGroups(groups)}.</dd></div>`)}</dl>`}
${
  changes.length === 0
    ? null
    : html`<details class="more-box"><summary>Pages whose answer changes</summary>${table(
        "Pages whose answer changes",
        [column("Page"), column("Now"), column("With the file")],
        changes.map(
          ({ url, from, to }) =>
            html`<tr><th scope="row" class="address">${raw(url)}</th><td>${from === "in" ? "in the corpus" : "left out"}</td><td>${to === "in" ? "let through" : "left out"}</td></tr>`,
        ),
      )}${changes_total > changes.length ? html`<p class="note">The first ${count(changes.length)} of ${count(changes_total)}.</p>` : null}</details>`
}</div>
<h3 class="screen-only">Try your own</h3>
`;
}
