/** The table of error codes. A code, once released, keeps its meaning; entries are sorted by code. */
export const codes = {
  ADDON_MISSING: {
    summary: "the native addon is not built",
    mend: "run `npm run build:native` (it needs python3, make and g++)",
  },
  ASSET_CHANGED: {
    summary: "a file that the decisions rest on is not the one that the run was planned with",
    mend: "put the file back, or start the run again so that it is planned with the file as it is now",
  },
  INPUT_NOT_FOUND: {
    summary: "no such input file",
    mend: "check the path; patterns in a recipe are relative to the recipe's own folder",
  },
  INTERNAL: {
    summary: "a fault in apertus-data itself",
    mend: "please report it with the command, the recipe and this message",
  },
} as const satisfies Record<string, { readonly summary: string; readonly mend: string }>;
