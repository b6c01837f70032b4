/**
 * One model for everything that a site or a page states about the use of its text, in whatever language it says so: who says it
 * where, about which use, and whether it allows or denies it. What cannot be read is `unknown`, and nothing ever turns that
 * into a permission.
 */
import { octetsOfText, printable } from "../consent/octets.js";

export const signals = ["content-signal", "content-usage", "tdmrep", "robots-meta", "licence", "rsl", "robots-rules"] as const;
/** `robots-meta` is X-Robots-Tag and meta robots; `robots-rules` are Allow and Disallow lines, kept where they contradict a signal. */
export type Signal = (typeof signals)[number];

export const locations = ["robots.txt", "tdmrep.json", "header", "link", "script", "meta"] as const;
/** `link` is an element link or a. */
export type Location = (typeof locations)[number];

export const categories = [
  "train",
  "input",
  "search",
  "use",
  "mine",
  "images",
  "index",
  "archive",
  "crawl",
  "reuse",
  "commercial",
  "derivatives",
] as const;
/**
 * The use that is meant: training a model, input of a model at the time of an answer, search, how much is shown (`use`), text and
 * data mining, training on images, being indexed, copies in a cache, being crawled; and of licences: any reuse, commercial use,
 * adaptations.
 */
export type Category = (typeof categories)[number];

export const statementValues = ["allow", "deny", "unknown"] as const;
export type StatementValue = (typeof statementValues)[number];

export interface Statement {
  readonly signal: Signal;
  readonly location: Location;
  /** Whom or what it is about: agents as the robots.txt group names them, an agent, a path pattern; `*` for all. */
  readonly scope: string;
  readonly category: Category;
  readonly value: StatementValue;
  /** Where in its location: `line 3`, `entry 2`, the name of the header, the element. */
  readonly where: string;
  /** As it stands there, at most 200 octets of it, control characters spelled out. */
  readonly raw: string;
  /** Who manages the part of the file that it stands in, where that is not the site itself. */
  readonly managed?: "cloudflare";
  /** Creative Commons: the licence and its version, `by-nc-sa/4.0`. */
  readonly terms?: string;
}

/** What a parser of one signal yields: which use, and what is said of it. */
export interface Stated {
  readonly category: Category;
  readonly value: StatementValue;
}

const rawOctets = 200;

/** What a file or a page states; `complete` is false where some of it was not kept. */
export interface Said {
  readonly statements: readonly Statement[];
  readonly complete: boolean;
}

/**
 * At most `most` statements in the order given. Of those that say the same of a use the first goes before the others, then denials
 * before the rest, so that no policy decides otherwise of what is kept.
 */
export function bounded(statements: readonly Statement[], most: number): Said {
  if (statements.length <= most) return { statements, complete: true };
  const met = new Set<string>();
  const ranked = statements.map((statement, i) => {
    const { signal, category, value, terms = "" } = statement;
    const key = `${signal} ${category} ${value} ${terms}`;
    const again = met.has(key) ? 2 : 0;
    met.add(key);
    return { statement, i, rank: again + (value === "deny" ? 0 : 1) };
  });
  const kept = ranked.sort((a, b) => a.rank - b.rank || a.i - b.i).slice(0, most);
  return { statements: kept.sort((a, b) => a.i - b.i).map(({ statement }) => statement), complete: false };
}

/** A text as it may stand in evidence. */
export function quote(text: string): string {
  return printable(octetsOfText(text.slice(0, rawOctets + 1).toWellFormed()), rawOctets);
}

/** An octet string (filters/consent/octets.ts) as it may stand in evidence. */
export function quoteOctets(octets: string): string {
  return printable(octets, rawOctets);
}
