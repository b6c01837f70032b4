/**
 * `fetch robots` and `fetch pages`: what is asked of many hosts at a time, of each host one thing after the other, into a folder of
 * WARC files and journals. The same call on the same folder goes on where the last one ended.
 */
import { lookup } from "node:dns/promises";
import { setMaxListeners } from "node:events";
import pLimit from "p-limit";
import { CorpusFolder, lockCorpus } from "../../corpus/index.js";
import { profilePath, readProfile } from "../../filters/index.js";
import { loadZstd } from "../../formats/index.js";
import type { ExchangeLimits } from "./exchange.js";
import { FetchLog } from "./fetch-log.js";
import { Fetcher } from "./fetcher.js";
import { openJournal, type Purpose, type TargetLine } from "./journal.js";
import { HostGate } from "./politeness.js";
import { follow } from "./redirects.js";
import { RobotsGate } from "./robots-gate.js";
import { type HostTargets, pageTargets, robotsTargets, type TargetSources } from "./targets.js";
import { identityOf } from "./user-agent.js";
import type { Resolve } from "./wire.js";

export interface FetchOptions {
  readonly sources: TargetSources;
  /** Where WARC files and journals go. */
  readonly folder: string;
  /** E-mail address or URL of whoever answers for the requests. */
  readonly contact: string | undefined;
  /** Our product token (RFC 9309 §2.2.1). */
  readonly agentToken: string;
  /** Hosts at a time. */
  readonly concurrency: number;
  /** From the end of a request to the next one to the same host, milliseconds. */
  readonly delay: number;
  readonly limits: ExchangeLimits;
  /** Attempts after the first, where a failure may pass. */
  readonly retries: number;
  /** Milliseconds of the first back-off; each next one is twice as long. */
  readonly backOff: number;
  /** The longest Retry-After that is waited for, milliseconds. */
  readonly maxWait: number;
  /** Which addresses may be connected to: `isPublicAddress`, unless somebody wants others too. */
  permits(address: string): boolean;
  /** A WARC file is ended once it has so many bytes. */
  readonly fileBytes: number;
  readonly signal: AbortSignal;
  /** The system's resolver unless it is given. */
  readonly resolve?: Resolve;
  onEvent?(event: FetchEvent): void;
}

export interface FetchPagesOptions extends FetchOptions {
  /** Agent profiles, by name or path, whose crawlers must be allowed too. */
  readonly profiles: readonly string[];
}

export type FetchEvent =
  | { readonly type: "start"; readonly hosts: number; readonly targets: number; readonly before: number }
  | { readonly type: "target"; readonly state: string; readonly bytes: number };

export interface FetchResult {
  readonly hosts: number;
  readonly targets: number;
  /** Of the targets, done by earlier starts. */
  readonly before: number;
  /** Lines and addresses that name nothing to fetch. */
  readonly rejected: number;
  readonly rejectedExamples: readonly string[];
  /** All targets by what became of them; `postponed` ones are asked for by the next start. */
  readonly states: Readonly<Record<string, { readonly targets: number; readonly bytes: number }>>;
  /** The first few that were not asked for, with the reason. */
  readonly refused: readonly { readonly target: string; readonly because: string }[];
  /** Of this start. */
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  /** WARC files in the folder. */
  readonly files: readonly string[];
}

/** What is parsed of a robots.txt is at most 500 KiB (RFC 9309 §2.5); as much again is left for a header and for compression that fails. */
const robotsBytes = 1 << 20;
const refusedExamples = 20;

/**
 * Fetches the robots.txt of every authority.
 * @throws DataError FETCH_CONTACT_MISSING, FETCH_FOLDER_OTHER, FETCH_FOLDER_DAMAGED, CORPUS_LOCKED, USAGE, those of the disk and of
 * reading lists and corpora; the signal's reason where it is aborted, with everything written that was fetched
 */
export async function fetchRobots(options: FetchOptions): Promise<FetchResult> {
  return fetchAll("robots", options, (fetcher) => async (target) => {
    const limits = { ...options.limits, bytes: Math.min(options.limits.bytes, robotsBytes) };
    const followed = await follow(fetcher, `${target}/robots.txt`, { asking: "robots", limits, fresh: false });
    return followed && lineOf(target, `${target}/robots.txt`, followed);
  });
}

/** Fetches pages that their sites' robots.txt allows, which is fetched first. @throws as fetchRobots; DataError AGENT_PROFILE_INVALID */
export async function fetchPages(options: FetchPagesOptions): Promise<FetchResult> {
  const profiles = options.profiles.map((profile) => readProfile(profilePath(profile, process.cwd())));
  const agents = [...new Set([options.agentToken, ...profiles.flatMap(({ agents }) => agents)])];
  return fetchAll("pages", options, (fetcher) => {
    const gate = new RobotsGate(fetcher, { ...options.limits, bytes: robotsBytes }, agents);
    return async (target) => {
      const permission = await gate.permission(target);
      if (permission.kind === "postponed") return undefined;
      if (permission.kind !== "allowed") {
        return { kind: "target", target, state: permission.kind, bytes: 0, because: permission.because };
      }
      const followed = await follow(fetcher, target, {
        asking: "page",
        limits: options.limits,
        fresh: false,
        refusal: async (url) => {
          const next = await gate.permission(url);
          return next.kind === "allowed" ? undefined : `${url}: ${next.kind === "postponed" ? next.kind : next.because}`;
        },
      });
      return followed && lineOf(target, target, followed);
    };
  });
}

