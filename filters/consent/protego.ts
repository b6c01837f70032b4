/**
 * The reading of Protego as of January 2025 (release 0.4.0, Scrapy's parser), which made the decisions of the Apertus corpus
 * (technical report §3.1.1). It is kept with its quirks, so that those decisions can be told from what the site asked for:
 * - an agent's group is the one whose token occurs *anywhere inside* the agent's name, the longest token first (rule-set.ts);
 * - any other record between two agent lines, even a Sitemap, parts them;
 * - text is UTF-8 with replacements, a byte-order mark spoils the first line, lines also end at U+0085, U+2028 and the like;
 * - rules are escaped differently from URLs (`=` in a path), and `$` behind a query anchors the wrong place.
 */
import { type Group, type GroupToken, type Line, linesOf, type Rule } from "./groups.js";
import { octetsOfText, textOf } from "./octets.js";

const agentKeys = ["user-agent", "useragent", "user agent"];
const disallowKeys = ["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"];
const otherKeys = ["sitemap", "sitemaps", "site-map", "crawl-delay", "crawl delay", "request-rate", "request rate", "host"];
const knownKeys: ReadonlySet<string> = new Set([...agentKeys, ...disallowKeys, "allow", ...otherKeys]);

/** White space as Python's str.strip knows it, and where its str.splitlines breaks a line apart from CR and LF. */
const blanks = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const lineBreaks = /[\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** @param octets the file as an octet string; the values of its rules are text, not octets */
export function readProtego(octets: string): readonly Group[] {
  const groups: { tokens: GroupToken[]; rules: Rule[] }[] = [];
  let open: (typeof groups)[number] | undefined;
  let known = new Set<string>();
  let previous = "";
  for (const { text, line } of textLinesOf(octets)) {
    const comment = text.indexOf("#");
    const statement = strip(comment < 0 ? text : text.slice(0, comment));
    const parsed = statement === "" ? undefined : parseStatement(statement);
    if (parsed === undefined) continue;
    const { key, value } = parsed;
    const isAgent = agentKeys.includes(key);
    if (value === "") {
      previous = key;
      continue;
    }
    if (isAgent) {
      if (open === undefined || (previous !== "" && !agentKeys.includes(previous))) {
        open = { tokens: [], rules: [] };
        groups.push(open);
        known = new Set();
      }
      const token = value.toLowerCase();
      for (const name of token !== "*" && token.includes("*") ? [token, token.replaceAll("*", "")] : [token]) {
        if (name === "" || known.has(name)) continue;
        known.add(name);
        // An agent line behind an agent line without a value joins the group late, and shares only the rules from here on.
        open.tokens.push({ token: name, written: octetsOfText(value).slice(0, 128), from: open.rules.length });
      }
    } else if (key === "allow" || disallowKeys.includes(key)) {
      open?.rules.push({ directive: key === "allow" ? "allow" : "disallow", value, line });
    }
    previous = key;
  }
  return groups;
}

/** Lines as text; a line that text breaks inside our line keeps its number. */
function* textLinesOf(octets: string): Generator<{ readonly text: string; readonly line: Line }> {
  for (const line of linesOf(octets)) {
    // The byte-order mark that linesOf skips is part of the text here.
    const text = textOf(octets.slice(line.number === 1 ? 0 : line.start, line.end));
    if (!lineBreaks.test(text)) yield { text, line };
    else for (const part of text.split(lineBreaks)) yield { text: part, line };
  }
}

function parseStatement(statement: string): { readonly key: string; readonly value: string } | undefined {
  const colon = statement.indexOf(":");
  if (colon >= 0) return { key: strip(statement.slice(0, colon)).toLowerCase(), value: strip(statement.slice(colon + 1)) };
  // Without a colon: a directive in lower case, of one or two words, then the value.
  const [first = "", second, ...rest] = statement.split(" ", 3);
  if (second === undefined) return undefined;
  const key = knownKeys.has(first)
    ? first
    : rest.length > 0 && knownKeys.has(`${first} ${second}`)
      ? `${first} ${second}`
      : undefined;
  return key === undefined ? undefined : { key, value: strip(statement.slice(key.length)) };
}

function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blanks.test(text.charAt(start))) start++;
  while (end > start && blanks.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

export function protegoToken(agent: string): string {
  return strip(agent).toLowerCase();
}

/** The patterns that one rule makes: also a literal reading of `$`, and for an allowed index.html the folder itself. */
export function protegoPatterns(directive: Rule["directive"], value: string): readonly string[] {
  const patterns: string[] = [];
  if (value.includes("$")) patterns.push(...protegoPatterns(directive, value.replaceAll("$", "%24")));
  const pattern = quotePattern(value);
  if (pattern === "") return patterns;
  patterns.push(pattern);
  if (directive === "allow" && pattern.endsWith("/index.html")) {
    patterns.push(...protegoPatterns(directive, `${pattern.slice(0, -10)}$`));
  }
  return patterns;
}

function quotePattern(value: string): string {
  let pattern = /^https?:\/\//.test(value) ? `/${value}` : value;
  if (pattern.startsWith("//")) pattern = `//${pattern}`;
  const last = /[?;$]$/.exec(pattern)?.[0] ?? "";
  if (last !== "") pattern = pattern.slice(0, -1);
  // Python's urlparse reads a scheme and an authority into it where it can.
  pattern = pattern.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:/, "").replace(/^\/\/[^/?#]*/, "");
  const { path, params, query, fragment } = split(pattern);
  return quote(unquote(path, "/*$%"), "/*%=") + last + params + query + fragment;
}

/** A URL's path, query and fragment, octets, as text in the spelling that the patterns are compared with. */
export function protegoPath(target: string): string {
  const { path, params, query, fragment } = split(textOf(target).replace(/[\t\r\n]/g, ""));
  const spelling = quote(unquote(path, "/%"), "/%") + params + query + fragment;
  return spelling === "" ? "/" : spelling;
}

/** As Python's urlparse: parameters belong to the last segment of the path; empty parts lose their mark. */
function split(target: string): { path: string; params: string; query: string; fragment: string } {
  const [beforeFragment, fragment] = cutAt(target, target.indexOf("#"));
  const [beforeQuery, query] = cutAt(beforeFragment, beforeFragment.indexOf("?"));
  const [path, params] = cutAt(beforeQuery, beforeQuery.indexOf(";", Math.max(0, beforeQuery.lastIndexOf("/"))));
  return { path, params, query, fragment };
}

function cutAt(text: string, at: number): [string, string] {
  if (at < 0) return [text, ""];
  return [text.slice(0, at), at === text.length - 1 ? "" : text.slice(at)];
}

/** Decodes escapes, except those of the characters in `keep`, which come to be in upper case. */
function unquote(text: string, keep: string): string {
  if (!text.includes("%")) return text;
  return textOf(
    octetsOfText(text).replace(/%([0-9A-Fa-f]{2})/g, (spelled, digits: string) => {
      const character = String.fromCharCode(Number.parseInt(digits, 16));
      return keep.includes(character) ? spelled.toUpperCase() : character;
    }),
  );
}

/** Escapes the UTF-8 octets of whatever is neither unreserved nor in `safe`. */
function quote(text: string, safe: string): string {
  if (/^[A-Za-z0-9_.~/-]*$/.test(text)) return text;
  return octetsOfText(text).replace(/[^A-Za-z0-9_.~-]/g, (octet) =>
    safe.includes(octet) ? octet : `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
