/**
 * What a language may be called: our labels are ISO 639-3 and ISO 15924 (`cmn_Hani`); recipes and pages also say `zh`, `zho`, `chi`,
 * `iw` or `zh-Hant-TW` (BCP 47). assets/language/codes.json says which individual languages each of those names.
 */
import { DataError } from "../../errors/index.js";

/** The language of a text that is in none, or in none that can be told (ISO 639-2 "und"). */
export const undetermined = "und";
/** The label that the embedded model was taught for what is no language (ISO 639-2 "zxx"); it is reported as `und`. */
export const noLanguage = "zxx_Zyyy";

/** Macrolanguages, two-letter, bibliographic and withdrawn codes, each with the individual codes that it covers. */
export type Codes = ReadonlyMap<string, readonly string[]>;

export interface Name {
  /** ISO 639-3 codes, or the code itself where it is known to no table. */
  readonly codes: ReadonlySet<string>;
  /** ISO 15924, or undefined where none is named. */
  readonly script: string | undefined;
}

/** A label, a code, or a BCP 47 tag, of which region and variants are passed over. */
export function parseName(text: string, codes: Codes): Name {
  const [primary = "", ...rest] = text.trim().split(/[-_]/);
  const code = primary.toLowerCase();
  const script = rest.find((part) => /^[a-z]{4}$/i.test(part));
  return {
    codes: new Set(codes.get(code) ?? [code]),
    script: script === undefined ? undefined : script.charAt(0).toUpperCase() + script.slice(1).toLowerCase(),
  };
}

/** Whether the wider name covers the other one; scripts only count where both name one. */
export function covers(wide: Name, { codes, script }: Name): boolean {
  if (wide.script !== undefined && script !== undefined && !sameScript(wide.script, script)) return false;
  for (const code of codes) if (wide.codes.has(code)) return true;
  return false;
}

/** BCP 47 tells simplified from traditional Han; our labels do not. */
function sameScript(a: string, b: string): boolean {
  const plain = (script: string): string => (script === "Hans" || script === "Hant" ? "Hani" : script);
  return plain(a) === plain(b);
}

/**
 * Whether a list of a recipe names a language. Throws LANGUAGE_UNKNOWN where an entry names no label of the model: a misspelt `deny`
 * would otherwise drop nothing and say nothing.
 */
export function matcher(entries: readonly string[], names: readonly string[], codes: Codes): (language: string) => boolean {
  const wanted = new Set<string>();
  for (const entry of entries) {
    if (entry === undetermined) {
      wanted.add(undetermined);
      continue;
    }
    const name = parseName(entry, codes);
    const found = names.filter((label) => label === entry || covers(name, parseName(label, codes)));
    if (found.length === 0) throw new DataError("LANGUAGE_UNKNOWN", { detail: entry });
    for (const label of found) wanted.add(label);
  }
  return (language) => wanted.has(language);
}
