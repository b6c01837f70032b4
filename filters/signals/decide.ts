/**
 * What a page's statements mean under a policy: pure, and asked of nothing but the statements, so that a later policy can decide
 * again from the stored column. Each signal keeps its own precedence, TDMRep's later place overriding the earlier; beyond that the
 * most restrictive statement about a use decides, and what is unknown neither permits nor denies.
 */
import { intentToken } from "../consent/intent.js";
import { octetsOfText } from "../consent/octets.js";
import type { SignalsParameters } from "./parameters.js";
import type { Category, Signal, Statement } from "./statement.js";
import { tdmOrder } from "./tdmrep.js";

export type SignalsPolicy = Pick<
  SignalsParameters,
  | "content_signal"
  | "content_usage"
  | "tdmrep"
  | "robots_meta"
  | "creative_commons"
  | "rsl"
  | "categories"
  | "permissive_licences"
> & {
  /** Whose wishes count where a statement is addressed to one agent. */
  readonly agents: readonly string[];
};

export interface SignalsDecision {
  readonly rule: string;
  /** All statements that lead to the rule, in the order given. */
  readonly statements: readonly Statement[];
}

const switches: Readonly<Partial<Record<Signal, keyof SignalsParameters & keyof SignalsPolicy>>> = {
  "content-signal": "content_signal",
  "content-usage": "content_usage",
  tdmrep: "tdmrep",
  "robots-meta": "robots_meta",
  licence: "creative_commons",
  rsl: "rsl",
};

/** In the order in which a drop is given its rule, where several hold. */
export const rules = {
  "content-signal-train": "The site's Content-Signal (robots.txt or response header) says ai-train=no for this address.",
  "content-usage-train": "The site's or the page's Content-Usage preference (IETF AIPREF) denies training for this address.",
  "tdm-reserved":
    "The site or the page reserves text and data mining by the TDM Reservation Protocol (file, response header or meta element).",
  "robots-noai": "The page's X-Robots-Tag or robots meta element says noai or noml.",
  "content-signal-input": "The site's Content-Signal says ai-input=no, and the policy counts that.",
  "content-signal-search": "The site's Content-Signal says search=no, and the policy counts that.",
  "content-usage-mine": "The site's or the page's Content-Usage preference denies text and data mining (a label of 2025).",
  "content-usage-input": "The site's or the page's Content-Usage preference denies input to AI, and the policy counts that.",
  "content-usage-search": "The site's or the page's Content-Usage preference denies search, and the policy counts that.",
  "robots-noimageai": "The page says noimageai, and the policy counts that for its text.",
  "robots-noindex": "The page says noindex or none, and the policy counts that.",
  "robots-noarchive": "The page says noarchive or nocache, and the policy counts that.",
  "licence-nc": "A Creative Commons licence on the page bars commercial use (NC), and the policy does not take such pages.",
  "licence-nd": "A Creative Commons licence on the page bars adaptations (ND), and the policy does not take such pages.",
  "licence-not-listed": "A Creative Commons licence on the page is none of those that the policy takes.",
  "rsl-licence": "The site or the page names RSL licence terms, which are not read, and the policy does not take such pages.",
} as const;
export type SignalRule = keyof typeof rules;

const ruleOf: Readonly<Partial<Record<Signal, Readonly<Partial<Record<Category, SignalRule>>>>>> = {
  "content-signal": {
    train: "content-signal-train",
    input: "content-signal-input",
    search: "content-signal-search",
  },
  "content-usage": {
    train: "content-usage-train",
    mine: "content-usage-mine",
    input: "content-usage-input",
    search: "content-usage-search",
  },
  tdmrep: { mine: "tdm-reserved" },
  "robots-meta": { train: "robots-noai", images: "robots-noimageai", index: "robots-noindex", archive: "robots-noarchive" },
  licence: { commercial: "licence-nc", derivatives: "licence-nd", reuse: "licence-not-listed" },
  rsl: { reuse: "rsl-licence" },
};

/** Undefined where nothing that counts is denied. */
export function decideSignals(statements: readonly Statement[], policy: SignalsPolicy): SignalsDecision | undefined {
  const found = new Map<SignalRule, Statement[]>();
  const overridden = overriddenTdm(statements);
  for (const statement of statements) {
    if (overridden.has(statement) || !denies(statement, policy)) continue;
    const rule = ruleOf[statement.signal]?.[statement.category];
    if (rule === undefined) continue;
    const others = found.get(rule);
    if (others === undefined) found.set(rule, [statement]);
    else others.push(statement);
  }
  for (const rule of Object.keys(rules) as SignalRule[]) {
    const leading = found.get(rule);
    if (leading !== undefined) return { rule, statements: leading };
  }
  return undefined;
}

function denies(statement: Statement, policy: SignalsPolicy): boolean {
  const { signal, category, value, terms } = statement;
  const choice = switches[signal];
  if (choice === undefined || policy[choice] !== "drop") return false;
  if (signal === "rsl") return true;
  if (signal === "licence") {
    const licence = terms?.split("/", 1)[0];
    return licence !== undefined && !policy.permissive_licences.some((name) => name === licence);
  }
  if (value !== "deny" || !policy.categories.some((name) => name === category)) return false;
  return signal !== "robots-meta" || isOurs(statement.scope, policy.agents);
}

function isOurs(scope: string, agents: readonly string[]): boolean {
  if (scope === "*") return true;
  const token = intentToken(octetsOfText(scope));
  return agents.some((agent) => intentToken(octetsOfText(agent)) === token);
}

/** Statements of TDMRep that one in a later place overrides: what is unset there does not ("Processing priority"). */
function overriddenTdm(statements: readonly Statement[]): ReadonlySet<Statement> {
  const set = statements.filter(({ signal, value }) => signal === "tdmrep" && value !== "unknown");
  const strongest = set.reduce((most, { location }) => Math.max(most, tdmOrder.indexOf(location)), -1);
  return new Set(set.filter(({ location }) => tdmOrder.indexOf(location) < strongest));
}

/**
 * Where statements contradict each other, in the order of the categories: the category; `train/crawl` where training is permitted
 * and the address disallowed; `licence` where there are different Creative Commons licences; and `managed` where a part that a
 * content-delivery network manages takes part.
 */
export function conflictsOf(statements: readonly Statement[]): readonly string[] {
  const overridden = overriddenTdm(statements);
  const conflicts: string[] = [];
  const parties: Statement[] = [];
  const conflict = (name: string, allows: readonly Statement[], denials: readonly Statement[]): void => {
    if (allows.length === 0 || denials.length === 0) return;
    conflicts.push(name);
    parties.push(...allows, ...denials);
  };
  const of = (category: Category, value: Statement["value"]): readonly Statement[] =>
    statements.filter(
      (statement) => statement.category === category && statement.value === value && !overridden.has(statement),
    );
  for (const category of ["train", "input", "search", "mine", "crawl"] as const) {
    conflict(category, of(category, "allow"), of(category, "deny"));
  }
  conflict("train/crawl", of("train", "allow"), of("crawl", "deny"));
  if (new Set(statements.flatMap(({ terms }) => (terms === undefined ? [] : [terms]))).size > 1) conflicts.push("licence");
  if (parties.some(({ managed }) => managed !== undefined)) conflicts.push("managed");
  return conflicts;
}
