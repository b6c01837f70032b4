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

/** What leaves no doubt of a denial counts as one; a permission is the word of the standard alone, as the standard writes it. */
const values: ReadonlyMap<string, StatementValue> = new Map([
  ["yes", "allow"],
  ["no", "deny"],
  ["n", "deny"],
  ["0", "deny"],
  ["false", "deny"],
  ["deny", "deny"],
  ["disallow", "deny"],
]);

/**
 * Keys and values in any case, in quotes or not, divided by commas, semicolons or blanks, with a colon in place of `=`, or `_` of
 * `-`; what is no known key is passed over. A permission that is written in any other way than `key=yes` is unknown. What is said
 * again is yielded once. Total and linear.
 */
export function parseContentSignal(value: string): readonly Stated[] {
  const found = new Map<string, Stated>();
  let before = { word: "", isPlain: false };
  let open: { readonly category: Category; isPlain: boolean } | undefined;
  const say = (stated: StatementValue): void => {
    if (open !== undefined) found.set(`${open.category} ${stated}`, { category: open.category, value: stated });
    open = undefined;
  };
  const isApart = (at: number): boolean => /^(?:[\s,;]|$)/.test(value.charAt(at));
  for (const { 0: word, index } of value.matchAll(/[^\s,;=:"'“”‘’]+|[=:]|["'“”‘’]+/g)) {
    const written = word
      .toLowerCase()
      .replaceAll("_", "-")
      .replace(/[.!]+$/, "");
    if (word === "=" || word === ":") {
      if (open === undefined || keys.has(before.word)) {
        say("unknown");
        const category = keys.get(before.word);
        open = category === undefined ? undefined : { category, isPlain: before.isPlain && word === "=" };
      }
    } else if (/^["'“”‘’]/.test(word)) {
      if (open !== undefined) open.isPlain = false;
      continue;
    } else if (open !== undefined) {
      const stated = open.category === "use" ? "unknown" : (values.get(written) ?? "unknown");
      const isPlain = open.isPlain && word.toLowerCase() === "yes" && isApart(index + word.length);
      say(stated === "allow" && !isPlain ? "unknown" : stated);
    }
    before = { word: written, isPlain: (index === 0 || isApart(index - 1)) && word.toLowerCase() === written };
  }
  say("unknown");
  return [...found.values()];
}
