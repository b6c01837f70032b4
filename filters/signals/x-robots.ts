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

/** Directives with a value behind a colon, which are no agents. */
const valued = new Set(["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"]);

/** A header's value: an agent stands in front of its directives, and speaks for those behind it up to the next one. Total and linear. */
export function parseXRobotsTag(value: string): readonly RobotsDirective[] {
  const found: RobotsDirective[] = [];
  let agent = "*";
  for (const part of value.split(/[,;]/)) {
    const colon = part.indexOf(":");
    const before = colon < 0 ? "" : part.slice(0, colon).trim().toLowerCase();
    if (valued.has(before)) continue;
    // The rest of a date, `03 Dec 2025 13:09:53 GMT`, begins with a digit.
    const addressed = /^[a-z*][^"<>]{0,63}$/.test(before);
    if (addressed) agent = before;
    add(found, agent, addressed ? part.slice(colon + 1) : part);
  }
  return found;
}

/**
 * A meta element: each directive for all crawlers, or for the one that its name addresses. Total and linear.
 *
 * @param name in lower case: `robots`, or a crawler's
 */
export function parseMetaRobots(name: string, content: string): readonly RobotsDirective[] {
  const found: RobotsDirective[] = [];
  const forAll = name === "robots";
  // A description may hold any word; only a whole part of a list is a directive there.
  for (const part of content.split(forAll ? /[,;\s]+/ : ",")) add(found, forAll ? "*" : name, part);
  return found;
}

function add(found: RobotsDirective[], agent: string, directive: string): void {
  const category = denials.get(directive.trim().toLowerCase());
  // Of a directive that is said again and again once is enough.
  const last = found.at(-1);
  if (category === undefined || (last?.agent === agent && last.category === category)) return;
  found.push({ agent, category, value: "deny" });
}
