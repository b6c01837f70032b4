/**
 * The owner's report as one HTML file, for the owner of a site or their lawyer: "Is my site in your training data? Why? Prove it."
 * It loads nothing, sends nothing and runs only the script that its policy names by hash (Content Security Policy Level 3), since
 * nearly every text in it comes from the web.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { OwnerReport } from "../owner/model.js";
import { encodeReport } from "./encode.js";
import { cspHash, embeddedJson, html, type Markup, trusted } from "./markup.js";
import { subjectName } from "./names.js";
import { answer } from "./sections/answer.js";
import { contents, unreadable } from "./sections/contents.js";
import { decisions, shownDecisions } from "./sections/decisions.js";
import { glossary } from "./sections/glossary.js";
import { next } from "./sections/next.js";
import { pages } from "./sections/pages.js";
import { policies, whatIf } from "./sections/policies.js";
import { byHand, limits } from "./sections/proof.js";
import { timeline } from "./sections/timeline.js";

/** Built by build.mjs into dist, wherever this file itself runs from. */
function built(name: "script.js" | "style.css"): string {
  return readFileSync(createRequire(import.meta.url).resolve(`#page/${name}`), "utf8");
}

/** The whole page; some 100 kB and about 90 bytes for each page of the report. Pure but for reading the built script and style. */
export function renderOwnerPage(report: OwnerReport): string {
  const style = built("style.css");
  // The script is the whole text of its element: the hash covers it byte for byte.
  const script = built("script.js");
  const name = subjectName(report);
  const policy = [
    "default-src 'none'",
    `script-src ${cspHash(script)}`,
    `style-src ${cspHash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const sections = sectionsOf(report);
  const data = encodeReport(report, shownDecisions(report.decisions));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${name} in ${report.corpus.name}: owner’s report</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
${masthead(report, sections)}
<main id="main">
${answer(report)}
${sections.map(({ markup }) => markup)}
</main>
<footer class="foot"><p>Made by apertus-data from the corpus ${report.corpus.name}, run <code class="raw">${report.corpus.run_digest.slice(0, 16)}</code>${report.contact === null ? "" : html`, sent by ${report.contact}`}. This file loads nothing and sends nothing. Dates and times are in UTC.</p></footer>
<script id="report-data" type="application/json">${embeddedJson(data)}</script>
<script>${trusted(script)}</script>
</body>
</html>
`.source;
}

interface Titled {
  readonly id: string;
  readonly short: string;
  readonly markup: Markup;
}

/** In the order of the questions that a reader has; what a report has nothing to say on is left away. */
function sectionsOf(report: OwnerReport): readonly Titled[] {
  const all: readonly (readonly [id: string, short: string, markup: Markup | null])[] = [
    ["decisions", "Rules", decisions(report)],
    ["timeline", "Timeline", timeline(report)],
    ["pages", "Pages", pages(report)],
    ["contents", "Contents", contents(report)],
    ["unreadable", "Unreadable", unreadable(report)],
    ["next", "Next", next(report)],
    ["policies", "Policies", policies(report)],
    ["what-if", "What if", whatIf(report)],
    ["limits", "Proof", limits(report)],
    ["by-hand", "By hand", byHand(report)],
    ["glossary", "Words", glossary()],
  ];
  return all.flatMap(([id, short, markup]) => (markup === null ? [] : [{ id, short, markup }]));
}

function masthead(report: OwnerReport, sections: readonly Titled[]): Markup {
  return html`<header class="masthead"><p class="brand"><b>Owner’s report</b> <span class="aside">for ${report.subject.asked}</span></p>
<nav aria-label="Sections"><ul>${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav></header>`;
}
