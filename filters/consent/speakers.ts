/**
 * The captures that speak for a page, by the recipe's policy: of robots.txt for consent, and of every other file of a site that
 * is kept in an archive (filters/signals).
 */
import type { ArchivedCapture, RobotsArchive } from "./archive.js";
import { type Authority, candidatesOf } from "./authority.js";
import { BoundedCache } from "./bounded-cache.js";
import { type ConsentParameters, endOfDay } from "./parameters.js";
import { type Consulted, everyOf, newestOf } from "./policy.js";

export type SpeakerPolicy = Pick<ConsentParameters, "policy" | "as_of" | "fallback" | "prefer" | "pass_over">;

/** What was looked up for the last authorities. */
const remembered = 4096;

/** The captures of an authority as `at-capture` asks for them: the answer changes only at these times, the newest first. */
interface Timeline {
  readonly times: readonly number[];
  readonly newest: (readonly Consulted[] | undefined)[];
}

export class Speakers {
  readonly #consulted = new BoundedCache<Authority, readonly Consulted[]>(remembered);
  readonly #timelines = new BoundedCache<Authority, Timeline>(remembered);
  readonly #cutoff: number;

  /** @param archive stays the caller's to close; without one there are no captures */
  constructor(
    private readonly archive: RobotsArchive | undefined,
    private readonly choice: SpeakerPolicy,
  ) {
    this.#cutoff = (choice.policy === "as-of" ? endOfDay(choice.as_of) : undefined) ?? Number.POSITIVE_INFINITY;
  }

  /**
   * The newest first; one at most, but under the policy `ever`.
   *
   * @param capturedAt of the page, in milliseconds UTC; NaN where it is not known. Only `at-capture` asks for it.
   */
  of(authority: Authority, capturedAt: number): readonly Consulted[] {
    if (this.choice.policy === "at-capture" && !Number.isNaN(capturedAt)) return this.#atCapture(authority, capturedAt);
    let found = this.#consulted.get(authority);
    if (found === undefined) {
      found = this.#look(authority, this.#cutoff);
      this.#consulted.set(authority, found, 1 + found.length / 16);
    }
    return found;
  }

  #look(authority: Authority, notAfter: number): readonly Consulted[] {
    const { policy, fallback, prefer, pass_over } = this.choice;
    const candidates = candidatesOf(authority, fallback);
    if (this.archive === undefined) return [];
    if (policy === "ever") return everyOf(this.archive, candidates);
    const newest = newestOf(this.archive, candidates, notAfter, prefer, pass_over);
    return newest === undefined ? [] : [newest];
  }

  #atCapture(authority: Authority, capturedAt: number): readonly Consulted[] {
    let timeline = this.#timelines.get(authority);
    if (timeline === undefined) {
      const every = this.archive === undefined ? [] : everyOf(this.archive, candidatesOf(authority, this.choice.fallback));
      timeline = { times: [...new Set(every.map(({ capture }) => capture.capturedAt))].reverse(), newest: [] };
      this.#timelines.set(authority, timeline, 1 + timeline.times.length / 16);
    }
    const { times, newest } = timeline;
    let at = times.length - 1;
    while (at >= 0 && (times[at] ?? 0) > capturedAt) at--;
    const time = times[at];
    if (time === undefined) return [];
    const found = newest[at] ?? this.#look(authority, time);
    newest[at] = found;
    return found;
  }
}

/** Whether the capture has a body that was kept to be read. */
export function hasRules(capture: ArchivedCapture): capture is ArchivedCapture & { readonly sha256: string } {
  return (capture.state === "rules" || capture.state === "truncated") && capture.sha256 !== undefined;
}
