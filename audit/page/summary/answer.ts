/** The first screen: what the corpus is, in two sentences with its numbers, and what became of everything that was read. */
import type { CorpusSummary } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { policySentence } from "../names.js";
import { facts } from "../section.js";
import { bytes, count, counted, percent } from "../wording.js";
import { about, aboutCounted, shortened, sumOf } from "./figures.js";
import { balance, flowPicture } from "./flow-picture.js";
import type { Kinds } from "./kinds.js";

export function answer(summary: CorpusSummary, kinds: Kinds): Markup {
  const { totals, corpus, consent } = summary;
  const skipped = sumOf(Object.values(totals.skipped), (number) => number);
  return html`<section id="answer" class="answer" aria-labelledby="answer-title">
<h1 id="answer-title">${headline(summary)}</h1>
<p class="lead">${lead(summary)}</p>
${totals.records === 0 ? null : html`<h2 class="unseen">What became of the documents</h2>${flowPicture(summary, kinds)}${balance(summary)}`}
${facts(
  [
    {
      term: "Records read",
      value: html`${count(totals.records)}${skipped === 0 ? null : `, of which ${count(skipped)} ${skipped === 1 ? "is no document" : "are no documents"}`}`,
    },
    { term: "Tokens", value: html`${count(totals.tokens)}${perDocument(summary)}` },
    {
      term: "Text",
      value: html`${bytes(totals.text_bytes)} in ${counted(corpus.shards, "shard")}${corpus.version === 0 ? null : `, version ${count(corpus.version)}`}`,
    },
    {
      term: "Opt-outs",
      value: consent === null ? "none was asked: the recipe has no consent stage" : shortened(policySentence(consent), 300),
    },
  ],
  "key-facts",
)}
</section>
`;
}

function headline({ corpus, totals }: CorpusSummary): Content {
  const name = html`<b>${shortened(corpus.name)}</b>`;
  const now = totals.kept - totals.retracted;
  const { documents, tokens } = totals;
  if (documents === 0) return html`No document was read for the corpus ${name}.`;
  if (now === 0) {
    return documents === 1
      ? html`The corpus ${name} is empty: the one document that was read is not in it.`
      : html`The corpus ${name} is empty: none of the ${about(documents)} documents that were read is in it.`;
  }
  const amount = `: ${aboutCounted(tokens, "token")}`;
  if (documents === 1) return html`The corpus ${name} holds the one document that was read${amount}.`;
  return now === documents
    ? html`The corpus ${name} holds all ${about(documents)} documents that were read${amount}.`
    : html`The corpus ${name} holds ${about(now)} of the ${about(documents)} documents that were read${amount}.`;
}

function lead({ totals, stages, consent, corpus }: CorpusSummary): Content {
  const parts: Content[] = [];
  if (totals.retracted > 0) {
    parts.push(
      html`The run kept ${about(totals.kept)}; ${about(totals.retracted)} of them, with ${aboutCounted(totals.retracted_tokens, "token")}, ${totals.retracted === 1 ? "was" : "were"} taken out later, up to version ${count(corpus.version)}. `,
    );
  }
  const droppedBy = (stage: string): number =>
    sumOf(
      stages.filter(({ name }) => name === stage),
      ({ dropped }) => sumOf(dropped, ({ documents }) => documents),
    );
  const [optOuts, stated] = [droppedBy("consent"), droppedBy("signals")];
  const others = totals.dropped - optOuts - stated;
  if (consent === null) parts.push("Nobody’s opt-out was asked for: the recipe has no consent stage. ");
  else if (optOuts === 0) parts.push("Opt-outs were asked for, and no document met one. ");
  else {
    parts.push(
      html`Opt-outs were respected for <strong>${aboutCounted(optOuts, "document")}</strong> (${percent(optOuts, totals.documents)}), whose ${optOuts === 1 ? "site refuses" : "sites refuse"} ${consent.agents.length === 1 ? "the one crawler" : `at least one of the ${counted(consent.agents.length, "crawler")}`} whose wishes count. `,
    );
  }
  if (stated > 0) {
    parts.push(
      html`<strong>${aboutCounted(stated, "document")}</strong> ${stated === 1 ? "says" : "say"} in another way than by robots.txt’s Disallow that ${stated === 1 ? "it is" : "they are"} not to be used, and ${stated === 1 ? "was" : "were"} left out too. `,
    );
  }
  if (others > 0) {
    parts.push(
      html`${aboutCounted(others, optOuts + stated === 0 ? "document" : "other")} ${others === 1 ? "was" : "were"} left out by ${optOuts + stated === 0 ? "" : "other "}rules. `,
    );
  }
  if (totals.dropped > 0) parts.push("Each stands in the ledger, with the rule and the evidence.");
  return parts;
}

function perDocument({ totals }: CorpusSummary): Content {
  const now = totals.kept - totals.retracted;
  if (now === 0) return null;
  return html` <span class="aside">(${counted(Math.round(totals.tokens / now), "token")} a document)</span>`;
}
