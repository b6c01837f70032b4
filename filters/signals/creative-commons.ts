/**
 * Creative Commons licences by the address of their deed or legal code: `creativecommons.org/licenses/by-nc-sa/4.0/`,
 * `creativecommons.org/publicdomain/zero/1.0/`. What the elements of the name permit is Creative Commons' own: NC bars commercial
 * use, ND bars adaptations. A licence that a page links to may also be that of a photograph in it, so where it stands is kept.
 */
import type { Stated } from "./statement.js";

export interface CreativeCommons {
  /** `by`, `by-nc-sa`, `zero`, `mark`, … */
  readonly licence: string;
  /** The licence and its version, where one is given: `by-nc-sa/4.0`. */
  readonly terms: string;
  readonly stated: readonly Stated[];
}

const deed =
  /(?:^|[/.\s"'(])creativecommons\.org\/+(?:licen[cs]es\/+([a-z+-]{2,20})(?:\/+(\d\.\d))?(?![a-z\d.+-])|publicdomain\/+(zero|mark|certification)(?:\/+(\d\.\d))?)/gi;
const elements = new Set(["by", "nc", "nd", "sa"]);

/** The deeds that an address, or a text, names, each once: of a text under several, each binds somebody. */
export function parseCreativeCommons(text: string): readonly CreativeCommons[] {
  const found = new Map<string, CreativeCommons>();
  for (const match of text.slice(0, 2048).matchAll(deed)) {
    const licence = licenceOf(match);
    found.set(licence.terms, licence);
  }
  return [...found.values()];
}

function licenceOf(match: RegExpExecArray): CreativeCommons {
  const [, name, version, dedication, dedicationVersion] = match;
  const licence = (name ?? dedication ?? "").toLowerCase();
  const number = version ?? dedicationVersion;
  const terms = number === undefined ? licence : `${licence}/${number}`;
  if (dedication !== undefined) return { licence, terms, stated: [{ category: "reuse", value: "allow" }] };
  const parts = licence.split("-");
  const barred: Stated[] = [];
  if (parts.includes("nc")) barred.push({ category: "commercial", value: "deny" });
  if (parts.includes("nd")) barred.push({ category: "derivatives", value: "deny" });
  if (barred.length > 0) return { licence, terms, stated: barred };
  // The sampling licences of 2003 are none of the six.
  const value = parts.every((part) => elements.has(part)) ? "allow" : "unknown";
  return { licence, terms, stated: [{ category: "reuse", value }] };
}
