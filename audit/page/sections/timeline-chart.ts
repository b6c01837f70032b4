/**
 * One site over time: how many agents each captured robots.txt shut out (steps and marks), captures without an answer below them,
 * and when pages were captured (bars, those in the corpus at the bottom). Few captures are marks; many are drawn as ranges.
 */
import type { Site, SiteCapture } from "../../owner/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { anchorAt, fixed, TimeAxis } from "../time-axis.js";
import { counted, day } from "../wording.js";

/** Captures that are drawn one by one. */
const mostMarks = 120;
const bins = 160;
const top = 44;
const base = 124;
const silentAt = 148;
const pagesTop = 176;
const pagesBase = 216;
const height = 242;

export interface Timed {
  readonly capture: SiteCapture;
  readonly time: number;
}

/** What a file in this state says; the others leave the question open. */
const answering = new Set(["rules", "empty", "unavailable-4xx", "truncated"]);

export function answers(state: string): boolean {
  return answering.has(state);
}

/** @param agents how many the policy asks for; at least 1 */
export function timelineChart(site: Site, agents: number, asOf: string | null, title: string): Markup | null {
  const captures = timed(site.captures);
  const pages = site.page_captures.flatMap(({ day: date, pages: total, in: inside }) => {
    const time = Date.parse(date);
    return Number.isNaN(time) ? [] : [{ time, total, inside }];
  });
  const asOfTime = asOf === null ? Number.NaN : Date.parse(asOf);
  const times = [...captures, ...pages].map(({ time }) => time);
  if (times.length === 0) return null;
  if (!Number.isNaN(asOfTime)) times.push(asOfTime);
  const axis = new TimeAxis(times);
  const level = (disallowed: number): number => base - ((base - top) * Math.min(disallowed, agents)) / agents;
  const speaking = captures.filter(({ capture }) => answers(capture.state));
  const silent = captures.filter(({ capture }) => !answers(capture.state));
  return html`<svg class="timeline" width="100%" height="${height}" role="img" aria-label="${title}">
<line class="grid" x1="0" x2="100%" y1="${top}" y2="${top}"/><line class="axis" x1="0" x2="100%" y1="${base}" y2="${base}"/>
<text class="scale" x="0" y="${top - 8}">${agents === 1 ? "the agent shut out" : `all ${agents} agents shut out`}</text><text class="scale" x="0" y="${base + 15}">none</text>${pages.length === 0 ? null : html`<text class="scale" x="0" y="${pagesTop - 8}">pages captured</text>`}
${axis
  .ticks()
  .map(
    ({ at, label }) =>
      html`<line class="grid" x1="${fixed(at)}" x2="${fixed(at)}" y1="${top}" y2="${pagesBase + 4}"/><text class="tick" x="${fixed(at)}" y="${height - 6}" text-anchor="${anchorAt(at)}">${label}</text>`,
  )}
${captures.length > mostMarks ? ranges(speaking, silent, axis, level) : marks(speaking, silent, axis, level)}
${pageBars(pages, axis)}<line class="axis" x1="0" x2="100%" y1="${pagesBase}" y2="${pagesBase}"/>
${Number.isNaN(asOfTime) ? null : asOfLine(axis.at(asOfTime), asOf ?? "")}
</svg>`;
}

export function timed(captures: readonly SiteCapture[]): readonly Timed[] {
  return captures
    .map((capture) => ({ capture, time: Date.parse(capture.captured_at) }))
    .filter(({ time }) => !Number.isNaN(time))
    .sort((a, b) => a.time - b.time);
}

type Level = (disallowed: number) => number;

function marks(speaking: readonly Timed[], silent: readonly Timed[], axis: TimeAxis, level: Level): Content {
  const steps = speaking.map(({ capture, time }, i): Content => {
    const [x, y] = [axis.at(time), level(capture.disallowed_at_root.length)];
    const next = speaking[i + 1];
    const end = next === undefined ? Math.min(100, x + 1.5) : axis.at(next.time);
    const rise = next === undefined ? y : level(next.capture.disallowed_at_root.length);
    return html`<line class="step" x1="${fixed(x)}" x2="${fixed(end)}" y1="${y}" y2="${y}"/>${
      rise === y ? null : html`<line class="step" x1="${fixed(end)}" x2="${fixed(end)}" y1="${y}" y2="${rise}"/>`
    }`;
  });
  const dots = speaking.map(({ capture, time }) => {
    const [x, y] = [axis.at(time), level(capture.disallowed_at_root.length)];
    const kind = capture.disallowed_at_root.length > 0 ? "closed" : "open";
    return html`<g>${capture.decided ? html`<circle class="decided" cx="${fixed(x)}" cy="${y}" r="8"/>` : null}<circle class="mark-${kind}" cx="${fixed(x)}" cy="${y}" r="4"/><title>${captureTitle(capture)}</title></g>`;
  });
  const crosses = silent.map(
    ({ capture, time }) =>
      html`<g><svg class="cross" x="${fixed(axis.at(time))}" y="${silentAt}" width="1" height="1"><line x1="-3.5" y1="-3.5" x2="3.5" y2="3.5"/><line x1="-3.5" y1="3.5" x2="3.5" y2="-3.5"/></svg><title>${captureTitle(capture)}</title></g>`,
  );
  return [steps, dots, crosses];
}

