/**
 * The reading by intent: what the author of a robots.txt file evidently meant where a strict parser cuts or ignores the line.
 * In Common Crawl's sample of two million sites one user-agent mention in six is no valid product token. It takes
 * - names with digits, dots, spaces or a version: `AI2Bot`, `CCBot/2.0`, a whole User-Agent header;
 * - several agents on one line: `GPTBot, CCBot`;
 * - misspelt directives, a missing colon, and lines that lost their line break: `User-agent: GPTBot Disallow: /`;
 * - paths without a leading slash, whole URLs, and several paths behind one Disallow: `Disallow: /a, /b`;
 * - lines with characters around their parts that nobody sees (invisible.ts), or with octets in front that a broken encoding left;
 * What is doubtful never becomes a permission: no Allow is read out of prose, as in `We do not allow: /`, and none lists paths.
 * And where two groups for one agent contradict each other with equally long rules, the restrictive one (rule-set.ts).
 */
import { type Group, GroupBuilder, isBlank, linesOf, statementOf } from "./groups.js";
import { trimInvisible, visible } from "./invisible.js";
import { normalisePath } from "./octets.js";

type Directive = "agent" | "allow" | "disallow";

const directives: ReadonlyMap<string, Directive> = new Map([
  ...["user-agent", "useragent", "user agent", "user_agent", "user-agents"].map((key) => [key, "agent"] as const),
  ["allow", "allow"] as const,
  ...["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "dis-allow", "dis allow", "disallows"].map(
    (key) => [key, "disallow"] as const,
  ),
]);

const anyDirective = [...directives.keys()].sort((a, b) => b.length - a.length).join("|");
const inside = new RegExp(`(?:${anyDirective})[ \\t]*:`, "gi");
const withoutColon = new RegExp(`^(${anyDirective})[ \\t]`, "i");

/** @param octets the file as an octet string */
export function readIntent(octets: string): readonly Group[] {
  const builder = new GroupBuilder();
  for (const line of linesOf(octets)) {
    for (const { directive, value } of intentStatements(statementOf(octets, line))) {
      if (directive === "agent") {
        const tokens = intentTokens(value);
        if (tokens.size === 0) builder.agent("", value);
        for (const token of tokens) builder.agent(token, value);
      } else {
        builder.rule(undefined);
        for (const path of directive === "allow" ? [value] : pathsOf(value)) {
          if (path !== "") builder.rule({ directive, value: path, line });
        }
      }
    }
  }
  return builder.groups;
}

interface IntentStatement {
  readonly directive: Directive;
  readonly value: string;
}

/** What one line says, without its comment: nothing, or something, or several things. */
export function intentStatements(line: string): readonly IntentStatement[] {
  return statementsOf(line)
    .map(parseStatement)
    .filter((parsed) => parsed !== undefined);
}

/** Cuts a line before each directive inside it that follows a blank or a spelt-out `\n`; a doubtful Allow is cut out. */
function statementsOf(statement: string): readonly string[] {
  const colon = statement.indexOf(":");
  if (colon < 0 || (directiveOf(statement.slice(0, colon)) !== undefined && !statement.includes(":", colon + 1))) {
    return [statement];
  }
  const statements: string[] = [];
  let start = 0;
  /** What the piece from `start` on begins with. */
  let begun = keyOf(trimInvisible(statement))?.directive;
  let doubtful = false;
  for (const match of statement.matchAll(inside)) {
    const before = statement.charCodeAt(match.index - 1);
    const spelt = /\\[rn]$/.test(statement.slice(Math.max(0, match.index - 2), match.index));
    if (match.index > start && (isBlank(before) || spelt)) {
      if (!doubtful) statements.push(statement.slice(start, spelt ? match.index - 2 : match.index));
      const directive = directiveOf(match[0].slice(0, -1));
      doubtful = directive === "allow" && !spelt && !mayAllow(begun, statement, start, match.index);
      begun = doubtful ? undefined : directive;
      start = match.index;
    }
  }
  if (!doubtful) statements.push(statement.slice(start));
  return statements;
}

