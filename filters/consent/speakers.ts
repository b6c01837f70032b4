/**
 * The captures that speak for a page, by the recipe's policy: of robots.txt for consent, and of every other file of a site that
 * is kept in an archive (filters/signals).
 */
import type { ArchivedCapture, RobotsArchive } from "./archive.js";
import { type Authority, candidatesOf } from "./authority.js";
import { BoundedCache } from "./bounded-cache.js";
import { type ConsentParameters, endOfDay } from "./parameters.js";
import { type Consulted, everyOf, newestOf } from "./policy.js";

export type SpeakerPolicy = Pick<ConsentParameters, "policy" | "as_of" | "fallback" | "prefer">;

/** What was looked up for the last authorities. */
const remembered = 4096;

export class Speakers {
  readonly #consulted = new BoundedCache<string, readonly Consulted[]>(remembered);
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
   * @param capturedAt of the page, in milliseconds UTC; NaN where it is not known
   */
  of(authority: Authority, capturedAt: number): readonly Consulted[] {
    const { policy, fallback, prefer } = this.choice;
    const notAfter = policy === "at-capture" && !Number.isNaN(capturedAt) ? capturedAt : this.#cutoff;
    const key = `${authority} ${notAfter}`;
    let found = this.#consulted.get(key);
    if (found === undefined) {
      const candidates = candidatesOf(authority, fallback);
      if (this.archive === undefined) found = [];
      else if (policy === "ever") found = everyOf(this.archive, candidates);
      else {
        const newest = newestOf(this.archive, candidates, notAfter, prefer);
        found = newest === undefined ? [] : [newest];
      }
      this.#consulted.set(key, found, 1 + found.length / 16);
    }
    return found;
  }
}

/** Whether the capture has a body that was kept to be read. */
export function hasRules(capture: ArchivedCapture): capture is ArchivedCapture & { readonly sha256: string } {
  return (capture.state === "rules" || capture.state === "truncated") && capture.sha256 !== undefined;
}
