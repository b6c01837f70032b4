/** What the owner can do now: whom to write to, what to name, what takes effect when (what owners ask for after the answer). */
import type { OwnerReport } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { raw, section } from "../section.js";
import { counted } from "../wording.js";

export function next(report: OwnerReport): Markup {
  const { summary, corpus, contact } = report;
  const items: Content[] = [];
  if (summary.in > 0) {
    items.push(
      html`<li><h3>To have pages taken out</h3><p>${writeTo(contact, "Write to")}, and name the site or the addresses, ${reference(report)}. They are taken out by a new version of the corpus: the version, the day and your request are recorded, and this report, made again, then shows the pages as “taken out later”. Models that were trained before that day are not changed by it.</p></li>`,
    );
  }
  items.push(
    corpus.policy === null
      ? html`<li><h3>To refuse from now on</h3><p>This corpus asked no robots.txt. Refuse the crawlers in yours all the same, since other corpora ask it, and tell ${contact === null ? "whoever sent you this file" : "the address above"}.</p></li>`
      : html`<li><h3>${summary.in > 0 ? "To refuse from now on" : "To stay out"}</h3><p>Name the crawlers in your robots.txt that you do not want, and keep the lines there: the file is asked again when the makers decide anew, and what was captured last then counts for pages of earlier years too.${report.pages.length === 0 ? null : html` <a href="#what-if">Below you can try a file</a> on the pages of this report.`}</p></li>`,
  );
  if (summary.out > 0 && corpus.policy !== null) {
    items.push(
      html`<li><h3>To have pages let in</h3><p>Allow all ${counted(corpus.policy.agents.length, "crawler")} of the list, which stands <a href="#limits">under “What this proves”</a>, and ask for the pages to be read again. What was left out is not stored, so it comes in with a later corpus only.</p></li>`,
    );
  }
  items.push(
    html`<li><h3>To object to a decision</h3><p>${writeTo(contact, "Write to")} with the address of the page, the line of the robots.txt and the day of its capture as they stand in this report, ${reference(report)}.${report.decisions.length === 0 ? null : html` <a href="#by-hand">Every step can be checked by hand.</a>`}</p></li>`,
  );
  return section({
    id: "next",
    title: "What you can do",
    lead: contact === null ? "This file names no sender: answer whoever gave it to you." : html`Sent by <b>${contact}</b>.`,
    body: html`<ul class="steps choices">${items}</ul>`,
  });
}

function writeTo(contact: string | null, verb: string): Content {
  return contact === null ? html`${verb} whoever gave you this file` : html`${verb} ${contact}`;
}

/** What a letter has to name, so that its reader finds the same report. */
function reference({ corpus, subject }: OwnerReport): Content {
  return html`with the reference ${raw(`${corpus.run_digest.slice(0, 16)} version ${corpus.version} ${subject.asked.slice(0, 200)}`)}`;
}
