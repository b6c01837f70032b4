/**
 * A corpus as a whole as one HTML file, for a data lead, a lawyer, a journalist. It loads nothing, sends nothing and runs nothing:
 * its policy (Content Security Policy Level 3) allows one stylesheet by hash and no script at all, since domains, labels and the
 * rules of users' filters are anybody's text.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { CorpusSummary } from "../../summary/model.js";
import { cspHash, html, type Markup, trusted } from "../markup.js";
import { agents } from "./agents.js";
import { answer } from "./answer.js";
import { domains } from "./domains.js";
import { Kinds, patterns } from "./kinds.js";
import { languages } from "./languages.js";
import { leftovers } from "./leftovers.js";
import { proof, words } from "./proof.js";
import { runs } from "./runs.js";
import { stages } from "./stages.js";
import { overTime } from "./time.js";

type Titled = readonly [id: string, short: string, markup: Markup];

/** The whole page, some 100 kB however large the corpus is. Pure but for reading the built stylesheet. */
export function renderSummaryPage(summary: CorpusSummary): string {
  const style = readFileSync(createRequire(import.meta.url).resolve("#page/summary.css"), "utf8");
  const policy = `default-src 'none'; style-src ${cspHash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const kinds = new Kinds(summary);
  const sections: readonly Titled[] = [
    ["time", "Time", overTime(summary, kinds)],
    ["agents", "Opt-outs", agents(summary)],
    ["languages", "Languages", languages(summary)],
    ["domains", "Domains", domains(summary)],
    ["stages", "Rules", stages(summary)],
    ["leftovers", "Redacted", leftovers(summary)],
    ["runs", "Energy", runs(summary)],
    ["proof", "Proof", proof(summary)],
    ["words", "Words", words(summary)],
  ];
  const { corpus } = summary;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${corpus.name}: the corpus as a whole</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
${patterns()}
<header class="masthead"><p class="brand"><b>Corpus report</b> <span class="aside">on ${corpus.name}</span></p>
<nav aria-label="Sections"><ul>${sections.map(([id, short]) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav></header>
<main id="main">
${answer(summary, kinds)}
${sections.map(([, , markup]) => markup)}
</main>
<footer class="foot"><p>Made by apertus-data from the corpus ${corpus.name}, run <code class="raw">${corpus.run_digest.slice(0, 16)}</code>. This file loads nothing, sends nothing and runs nothing. Dates and times are in UTC.</p></footer>
</body>
</html>
`.source;
}
