/**
 * Where a robots.txt contradicts itself: a block that Cloudflare puts in front of the site's own file (`User-agent: *`,
 * `Allow: /`) undoes the site's `Disallow: /`, since groups of one agent are merged and allow wins a tie (RFC 9309, sections
 * 2.2.1 and 2.2.2); and a signal permits training where the agents that train are turned away.
 */
import { printable } from "../consent/octets.js";
import type { RobotsPath } from "../consent/robots-file.js";
import { type CompiledRule, GroupIndex, type Membership, RuleSet } from "../consent/rule-set.js";
import { readStrict } from "../consent/strict.js";
import { quoteOctets, type Statement } from "./statement.js";

/** Whether a line, counted from 1, is managed by somebody else than the site. */
export type ManagedLines = (line: number) => boolean;

/** The rules of agents who share their groups, as strict parsers read them. */
interface AgentRules {
  readonly agent: string;
  readonly all: RuleSet;
  readonly managed: RuleSet;
  readonly own: RuleSet;
}

/** Contradicting lines that are named of a file, for one path. */
const most = 4;

export class CrawlRules {
  readonly #rules: readonly AgentRules[];

  constructor(
    private readonly octets: string,
    agents: readonly string[],
    private readonly managed: ManagedLines,
  ) {
    const index = new GroupIndex("rfc", readStrict(octets));
    const rules = new Map<string, AgentRules>();
    for (const agent of agents) {
      const members = index.membersFor(agent);
      const key = members.map((member) => member.index).join();
      if (rules.has(key)) continue;
      const set = (which: ManagedLines): RuleSet => new RuleSet("rfc", withRules(members, which));
      rules.set(key, { agent, all: set(() => true), managed: set(managed), own: set((line) => !managed(line)) });
    }
    this.#rules = [...rules.values()];
  }

  /** Estimated octets of memory. */
  get cost(): number {
    return this.#rules.reduce((sum, { all }) => sum + 2 * all.cost, 0);
  }

  /**
   * The Allow and Disallow lines that contradict a signal or each other; few files have any.
   *
   * @param permits whether a signal of the file permits training
   */
  contradictions(path: RobotsPath, permits: boolean): readonly Statement[] {
    const found = new Map<number, Statement>();
    for (const { agent, all, managed, own } of this.#rules) {
      if (path.exempt || found.size >= most) break;
      const [theirs, sites] = [managed, own].map((set) => set.decide(path.normal, path.head));
      const rule = permits ? all.decide(path.normal, path.head) : undefined;
      if (theirs?.rule.directive === "allow" && sites?.rule.directive === "disallow") {
        for (const line of [sites, theirs]) found.set(line.rule.line.number, this.#statementOf(line, agent));
      } else if (rule?.rule.directive === "disallow") {
        found.set(rule.rule.line.number, this.#statementOf(rule, agent));
      }
    }
    return [...found.values()];
  }

  #statementOf({ rule: { directive, line } }: CompiledRule, agent: string): Statement {
    return {
      signal: "robots-rules",
      location: "robots.txt",
      scope: printable(agent, 64),
      category: "crawl",
      value: directive === "allow" ? "allow" : "deny",
      where: `line ${line.number}`,
      raw: quoteOctets(this.octets.slice(line.start, line.end)),
      ...(this.managed(line.number) ? { managed: "cloudflare" } : {}),
    };
  }
}

function withRules(members: readonly Membership[], which: ManagedLines): readonly Membership[] {
  return members.map((member) => {
    const rules = member.group.rules.filter(({ line }) => which(line.number));
    return { ...member, group: { ...member.group, rules } };
  });
}
