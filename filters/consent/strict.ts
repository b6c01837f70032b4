/**
 * The strict reading of a robots.txt file: the grammar of RFC 9309 §2.2 and nothing beside it. A user-agent line whose value is
 * no product token still stands in a group, yet no agent can match it: `User-agent: AI2Bot` opts nobody out here, which is why
 * there is a second reading (intent.ts).
 */
import { type Group, GroupBuilder, linesOf, statementOf, trimBlanks } from "./groups.js";
import { normalisePath } from "./octets.js";

/** @param octets the file as an octet string */
export function readStrict(octets: string): readonly Group[] {
  const builder = new GroupBuilder();
  for (const line of linesOf(octets)) {
    const statement = statementOf(octets, line);
    const colon = statement.indexOf(":");
    if (colon < 0) continue;
    const key = trimBlanks(statement.slice(0, colon)).toLowerCase();
    const value = trimBlanks(statement.slice(colon + 1));
    if (key === "user-agent") {
      builder.agent(/^(?:\*|[A-Za-z_-]+)$/.test(value) ? value.toLowerCase() : "", value);
    } else if (key === "allow" || key === "disallow") {
      // The RFC's grammar wants a slash, yet a rule of its own example in §5.1 begins with a star.
      builder.rule(/^[/*]/.test(value) ? { directive: key, value, line } : undefined);
    }
    // Any other record, known or not, must not interfere with the group (§2.2.4).
  }
  return builder.groups;
}

/**
 * The product token of a crawler's name: `CCBot/2.0` is product and version (RFC 9110 §10.1.5), and the token is `ccbot`.
 * A name that is no valid product token (`AI2Bot`) still falls back to the `*` group.
 */
export function strictToken(agent: string): string {
  return (/^[^/\s]*/.exec(agent.trim())?.[0] ?? "").toLowerCase();
}

export function strictPattern(value: string): string {
  return normalisePath(value, true);
}
