/**
 * What `X-Robots-Tag` and meta robots say beyond indexing (Google, "Robots meta tag, data-nosnippet, and X-Robots-Tag
 * specifications"; `noai` and `noimageai` are DeviantArt's convention of 2022, `noml` another). A header may be addressed to one
 * agent, `gptbot: noai, nofollow`, a meta element by its name. `unavailable_after` and the like are no opt-outs.
 */
import type { Stated } from "./statement.js";

export interface RobotsDirective extends Stated {
  /** The agent in lower case, or `*`. */
  readonly agent: string;
}

const denials: ReadonlyMap<string, Stated["category"]> = new Map([
  ["noai", "train"],
  ["noml", "train"],
  ["noimageai", "images"],
  ["noindex", "index"],
  ["none", "index"],
  ["noarchive", "archive"],
  ["nocache", "archive"],
]);

/** Directives that deny nothing here; a word of them is no agent, and behind an agent it is its directive. */
const others = new Set("all index follow nofollow nosnippet notranslate noimageindex nopagereadaloud noodp noydir".split(" "));

/** Directives with a value behind a colon, which are no agents. */
const valued = new Set(
  "unavailable_after max-snippet max-image-preview max-video-preview indexifembedded rating crawl-delay crawl-rate".split(" "),
);

const isDirective = (word: string): boolean => denials.has(word) || others.has(word) || valued.has(word);

/**
 * A header's value, its directives divided by commas, semicolons or blanks: an agent stands in front of its own, and speaks for
 * those behind it up to the next one. An unknown word with a colon is an agent where its name says so, or a directive stands
 * behind it; else it is a directive with a value, so that it takes no denial away from all others. Total and linear.
 */
export function parseXRobotsTag(value: string): readonly RobotsDirective[] {
  const found: RobotsDirective[] = [];
  let agent = "*";
  /** Words since the last mark that are no directives: the name of an agent may have several. */
  let name: string[] = [];
  const words = value.toLowerCase().match(/[^\s,;:"']+|[,;:]/g) ?? [];
  for (const [i, word] of words.entries()) {
    if (word === ":") {
      const candidate = name.join(" ");
      if (isAgent(candidate, words[i + 1] ?? "")) agent = candidate;
    }
    if (/^[,;:]$/.test(word)) name = [];
    else if (isDirective(word)) add(found, agent, word);
    else if (name.length < 4 && /^[a-z*]/.test(word)) name.push(word);
  }
  return found;
}

function isAgent(name: string, behind: string): boolean {
  // The rest of a date, `03 Dec 2025 13:09:53 GMT`, begins with a digit and is no name.
  if (!/^[a-z*][^"<>]{0,63}$/.test(name)) return false;
  return name === "*" || /bot|crawl|spider|agent/.test(name) || isDirective(behind);
}

/**
 * A meta element: each directive for all crawlers, or for the one that its name addresses. Total and linear.
 *
 * @param name in lower case: `robots`, or a crawler's
 */
export function parseMetaRobots(name: string, content: string): readonly RobotsDirective[] {
  const found: RobotsDirective[] = [];
  const forAll = name === "robots";
  for (const part of content.toLowerCase().split(/[,;]/)) {
    const words = part.split(/[\s"']+/).filter(Boolean);
    // A description may hold any word; there only a part that is directives for the most is some.
    const known = words.filter(isDirective);
    if (!forAll && !/bot|crawl|spider/.test(name) && 2 * known.length < words.length) continue;
    for (const word of known) add(found, forAll ? "*" : name, word);
  }
  return found;
}

function add(found: RobotsDirective[], agent: string, directive: string): void {
  const category = denials.get(directive);
  // Of a directive that is said again and again once is enough.
  const last = found.at(-1);
  if (category === undefined || (last?.agent === agent && last.category === category)) return;
  found.push({ agent, category, value: "deny" });
}
