/**
 * Creative Commons licences by the address of their deed or legal code: `creativecommons.org/licenses/by-nc-sa/4.0/`,
 * `creativecommons.org/publicdomain/zero/1.0/`. What the elements of the name permit is Creative Commons' own: NC bars commercial
 * use, ND bars adaptations. A licence that a page links to may also be that of a photograph in it, so where it stands is kept.
 */
import type { Stated } from "./statement.js";

export interface CreativeCommons {
  /** `by`, `by-nc-sa`, `zero`, `mark`, … */
  readonly licence: string;
  /** The licence and its version: `by-nc-sa/4.0`. */
  readonly terms: string;
  readonly stated: readonly Stated[];
}

const deed =
  /(?:^|[/.])creativecommons\.org\/(?:licen[cs]es\/([a-z+-]{2,20})\/(\d\.\d)|publicdomain\/(zero|mark|certification)\/(\d\.\d))/i;
const elements = new Set(["by", "nc", "nd", "sa"]);

/** The first deed that an address, or a text, names; undefined where it names none. */
export function parseCreativeCommons(text: string): CreativeCommons | undefined {
  const match = deed.exec(text.slice(0, 2048));
  if (match === null) return undefined;
  const [, name, version, dedication, dedicationVersion] = match;
  const licence = (name ?? dedication ?? "").toLowerCase();
  const terms = `${licence}/${version ?? dedicationVersion ?? ""}`;
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
