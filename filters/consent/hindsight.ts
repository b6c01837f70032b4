/**
 * Consent in hindsight: what each policy, and each capture by itself, says of a page, without evidence and for all policies at
 * once. A site's owner asks it of the same pages under six policies and two dozen captures; most of the work, matching a path
 * against the files, is then shared. The answers are those of the filter (consent.ts), which the tests hold it to.
 */
import type { ArchivedCapture, RobotsArchive } from "./archive.js";
import { type Authority, candidatesOf, splitUrl } from "./authority.js";
import { BoundedCache } from "./bounded-cache.js";
import { type ConsentParameters, endOfDay, meaningsOf } from "./parameters.js";
import { type Consulted, everyOf, newestOf, type Policy, type StateMeanings } from "./policy.js";
import { RobotsFile, type RobotsPath, robotsPath } from "./robots-file.js";

/** Which captures are to speak; the other parameters stay those of the recipe. */
export interface PolicyChoice {
  readonly policy: Policy;
  /** Set for `as-of`: YYYY-MM-DD. */
  readonly as_of: string | null;
  /** Captures up to this time count, in milliseconds UTC. */
  readonly notAfter: number;
}

export function choosePolicy(policy: Policy, as_of: string | null = null): PolicyChoice {
  const end = policy === "as-of" && as_of !== null ? endOfDay(as_of) : undefined;
  return { policy, as_of: policy === "as-of" ? as_of : null, notAfter: end ?? Number.POSITIVE_INFINITY };
}

/** What a policy says of a page. */
export interface HindsightAnswer {
  readonly allowed: boolean;
  /** The capture that spoke, as an index into the history's captures; -1 where none did. */
  readonly capture: number;
}

/** 64 MiB of compiled files, and the histories of the authorities asked about last. */
const compiledOctets = 64 * 1024 * 1024;
const remembered = 4096;

export class Hindsight {
  readonly #files = new BoundedCache<string, RobotsFile>(compiledOctets);
  readonly #histories = new BoundedCache<Authority, History>(remembered);
  readonly meanings: StateMeanings;

  /** @param archive stays the caller's to close */
  constructor(
    readonly archive: RobotsArchive,
    readonly agents: readonly string[],
    readonly parameters: ConsentParameters,
  ) {
    this.meanings = meaningsOf(parameters.states);
  }

  history(authority: Authority): History {
    let history = this.#histories.get(authority);
    if (history === undefined) {
      history = new History(this.archive, authority, this.parameters);
      this.#histories.set(authority, history, 1 + history.captures.length / 4);
    }
    return history;
  }

  /** @param capturedAt of the page, in milliseconds UTC; NaN where it is not known */
  page(url: string, capturedAt: number): PageInHindsight {
    const split = splitUrl(url);
    if (split === undefined) return new PageInHindsight(this, undefined, undefined, capturedAt);
    return new PageInHindsight(this, this.history(split.authority), robotsPath(split.target), capturedAt);
  }

  /** A capture's file made ready for the agents; undefined where its state has no rules. */
  file(capture: ArchivedCapture): RobotsFile | undefined {
    if (!hasRules(capture)) return undefined;
    let file = this.#files.get(capture.sha256);
    if (file === undefined) {
      file = new RobotsFile(this.archive.body(capture), this.agents);
      this.#files.set(capture.sha256, file, file.cost);
    }
    return file;
  }
}

/** All captures that could speak for one authority. */
export class History {
  /** The oldest first; also those of other spellings of the authority and of those that redirects name. */
  readonly captures: readonly Consulted[];
  /** For each capture the number of its body among the different ones, -1 without rules. */
  readonly bodyOf: Int32Array;
  readonly bodies: number;
  /** When what `newest` answers may change, ascending, and the answers from there on once they are known. */
  readonly #times: readonly number[];
  readonly #newest: (number | undefined)[] = [];

