/**
 * A curve over the steps of a run as inline SVG. Places are percentages of the width, so that it follows the page while text and strokes
 * keep their size; many points are drawn as their mean in each stretch, over a band from the least to the greatest.
 */
import { page } from "../../audit/index.js";

const { anchorAt, fixed, html, trusted } = page;

export interface Point {
  readonly step: number;
  readonly value: number;
}

export interface CurveOptions {
  readonly title: string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** Drawn as a line. */
  readonly line: readonly Point[];
  /** Drawn as dots that are joined. */
  readonly dots?: readonly Point[];
  readonly legend?: readonly { readonly kind: "line" | "dots"; readonly words: string }[];
  /** The last step of the axis. */
  readonly first: number;
  readonly last: number;
  /** Whether the axis begins at 0. */
  readonly fromZero: boolean;
  /** A level as text. */
  readonly write: (value: number) => string;
  /** Steps at which something begins. */
  readonly events?: readonly { readonly step: number; readonly words: string }[];
}

/** Pixels. */
const top = 20;
const tall = 168;
const foot = 26;
/** Stretches of the axis. */
const stretches = 240;
/** More dots than this are their line alone. */
const mostDots = 60;
/** User units of the drawing's width. */
const wide = 1000;

export function curve(options: CurveOptions): page.Markup {
  const { title, spoken, dots = [], legend = [], first, last, write, events = [] } = options;
  const line = options.line.filter(({ value }) => Number.isFinite(value));
  const levels = levelsOf([...line, ...dots], options.fromZero);
  const [low, high] = [levels[0] ?? 0, levels.at(-1) ?? 1];
  const x = (step: number): number => (100 * (step - first)) / Math.max(1, last - first);
  const y = (value: number): number => tenth(top + tall * (1 - (value - low) / (high - low)));
  return html`<figure><figcaption><b>${title}</b>${legend.map(({ kind, words }) => html`<span>${swatch(kind)} ${words}</span>`)}</figcaption>
<div class="curve-box"><svg class="curve" width="100%" height="${top + tall + foot}" aria-hidden="true" focusable="false">${levels.map((level) => html`<text x="100%" y="${y(level) + 4}" text-anchor="end">${write(level)}</text>`)}</svg>
<svg class="curve" width="100%" height="${top + tall + foot}" role="img" aria-label="${spoken}">
${levels.map((level) => html`<line class="grid" x1="0" x2="100%" y1="${y(level)}" y2="${y(level)}"/>`)}
${stepTicks(first, last).map((step) => html`<text x="${fixed(x(step))}" y="${top + tall + foot - 6}" text-anchor="${anchorAt(x(step))}">${page.count(step)}</text>`)}
${events.map(({ step, words }) => html`<line class="curve-event" x1="${fixed(x(step))}" x2="${fixed(x(step))}" y1="${top}" y2="${top + tall}"/><text class="level" x="${fixed(x(step))}" dx="${x(step) > 60 ? -6 : 6}" y="${top + 12}" text-anchor="${x(step) > 60 ? "end" : "start"}">${words}</text>`)}
${drawn(line, (step) => (wide / 100) * x(step), y)}
${joined(dots, (step) => (wide / 100) * x(step), y)}
${(dots.length > mostDots ? [] : dots).map(({ step, value }) => html`<g><circle class="curve-dot" cx="${fixed(x(step))}" cy="${y(value)}" r="3.5"/><title>step ${page.count(step)}: ${write(value)}</title></g>`)}
</svg></div></figure>`;
}

type Place = (value: number) => number;
type Corner = readonly [x: number, y: number];

/** Numbers alone, of any length: as text they would be cut. */
function points(corners: readonly Corner[]): page.Markup {
  return trusted(corners.map(([x, y]) => `${x},${y}`).join(" "));
}

function canvas(content: page.Content): page.Markup {
  const height = top + tall + foot;
  return html`<svg width="100%" height="${height}" viewBox="0 0 ${wide} ${height}" preserveAspectRatio="none">${content}</svg>`;
}

function drawn(line: readonly Point[], x: Place, y: Place): page.Content {
  if (line.length === 0) return null;
  if (line.length <= stretches)
    return canvas(
      html`<polyline class="curve-line" points="${points(line.map(({ step, value }) => [tenth(x(step)), y(value)]))}"/>`,
    );
  const size = Math.ceil(line.length / stretches);
  const parts = Array.from({ length: Math.ceil(line.length / size) }, (_, i) => {
    const values = line.slice(i * size, (i + 1) * size);
    const numbers = values.map(({ value }) => value);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    return { at: tenth(x(values[values.length >> 1].step)), mean, least: Math.min(...numbers), most: Math.max(...numbers) };
  });
  const above = parts.map(({ at, most }): Corner => [at, y(most)]);
  const below = parts.map(({ at, least }): Corner => [at, y(least)]);
  return canvas(
    html`<polygon class="curve-band" points="${points([...above, ...below.reverse()])}"/><polyline class="curve-line" points="${points(parts.map(({ at, mean }) => [at, y(mean)]))}"/>`,
  );
}

function joined(dots: readonly Point[], x: Place, y: Place): page.Content {
  if (dots.length < 2) return null;
  return canvas(
    html`<polyline class="curve-line curve-second" points="${points(dots.map(({ step, value }) => [tenth(x(step)), y(value)]))}"/>`,
  );
}

function swatch(kind: "line" | "dots"): page.Markup {
  return kind === "line"
    ? html`<svg width="24" height="10" aria-hidden="true" focusable="false"><line class="curve-line" x1="0" x2="24" y1="5" y2="5"/></svg>`
    : html`<svg width="24" height="10" aria-hidden="true" focusable="false"><line class="curve-line curve-second" x1="0" x2="24" y1="5" y2="5"/><circle class="curve-dot" cx="12" cy="5" r="3.5"/></svg>`;
}

/** Three to six round levels from at or below the least to at or above the greatest, ascending. */
export function levelsOf(points: readonly Point[], fromZero: boolean): readonly number[] {
  let [least, most] = [fromZero ? 0 : Number.POSITIVE_INFINITY, fromZero ? 0 : Number.NEGATIVE_INFINITY];
  for (const { value } of points) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (!Number.isFinite(least) || !Number.isFinite(most)) return [0, 1];
  if (most - least < 1e-12 * Math.max(1, Math.abs(most)))
    most = least + Math.max(1e-12, Math.abs(least) * 0.1, fromZero ? 1e-12 : 0);
  const rough = (most - least) / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const size = unit * ([1, 2, 5, 10].find((step) => step * unit >= rough) ?? 10);
  const [from, to] = [Math.floor(least / size + 1e-9), Math.ceil(most / size - 1e-9)];
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i) * size);
}

function stepTicks(first: number, last: number): readonly number[] {
  const rough = Math.max(1, (last - first) / 5);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const size = unit * ([1, 2, 5, 10].find((step) => step * unit >= rough) ?? 10);
  const ticks: number[] = [];
  for (let step = Math.ceil(first / size) * size; step <= last; step += size) ticks.push(step);
  return ticks;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
