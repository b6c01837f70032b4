/** Parameters of a stage as a list that can be read: keys in words, short lists on one line, within bounds. */
import { type Content, html, join } from "../markup.js";
import { raw } from "../section.js";
import { count } from "../wording.js";

const mostEntries = 60;
const mostItems = 60;
const mostDepth = 4;
const mostText = 400;

export function parameterList(parameters: unknown): Content {
  const entries = Object.entries(isRecord(parameters) ? parameters : {});
  if (entries.length === 0) return html`<p class="empty">It has no parameters.</p>`;
  return entryList(entries, 0);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entryList(entries: readonly (readonly [string, unknown])[], depth: number): Content {
  const rest = entries.length - mostEntries;
  return html`<dl class="facts parameters">${entries
    .slice(0, mostEntries)
    .map(([key, value]) => html`<div><dt>${keyName(key)}</dt><dd>${shown(value, depth + 1)}</dd></div>`)}${
    rest > 0 ? html`<div><dt>and</dt><dd>${count(rest)} more, see the recipe</dd></div>` : null
  }</dl>`;
}

function shown(value: unknown, depth: number): Content {
  if (depth >= mostDepth && typeof value === "object" && value !== null) return html`<span class="aside">see the recipe</span>`;
  if (Array.isArray(value)) {
    if (value.length === 0) return html`<span class="aside">none</span>`;
    const rest = value.length - mostItems;
    const items = value.slice(0, mostItems).map((item) => shown(item, depth + 1));
    const plain = !value.some((item) => typeof item === "object" && item !== null);
    const more = rest > 0 ? html` and ${count(rest)} more` : null;
    return plain
      ? html`${join(items, ", ")}${more}`
      : html`<ul class="plain">${items.map((item) => html`<li>${item}</li>`)}</ul>${more}`;
  }
  if (isRecord(value)) {
    const entries = Object.entries(value);
    return entries.length === 0 ? html`<span class="aside">none</span>` : entryList(entries, depth);
  }
  return scalar(value);
}

function scalar(value: unknown): Content {
  if (value === null || value === undefined) return html`<span class="aside">not set</span>`;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : String(value);
  const text = String(value);
  return text === ""
    ? html`<span class="aside">empty</span>`
    : raw(text.length > mostText ? `${text.slice(0, mostText)} …` : text);
}

function keyName(key: string): string {
  return key.slice(0, 80).replaceAll("_", " ");
}
