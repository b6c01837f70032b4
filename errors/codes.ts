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
  PLACEHOLDER_UNKNOWN: {
    summary: "the tokenizer has no placeholder token for this kind of redaction",
    mend: "use the kinds email, ip and iban, or a tokenizer that has a token for the kind",
  },
  TOKENIZER_DAMAGED: {
    summary: "the tokenizer's vocabulary file cannot be used",
    mend: "install apertus-data again; the file under assets/tokenizer is not the one that was released",
  },
  TOKENIZER_MISMATCH: {
    summary: "this tokenizer does not give the tokens that the corpus was written with",
    mend: "use the tokenizer that the corpus manifest names, in the version of apertus-data that wrote it",
  },
  TOKENIZER_UNKNOWN: {
    summary: "there is no tokenizer of this name",
    mend: "use `apertus`",
  },
  TOKEN_UNKNOWN: {
    summary: "a token id lies outside the vocabulary",
    mend: "check that the tokens were written with this tokenizer",
  },
} as const satisfies Record<string, { readonly summary: string; readonly mend: string }>;