/** Whether an Allow at this place is one: its line began as a record, and the word before it is no part of a sentence. */
function mayAllow(begun: Directive | undefined, statement: string, start: number, at: number): boolean {
  if (begun === undefined) return false;
  let end = at;
  while (end > start && isBlank(statement.charCodeAt(end - 1))) end--;
  let word = end;
  while (word > start && !isBlank(statement.charCodeAt(word - 1))) word--;
  const before = statement.slice(word, end);
  return begun === "agent" ? before.toLowerCase() !== "not" : /^[/*]/.test(before) || before.endsWith(":");
}

/** The directive that stands before a colon. */
function directiveOf(before: string): Directive | undefined {
  const directive = directives.get(trimInvisible(before).toLowerCase());
  if (directive !== undefined) return directive;
  // A byte-order mark or a joiner in a broken encoding; or letters of another script, which may negate an Allow.
  const behind = directives.get(trimInvisible(before.replace(/^[^!-~]+/, "")).toLowerCase());
  return behind === "allow" ? undefined : behind;
}

/** The directive that a text begins with, and where its value begins. */
function keyOf(text: string): { readonly directive: Directive; readonly end: number } | undefined {
  const colon = text.indexOf(":");
  const directive = colon < 0 ? undefined : directiveOf(text.slice(0, colon));
  if (directive !== undefined) return { directive, end: colon + 1 };
  const word = withoutColon.exec(text)?.[1];
  const bare = word === undefined ? undefined : directives.get(word.toLowerCase());
  return word === undefined || bare === undefined ? undefined : { directive: bare, end: word.length };
}

function parseStatement(statement: string): IntentStatement | undefined {
  const text = trimInvisible(statement);
  const key = keyOf(text);
  return key && { directive: key.directive, value: withoutLineBreak(trimInvisible(text.slice(key.end))) };
}

function withoutLineBreak(value: string): string {
  return trimInvisible(/^\\[rn]$/.test(value.slice(-2)) ? value.slice(0, -2) : value);
}

/**
 * The paths that the value of a Disallow line means: each where it lists paths alone, `/` where that has words behind it, and
 * otherwise the whole: blanks do occur in paths.
 */
function pathsOf(value: string): readonly string[] {
  const words = value.split(/[ \t]+/);
  if (words.length === 1) return words;
  const paths = words.map(withoutDivider).filter((word) => word !== "");
  if (paths[0] === "/") return ["/"];
  const listed = paths.length > 0 && paths.every((path, i) => path.startsWith("/") || (i === 0 && path.startsWith("*")));
  return listed ? paths : [value];
}

function withoutDivider(word: string): string {
  let end = word.length;
  while (end > 0 && (word[end - 1] === "," || word[end - 1] === ";")) end--;
  return word.slice(0, end);
}

/** All names that the value of a user-agent line may mean: the whole of it, and each of its words. */
export function intentTokens(value: string): ReadonlySet<string> {
  const seen = visible(value);
  const lower = seen.toLowerCase();
  const tokens = new Set<string>();
  const words = lower.split(/[\s,;|]+/).map(trimMarks);
  if (/^["']?\*["']?(?:$|[\s,;|])|[,;|][ \t]?\*[ \t]?(?:$|[,;|])/.test(lower)) tokens.add("*");
  const whole = intentToken(seen);
  if (whole !== "") tokens.add(whole);
  for (const word of words) {
    const token = trimMarks(word.split("/", 1)[0] ?? "");
    if (token !== "") tokens.add(token);
  }
  return tokens;
}

/** The name of an agent as this mode compares it: lower case, single spaces, without version, quotes and stray marks. */
export function intentToken(agent: string): string {
  if (agent.trim() === "*") return "*";
  const name = agent.toLowerCase().split(/\s+/).filter(Boolean).join(" ").split("/", 1)[0] ?? "";
  return trimMarks(trimMarks(name).replace(/ v?[0-9][0-9.]*$/, ""));
}

/** Without quotes, brackets, stars and punctuation around a name. */
function trimMarks(word: string): string {
  let start = 0;
  let end = word.length;
  while (start < end && !isNameOctet(word.charCodeAt(start))) start++;
  while (end > start && !isNameOctet(word.charCodeAt(end - 1))) end--;
  return word.slice(start, end);
}

function isNameOctet(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code >= 0x80;
}

/** A path without its slash gets one, and a whole URL loses its authority: no other reading of them makes sense. */
export function intentPattern(value: string): string {
  const path = value.replace(/^https?:\/\/[^/]*/i, "");
  return normalisePath(/^[/*]/.test(path) ? path : `/${path}`, true);
}
