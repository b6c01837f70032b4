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

/** What else leaves no doubt of a denial counts as one; a permission is the word of the standard alone. */
const values: ReadonlyMap<string, StatementValue> = new Map([
  ["yes", "allow"],
  ["no", "deny"],
  ["n", "deny"],
  ["false", "deny"],
  ["deny", "deny"],
  ["disallow", "deny"],
]);

/**
 * Keys and values in any case, in quotes or not, divided by commas, semicolons or blanks, with a colon in place of `=`, or `_` of
 * `-`; what is no known key is passed over. What is said again is yielded once. Total and linear.
 */
export function parseContentSignal(value: string): readonly Stated[] {
  const found = new Map<string, Stated>();
  let before = "";
  let category: Category | undefined;
  const say = (value: StatementValue): void => {
    if (category !== undefined) found.set(`${category} ${value}`, { category, value });
    category = undefined;
  };
  for (const [word] of value.matchAll(/[^\s,;=:"'“”‘’]+|[=:]/g)) {
    const written = word.toLowerCase().replaceAll("_", "-");
    if (word === "=" || word === ":") {
      say("unknown");
      category = keys.get(before);
    } else if (category !== undefined) {
      say(category === "use" ? "unknown" : (values.get(written) ?? "unknown"));
    }
    before = written;
  }
  say("unknown");
  return [...found.values()];
}
