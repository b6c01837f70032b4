/**
 * A captured robots.txt with line numbers: the deciding lines and the agent lines above them stand out, the rest is folded away.
 * Lines end as in the engine (filters/consent/groups.ts): at CR, LF or CRLF.
 */
import type { CapturedFile } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { visible } from "../visible.js";
import { count } from "../wording.js";

/** Lines that stay in sight around each deciding line. */
const around = 4;
/** Lines of one file that the page holds; the others are in the JSON report. */
const mostLines = 1500;
/** A gap this short is not worth folding. */
const shortest = 4;
const mostText = 600;
/** How far above a rule its group's agent lines are searched for. */
const reach = 2000;

export interface Deciding {
  readonly line: number;
  readonly raw: string;
  readonly groups: readonly string[];
}

/** @param whole false where the file stands on the page already: then only what is around the lines */
export function fileView(file: CapturedFile | undefined, deciding: readonly Deciding[], label: string, whole: boolean): Markup {
  const lines = file === undefined ? [] : linesOf(file.text);
  const hits = new Map(deciding.map((line) => [line.line, line]));
  const heads = new Set<number>();
  for (const { line, groups } of hits.values())
    for (const group of groups) for (const head of groupLines(lines, line, group)) heads.add(head);
  const open = new Set<number>();
  for (const number of [...hits.keys(), ...heads]) {
    for (let near = number - around; near <= number + around; near++) if (near >= 1 && near <= lines.length) open.add(near);
  }
  if (open.size === 0) for (let number = 1; number <= Math.min(lines.length, 12); number++) open.add(number);
  const row = (number: number): Content => {
    const kind = hits.has(number) ? "hit" : heads.has(number) ? "head" : "";
    const text = lines[number - 1] ?? "";
    const code = text.trim() === "" ? "" : visible(text.replaceAll("\t", "    "), mostText);
    return html`<div class="line ${kind}"><span class="line-number">${number}</span><code>${kind === "hit" ? html`<mark>${code}</mark>` : code}</code></div>\n`;
  };
  const blocks: Content[] = [];
  let budget = mostLines;
  for (let from = 1; from <= lines.length; ) {
    const inSight = open.has(from);
    let to = from;
    while (to < lines.length && open.has(to + 1) === inSight) to++;
    if (inSight || (whole && to - from < shortest)) {
      blocks.push(range(from, to).map(row));
    } else if (whole && to - from + 1 <= budget) {
      budget -= to - from + 1;
      const size = to - from > 24 ? "fold long" : "fold";
      blocks.push(
        html`<details class="${size}"><summary>${lineSpan(from, to)}</summary>${range(from, to).map(row)}</details>\n`,
      );
    } else {
      blocks.push(html`<p class="fold-note">${lineSpan(from, to)}: ${whole ? "in the JSON report" : "shown above"}</p>\n`);
    }
    from = to + 1;
  }
  for (const { line, raw } of deciding) {
    if (line <= lines.length) continue;
    blocks.push(html`<div class="line hit"><span class="line-number">${line}</span><code><mark>${raw}</mark></code></div>\n`);
  }
  if (file !== undefined && file.shown_bytes < file.bytes) {
    blocks.push(
      html`<p class="fold-note">The first ${count(file.shown_bytes)} of ${count(file.bytes)} bytes are kept in this report.</p>`,
    );
  }
  return html`<div class="code" role="group" aria-label="${label}" tabindex="0">${blocks}</div>`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The agent lines of the group that a rule stands in: the nearest above it that name the group. */
function groupLines(lines: readonly string[], line: number, group: string): readonly number[] {
  const name = group.toLowerCase();
  for (let number = line; number >= 1 && number > line - reach; number--) {
    const text = (lines[number - 1] ?? "").slice(0, 1000).toLowerCase();
    if (/^\s*user[ _-]?agents?\b/.test(text) && text.includes(name)) return number === line ? [] : [number];
  }
  return [];
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function lineSpan(from: number, to: number): string {
  return from === to ? `Line ${count(from)}` : `Lines ${count(from)} to ${count(to)}`;
}
