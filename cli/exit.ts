/** Exit codes, errors and output that every verb shares. */
import { DataError, type ErrorCode } from "../errors/index.js";

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  interrupted: 3,
  /** Done, but more documents than the recipe allows could not be read. */
  quarantine: 4,
} as const;

/** Codes that mean that the command, the recipe or what it names to decide with is wrong: found before any input is read. */
const usageCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "AGENT_PROFILE_INVALID",
  "EXPORT_FOLDER_OTHER",
  "FETCH_CONTACT_MISSING",
  "FETCH_FOLDER_OTHER",
  "FILTER_NOT_FOUND",
  "LANGUAGE_UNKNOWN",
  "MODEL_SHAPE_INVALID",
  "PARAMETERS_INVALID",
  "RECIPE_INVALID",
  "RECIPE_NOT_FOUND",
  "SQL_INVALID",
  "SUBJECT_INVALID",
  "SUBJECT_IS_SUFFIX",
  "TRAINING_FOLDER_USED",
  "USAGE",
]);

/** The exit code of a verb that ends with this error. docs/errors.md lists it with each code. */
export function exitCodeOf(code: ErrorCode): number {
  return usageCodes.has(code) ? exitCodes.usage : exitCodes.failed;
}

/**
 * Text from the web, made safe for a terminal: C0 and C1 control characters and bidirectional overrides are shown as escapes, so
 * that a URL or a robots.txt line cannot move the cursor, rename the window or reverse the text behind it.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Prints an error the way all verbs do and returns the exit code for it. */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof DataError) {
    if (json) console.log(JSON.stringify({ error }));
    console.error(`error ${error.code}: ${printable(error.message)}\n  mend: ${printable(error.mend)}`);
    if (error.code === "INTERNAL") console.error(printable(error.stack ?? ""));
    return exitCodeOf(error.code);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (json) console.log(JSON.stringify({ error: { code: "INTERNAL", message } }));
  console.error(`error INTERNAL: ${printable(message)}\n${printable(error instanceof Error ? (error.stack ?? "") : "")}`);
  console.error("  mend: please report it with the command, the recipe and this message");
  return exitCodes.failed;
}
