/**
 * Whether a page may be asked for: its robots.txt is fetched first, and obeyed as RFC 9309 says a crawler must. A page is left alone
 * if the strict reading or the evident intent of the file disallows it to us, or to any crawler of the profile that counts too.
 */
import { type MatchingMode, RobotsCompiler, type RobotsEngine, splitUrl } from "../../filters/index.js";
import type { ExchangeLimits } from "./exchange.js";
import { type Fetcher, robotsLifetime } from "./fetcher.js";
import { follow } from "./redirects.js";

interface Rules {
  readonly at: number;
  /** Undefined where there are no rules, so that everything is allowed unless it is closed. */
  readonly engine: RobotsEngine | undefined;
  /** Why nothing may be asked for; undefined where it may. */
  readonly closed: string | undefined;
}

export type Permission =
  | { readonly kind: "allowed" }
  | { readonly kind: "disallowed"; readonly because: string }
  /** It is not known what the site's robots.txt says, which RFC 9309 §2.3.1.4 takes for a complete disallow. */
  | { readonly kind: "robots-unreachable"; readonly because: string }
  /** The host asks to be left alone for longer than is waited. */
  | { readonly kind: "postponed" };

/** Authorities whose files are kept ready; others are asked for again. */
const kept = 1024;
const modes: readonly MatchingMode[] = ["rfc", "intent"];

export class RobotsGate {
  readonly #compiler: RobotsCompiler;
  readonly #rules = new Map<string, Promise<Rules | undefined>>();

  /** @param agents our own product token, and the others that must be allowed */
  constructor(
    private readonly fetcher: Fetcher,
    private readonly limits: ExchangeLimits,
    agents: readonly string[],
  ) {
    this.#compiler = new RobotsCompiler(agents);
  }

  async permission(url: string): Promise<Permission> {
    const split = splitUrl(url);
    if (split === undefined) return { kind: "disallowed", because: "no http or https URL" };
    const rules = await this.#rulesOf(split.authority);
    if (rules === undefined) return { kind: "postponed" };
    if (rules.closed !== undefined) return { kind: "robots-unreachable", because: rules.closed };
    const because = rules.engine === undefined ? undefined : this.#refusal(rules.engine, split.target);
    return because === undefined ? { kind: "allowed" } : { kind: "disallowed", because };
  }

  /** The line that disallows, to the first agent in the first mode. */
  #refusal(engine: RobotsEngine, target: string): string | undefined {
    const answer = engine.answer(target);
    for (const mode of modes) {
      if (!answer.denied[mode]) continue;
      for (const [index, agent] of this.#compiler.agents.entries()) {
        const { allowed, rule, group } = engine.explain(answer, index, mode);
        if (!allowed && rule !== null) return `line ${rule.line}: ${rule.raw} (${agent} in group ${group}, ${mode})`;
      }
    }
    return undefined;
  }

  async #rulesOf(authority: string): Promise<Rules | undefined> {
    const known = await this.#rules.get(authority);
    if (known !== undefined && Date.now() - known.at < robotsLifetime) return known;
    const work = this.#fetch(authority);
    this.#keep(authority, work);
    return work;
  }

  #keep(authority: string, work: Promise<Rules | undefined>): void {
    this.#rules.delete(authority);
    this.#rules.set(authority, work);
    for (const oldest of this.#rules.keys()) {
      if (this.#rules.size <= kept) break;
      this.#rules.delete(oldest);
    }
  }

  async #fetch(authority: string): Promise<Rules | undefined> {
    const followed = await follow(this.fetcher, `${authority}/robots.txt`, {
      asking: "robots",
      limits: this.limits,
      fresh: true,
    });
    if (followed === undefined) return undefined;
    const { answer, state } = followed;
    const closed = closes(state, answer.status) ? `robots.txt is ${state}` : undefined;
    const engine = answer.rules === undefined || closed !== undefined ? undefined : this.#compiler.compile(answer.rules);
    const rules = { at: answer.at, engine, closed };
    // Where a redirect led to another site's file, that site need not be asked for it again.
    const found = splitUrl(answer.url);
    const whole = state !== "redirect-unresolved" && found?.target === "/robots.txt";
    if (whole && found.authority !== authority) this.#keep(found.authority, Promise.resolve(rules));
    return rules;
  }
}

/**
 * RFC 9309 §2.3.1.3 lets a crawler in where the file is unavailable, by its number also after 429, which a crawler that means well
 * does not take for an invitation; §2.3.1.4 keeps it out where the site cannot be reached. Where redirects end after five hops the
 * file counts as unavailable (§2.3.1.2).
 */
function closes(state: string, status: number): boolean {
  return status === 429 || /^(?:unreachable|unreadable|refused)/.test(state);
}
