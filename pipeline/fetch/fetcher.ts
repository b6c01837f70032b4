/**
 * Asks for URLs, each once: politely, again where a failure may pass, and with everything that came written down. What an answer
 * means for robots.txt is what the consent filter takes it for.
 */
import { judge, splitUrl } from "../../filters/index.js";
import { parseHttpResponse } from "../../formats/index.js";
import { type Exchange, type ExchangeLimits, exchange } from "./exchange.js";
import type { FetchLog } from "./fetch-log.js";
import type { ExchangeLine } from "./journal.js";
import { backOff, type HostGate, retryAfter } from "./politeness.js";
import { hostOf } from "./urls.js";
import { exchangeRecords } from "./warc-records.js";
import type { Resolve } from "./wire.js";

export interface FetcherOptions {
  readonly userAgent: string;
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds of the first back-off. */
  readonly backOff: number;
  /** The longest Retry-After that is waited for, milliseconds. */
  readonly maxWait: number;
  permits(address: string): boolean;
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

export type Asking = "robots" | "page";

export interface Answer {
  readonly url: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly at: number;
  /** 0 where there was none. */
  readonly status: number;
  /** For robots.txt a state of the archive; or what became of a page. */
  readonly state: string;
  readonly location: string | undefined;
  readonly bytes: number;
  /** What is parsed of a robots.txt; only where it was asked for just now. */
  readonly rules?: Uint8Array;
}

/** RFC 9309 §2.4: a robots.txt is not used for longer. */
export const robotsLifetime = 24 * 3600 * 1000;

/** Statuses after which the same may succeed soon. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

export class Fetcher {
  readonly #answers = new Map<string, Answer>();
  readonly #underWay = new Map<string, Promise<Answer | undefined>>();
  requests = 0;
  bytes = 0;

  /** @param before what earlier starts asked for, by URL */
  constructor(
    private readonly options: FetcherOptions,
    private readonly gate: HostGate,
    private readonly log: FetchLog,
    before: ReadonlyMap<string, ExchangeLine>,
  ) {
    for (const [url, { at, status, state, location, bytes }] of before) {
      this.#answers.set(url, { url, at: Date.parse(at), status, state, location, bytes });
    }
  }

  /** What is known of a URL already. */
  known(url: string, asking: Asking): Answer | undefined {
    const answer = this.#answers.get(url);
    return answer !== undefined && (asking === "page" || Date.now() - answer.at < robotsLifetime) ? answer : undefined;
  }

  /**
   * Asks for a URL, or for none where the host asks to be left alone for longer than is waited.
   * @param via the URL whose redirect led here
   * @throws the signal's reason where it is aborted, and what writing throws
   */
  async ask(url: string, asking: Asking, limits: ExchangeLimits, via: string | undefined): Promise<Answer | undefined> {
    const key = `${asking} ${url}`;
    let work = this.#underWay.get(key);
    if (work === undefined) {
      work = this.#ask(new URL(url), asking, limits, via).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, work);
    }
    return work;
  }

  async #ask(url: URL, asking: Asking, limits: ExchangeLimits, via: string | undefined): Promise<Answer | undefined> {
    const { options, gate } = this;
    const host = hostOf(url);
    const headers = {
      "user-agent": options.userAgent,
      accept: asking === "robots" ? "text/plain, */*;q=0.5" : "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.5",
      "accept-encoding": "gzip, deflate, br",
    };
    if (gate.waitOf(host) > options.maxWait) return undefined;
    for (let attempt = 1; ; attempt++) {
      const taken = await gate.run(host, async () => {
        this.requests++;
        return exchange(url, { headers, limits, ...options });
      });
      const { outcome } = taken;
      const asked = outcome.kind === "response" ? retryAfter(outcome.retryAfter, Date.now()) : undefined;
      if (asked !== undefined && mayPass(taken)) gate.postpone(host, asked);
      const again = attempt <= options.retries && mayPass(taken) && (asked ?? 0) <= options.maxWait;
      if (again) gate.postpone(host, backOff(url.href, attempt, options.backOff));
      // An attempt without an answer that is made again leaves no record: only what the last one meets says what the site was.
      if (again && outcome.kind !== "response") continue;
      const answer = answerOf(taken, asking);
      this.bytes += answer.bytes;
      const { rules: _, at, location, ...line } = answer;
      await this.log.exchange(exchangeRecords(taken, via, attempt), {
        ...line,
        at: new Date(at).toISOString(),
        ...(location === undefined ? {} : { location }),
        last: !again,
      });
      if (again) continue;
      const { rules, ...kept } = answer;
      this.#answers.set(url.href, kept);
      return rules === undefined ? kept : { ...kept, rules };
    }
  }
}

function mayPass({ outcome }: Exchange): boolean {
  if (outcome.kind === "response") return passing.has(outcome.status) || outcome.truncated === "disconnect";
  if (outcome.kind === "refused") return false;
  const { failure, detail } = outcome;
  return (
    failure === "connect" || failure === "timeout" || failure === "reset" || (failure === "dns" && detail.includes("EAI_AGAIN"))
  );
}

function answerOf(taken: Exchange, asking: Asking): Answer {
  const { url, startedAt, outcome } = taken;
  const none = { url, at: startedAt, status: 0, location: undefined, bytes: 0 };
  if (outcome.kind === "refused") return { ...none, state: "refused-address" };
  if (outcome.kind === "failure") return { ...none, state: `unreachable-${outcome.failure}` };
  const { status, location, block } = outcome;
  const common = { url, at: startedAt, status, location, bytes: block.length };
  return { ...common, ...(asking === "robots" ? robotsState(taken) : { state: pageState(taken) }) };
}

/** As the archive judges it, under the name of a robots.txt, whatever address a redirect led to. */
function robotsState({ url, startedAt, outcome }: Exchange): Pick<Answer, "state" | "rules"> {
  if (outcome.kind !== "response") return { state: "unreachable-reset" };
  const { status, location, block, truncated } = outcome;
  const response = parseHttpResponse(block);
  // A coding that is damaged, or a bomb (CWE-409).
  if (response.kind === "fault") return { state: "unreadable" };
  // Cut by the connection, it may lack the line that matters; cut by its length, RFC 9309 §2.5 lets the rest go.
  if (status < 300 && truncated !== undefined && truncated !== "length") return { state: `unreachable-${truncated}` };
  const judged = judge({
    url: `${splitUrl(url)?.authority}/robots.txt`,
    capturedAt: startedAt,
    status,
    body: response.body,
    truncated: truncated !== undefined,
    ...(location === undefined ? {} : { location }),
    ...{ file: "", offset: 0, length: 0, unit: "bytes", recordId: "" },
  });
  return judged === undefined ? { state: "unreadable" } : { state: judged.state, rules: judged.body };
}

function pageState({ outcome }: Exchange): string {
  if (outcome.kind !== "response") return "unreachable-reset";
  const { status, truncated, block } = outcome;
  if (status < 200 || status >= 300) return `status-${Math.floor(status / 100)}xx`;
  if (truncated !== undefined) return `truncated-${truncated}`;
  return parseHttpResponse(block).kind === "fault" ? "unreadable" : "fetched";
}
