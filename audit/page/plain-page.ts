/**
 * The frame of a page that loads nothing, sends nothing and runs nothing: its policy (Content Security Policy Level 3) allows one
 * stylesheet by hash and no script at all, since much of what it shows is anybody's text.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Content, cspHash, html, type Markup, trusted } from "./markup.js";

export interface PlainPage {
  readonly title: string;
  /** What kind of report it is, and on what. */
  readonly brand: Content;
  /** Fragment, short name and markup of each section. */
  readonly sections: readonly (readonly [id: string, short: string, markup: Markup])[];
  /** Above the sections; its element has the id `answer`. */
  readonly answer: Markup;
  readonly foot: Content;
  /** Has to stand before what uses it. */
  readonly before?: Markup;
  /** The built stylesheet, in dist/audit/page. */
  readonly style: string;
}

/** The whole page. Pure but for reading the built stylesheet. */
export function plainPage({ title, brand, sections, answer, foot, before, style: name }: PlainPage): string {
  const style = readFileSync(createRequire(import.meta.url).resolve(`#page/${name}`), "utf8");
  const policy = `default-src 'none'; style-src ${cspHash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
${before}
<header class="masthead"><p class="brand">${brand}</p>
<nav aria-label="Sections"><ul>${sections.map(([id, short]) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav></header>
<main id="main">
${answer}
${sections.map(([, , markup]) => markup)}
</main>
<footer class="foot"><p>${foot}</p></footer>
</body>
</html>
`.source;
}
