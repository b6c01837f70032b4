/**
 * Consent in hindsight: what each policy, and each capture by itself, says of a page, without evidence and for all policies at
 * once. A site's owner asks it of the same pages under six policies and two dozen captures; most of the work, matching a path
 * against the files, is then shared. The answers are those of the filter (consent.ts), which the tests hold it to.
 */
import { sha256 } from "../../corpus/index.js";
import type { ArchivedCapture, RobotsArchive } from "./archive.js";
import { type Authority, candidatesOf, splitUrl } from "./authority.js";
import { BoundedCache } from "./bounded-cache.js";
import { type ConsentParameters, endOfDay, meaningsOf } from "./parameters.js";
import { type Consulted, everyOf, newestOf, type Policy, type StateMeanings } from "./policy.js";
import { RobotsFile, type RobotsPath, robotsPath } from "./robots-file.js";
import { hasRules } from "./speakers.js";

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
  readonly #files = new Map<string, RobotsFile>();
  #octets = 0;
  readonly #readings = new BoundedCache<string, string>(remembered);
  readonly #histories = new BoundedCache<Authority, History>(remembered);
  #last: History | undefined;
  readonly #meanings: StateMeanings;

  /** @param archive stays the caller's to close */
  constructor(
    readonly archive: RobotsArchive,
    readonly agents: readonly string[],
    readonly parameters: ConsentParameters,
  ) {
    this.#meanings = meaningsOf(parameters.states);
  }

  history(authority: Authority): History {
    if (this.#last?.authority === authority) return this.#last;
    let history = this.#histories.get(authority);
    if (history === undefined) {
      history = new History(this, authority, this.#meanings);
      this.#histories.set(authority, history, 1 + history.captures.length / 4);
    }
    this.#last = history;
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
      // Pages come site by site, so what is forgotten here is seldom asked again.
      if (this.#octets + file.cost > compiledOctets) {
        this.#files.clear();
        this.#octets = 0;
      }
      this.#files.set(capture.sha256, file);
      this.#octets += file.cost;
    }
    return file;
  }

  /** What a capture's rules come to; undefined where its state has none. */
  reading(capture: ArchivedCapture): string | undefined {
    if (!hasRules(capture)) return undefined;
    let reading = this.#readings.get(capture.sha256);
    if (reading === undefined) {
      // A file's rules in full are long, and thousands of captures are held.
      reading = sha256(this.file(capture)?.reading(this.parameters.modes) ?? "");
      this.#readings.set(capture.sha256, reading);
    }
    return reading;
  }

  /** Whether a policy without a capture permits. */
  permitsWithout(what: "capture" | "url"): boolean {
    return (what === "url" ? this.parameters.on_no_url : this.#meanings["no-capture"]) === "allow";
  }
}

/** Captures whose rules deny the same paths share a reading. */
export interface Readings {
  /** For each capture the number of its reading, -1 where its state has no rules. */
  readonly of: Int32Array;
  /** A capture of each reading. */
  readonly captures: readonly ArchivedCapture[];
}

function readingsOf(hindsight: Hindsight, captures: readonly Consulted[]): Readings {
  const numbers = new Map<string, number>();
  const examples: ArchivedCapture[] = [];
  const of = Int32Array.from(captures, ({ capture }) => {
    const reading = hindsight.reading(capture);
    if (reading === undefined) return -1;
    const number = numbers.get(reading) ?? examples.push(capture) - 1;
    numbers.set(reading, number);
    return number;
  });
  return { of, captures: examples };
}

/** All captures that could speak for one authority. */
export class History {
  /** The oldest first; also those of other spellings of the authority and of those that redirects name. */
  readonly captures: readonly Consulted[];
  /** For each capture 1 where its state alone leaves every page out. */
  readonly deniesAll: Uint8Array;
  /** When what `newest` answers may change, ascending, and the answers from there on once they are known. */
  readonly #times: readonly number[];
  readonly #newest: (number | undefined)[] = [];
  #readings: Readings | undefined;

  constructor(
    private readonly hindsight: Hindsight,
    readonly authority: Authority,
    meanings: StateMeanings,
  ) {
    const { archive, parameters } = hindsight;
    this.captures = everyOf(archive, candidatesOf(authority, parameters.fallback)).toReversed();
    this.deniesAll = Uint8Array.from(this.captures, ({ capture: { state } }) =>
      state !== "rules" && meanings[state] === "deny" ? 1 : 0,
    );
    this.#times = [...new Set(this.captures.map(({ capture }) => capture.capturedAt))];
  }

  /** What the captures' rules come to, each once. */
  get readings(): Readings {
    this.#readings ??= readingsOf(this.hindsight, this.captures);
    return this.#readings;
  }

  /** The capture that speaks where nothing later than `notAfter` counts, as an index into `captures`; -1 where there is none. */
  newest(notAfter: number): number {
    let at = this.#times.length - 1;
    while (at >= 0 && (this.#times[at] ?? 0) > notAfter) at--;
    if (at < 0) return -1;
    const known = this.#newest[at] ?? this.#find(this.#times[at] ?? notAfter);
    this.#newest[at] = known;
    return known;
  }

  #find(notAfter: number): number {
    const { archive, parameters } = this.hindsight;
    const { fallback, prefer, pass_over } = parameters;
    const found = newestOf(archive, candidatesOf(this.authority, fallback), notAfter, prefer, pass_over)?.capture;
    if (found === undefined) return -1;
    return this.captures.findIndex(({ capture }) => samePlace(capture, found));
  }
}

/** A page that any policy can be asked about; what a file says of it is worked out once. */
export class PageInHindsight {
  readonly #readings: Readings | undefined;
  /** For each reading: 1 denies, 2 does not, 0 not asked yet. */
  readonly #denied: Uint8Array;

  constructor(
    private readonly hindsight: Hindsight,
    /** Undefined where the page has no http or https URL. */
    readonly history: History | undefined,
    private readonly path: RobotsPath | undefined,
    private readonly capturedAt: number,
  ) {
    this.#readings = history?.readings;
    this.#denied = new Uint8Array(this.#readings?.captures.length ?? 0);
  }

  answer(choice: PolicyChoice): HindsightAnswer {
    const { history, hindsight } = this;
    if (history === undefined) return { allowed: hindsight.permitsWithout("url"), capture: -1 };
    if (history.captures.length === 0) return { allowed: hindsight.permitsWithout("capture"), capture: -1 };
    if (choice.policy === "ever") return this.#ever(history);
    const own = choice.policy === "at-capture" && !Number.isNaN(this.capturedAt);
    const capture = history.newest(own ? this.capturedAt : choice.notAfter);
    return { allowed: capture < 0 ? hindsight.permitsWithout("capture") : !this.forbids(capture), capture };
  }

  /** The newest capture that forbids decides; where none does, the newest that has rules speaks, or else the newest. */
  #ever(history: History): HindsightAnswer {
    for (let i = history.captures.length - 1; i >= 0; i--) if (this.forbids(i)) return { allowed: false, capture: i };
    const speaker = history.readings.of.findLastIndex((reading) => reading >= 0);
    return { allowed: true, capture: speaker >= 0 ? speaker : history.captures.length - 1 };
  }

  /** Whether a capture of the page's history would leave it out by itself. */
  forbids(index: number): boolean {
    const { history } = this;
    if (history === undefined) return false;
    return history.deniesAll[index] === 1 || this.denies(history.readings.of[index] ?? -1);
  }

  /** Whether the rules of a reading of the page's history disallow it. */
  denies(reading: number): boolean {
    const capture = this.#readings?.captures[reading];
    if (capture === undefined || this.path === undefined) return false;
    if (this.#denied[reading] === 0) {
      const denies = this.hindsight.file(capture)?.denies(this.path, this.hindsight.parameters.modes) === true;
      this.#denied[reading] = denies ? 1 : 2;
    }
    return this.#denied[reading] === 1;
  }
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
