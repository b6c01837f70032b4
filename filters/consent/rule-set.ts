/**
 * The rules that hold for one agent in one reading of a robots.txt file: which groups are the agent's (RFC 9309 §2.2.1), merged
 * into one list, and which rule decides on a path (§2.2.2): the one with most octets, allow before disallow.
 */
import { Glob } from "./glob.js";
import type { Group, GroupToken, MatchingMode, Rule } from "./groups.js";
import { intentPattern, intentToken } from "./intent.js";
import { octetsOfText } from "./octets.js";
import { protegoPatterns, protegoToken } from "./protego.js";
import { strictPattern, strictToken } from "./strict.js";

export interface CompiledRule {
  readonly rule: Rule;
  readonly glob: Glob;
  /** The index of the rule's group in the file. */
  readonly group: number;
}

/** Octets of a path by which the rules that could match it are found again. */
const headLength = 4;

export function headOf(path: string): string {
  return path.slice(0, headLength);
}

export class RuleSet {
  /** The longest first, allow before disallow, then in the file's order: the first that matches decides. */
  readonly #rules: readonly CompiledRule[];
  /** The rules that a path with this beginning can match, in the same order. */
  readonly #byHead = new Map<string, readonly CompiledRule[]>();
  /** How many entries #byHead may still take: in all, four times as many as there are rules. */
  #room: number;

  /** @param members the groups that are the agent's */
  constructor(
    private readonly mode: MatchingMode,
    members: readonly Membership[],
  ) {
    const rules: CompiledRule[] = [];
    for (const { group, index, token } of members) {
      for (const rule of group.rules.slice(token.from)) {
        for (const pattern of patternsOf(mode, rule)) {
          rules.push({ rule, glob: new Glob(pattern), group: index });
        }
      }
    }
    const order = (rule: CompiledRule): number => rule.glob.octets * 2 + (rule.rule.directive === "allow" ? 1 : 0);
    this.#rules = rules.sort((a, b) => order(b) - order(a));
    this.#room = 4 * rules.length;
  }

  /** Estimated octets of memory. */
  get cost(): number {
    return this.#rules.reduce((sum, rule) => sum + 240 + rule.glob.cost, 200);
  }

  /** Sets of one signature decide alike on every path; those of `protego`, which spells paths in its own way, only among themselves. */
  get signature(): string {
    const several = this.mode === "intent" && new Set(this.#rules.map(({ group }) => group)).size > 1;
    const rules = this.#rules.map(({ rule, glob, group }) => [rule.directive, glob.pattern, several ? group : 0].join(" "));
    return rules.join("\n");
  }

  /**
   * The rule that decides on a path in this mode's spelling; undefined where none matches, so that all is allowed.
   * @param head headOf(path), where the caller has it
   */
  decide(path: string, head = headOf(path)): CompiledRule | undefined {
    const rules = this.#candidates(head);
    let at = 0;
    while (at < rules.length && rules[at]?.glob.matches(path) !== true) at++;
    const found = rules[at];
    if (found === undefined || found.rule.directive === "disallow" || this.mode !== "intent") return found;
    // Equally long rules of two groups contradict each other, as where a hosting service put its own group in front of the
    // site's: by the RFC allow wins, but the site did write the disallow.
    for (let i = at + 1; rules[i]?.glob.octets === found.glob.octets; i++) {
      const rival = rules[i];
      if (rival?.rule.directive === "disallow" && rival.group !== found.group && rival.glob.matches(path)) return rival;
    }
    return found;
  }

  #candidates(head: string): readonly CompiledRule[] {
    const known = this.#byHead.get(head);
    if (known !== undefined) return known;
    const found = this.#rules.filter(({ glob: { prefix } }) => prefix.startsWith(head) || head.startsWith(prefix));
    if (found.length < this.#room) {
      this.#byHead.set(head, found);
      this.#room -= found.length + 1;
    }
    return found;
  }
}

export interface Membership {
  readonly group: Group;
  readonly index: number;
  readonly token: GroupToken;
}

function patternsOf(mode: MatchingMode, rule: Rule): readonly string[] {
  if (mode === "protego") return protegoPatterns(rule.directive, rule.value);
  return [mode === "rfc" ? strictPattern(rule.value) : intentPattern(rule.value)];
}

/** Finds the groups of an agent; made once for a reading and asked once for each agent. */
export class GroupIndex {
  readonly #byToken = new Map<string, Membership[]>();

  constructor(
    private readonly mode: MatchingMode,
    groups: readonly Group[],
  ) {
    for (const [index, group] of groups.entries()) {
      for (const token of group.tokens) {
        const members = this.#byToken.get(token.token);
        const member = { group, index, token };
        if (members === undefined) this.#byToken.set(token.token, [member]);
        else if (members.at(-1)?.index !== index) members.push(member);
      }
    }
  }

  /** The groups that hold for the agent, in the file's order; none where no group does. */
  membersFor(agent: string): readonly Membership[] {
    const token = this.mode === "protego" ? this.#protegoTokenFor(protegoToken(agent)) : this.#named(agent);
    return this.#byToken.get(token ?? "*") ?? [];
  }

  #named(agent: string): string | undefined {
    const token = this.mode === "rfc" ? strictToken(agent) : intentToken(octetsOfText(agent));
    return token !== "" && this.#byToken.has(token) ? token : undefined;
  }

  /** The longest token inside the name, the first of equals; `*` counts as one octet. */
  #protegoTokenFor(name: string): string | undefined {
    let best: string | undefined;
    for (const token of this.#byToken.keys()) {
      if ((token === "*" || name.includes(token)) && (best === undefined || token.length > best.length)) best = token;
    }
    return best;
  }
}
