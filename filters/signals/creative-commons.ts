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

const longest = 2048;
const address = /(?:^|[/.\s"'(])creativecommons\.org\/+(licen[cs]es|publicdomain)\/+([^\s"'<>()]{1,200})/gi;
/** What stands behind a name where nothing is odd: version, jurisdiction, the deed or the legal code in a language. */
const rest =
  /^(?:\/+(\d\.\d))?(?:\/+(?:igo|scotland|[a-z]{2,3}))?(?:\/+(?:deed|legalcode|rdf)(?:[._-][a-z_-]{1,12})?(?:\.txt)?)?\/*(?:[?#].*)?$/i;
const licences = new Set([
  "by",
  "by-sa",
  "by-nc",
  "by-nd",
  "by-nc-sa",
  "by-nc-nd",
  "sa",
  "nc",
  "nd",
  "nc-sa",
  "nc-nd",
  "nd-nc",
]);
const dedications = new Set(["zero", "mark", "certification"]);

/** The deeds that an address, or a text, names, each once: of a text under several, each binds somebody. */
export function parseCreativeCommons(text: string): readonly CreativeCommons[] {
  // An address that is cut off may be any other.
  const read = text.length <= longest ? text : text.slice(0, longest).replace(/[^\s"'<>()]*$/, "");
  const found = new Map<string, CreativeCommons>();
  for (const [, kind = "", path = ""] of read.matchAll(address)) {
    const licence = licenceOf(kind.toLowerCase() === "publicdomain", path.replace(/[.,;:!]+$/, ""));
    if (licence !== undefined) found.set(`${licence.terms} ${licence.stated.length}`, licence);
  }
  return [...found.values()];
}

/**
 * A permission is a name of Creative Commons' own in an address of the usual form; NC and ND bar, wherever they stand. The terms of an
 * odd address begin with `?`, and are so in no list of licences.
 */
function licenceOf(isDedication: boolean, path: string): CreativeCommons | undefined {
  const [written = ""] = path.split(/[/?#]/, 1);
  const licence = written.toLowerCase();
  if (licence === "") return undefined;
  const behind = rest.exec(path.slice(written.length));
  const isUsual = behind !== null && (isDedication ? dedications : licences).has(licence);
  const version = behind?.[1];
  const terms = !isUsual ? `?${path.slice(0, 60)}` : version === undefined ? licence : `${licence}/${version}`;
  const all = path.toLowerCase().replaceAll("%2d", "-");
  const barred: Stated[] = [];
  if (!isDedication && /(?:^|[^a-z])nc(?:[^a-z]|$)/.test(all)) barred.push({ category: "commercial", value: "deny" });
  if (!isDedication && /(?:^|[^a-z])nd(?:[^a-z]|$)/.test(all)) barred.push({ category: "derivatives", value: "deny" });
  if (barred.length > 0) return { licence, terms, stated: barred };
  return { licence, terms, stated: [{ category: "reuse", value: isUsual ? "allow" : "unknown" }] };
}
