/**
 * How a host is treated: one request at a time whatever the scheme and port, a pause between two of them, and more patience where
 * it asks for it (Retry-After, RFC 9110 §10.2.3) or fails.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

interface Host {
  /** Fulfilled when the request before is done. */
  turn: Promise<unknown>;
  waiting: number;
  /** Not before this time, in milliseconds of `performance.now`. */
  notBefore: number;
  /** The same, where the host asked for it or failed; the usual pause does not count. */
  toldUntil: number;
}

/** Hosts that are remembered before those whose pause is over are forgotten. */
const remembered = 4096;

export class HostGate {
  readonly #hosts = new Map<string, Host>();

  /** @param pause milliseconds from the end of one request to the next */
  constructor(
    private readonly pause: number,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits for the host's turn and pause, then works. @throws the signal's reason where it is aborted */
  async run<T>(hostname: string, work: () => Promise<T>): Promise<T> {
    const host = this.#host(hostname);
    host.waiting++;
    const turn = host.turn.then(async () => {
      try {
        const wait = host.notBefore - performance.now();
        if (wait > 0) await sleep(Math.ceil(wait), undefined, { signal: this.signal });
        this.signal.throwIfAborted();
        return await work();
      } finally {
        host.waiting--;
        host.notBefore = Math.max(host.notBefore, performance.now() + this.pause);
      }
    });
    host.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Nothing is asked of the host for so many milliseconds from now. */
  postpone(hostname: string, milliseconds: number): void {
    const host = this.#host(hostname);
    host.toldUntil = Math.max(host.toldUntil, performance.now() + milliseconds);
    host.notBefore = Math.max(host.notBefore, host.toldUntil);
  }

  /** How long the host is to be left alone yet, in milliseconds, the usual pause aside. */
  waitOf(hostname: string): number {
    return Math.max(0, (this.#hosts.get(hostname)?.toldUntil ?? 0) - performance.now());
  }

  #host(hostname: string): Host {
    let host = this.#hosts.get(hostname);
    if (host === undefined) {
      if (this.#hosts.size >= remembered) this.#forget();
      host = { turn: Promise.resolve(), waiting: 0, notBefore: 0, toldUntil: 0 };
      this.#hosts.set(hostname, host);
    }
    return host;
  }

  #forget(): void {
    const now = performance.now();
    for (const [name, { waiting, notBefore }] of this.#hosts) {
      if (waiting === 0 && notBefore <= now) this.#hosts.delete(name);
    }
  }
}

/**
 * The pause before the next attempt, in milliseconds: twice as long each time, shortened or lengthened by up to a quarter so that
 * hosts that failed together are not asked together. The same URL and attempt give the same pause.
 */
export function backOff(url: string, attempt: number, base: number): number {
  const share = createHash("sha256").update(`${attempt} ${url}`).digest().readUInt32LE(0) / 2 ** 32;
  return base * 2 ** (attempt - 1) * (0.75 + share / 2);
}

/** Milliseconds that a Retry-After field asks for, counted from `now`; undefined where it says nothing that can be read. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
