/**
 * Content Signals (contentsignals.org, Cloudflare, 2025; CC0): `search=yes, ai-input=no, ai-train=no` in a group of robots.txt,
 * or in a response header. A use that is not named is neither permitted nor denied. `use=…` (2026) says how much may be shown and
 * is recorded as it stands.
 */
import type { Category, Stated, StatementValue } from "./statement.js";

const keys: ReadonlyMap<string, Category> = new Map([
  ["search", "search"],
  ["ai-input", "input"],
  ["ai-train", "train"],
  ["use", "use"],
]);

const values: ReadonlyMap<string, StatementValue> = new Map([
  ["yes", "allow"],
  ["no", "deny"],
]);

/** Octets of a value that are read; the longest known one has 70. */
const longest = 2048;

/** Keys and values in any case, divided by commas, semicolons or blanks; what is no known key is passed over. Total and linear. */
export function parseContentSignal(value: string): readonly Stated[] {
  const words = value.slice(0, longest).match(/[^\s,;=]+|=/g) ?? [];
  const stated: Stated[] = [];
  for (let i = 1; i < words.length; i++) {
    if (words[i] !== "=") continue;
    const category = keys.get((words[i - 1] ?? "").toLowerCase());
    if (category === undefined) continue;
    const written = (words[i + 1] ?? "").toLowerCase();
    stated.push({ category, value: category === "use" ? "unknown" : (values.get(written) ?? "unknown") });
  }
  return stated;
}
