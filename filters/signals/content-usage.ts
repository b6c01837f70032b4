/**
 * AI preferences (IETF AIPREF: draft-ietf-aipref-vocab-08, draft-ietf-aipref-attach-05): `Content-Usage: train-ai=n, search=y`, a
 * dictionary of RFC 9651, in a response header or a rule of robots.txt. Preferences are the tokens `y` and `n`; anything else is
 * unknown, keys that the vocabulary does not know and all parameters are ignored.
 *
 * The labels changed in every draft, and the old ones stand in archives. A denial by an old label counts; a permission by one
 * does not, since the use that it once named was another.
 */
import type { Category, Stated, StatementValue } from "./statement.js";
import { parseDictionary } from "./structured-field.js";

/** vocab-05 to -08. */
const current: ReadonlyMap<string, Category> = new Map([
  ["train-ai", "train"],
  ["search", "search"],
]);

/** vocab-00 to -04: whoever denied these denied training, mining, or input. */
const former: ReadonlyMap<string, Category> = new Map([
  ["all", "train"],
  ["bots", "train"],
  ["ai", "train"],
  ["genai", "train"],
  ["train-genai", "train"],
  ["tdm", "mine"],
  ["ai-use", "input"],
  ["ai-output", "input"],
  ["inference", "input"],
]);

/** What cannot be parsed says that there was a preference, and not which (vocab, "Processing Algorithm"). Total and linear. */
export function parseContentUsage(value: string): readonly Stated[] {
  const members = parseDictionary(value.trim());
  if (members === undefined) return [{ category: "train", value: "unknown" }];
  const stated: Stated[] = [];
  for (const [key, member] of members) {
    const preference = member.kind === "token" ? member.token : "";
    const category = current.get(key);
    const formerly = former.get(key);
    if (category !== undefined) stated.push({ category, value: preferred(preference) });
    else if (formerly !== undefined) stated.push({ category: formerly, value: preference === "n" ? "deny" : "unknown" });
  }
  return stated;
}

function preferred(preference: string): StatementValue {
  return preference === "n" ? "deny" : preference === "y" ? "allow" : "unknown";
}
