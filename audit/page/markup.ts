/**
 * Markup that is safe by construction: what stands in a template is trusted, what is put into it is text. Text is made visible
 * (visible.ts) and escaped for content and quoted attributes alike; only another piece of markup passes as it is.
 */
import { createHash } from "node:crypto";
import { visible } from "./visible.js";

export class Markup {
  constructor(readonly source: string) {}
}

export type Content = Markup | string | number | false | null | undefined | readonly Content[];

/** A template: html`<p title="${text}">${text}</p>`. Attributes have to be quoted, and no value may stand inside script or style. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let source = parts[0] ?? "";
  for (let i = 0; i < values.length; i++) source += rendered(values[i]) + (parts[i + 1] ?? "");
  return new Markup(source);
}

/** Markup that this program wrote itself: the stylesheet, the script. */
export function trusted(source: string): Markup {
  return new Markup(source);
}

/** Text whose line breaks stay and of which up to `limit` UTF-16 units a line are shown. */
export function lines(text: string, limit: number): Markup {
  return new Markup(
    text
      .split("\n")
      .map((line) => escaped(visible(line, limit)))
      .join("\n"),
  );
}

export function join(items: readonly Content[], separator: Content): Content {
  return items.flatMap((item, i) => (i === 0 ? [item] : [separator, item]));
}

function rendered(value: Content): string {
  if (value instanceof Markup) return value.source;
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") return escaped(visible(value));
  if (typeof value === "number") return String(value);
  return value.map(rendered).join("");
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}

/** JSON that can stand in a script element: nothing in it ends the element or opens a comment (HTML §4.12.1.3). */
export function embeddedJson(value: unknown): Markup {
  const spelled = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new Markup(spelled);
}

/** A source expression of Content Security Policy Level 3, §2.3.1: these exact bytes and no others. */
export function cspHash(source: string): string {
  return `'sha256-${createHash("sha256").update(source, "utf8").digest("base64")}'`;
}
