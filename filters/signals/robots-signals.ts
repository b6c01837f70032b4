/**
 * The signals that stand in a robots.txt file: `Content-Signal` and `Content-Usage` lines in the groups of agents
 * (draft-ietf-aipref-attach-05, "Robots Exclusion Protocol Content-Usage Rule"), `License` lines for the whole site, and whether a part
 * that a content-delivery network manages says otherwise than the site's own lines.
 *
 * A line in a group holds for the agents of the group; one above all groups belongs to none and is taken to hold for all. It may
 * begin with a path pattern; of those that match a path the longest holds, and equal ones hold together.
 */
import { Glob } from "../consent/glob.js";
import { isBlank, type Line, linesOf, parsedPrefix, statementOf, trimBlanks } from "../consent/groups.js";
import { intentStatements, intentToken, intentTokens } from "../consent/intent.js";
import { normalisePath, octetsOf, octetsOfText, printable } from "../consent/octets.js";
import { robotsPath } from "../consent/robots-file.js";
import { strictToken } from "../consent/strict.js";
import { parseContentSignal } from "./content-signal.js";
import { parseContentUsage } from "./content-usage.js";
import { CrawlRules, type ManagedLines } from "./managed.js";
import { parseRslLine, rslStated } from "./rsl.js";
import { bounded, quoteOctets, type Said, type Signal, type Stated, type Statement } from "./statement.js";

interface SignalLine {
  readonly signal: Signal;
  readonly line: Line;
  /** Undefined where the line holds for all paths. */
  readonly glob: Glob | undefined;
  readonly stated: readonly Stated[];
}

interface SignalGroup {
  /** In the file's order. */
  readonly number: number;
  readonly tokens: Set<string>;
  readonly written: string[];
  readonly lines: SignalLine[];
}

const parsers = { "content-signal": parseContentSignal, "content-usage": parseContentUsage } as const;
/** Files without any of these words are read no further. */
const mentions = /content[-_]signal|content[-_]usage|^[ \t]*license[ \t]{0,8}:|cloudflare managed/im;
/** Statements that are made of a file for one path. */
const mostStatements = 64;

export class RobotsSignals {
  /** Estimated octets of memory. */
  readonly cost: number;
  readonly #octets: string;
  readonly #anybody: SignalGroup = { number: 0, tokens: new Set(), written: [], lines: [] };
  readonly #groups: SignalGroup[] = [];
  readonly #licences: SignalLine[] = [];
  readonly #managed: { readonly from: number; to: number }[] = [];
  /** The groups of each agent, those of agents who share them once. */
  readonly #heard: readonly (readonly SignalGroup[])[];
  /** Patterns by how they are written; many lines may share one. */
  readonly #globs = new Map<string, Glob>();
  /** What has been said of whom, so that a line that says it again is not kept. */
  readonly #said = new Set<string>();
  #lines = 0;
  #crawlRules: CrawlRules | undefined;

  /** @param bytes the file; at most 500 KiB of it are read */
  constructor(
    bytes: Uint8Array,
    private readonly agents: readonly string[],
  ) {
    const octets = octetsOf(parsedPrefix(bytes));
    this.#octets = mentions.test(octets) ? octets : "";
    if (!this.silent) this.#read();
    this.#globs.clear();
    this.#said.clear();
    this.#heard = this.#groupsOfAgents();
    // Rules are compiled for the files whose statements they may contradict.
    this.cost = 512 + 8 * this.#octets.length + this.#lines * 400 + this.#groups.length * 300;
  }

  /** It states nothing of any path. */
  get silent(): boolean {
    return this.#octets === "";
  }

