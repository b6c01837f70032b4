/** Evidence of any rule as a definition list: keys in plain words, lists inside lists, within bounds. */
import { type Content, html, type Markup } from "../markup.js";
import { raw } from "../section.js";
import { count } from "../wording.js";

const mostEntries = 40;
const mostDepth = 5;
const mostText = 400;

export function evidenceList(evidence: unknown): Markup {
  return shown(evidence, 0);
}

function shown(value: unknown, depth: number): Markup {
  if (Array.isArray(value)) return list(value, depth);
  if (typeof value === "object" && value !== null) return record(value, depth);
  return scalar(value);
}

function record(value: object, depth: number): Markup {
  const said = statement(value);
  if (said !== undefined) return said;
  // That there is no more of something is no evidence.
  const entries = Object.entries(value).filter(([key, item]) => !(key.endsWith("_more") && item === 0) && !isEmptyList(item));
  if (entries.length === 0) return html`<span class="aside">nothing</span>`;
  if (depth >= mostDepth) return html`<span class="aside">${count(entries.length)} more values, see the JSON report</span>`;
  const rest = entries.length - mostEntries;
  return html`<dl class="facts">${entries
    .slice(0, mostEntries)
    .map(([key, item]) => html`<div><dt>${plainKey(key)}</dt><dd>${shown(item, depth + 1)}</dd></div>`)}${
    rest > 0 ? html`<div><dt>and</dt><dd>${count(rest)} more values, see the JSON report</dd></div>` : null
  }</dl>`;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What a site or a page stated, as the stage `signals` records it, in one sentence. */
function statement(value: object): Markup | undefined {
  const { signal, location, category, value: stated, where, raw: text, scope } = value as Readonly<Record<string, unknown>>;
  if (![signal, location, category, stated, where, text].every((part) => typeof part === "string")) return undefined;
  const verb = stated === "deny" ? "denies" : stated === "allow" ? "allows" : "speaks of";
  const to = typeof scope === "string" ? html` (${raw(scope.slice(0, mostText))})` : null;
  const place = String(where).includes(String(location)) ? String(where) : `${String(location)}, ${String(where)},`;
  return html`${place} says ${raw(String(text).slice(0, mostText))} and ${verb} <b>${uses[String(category)] ?? String(category)}</b>${to}`;
}

const uses: Readonly<Record<string, string>> = {
  train: "training of models",
  mine: "text and data mining",
  input: "input to AI at the time of an answer",
  search: "search",
  images: "training on images",
  index: "being indexed",
  archive: "copies in a cache",
  crawl: "being crawled",
  reuse: "reuse under a licence",
  commercial: "commercial use",
  derivatives: "adaptations",
};

function list(values: readonly unknown[], depth: number): Markup {
  if (values.length === 0) return html`<span class="aside">none</span>`;
  if (depth >= mostDepth) return html`<span class="aside">${count(values.length)} values, see the JSON report</span>`;
  const items: Content[] = values.slice(0, mostEntries).map((item) => html`<li>${shown(item, depth + 1)}</li>`);
  if (values.length > mostEntries) items.push(html`<li class="aside">${count(values.length - mostEntries)} more</li>`);
  return html`<ul class="plain">${items}</ul>`;
}

function scalar(value: unknown): Markup {
  if (value === null || value === undefined) return html`<span class="aside">none</span>`;
  if (typeof value === "number") return html`${Number.isInteger(value) ? count(value) : String(value)}`;
  if (typeof value === "boolean") return html`${value ? "yes" : "no"}`;
  const text = String(value);
  return raw(text.length > mostText ? `${text.slice(0, mostText)} …` : text);
}

function plainKey(key: string): string {
  const words = key.slice(0, 80).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