  constructor(
    private readonly archive: RobotsArchive,
    readonly authority: Authority,
    private readonly parameters: ConsentParameters,
  ) {
    this.captures = everyOf(archive, candidatesOf(authority, parameters.fallback)).toReversed();
    const numbers = new Map<string, number>();
    this.bodyOf = Int32Array.from(this.captures, ({ capture }) => {
      if (!hasRules(capture)) return -1;
      const number = numbers.get(capture.sha256) ?? numbers.size;
      numbers.set(capture.sha256, number);
      return number;
    });
    this.bodies = numbers.size;
    this.#times = [...new Set(this.captures.map(({ capture }) => capture.capturedAt))];
  }

  /** The capture that speaks where nothing later than `notAfter` counts, as an index into `captures`; -1 where there is none. */
  newest(notAfter: number): number {
    const at = this.#times.findLastIndex((time) => time <= notAfter);
    if (at < 0) return -1;
    const known = this.#newest[at] ?? this.#find(this.#times[at] ?? notAfter);
    this.#newest[at] = known;
    return known;
  }

  #find(notAfter: number): number {
    const { fallback, prefer } = this.parameters;
    const found = newestOf(this.archive, candidatesOf(this.authority, fallback), notAfter, prefer)?.capture;
    if (found === undefined) return -1;
    return this.captures.findIndex(({ capture }) => samePlace(capture, found));
  }
}

/** A page that any policy can be asked about; what a file says of it is worked out once. */
export class PageInHindsight {
  /** For each body of the history: 1 denies, 2 does not, 0 not asked yet. */
  readonly #denied: Uint8Array;

  constructor(
    private readonly hindsight: Hindsight,
    /** Undefined where the page has no http or https URL. */
    readonly history: History | undefined,
    readonly path: RobotsPath | undefined,
    private readonly capturedAt: number,
  ) {
    this.#denied = new Uint8Array(history?.bodies ?? 0);
  }

  answer(choice: PolicyChoice): HindsightAnswer {
    const { history, hindsight } = this;
    if (history === undefined) return { allowed: hindsight.parameters.on_no_url === "allow", capture: -1 };
    if (history.captures.length === 0) return { allowed: hindsight.meanings["no-capture"] === "allow", capture: -1 };
    if (choice.policy === "ever") return this.#ever(history);
    const own = choice.policy === "at-capture" && !Number.isNaN(this.capturedAt);
    const capture = history.newest(own ? this.capturedAt : choice.notAfter);
    if (capture < 0) return { allowed: hindsight.meanings["no-capture"] === "allow", capture };
    return { allowed: !this.forbids(capture), capture };
  }

  /** The newest capture that forbids decides; where none does, the newest that has rules speaks, or else the newest. */
  #ever(history: History): HindsightAnswer {
    const forbidding = history.captures.findLastIndex((_, index) => this.forbids(index));
    if (forbidding >= 0) return { allowed: false, capture: forbidding };
    const speaker = history.bodyOf.findLastIndex((body) => body >= 0);
    return { allowed: true, capture: speaker >= 0 ? speaker : history.captures.length - 1 };
  }

  /** Whether a capture of the page's history would leave it out by itself. */
  forbids(index: number): boolean {
    const capture = this.history?.captures[index]?.capture;
    if (capture === undefined) return false;
    if (capture.state !== "rules" && this.hindsight.meanings[capture.state] === "deny") return true;
    const body = this.history?.bodyOf[index] ?? -1;
    if (body < 0 || this.path === undefined) return false;
    if (this.#denied[body] === 0) {
      const denies = this.hindsight.file(capture)?.denies(this.path, this.hindsight.parameters.modes) === true;
      this.#denied[body] = denies ? 1 : 2;
    }
    return this.#denied[body] === 1;
  }
}

function hasRules(capture: ArchivedCapture): capture is ArchivedCapture & { readonly sha256: string } {
  return (capture.state === "rules" || capture.state === "truncated") && capture.sha256 !== undefined;
}

function samePlace(a: ArchivedCapture, b: ArchivedCapture): boolean {
  return (
    a.authority === b.authority &&
    a.capturedAt === b.capturedAt &&
    a.file === b.file &&
    a.offset === b.offset &&
    a.recordId === b.recordId
  );
}