/** For each stretch of the axis the range from the least to the most agents shut out. */
function ranges(speaking: readonly Timed[], silent: readonly Timed[], axis: TimeAxis, level: Level): Content {
  const width = 100 / bins;
  const decided = speaking.filter(({ capture }) => capture.decided);
  let before: { readonly bin: number; readonly value: number } | undefined;
  const boxes = binned(speaking, ({ time }) => axis.at(time)).map(([bin, captures]): Content => {
    const numbers = captures.map(({ capture }) => capture.disallowed_at_root.length);
    // What was said last holds until something else is: the line has no gaps.
    const held = before?.value ?? numbers[0] ?? 0;
    const from = before === undefined ? bin : before.bin + 1;
    before = { bin, value: numbers.at(-1) ?? 0 };
    const y = level(Math.max(held, ...numbers));
    const low = level(Math.min(held, ...numbers));
    return html`${
      from < bin
        ? html`<rect class="range" x="${fixed(from * width)}" y="${level(held) - 1.5}" width="${fixed((bin - from) * width)}" height="3"/>`
        : null
    }<rect class="range" x="${fixed(bin * width)}" y="${y - 1.5}" width="${fixed(width * 1.02)}" height="${low - y + 3}"/>`;
  });
  const ticks = binned(silent, ({ time }) => axis.at(time)).map(
    ([bin]): Content =>
      html`<rect class="range-silent" x="${fixed(bin * width)}" y="${silentAt - 4}" width="${fixed(width * 0.35)}" height="8"/>`,
  );
  const rings = binned(decided, ({ time }) => axis.at(time)).map(
    ([bin, [first]]): Content =>
      first === undefined
        ? null
        : html`<circle class="decided" cx="${fixed((bin + 0.4) * width)}" cy="${level(first.capture.disallowed_at_root.length)}" r="7"/>`,
  );
  return [boxes, ticks, rings];
}

interface PageCaptures {
  readonly time: number;
  readonly total: number;
  readonly inside: number;
}

function pageBars(pages: readonly PageCaptures[], axis: TimeAxis): Content {
  const width = 100 / bins;
  const sums = binned(pages, ({ time }) => axis.at(time)).map(([bin, items]) => ({
    bin,
    total: items.reduce((sum, { total }) => sum + total, 0),
    inside: items.reduce((sum, { inside }) => sum + inside, 0),
    first: items[0]?.time ?? 0,
  }));
  const most = sums.reduce((max, { total }) => Math.max(max, total), 1);
  const tall = pagesBase - pagesTop;
  return sums.map(({ bin, total, inside, first }) => {
    const all = Math.max(3, (tall * total) / most);
    const kept = total === 0 ? 0 : (all * inside) / total;
    const place = html`x="${fixed(bin * width)}" width="${fixed(width * 0.8)}"`;
    return html`<g><rect class="pages-out" ${place} y="${tenth(pagesBase - all)}" height="${tenth(all - kept)}"/><rect class="part-in" ${place} y="${tenth(pagesBase - kept)}" height="${tenth(kept)}"/><title>${`around ${day(new Date(first).toISOString())}: ${counted(total, "page")} captured, ${inside} of them in the corpus`}</title></g>`;
  });
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function asOfLine(at: number, asOf: string): Markup {
  const anchor = at > 60 ? "end" : "start";
  return html`<line class="as-of" x1="${fixed(at)}" x2="${fixed(at)}" y1="8" y2="${pagesBase}"/><text class="as-of-label" x="${fixed(at)}" dx="${anchor === "end" ? -6 : 6}" y="14" text-anchor="${anchor}">decided as of ${day(asOf)}</text>`;
}

function binned<T>(items: readonly T[], at: (item: T) => number): readonly (readonly [number, readonly T[]])[] {
  const found = new Map<number, T[]>();
  for (const item of items) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((at(item) / 100) * bins)));
    const same = found.get(bin);
    if (same === undefined) found.set(bin, [item]);
    else same.push(item);
  }
  return [...found].sort(([a], [b]) => a - b);
}

export function captureTitle({ captured_at, state, disallowed_at_root }: SiteCapture): string {
  if (!answers(state)) return `${day(captured_at)}: no answer`;
  if (disallowed_at_root.length === 0) return `${day(captured_at)}: nobody shut out at /`;
  return `${day(captured_at)}: ${counted(disallowed_at_root.length, "agent")} shut out at /`;
}
