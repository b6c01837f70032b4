/** The table of error codes. A code, once released, keeps its meaning; entries are sorted by code. */
export const codes = {
  ADDON_MISSING: {
    summary: "the native addon is not built",
    mend: "run `npm run build:native` (it needs python3, make and g++)",
  },
  INPUT_NOT_FOUND: {
    summary: "no such input file",
    mend: "check the path; patterns in a recipe are relative to the recipe's own folder",
  },
  INTERNAL: {
    summary: "a fault in apertus-data itself",
    mend: "please report it with the command, the recipe and this message",
  },
  LANGUAGE_UNKNOWN: {
    summary: "the language model has no such label",
    mend: "name ISO 639-3 codes (deu, not de or ger; cmn, not zho) or labels such as deu_Latn: assets/language/labels.tsv lists them",
  },
  MODEL_CORRUPT: {
    summary: "not a model that can be read",
    mend: "fetch or train the model again and compare its SHA-256; fastText models must be supervised ones (.bin or .ftz)",
  },
} as const satisfies Record<string, { readonly summary: string; readonly mend: string }>;
