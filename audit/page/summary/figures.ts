/** Quantities in words: large counts, times, energy; and names within bounds. */
import type { Markup } from "../markup.js";
import { raw } from "../section.js";
import { count, counted } from "../wording.js";

const large = new Intl.NumberFormat("en-GB", { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

/** `1,234,567`; from ten million on `12.3 million`, with the exact number elsewhere on the page. */
export function about(value: number): string {
  return Math.abs(value) < 1e7 ? count(value) : large.format(value);
}

/** `12 documents`, `1.2 billion documents`. */
export function aboutCounted(value: number, singular: string, plural = `${singular}s`): string {
  return `${about(value)} ${value === 1 ? singular : plural}`;
}

/** `0.04 s`, `12.5 s`, `3 min 20 s`, `5 h 12 min`, `1,234 h`. */
export function duration(seconds: number): string {
  if (seconds < 0.01) return seconds <= 0 ? "0 s" : "under 0.01 s";
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return joined(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(seconds / 60);
  return minutes < 6000 ? joined(Math.floor(minutes / 60), "h", minutes % 60, "min") : `${count(Math.round(minutes / 60))} h`;
}

function joined(most: number, unit: string, rest: number, smaller: string): string {
  return rest === 0 ? `${most} ${unit}` : `${most} ${unit} ${rest} ${smaller}`;
}

/** `870 J`, `12.4 kJ`, `3.21 kWh`, `1,230 MWh`; a kilowatt-hour is 3.6 million joules. */
export function energy(joules: number): string {
  if (joules < 1000) return `${short.format(joules)} J`;
  if (joules < 360_000) return `${short.format(joules / 1000)} kJ`;
  const hours = joules / 3.6e6;
  return hours < 10_000 ? `${short.format(hours)} kWh` : `${short.format(hours / 1000)} MWh`;
}

export function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

export function mostOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((most, item) => Math.max(most, value(item)), 0);
}

export function othersFolded(hidden: number, singular: string): string {
  return counted(hidden, `other ${singular}`);
}

/** UTF-16 units of a name; in a table more of it would only push away what stands beside it. */
const mostName = 120;

/** A rule, a domain, a crawler: somebody's text, in the type of code and of bounded length. */
export function named(text: string): Markup {
  return raw(shortened(text));
}

export function shortened(text: string, most = mostName): string {
  return text.length > most ? `${text.slice(0, most)} …` : text;
}
