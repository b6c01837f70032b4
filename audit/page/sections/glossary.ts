/** The words that the report cannot do without, one plain sentence each. */
import { html, type Markup } from "../markup.js";
import { section } from "../section.js";

const terms: readonly (readonly [string, string])[] = [
  [
    "Agent",
    "A crawler’s name, as a robots.txt addresses it: GPTBot, CCBot. The list of agents whose wishes count is part of the policy.",
  ],
  ["Capture", "One answer of a server, kept by a web archive with its date: a page, or a robots.txt."],
  ["Corpus", "The text that a language model can be trained on, with records of all that was left out of it."],
  [
    "Group",
    "The lines of a robots.txt that speak to one or more agents. “*” speaks to every agent that has no group of its own.",
  ],
  ["In", "The page’s text is in the corpus, as tokens."],
  ["Left out", "The page was read and a rule kept it out. Of pages that an opt-out left out, no text is kept."],
  ["Policy", "Which captured robots.txt speaks for a page, for which agents, and how it is read."],
  [
    "Reading",
    "How strictly a robots.txt is taken: to the letter of RFC 9309, or also what its author evidently meant, as with a misspelt “Dissallow”.",
  ],
  ["Redaction", "A piece of personal data, such as an e-mail address, with a placeholder in its place."],
  [
    "robots.txt",
    "The file by which a site tells crawlers what they may take (RFC 9309). It speaks for one scheme, host and port.",
  ],
  ["SHA-256", "A digest of 64 hexadecimal digits. Two files with the same digest are the same file."],
  ["Shard", "A file of the corpus, with the tokens of many pages."],
  ["Taken out later", "The page was in the corpus, and a later version no longer has it."],
  ["Token", "A piece of text, about four letters of English, as a language model reads it."],
  [
    "Version",
    "The state of the corpus at a time. Version 0 is what the run left; each later one lists what was taken out and why.",
  ],
  ["WARC", "The file format of web archives (ISO 28500). A record in it is found by file, offset and length."],
];

export function glossary(): Markup {
  return section({
    id: "glossary",
    title: "Words used here",
    body: html`<dl class="glossary">${terms.map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>`,
  });
}
