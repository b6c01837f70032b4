/**
 * The reading by intent: what the author of a robots.txt file evidently meant where a strict parser cuts or ignores the line.
 * In Common Crawl's sample of two million sites one user-agent mention in six is no valid product token. It takes
 * - names with digits, dots, spaces or a version: `AI2Bot`, `CCBot/2.0`, a whole User-Agent header;
 * - several agents on one line: `GPTBot, CCBot`;
 * - misspelt directives, a missing colon, and lines that lost their line break: `User-agent: GPTBot Disallow: /`;
 * - paths without a leading slash, and whole URLs;
 * and where two groups for one agent contradict each other with equally long rules, the restrictive one (rule-set.ts).
 */
import { type Group, GroupBuilder, isBlank, linesOf, statementOf, trimBlanks } from "./groups.js";
import { normalisePath } from "./octets.js";

const directives: ReadonlyMap<string, "agent" | "allow" | "disallow"> = new Map([
  ...["user-agent", "useragent", "user agent", "user_agent", "user-agents"].map((key) => [key, "agent"] as const),
  ["allow", "allow"] as const,
  ...["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "dis-allow"].map(
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
        builder.rule(value === "" ? undefined : { directive, value, line });
      }
    }
  }
  return builder.groups;
}

interface IntentStatement {
  readonly directive: "agent" | "allow" | "disallow";
  readonly value: string;
}

/** What one line says, without its comment: nothing, or something, or several things. */
export function intentStatements(line: string): readonly IntentStatement[] {
  return statementsOf(line)
    .map(parseStatement)
    .filter((parsed) => parsed !== undefined);
}

/** Cuts a line before each directive inside it that follows a blank or a spelt-out `\n`. */
function statementsOf(statement: string): readonly string[] {
  const colon = statement.indexOf(":");
  const plain =
    colon < 0 || (directives.has(trimBlanks(statement.slice(0, colon)).toLowerCase()) && !statement.includes(":", colon + 1));
  if (plain) return [statement];
  const statements: string[] = [];
  let start = 0;
  for (const match of statement.matchAll(inside)) {
    const before = statement.charCodeAt(match.index - 1);
    const spelt = /\\[rn]$/.test(statement.slice(Math.max(0, match.index - 2), match.index));
    if (match.index > start && (isBlank(before) || spelt)) {
      statements.push(statement.slice(start, spelt ? match.index - 2 : match.index));
      start = match.index;
    }
  }
  statements.push(statement.slice(start));
  return statements;
}

function parseStatement(statement: string): IntentStatement | undefined {
  const text = trimBlanks(statement);
  const colon = text.indexOf(":");
  const key = colon < 0 ? undefined : directives.get(trimBlanks(text.slice(0, colon)).toLowerCase());
  if (key !== undefined) return { directive: key, value: withoutLineBreak(trimBlanks(text.slice(colon + 1))) };
  const word = withoutColon.exec(text)?.[1];
  const directive = word === undefined ? undefined : directives.get(word.toLowerCase());
  if (word === undefined || directive === undefined) return undefined;
  return { directive, value: withoutLineBreak(trimBlanks(text.slice(word.length))) };
}

function withoutLineBreak(value: string): string {
  return trimBlanks(/\\[rn]$/.test(value) ? value.slice(0, -2) : value);
}

/** All names that the value of a user-agent line may mean: the whole of it, and each of its words. */
export function intentTokens(value: string): ReadonlySet<string> {
  const lower = value.toLowerCase();
  const tokens = new Set<string>();
  const words = lower.split(/[\s,;|]+/).map(trimMarks);
  if (/^["']?\*["']?(?:$|[\s,;|])|[,;|][ \t]?\*[ \t]?(?:$|[,;|])/.test(lower)) tokens.add("*");
  const whole = intentToken(value);
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
