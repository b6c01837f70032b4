/** Loads the compiled addon once; the other files of this room give its functions types and documentation. */
import { createRequire } from "node:module";
import { DataError } from "../errors/index.js";

const require = createRequire(import.meta.url);

export const addon: Readonly<Record<string, unknown>> = load();

function load(): Readonly<Record<string, unknown>> {
  try {
    return require("#addon") as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new DataError("ADDON_MISSING", { detail: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "", cause });
  }
}
