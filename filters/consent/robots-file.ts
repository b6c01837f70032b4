/**
 * A robots.txt file made ready to answer for a set of agents (RFC 9309): read once in each matching mode, then asked for any
 * number of URLs. Agents that share their groups share the work. Every decision names the rule's line, so that its owner can
 * look it up years later.
 */
import { type MatchingMode, matchingModes, parsedPrefix } from "./groups.js";
import { readIntent } from "./intent.js";
import { normalisePath, octetsOf, printable } from "./octets.js";
import { protegoPath, readProtego } from "./protego.js";
import { type CompiledRule, GroupIndex, headOf, type Membership, RuleSet } from "./rule-set.js";
import { readStrict } from "./strict.js";

/** What one agent may do in one matching mode, and why. */
export interface RobotsDecision {
  readonly allowed: boolean;
  readonly agent: string;
  readonly mode: MatchingMode;
  /** `no-group`: no group is the agent's; `no-rule`: none of its rules matches; `robots-txt`: the file itself is always allowed. */
  readonly reason: "rule" | "no-rule" | "no-group" | "robots-txt";
  /** The token of the agent's group as it stands in the file; null where there is no group. */
  readonly group: string | null;
  readonly rule: {
    readonly directive: "allow" | "disallow";
    /** The path pattern as written. */
    readonly pattern: string;
    /** Counted from 1. */
    readonly line: number;
    /** The whole line, cut at 512 octets, with control characters spelled out. */
    readonly raw: string;
  } | null;
}

const readers = { rfc: readStrict, intent: readIntent, protego: readProtego } as const;

interface CompiledMode {
  readonly mode: MatchingMode;
  readonly sets: readonly RuleSet[];
  /** For each agent the index of its rule set, -1 where no group is the agent's. */
  readonly setOf: Int32Array;
  /** For each agent its groups, empty where there are none. */
  readonly members: readonly (readonly Membership[])[];
}

/** The answers for one path: for each mode, in the order of `matchingModes`, the deciding rule of each rule set. */
export interface RobotsAnswer {
  /** For each mode the agents' bits as formatBits (agents.ts) spells them; a set bit means disallowed. */
  readonly bits: Readonly<Record<MatchingMode, string>>;
  readonly denied: Readonly<Record<MatchingMode, boolean>>;
  readonly rules: readonly (readonly (CompiledRule | undefined)[])[];
  /** The path is /robots.txt itself, which rfc and intent always allow (§2.2.2). */
  readonly exempt: boolean;
}

/** A URL's path, read once and asked of any number of files. */
export interface RobotsPath {
  readonly target: string;
  readonly normal: string;
  /** Its first octets, by which rules are found. */
  readonly head: string;
  /** It is /robots.txt itself. */
  readonly exempt: boolean;
}

/** The rule sets that `denies` asks. */
interface Deniers {
  readonly modes: readonly MatchingMode[];
  readonly strict: readonly RuleSet[];
  readonly protego: readonly RuleSet[];
}

/** @param target as for RobotsFile.answer */
export function robotsPath(target: string): RobotsPath {
  const fragment = target.indexOf("#");
  const normal = normalisePath(fragment < 0 ? target : target.slice(0, fragment), false);
  return { target, normal, head: headOf(normal), exempt: normal === "/robots.txt" };
}

/** The lines that decided, in all modes: two answers of one file with the same lines differ in nothing. */
export function decidingLines(answer: RobotsAnswer): string {
  return answer.rules.map((sets) => sets.map((found) => found?.rule.line.start ?? "").join()).join(";");
}

export class RobotsFile {
  /** True where the file is longer than what is parsed of it. */
  readonly truncated: boolean;
  /** Estimated octets of memory. */
  readonly cost: number;
  readonly #octets: string;
  readonly #modes: readonly CompiledMode[];
  #deniers: Deniers = { modes: [], strict: [], protego: [] };
  /** Spelt bits by the answers of the rule sets; few differ. */
  readonly #spelt = new Map<string, { readonly digits: string; readonly any: boolean }>();

