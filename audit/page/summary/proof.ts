/** What the page proves and what not, what it rests on, and the words it uses. */
import type { CorpusSummary } from "../../summary/model.js";
import { html, type Markup } from "../markup.js";
import { facts, raw, section } from "../section.js";
import { count, counted } from "../wording.js";
import { named } from "./figures.js";

const mostInputs = 40;

export function proof({ corpus, totals, consent }: CorpusSummary): Markup {
  return section({
    id: "proof",
    title: "What this proves",
    body: html`<div class="columns"><div><h3>It proves</h3><ul class="prose">
<li>that these are the counts of the corpus whose digests stand below: each can be counted again from its tables, with any program that reads Parquet;</li>
<li>that nothing was lost on the way: what came in is what was kept, left out, skipped or unreadable;</li>
<li>that every document that was left out has a row in the ledger, which names the rule and its evidence.</li>
</ul></div><div><h3>It does not prove</h3><ul class="prose">
<li>that a model was trained on this corpus, or on nothing else;</li>
<li>that a rule is right: a language may be taken for another, a good page for a bad one;</li>
<li>that all wishes were known: ${
      consent === null
        ? "here no robots.txt was asked at all"
        : "only captured robots.txt files were asked, for a fixed list of crawlers"
    };</li>
<li>that a text is absent because its page is: copies on other sites are other documents.</li>
</ul></div></div>
<h3>What it rests on</h3>
${facts([
  { term: "Run", value: raw(corpus.run_digest) },
  { term: "Recipe", value: raw(corpus.recipe_digest) },
  {
    term: "Version",
    value:
      corpus.version === 0
        ? "0, as the run left it"
        : html`${count(corpus.version)}, ${counted(totals.retracted, "document")} taken out since the run`,
  },
  {
    term: "Inputs",
    value: html`<ul class="plain">${corpus.inputs.slice(0, mostInputs).map(({ source, files, units }) => html`<li>${named(source)}: ${counted(files, "file")} in ${counted(units, "unit")} of work</li>`)}${corpus.inputs.length > mostInputs ? html`<li class="aside">and ${counted(corpus.inputs.length - mostInputs, "more source")}</li>` : null}</ul>`,
  },
  { term: "Tokenizer", value: corpus.tokenizer === null ? "none: the recipe makes no tokens" : named(corpus.tokenizer) },
])}
<p class="note">To check the corpus against its digests: <code>apertus-data verify FOLDER</code>. To ask what became of one site: <code>apertus-data audit HOST --corpus FOLDER</code>.</p>`,
  });
}

type Used = (summary: CorpusSummary) => boolean;
const always: Used = () => true;
const withConsent: Used = ({ consent }) => consent !== null;

const terms: readonly (readonly [term: string, meaning: string, used: Used])[] = [
  ["Captured", "Fetched by a crawler on some day, and kept by a web archive with that date.", always],
  ["Corpus", "The text that a language model can be trained on, with records of all that was left out of it.", always],
  [
    "Crawler",
    "A program that fetches pages. A robots.txt speaks to it by name: GPTBot, CCBot. “*” stands for all.",
    withConsent,
  ],
  ["Document", "One text: of a page, or of a row of a data set.", always],
  ["Domain", "What somebody can register, such as example.org or example.co.uk, with all its sub-domains.", always],
  ["Energy", "What the processors’ own counters say, in joules. A kilowatt-hour is 3.6 million joules.", always],
  ["Ledger", "The table of what was left out: a row for each document, with rule and evidence.", always],
  ["Left out", "Read, and kept out by a rule. Of pages that an opt-out kept out, no text is stored.", always],
  ["Opt-out", "A wish that pages should not be used, in a form that machines read; here robots.txt.", withConsent],
  ["Quarantine", "The table of what could not be read, with its place in the input.", always],
  [
    "Reading",
    "How strictly a robots.txt is taken: by the letter of RFC 9309, or also by what its author evidently meant, as with a misspelt “Dissallow”.",
    withConsent,
  ],
  ["Record", "A piece of an archive: a page, but also a request, an image, a note.", always],
  ["robots.txt", "The file by which a site tells crawlers what they may take (RFC 9309).", withConsent],
  ["SHA-256", "A digest of 64 hexadecimal digits. Two files with the same digest are the same file.", always],
  ["Shard", "A file of the corpus, with the tokens of many documents.", always],
  ["Stage", "A step that every document goes through; each may leave some out.", always],
  ["Token", "A piece of text, about four letters of English, as a language model reads it.", always],
  [
    "Version",
    "The state of the corpus at a time. Version 0 is what the run left; each later one lists what was taken out and why.",
    always,
  ],
];

export function words(summary: CorpusSummary): Markup {
  return section({
    id: "words",
    title: "Words used here",
    body: html`<dl class="glossary">${terms
      .filter(([, , used]) => used(summary))
      .map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>`,
  });
}
