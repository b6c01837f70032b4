/** Redirects, followed one by one: at least five for robots.txt (RFC 9309 §2.3.1.2), and as many for pages. */
import { parseUrl } from "../../corpus/index.js";
import type { ExchangeLimits } from "./exchange.js";
import type { Answer, Asking, Fetcher } from "./fetcher.js";
import { askable } from "./urls.js";

export const redirectLimit = 5;

export interface Followed {
  /** The last answer. */
  readonly answer: Answer;
  /** What became of it, which for a redirect that was not followed is not what the answer says. */
  readonly state: string;
  readonly bytes: number;
  /** Why a redirect was not followed. */
  readonly because?: string;
}

export interface FollowOptions {
  readonly asking: Asking;
  readonly limits: ExchangeLimits;
  /** Whether to ask for it though an answer is known; what is parsed of a robots.txt comes only with a fresh one. */
  readonly fresh: boolean;
  /** Why a URL that a redirect names must not be asked for; undefined where it may. */
  refusal?(url: string): Promise<string | undefined>;
}

/** Undefined where a host on the way asks to be left alone for longer than is waited. */
export async function follow(fetcher: Fetcher, start: string, options: FollowOptions): Promise<Followed | undefined> {
  const { asking, limits, fresh } = options;
  let url = start;
  let via: string | undefined;
  let bytes = 0;
  for (let redirects = 0; ; redirects++) {
    const answer = (fresh ? undefined : fetcher.known(url, asking)) ?? (await fetcher.ask(url, asking, limits, via));
    if (answer === undefined) return undefined;
    bytes += answer.bytes;
    if (answer.status < 300 || answer.status >= 400) return { answer, state: answer.state, bytes };
    const next = targetOf(answer);
    if (next === undefined || redirects === redirectLimit) return { answer, state: "redirect-unresolved", bytes };
    const because = await options.refusal?.(next);
    if (because !== undefined) return { answer, state: "redirect-disallowed", bytes, because };
    via = url;
    url = next;
  }
}

function targetOf({ url, location }: Answer): string | undefined {
  const target = location === undefined ? undefined : parseUrl(location, url);
  return target === undefined ? undefined : askable(target);
}