  /** What the file states of one path, in the order of its lines. @param target path and query as an octet string */
  statements(target: string): Said {
    if (this.silent) return { statements: [], complete: true };
    const path = robotsPath(target);
    const matches = matcherOf(path.normal);
    const holding = new Map<number, { readonly entry: SignalLine; readonly scope: string }>();
    for (const groups of [[this.#anybody], ...this.#heard]) {
      for (const signal of ["content-signal", "content-usage"] as const) {
        for (const { entry, group } of longestOf(groups, signal, matches)) {
          holding.set(entry.line.number, { entry, scope: scopeOf(group, entry) });
        }
      }
    }
    for (const entry of this.#licences) holding.set(entry.line.number, { entry, scope: "*" });
    const { statements, complete } = bounded(
      [...holding.values()]
        .sort((a, b) => a.entry.line.number - b.entry.line.number)
        .flatMap(({ entry, scope }) => this.#statementsOf(entry, scope)),
      mostStatements,
    );
    const permits = statements.some(({ category, value }) => category === "train" && value === "allow");
    if (!permits && this.#managed.length === 0) return { statements, complete };
    this.#crawlRules ??= new CrawlRules(this.#octets, this.agents, this.#managedLines);
    return { statements: [...statements, ...this.#crawlRules.contradictions(path, permits)], complete };
  }

  readonly #managedLines: ManagedLines = (line) => this.#managed.some(({ from, to }) => line >= from && line <= to);

  #statementsOf({ signal, line, stated }: SignalLine, scope: string): readonly Statement[] {
    const raw = quoteOctets(this.#octets.slice(line.start, line.end));
    const managed = this.#managedLines(line.number) ? ({ managed: "cloudflare" } as const) : {};
    return stated.map(({ category, value }) => ({
      signal,
      location: "robots.txt",
      scope,
      category,
      value,
      where: `line ${line.number}`,
      raw,
      ...managed,
    }));
  }

  #read(): void {
    let open: SignalGroup | undefined;
    let ruled = true;
    for (const line of linesOf(this.#octets)) {
      this.#noteManaged(line);
      const statement = statementOf(this.#octets, line);
      if (statement === "") continue;
      const at = signalIn(statement);
      for (const { directive, value } of at === 0 ? [] : intentStatements(statement.slice(0, at))) {
        if (directive !== "agent") {
          ruled = true;
          continue;
        }
        if (open === undefined || ruled) {
          open = { number: this.#groups.length + 1, tokens: new Set(), written: [], lines: [] };
          this.#groups.push(open);
          ruled = false;
        }
        for (const token of [value.toLowerCase(), ...intentTokens(value)]) open.tokens.add(token);
        if (open.written.length < 4) open.written.push(value);
      }
      const signal = this.#signalOf(statement.slice(at ?? 0), line, (at ?? 0) === 0);
      if (signal === undefined) continue;
      // Content-Usage is a rule of its group (attach), so agents behind it begin the next; other records do not (RFC 9309, 2.2.4).
      if (signal.signal === "content-usage") ruled = true;
      const group = open ?? this.#anybody;
      if (this.#isNew(group.number, signal)) group.lines.push(signal);
    }
  }

  /** @param isOwnLine nothing stands in front of it: else, as under a misspelt name, a permission is none */
  #signalOf(statement: string, line: Line, isOwnLine: boolean): SignalLine | undefined {
    const match = /^(content[-_](?:signals?|usage))[ \t]*(?:[:=]|[ \t])/i.exec(statement);
    const colon = match === null ? statement.indexOf(":") : match[0].length - 1;
    if (colon < 0) return undefined;
    const name = trimBlanks(statement.slice(0, colon)).toLowerCase();
    const key = match === null ? name : (match[1] ?? "").toLowerCase().replace("_", "-");
    const value = trimBlanks(statement.slice(colon + 1));
    const isPlain = isOwnLine && statement.charAt(colon) === ":" && (name === "content-signal" || name === "content-usage");
    if (key === "license" && parseRslLine(value) !== undefined) {
      const licence = { signal: "rsl", line, glob: undefined, stated: rslStated } as const;
      if (this.#isNew(value, licence)) this.#licences.push(licence);
      return undefined;
    }
    const signal = key === "content-signals" ? "content-signal" : key;
    if (signal !== "content-signal" && signal !== "content-usage") return undefined;
    const { path, rest } = splitPath(value);
    return {
      signal,
      line,
      glob: path === "" ? undefined : this.#globOf(path),
      stated: isPlain ? parsers[signal](textOf(rest)) : parsers[signal](textOf(rest)).map(withoutPermission),
    };
  }

  #globOf(path: string): Glob {
    let glob = this.#globs.get(path);
    if (glob === undefined) {
      glob = new Glob(normalisePath(path, true));
      this.#globs.set(path, glob);
    }
    return glob;
  }

  /** @param whom a group, or the licence that is named */
  #isNew(whom: number | string, { signal, glob, line, stated }: SignalLine): boolean {
    const said = stated.map(({ category, value }) => `${category}=${value}`).join();
    const managed = this.#managedLines(line.number);
    const key = JSON.stringify([whom, signal, glob?.pattern, said, managed]);
    if (this.#said.has(key)) return false;
    this.#said.add(key);
    this.#lines++;
    return true;
  }

  /** The lines from `# BEGIN Cloudflare Managed content` to the one that ends it, or to the end of the file. */
  #noteManaged(line: Line): void {
    if (this.#octets.charCodeAt(line.start) !== 0x23) return;
    const mark = /^#+[ \t]?(begin|end) cloudflare managed/i.exec(this.#octets.slice(line.start, line.start + 64));
    if (mark === null) return;
    const last = this.#managed.at(-1);
    if (mark[1]?.toLowerCase() === "begin") this.#managed.push({ from: line.number, to: Number.POSITIVE_INFINITY });
    else if (last !== undefined && last.to === Number.POSITIVE_INFINITY) last.to = line.number;
  }

  #groupsOfAgents(): readonly (readonly SignalGroup[])[] {
    const distinct = new Map<string, readonly SignalGroup[]>();
    for (const agent of this.agents) {
      const tokens = [strictToken(agent), intentToken(octetsOfText(agent))];
      const named = this.#groups.filter((group) => tokens.some((token) => token !== "" && group.tokens.has(token)));
      const heard = named.length > 0 ? named : this.#groups.filter((group) => group.tokens.has("*"));
      distinct.set(heard.map(({ number }) => number).join(), heard);
    }
    return [...distinct.values()];
  }
}

function withoutPermission({ category, value }: Stated): Stated {
  return { category, value: value === "allow" ? "unknown" : value };
}

/** Octets as the text that they spell: quotes of a word processor are three octets each. */
function textOf(octets: string): string {
  return /[^\x00-\x7f]/.test(octets) ? Buffer.from(octets, "latin1").toString() : octets;
}

/** Where a signal begins in a line: behind a group's agents too, where somebody wrote both in one. */
function signalIn(statement: string): number | undefined {
  const match = /(^|[ \t;,|])content[-_](?:signals?|usage)[ \t]*(?:[:=]|[ \t])/i.exec(statement);
  return match === null ? undefined : match.index + (match[1]?.length ?? 0);
}

/** A path stands in front where the value begins with a slash, and ends at the first blank (attach, "Processing Content-Usage Rules"). */
function splitPath(value: string): { readonly path: string; readonly rest: string } {
  if (!value.startsWith("/")) return { path: "", rest: value };
  let end = 0;
  while (end < value.length && !isBlank(value.charCodeAt(end))) end++;
  return { path: value.slice(0, end), rest: trimBlanks(value.slice(end)) };
}

/** Asks each pattern once, however many agents hear it. */
function matcherOf(path: string): (glob: Glob) => boolean {
  const known = new Map<Glob, boolean>();
  return (glob) => {
    let matches = known.get(glob);
    if (matches === undefined) {
      matches = glob.matches(path);
      known.set(glob, matches);
    }
    return matches;
  };
}

/** Of an agent's lines those whose pattern matches with the most octets. */
function longestOf(
  groups: readonly SignalGroup[],
  signal: Signal,
  matches: (glob: Glob) => boolean,
): readonly { readonly entry: SignalLine; readonly group: SignalGroup }[] {
  let longest = -1;
  let found: { readonly entry: SignalLine; readonly group: SignalGroup }[] = [];
  for (const group of groups) {
    for (const entry of group.lines) {
      const octets = entry.glob?.octets ?? 0;
      if (entry.signal !== signal || octets < longest) continue;
      if (entry.glob !== undefined && !matches(entry.glob)) continue;
      // Content-Signal knows no paths, so there a longer one lifts nothing.
      if (signal === "content-usage") {
        if (octets > longest) found = [];
        longest = octets;
      }
      found.push({ entry, group });
    }
  }
  return found;
}

function scopeOf({ written }: SignalGroup, { glob }: SignalLine): string {
  const agents = written.length === 0 ? "*" : printable(written.join(", "), 64);
  return glob === undefined ? agents : `${agents} ${printable(glob.pattern, 64)}`;
}