function lineOf(
  target: string,
  first: string,
  { answer, state, bytes, because }: NonNullable<Awaited<ReturnType<typeof follow>>>,
) {
  const line: TargetLine = {
    kind: "target",
    target,
    state,
    bytes,
    ...(answer.url === first ? {} : { url: answer.url }),
    ...(because === undefined ? {} : { because }),
  };
  return line;
}

/** Undefined where the target is left for the next start. */
type FetchOne = (target: string) => Promise<TargetLine | undefined>;

async function fetchAll(
  purpose: Purpose,
  options: FetchOptions,
  prepare: (fetcher: Fetcher) => FetchOne,
): Promise<FetchResult> {
  const began = performance.now();
  const identity = identityOf(options.contact, options.agentToken);
  const found = await (purpose === "robots" ? robotsTargets : pageTargets)(options.sources);
  await loadZstd();
  const unlock = lockCorpus(new CorpusFolder(options.folder));
  // Whatever ends the run, a failing disk as well as the caller, ends the requests under way.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  // Every request and every pause listens to it.
  setMaxListeners(0, signal);
  try {
    const journal = await openJournal(options.folder, purpose);
    const tally = new Tally();
    const hosts = remaining(found.hosts, journal.targets, tally);
    const before = tally.targets;
    options.onEvent?.({ type: "start", hosts: found.hosts.length, targets: found.count, before });
    const log = new FetchLog(options.folder, purpose, identity.about, options.fileBytes, journal);
    const resolve = options.resolve ?? ((hostname) => lookup(hostname, { all: true }));
    const gate = new HostGate(options.delay, signal);
    const asking = { ...options, userAgent: identity.userAgent, resolve, signal };
    const fetcher = new Fetcher(asking, gate, log, journal.exchanges);
    const fetchOne = prepare(fetcher);
    try {
      const askHost = async ({ targets }: HostTargets): Promise<void> => {
        for (const target of targets) {
          signal.throwIfAborted();
          const line = await fetchOne(target);
          if (line !== undefined) log.target(line);
          tally.add(line);
          options.onEvent?.({ type: "target", state: line?.state ?? "postponed", bytes: line?.bytes ?? 0 });
        }
      };
      await eachHost(hosts, options.concurrency, askHost, (error) => stop.abort(error));
    } finally {
      log.close();
    }
    return {
      hosts: found.hosts.length,
      targets: found.count,
      before,
      rejected: found.rejected,
      rejectedExamples: found.examples,
      states: tally.states(),
      refused: tally.refused,
      requests: fetcher.requests,
      bytes: fetcher.bytes,
      seconds: (performance.now() - began) / 1000,
      files: [...journal.files, ...log.files],
    };
  } finally {
    unlock();
  }
}

/**
 * Works on so many hosts at a time, and never holds more than that in readiness: a list may have millions. After a failure no work
 * begins, what is under way comes to its end, and then the failure is thrown.
 */
async function eachHost(
  hosts: readonly HostTargets[],
  concurrency: number,
  work: (host: HostTargets) => Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const limit = pLimit(concurrency);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const host of hosts) {
    if (failures.length > 0) break;
    const one: Promise<void> = limit(() => work(host))
      .catch((error: unknown) => {
        failures.push(error);
        onFailure(error);
      })
      .finally(() => running.delete(one));
    running.add(one);
    if (running.size >= concurrency) await Promise.race(running);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}

/** Hosts with what of them is not done yet; what is done is counted. */
function remaining(hosts: readonly HostTargets[], done: ReadonlyMap<string, TargetLine>, tally: Tally): readonly HostTargets[] {
  return hosts.flatMap(({ host, targets }) => {
    const left = targets.filter((target) => {
      const line = done.get(target);
      if (line !== undefined) tally.add(line);
      return line === undefined;
    });
    return left.length === 0 ? [] : [{ host, targets: left }];
  });
}

class Tally {
  targets = 0;
  readonly refused: { readonly target: string; readonly because: string }[] = [];
  readonly #states = new Map<string, { targets: number; bytes: number }>();

  add(line: TargetLine | undefined): void {
    const state = line?.state ?? "postponed";
    const counts = this.#states.get(state) ?? { targets: 0, bytes: 0 };
    counts.targets++;
    counts.bytes += line?.bytes ?? 0;
    this.#states.set(state, counts);
    this.targets++;
    if (line?.because !== undefined && this.refused.length < refusedExamples) {
      this.refused.push({ target: line.target, because: line.because });
    }
  }

  states(): FetchResult["states"] {
    return Object.fromEntries([...this.#states].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
