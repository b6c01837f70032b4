/** The frame that all sections share: an anchor, a heading beside the text, an optional sentence that opens it. */
import { type Content, html, type Markup } from "./markup.js";

export interface Section {
  /** The fragment of its address. */
  readonly id: string;
  readonly title: string;
  /** The sentence under the heading. */
  readonly lead?: Content;
  readonly body: Content;
  /** The heading stands above the text, which takes the whole width. */
  readonly wide?: boolean;
}

export function section({ id, title, lead, body, wide = false }: Section): Markup {
  return html`<section id="${id}" class="section${wide ? " wide" : ""}" aria-labelledby="${id}-title">
<div class="section-head"><h2 id="${id}-title">${title}</h2>${lead === undefined ? null : html`<p class="lead">${lead}</p>`}</div>
<div class="section-body">
${body}
</div>
</section>
`;
}

/** Code of this length stays on one line, on a phone too. */
const mostUnbroken = 24;

/** Text that was captured: code, kept apart from the direction of the text around it. */
export function raw(text: string): Markup {
  return html`<code class="raw${text.length <= mostUnbroken ? " short" : ""}">${text}</code>`;
}

export interface Fact {
  readonly term: Content;
  readonly value: Content;
}

export function facts(items: readonly Fact[], className = "facts"): Markup {
  return html`<dl class="${className}">
${items.map(({ term, value }) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}

/**
 * A table that scrolls in its own box where it is wider than the page.
 *
 * @param className `stacked`: on a phone each row is a block, and its cells are named by their `data-label`
 */
export function table(caption: string, head: readonly Content[], rows: readonly Content[], className = "plain-table"): Markup {
  return html`<div class="table-box" role="group" aria-label="${caption}" tabindex="0"><table class="${className}">
<caption class="unseen">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map((row) => html`${row}\n`)}</tbody>
</table></div>`;
}

export const column = (name: string): Markup => html`<th scope="col">${name}</th>`;
export const numberColumn = (name: string): Markup => html`<th scope="col" class="number">${name}</th>`;

/** The fragment of a rule's place in the page. */
export function ruleAnchor(stage: string, rule: string): string {
  return `rule-${stage}-${rule}`.replace(/[^A-Za-z0-9-]+/g, "-");
}
