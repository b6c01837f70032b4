/**
 * Which word lists a language is judged by: ISO 639-3 codes (with the macrolanguage and common variants), and the two-letter
 * codes of ISO 639-1. A list is named as its source names it; hi holds Hindi in Latin script, ru also Russian in Latin script.
 */
const codesOf: Readonly<Record<string, string>> = {
  ar: "ara arb arz apc ajp ary acm acq aeb ars ar",
  cs: "ces cs",
  da: "dan da",
  de: "deu gsw bar de",
  en: "eng sco en",
  eo: "epo eo",
  es: "spa es",
  fa: "fas pes prs fa",
  fi: "fin fi",
  fil: "fil tgl tl",
  fr: "fra fr",
  "fr-CA-u-sd-caqc": "fra fr",
  hi: "hin hi",
  hu: "hun hu",
  it: "ita it",
  ja: "jpn ja",
  kab: "kab",
  ko: "kor ko",
  nl: "nld nl",
  no: "nor nob nno no nb nn",
  pl: "pol pl",
  pt: "por pt",
  ru: "rus ru",
  sv: "swe sv",
  th: "tha th",
  tlh: "tlh",
  tr: "tur tr",
  zh: "zho cmn yue wuu lzh nan hak zh",
};

export const listNames = Object.keys(codesOf) as readonly string[];

const lists = new Map<string, readonly string[]>();
for (const [list, codes] of Object.entries(codesOf)) {
  for (const code of codes.split(" ")) lists.set(code, [...(lists.get(code) ?? []), list]);
}

/**
 * The lists for a language tag such as deu_Latn, deu or de-CH: none for a language without a list, undefined where the language
 * is not known (empty, or und).
 */
export function listsFor(language: string): readonly string[] | undefined {
  const code = language.split(/[_-]/, 1)[0]?.toLowerCase() ?? "";
  return code === "" || code === "und" ? undefined : (lists.get(code) ?? []);
}
