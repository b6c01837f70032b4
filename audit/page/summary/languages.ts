/** Languages and scripts of what is in, and how much of it is English. */
import { apertusEnglishShare, isEnglish } from "../../../filters/index.js";
import type { CorpusSummary, Share } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { languageName } from "../names.js";
import { column, numberColumn, section, table } from "../section.js";
import { counted, percent } from "../wording.js";
import { bar, barCell, barColumn, numberCell } from "./bars.js";
import { about, aboutCounted, mostOf, named, othersFolded, sumOf } from "./figures.js";

const mostShown = 30;
const mostListed = 400;
const mostScripts = 12;

const apertusEnglish = 100 * apertusEnglishShare;

export function languages(summary: CorpusSummary): Markup {
  const { languages: all, scripts, totals } = summary;
  if (all.length === 0 && scripts.length === 0) {
    return section({
      id: "languages",
      title: "Languages",
      body: html`<p class="empty">${totals.kept === totals.retracted ? "No document is in." : "No stage of the recipe names languages."}</p>`,
    });
  }
  return section({
    id: "languages",
    title: "Languages",
    lead: html`Of the ${aboutCounted(totals.kept - totals.retracted, "document")} that are in, by ${sumOf(all, ({ tokens }) => tokens) === 0 ? "documents" : "tokens"}.`,
    body: html`${all.length === 0 ? null : html`${english(all)}${shareTable("Languages", all, languageLabel, mostShown)}`}
${scripts.length === 0 ? null : html`<h3>Scripts</h3>${shareTable("Scripts", scripts, scriptLabel, mostScripts)}`}`,
  });
}

/** Tokens, where the corpus has any. */
function sizeIn(all: readonly Share[]): (share: Share) => number {
  return sumOf(all, ({ tokens }) => tokens) > 0 ? ({ tokens }) => tokens : ({ documents }) => documents;
}

function english(all: readonly Share[]): Content {
  const size = sizeIn(all);
  const whole = sumOf(all, size);
  const own = sumOf(
    all.filter(({ label }) => isEnglish(label)),
    size,
  );
  if (whole === 0) return null;
  const things = size({ label: "", documents: 0, tokens: 1, text_bytes: 0 }) === 1 ? "tokens" : "documents";
  return html`<p><b>${percent(own, whole)}</b> of the ${things} are English. Of Apertus’s own pretraining tokens about ${apertusEnglish}% are.</p>
<dl class="pair"><div><dt>this corpus</dt><dd>${split(own, whole)}<span>${percent(own, whole)}</span></dd></div><div><dt>Apertus</dt><dd>${split(apertusEnglish, 100)}<span>${apertusEnglish}%</span></dd></div></dl>
<p class="note">Dark is English, light is every other language. Source of the second bar: Apertus technical report (arXiv 2509.14233), which says that about 40% of the pretraining tokens are not English.</p>`;
}

function split(own: number, whole: number): Markup {
  return bar(
    [
      { className: "part-in", value: own },
      { className: "part-rest", value: whole - own },
    ],
    whole,
  );
}

type Label = (label: string) => Content;

function shareTable(caption: string, all: readonly Share[], label: Label, shown: number): Content {
  const size = sizeIn(all);
  const [whole, most] = [sumOf(all, size), mostOf(all, size)];
  // To fold a single one away would save nothing.
  const first = all.length === shown + 1 ? all : all.slice(0, shown);
  const rest = all.slice(first.length);
  const noun = caption.slice(0, -1).toLowerCase();
  const row = (share: Share): Content => shareRow(label(share.label), share, size(share), whole, most);
  const heads = [
    column(caption.slice(0, -1)),
    barColumn(),
    numberColumn("Share"),
    numberColumn("Tokens"),
    numberColumn("Documents"),
    numberColumn("Characters a token"),
  ];
  if (rest.length === 0) return table(caption, heads, first.map(row), "bars");
  const folded = {
    documents: sumOf(rest, ({ documents }) => documents),
    tokens: sumOf(rest, ({ tokens }) => tokens),
    text_bytes: 0,
    text_characters: rest.some(({ text_characters }) => text_characters == null)
      ? null
      : sumOf(rest, (share) => share.text_characters ?? 0),
    label: "",
  };
  const listed = rest.slice(0, mostListed);
  return html`${table(
    caption,
    heads,
    [...first.map(row), shareRow(html`<i>${othersFolded(rest.length, noun)}</i>`, folded, size(folded), whole, most)],
    "bars",
  )}<details class="more-box long"><summary>The ${othersFolded(listed.length, noun)}</summary>${table(`${caption}, continued`, heads, listed.map(row), "bars")}${
    rest.length > listed.length
      ? html`<p class="note">${counted(rest.length - listed.length, noun)} more in the JSON file.</p>`
      : null
  }</details>`;
}

function shareRow(
  name: Content,
  { tokens, documents, text_characters }: Share,
  size: number,
  whole: number,
  most: number,
): Content {
  return html`<tr><th scope="row">${name}</th>${barCell(bar([{ className: "part-in", value: Math.min(size, most) }], most))}${numberCell("Share", percent(size, whole))}${numberCell("Tokens", about(tokens))}${numberCell("Documents", about(documents))}${numberCell("Characters a token", text_characters == null || tokens === 0 ? "–" : (text_characters / tokens).toFixed(2))}</tr>`;
}

function languageLabel(label: string): Content {
  if (label === "") return html`<span class="aside">not named</span>`;
  const name = languageName(label);
  return name === undefined ? named(label) : html`${name} <code class="aside">${label}</code>`;
}

const scripts = new Intl.DisplayNames("en", { type: "script", fallback: "none" });

function scriptLabel(label: string): Content {
  if (label === "") return html`<span class="aside">not named</span>`;
  const name = /^[A-Z][a-z]{3}$/.test(label) ? scripts.of(label) : undefined;
  return name === undefined ? named(label) : html`${name} <code class="aside">${label}</code>`;
}
