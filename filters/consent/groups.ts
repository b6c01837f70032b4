/**
 * What every way of reading a robots.txt file yields: lines, and groups of agent tokens with their rules (RFC 9309 §2.1). The
 * readings differ in which lines they take for what: strict.ts, intent.ts and protego.ts.
 */

export type MatchingMode = "rfc" | "intent" | "protego";
export const matchingModes = ["rfc", "intent", "protego"] as const satisfies readonly MatchingMode[];

/** A line of the file: octets [start, end) without its end of line; `number` counts from 1. */
export interface Line {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** An allow or disallow rule as written: `value` is an octet string, not yet a pattern. */
export interface Rule {
  readonly directive: "allow" | "disallow";
  readonly value: string;
  readonly line: Line;
}

export interface GroupToken {
  /** What an agent is compared with: in lower case; empty where no agent can match it. */
  readonly token: string;
  /** As it stands in the file, at most 128 octets of it. */
  readonly written: string;
  /** The group's rules from this index on are the token's. 0, but for a quirk of one parser (protego.ts). */
  readonly from: number;
}

export interface Group {
  readonly tokens: GroupToken[];
  readonly rules: Rule[];
}

/** RFC 9309 §2.5: at least 500 KiB are to be parsed; exactly these are. */
export const robotsLimit = 500 * 1024;

/** What is parsed of a robots.txt body: at most 500 KiB, and no line that the limit cuts in two. */
export function parsedPrefix(body: Uint8Array, cutShort = false): Uint8Array {
  if (body.length <= robotsLimit && !cutShort) return body;
  const prefix = body.subarray(0, robotsLimit);
  // The octet behind the limit tells whether the last line ended there.
  const next = body[robotsLimit];
  if (next === 0x0a || next === 0x0d) return prefix;
  const end = Math.max(prefix.lastIndexOf(0x0a), prefix.lastIndexOf(0x0d)) + 1;
  return prefix.subarray(0, end === 0 ? prefix.length : end);
}

/** The lines of a file; CR, LF and CRLF each end one (RFC 9309 §2.2, EOL). A byte-order mark, even a partial one, is skipped. */
export function* linesOf(octets: string): Generator<Line> {
  let start = byteOrderMark(octets);
  for (let number = 1; start < octets.length; number++) {
    let end = start;
    let code = octets.charCodeAt(end);
    while (end < octets.length && code !== 0x0a && code !== 0x0d) code = octets.charCodeAt(++end);
    yield { number, start, end };
    start = end + (code === 0x0d && octets.charCodeAt(end + 1) === 0x0a ? 2 : 1);
  }
}

function byteOrderMark(octets: string): number {
  const mark = "\xef\xbb\xbf";
  let length = 0;
  while (length < mark.length && octets[length] === mark[length]) length++;
  return length;
}

/** Collects groups: agents next to each other share one; the first agent behind a rule opens the next (RFC 9309 §2.1). */
export class GroupBuilder {
  readonly groups: Group[] = [];
  #open: Group | undefined;
  #ruled = false;

  agent(token: string, written: string): void {
    if (this.#open === undefined || this.#ruled) {
      this.#open = { tokens: [], rules: [] };
      this.#ruled = false;
      this.groups.push(this.#open);
    }
    this.#open.tokens.push({ token, written: written.slice(0, 128), from: 0 });
  }

  /** A rule record. An empty or invalid one is no rule, but it ends the list of agents all the same. */
  rule(rule: Rule | undefined): void {
    this.#ruled = true;
    if (rule !== undefined) this.#open?.rules.push(rule);
  }
}

/** Without the spaces and tabs around it (RFC 9309's WS). */
export function trimBlanks(octets: string): string {
  let start = 0;
  let end = octets.length;
  while (start < end && isBlank(octets.charCodeAt(start))) start++;
  while (end > start && isBlank(octets.charCodeAt(end - 1))) end--;
  return octets.slice(start, end);
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The line's octets without its comment. */
export function statementOf(octets: string, line: Line): string {
  const text = octets.slice(line.start, line.end);
  const comment = text.indexOf("#");
  return comment < 0 ? text : text.slice(0, comment);
}