  constructor(
    bytes: Uint8Array,
    readonly agents: readonly string[],
  ) {
    const prefix = parsedPrefix(bytes);
    this.truncated = prefix.length < bytes.length;
    this.#octets = octetsOf(prefix);
    this.#modes = matchingModes.map((mode) => compile(mode, this.#octets, agents));
    this.cost = this.#modes.reduce(
      (sum, { sets, setOf }) => sum + setOf.length * 4 + sets.reduce((cost, set) => cost + set.cost, 0),
      prefix.length + 1024,
    );
  }

  /** @param target the URL's path with its query, and its fragment if it has one, as an octet string */
  answer(target: string): RobotsAnswer {
    const { normal, exempt } = robotsPath(target);
    const rules: (readonly (CompiledRule | undefined)[])[] = [];
    const bits: Record<MatchingMode, string> = { rfc: "", intent: "", protego: "" };
    const denied: Record<MatchingMode, boolean> = { rfc: false, intent: false, protego: false };
    for (const { mode, sets, setOf } of this.#modes) {
      const path = mode === "protego" ? protegoPath(target) : normal;
      const deciding = sets.map((set) => (exempt && mode !== "protego" ? undefined : set.decide(path)));
      rules.push(deciding);
      const key = mode + deciding.map((rule) => (rule?.rule.directive === "disallow" ? "1" : "0")).join("");
      let spelt = this.#spelt.get(key);
      if (spelt === undefined) {
        const disallowed = Array.from(setOf, (set) => deciding[set]?.rule.directive === "disallow");
        spelt = { digits: formatBits(disallowed), any: disallowed.includes(true) };
        if (this.#spelt.size < 256) this.#spelt.set(key, spelt);
      }
      bits[mode] = spelt.digits;
      denied[mode] = spelt.any;
    }
    return { bits, denied, rules, exempt };
  }

  /** Whether any agent is disallowed in any of the modes: what `answer` denies, for whoever asks about many pages and needs no lines. */
  denies(path: RobotsPath, modes: readonly MatchingMode[]): boolean {
    if (this.#deniers.modes !== modes) this.#deniers = this.#deniersIn(modes);
    const { strict, protego } = this.#deniers;
    if (!path.exempt)
      for (const set of strict) if (set.decide(path.normal, path.head)?.rule.directive === "disallow") return true;
    if (protego.length === 0) return false;
    const spelt = protegoPath(path.target);
    return protego.some((set) => set.decide(spelt)?.rule.directive === "disallow");
  }

  /** Files of one reading deny the same paths in these modes: captures of a site differ mostly in what concerns none of the agents. */
  reading(modes: readonly MatchingMode[]): string {
    const { strict, protego } = this.#deniersIn(modes);
    const signatures = [strict, protego].map((sets) => sets.map(({ signature }) => signature).sort());
    return JSON.stringify(signatures);
  }

  /** The rule sets of the modes, each once: in most files the reading by intent finds what the strict one does. */
  #deniersIn(modes: readonly MatchingMode[]): Deniers {
    const strict = new Map<string, RuleSet>();
    const protego: RuleSet[] = [];
    for (const { mode, sets } of this.#modes) {
      if (!modes.includes(mode)) continue;
      if (mode === "protego") protego.push(...sets);
      else for (const set of sets) strict.set(set.signature, set);
    }
    return { modes, strict: [...strict.values()], protego };
  }

  /** The line that decides for one agent, counted from 1; 0 where none does. */
  lineOf(answer: RobotsAnswer, agent: number, mode: MatchingMode): number {
    const at = matchingModes.indexOf(mode);
    return answer.rules[at]?.[this.#modes[at]?.setOf[agent] ?? -1]?.rule.line.number ?? 0;
  }

  /** What an answer says of one agent. */
  explain(answer: RobotsAnswer, agent: number, mode: MatchingMode): RobotsDecision {
    const at = matchingModes.indexOf(mode);
    const members = this.#modes[at]?.members[agent] ?? [];
    const found = answer.rules[at]?.[this.#modes[at]?.setOf[agent] ?? -1];
    const common = { agent: this.agents[agent] ?? "", mode };
    if (answer.exempt && mode !== "protego") return { ...common, allowed: true, reason: "robots-txt", group: null, rule: null };
    const member = members.find(({ index }) => index === found?.group) ?? members[0];
    if (member === undefined) return { ...common, allowed: true, reason: "no-group", group: null, rule: null };
    const group = printable(member.token.written, 128);
    if (found === undefined) return { ...common, allowed: true, reason: "no-rule", group, rule: null };
    const { rule } = found;
    return {
      ...common,
      allowed: rule.directive === "allow",
      reason: "rule",
      group,
      rule: {
        directive: rule.directive,
        pattern: mode === "protego" ? rule.value.slice(0, 512) : printable(rule.value, 512),
        line: rule.line.number,
        raw: printable(this.#octets.slice(rule.line.start, rule.line.end), 512),
      },
    };
  }
}

function compile(mode: MatchingMode, octets: string, agents: readonly string[]): CompiledMode {
  const index = new GroupIndex(mode, readers[mode](octets));
  const members = agents.map((agent) => index.membersFor(agent));
  const sets: RuleSet[] = [];
  // Agents of the same groups share a set: most files name many agents above one list of rules.
  const known = new Map<string, number>();
  const setOf = Int32Array.from(members, (own) => {
    if (own.length === 0) return -1;
    const key = own.map((member) => `${member.index}+${member.token.from}`).join(" ");
    const set = known.get(key) ?? sets.push(new RuleSet(mode, own)) - 1;
    known.set(key, set);
    return set;
  });
  return { mode, sets, setOf, members };
}

/**
 * Hexadecimal digits, each for four agents in the profile's order; the first agent of the four is the digit's highest bit. So the
 * digits read from the left as the profile does, and the last is filled up with zeros.
 */
export function formatBits(bits: readonly boolean[]): string {
  let digits = "";
  for (let i = 0; i < bits.length; i += 4) {
    digits += ((bits[i] ? 8 : 0) + (bits[i + 1] ? 4 : 0) + (bits[i + 2] ? 2 : 0) + (bits[i + 3] ? 1 : 0)).toString(16);
  }
  return digits;
}

export function bitAt(digits: string, index: number): boolean {
  return ((Number.parseInt(digits[index >> 2] ?? "0", 16) >> (3 - (index & 3))) & 1) === 1;
}
