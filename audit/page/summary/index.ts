/** A corpus as a whole as one HTML file, for a data lead, a lawyer, a journalist. Domains, labels and the rules of users' filters are anybody's text. */
import type { CorpusSummary } from "../../summary/model.js";
import { html, type Markup } from "../markup.js";
import { plainPage } from "../plain-page.js";
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
  return plainPage({
    title: `${corpus.name}: the corpus as a whole`,
    brand: html`<b>Corpus report</b> <span class="aside">on ${corpus.name}</span>`,
    before: patterns(),
    answer: answer(summary, kinds),
    sections,
    foot: html`Made by apertus-data from the corpus ${corpus.name}, run <code class="raw">${corpus.run_digest.slice(0, 16)}</code>. This file loads nothing, sends nothing and runs nothing. Dates and times are in UTC.`,
    style: "summary.css",
  });
}
