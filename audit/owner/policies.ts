/** The same pages under other policies: what the owner's robots.txt would have done, had another of its captures counted. */
import { choosePolicy, type Hindsight, type PageInHindsight, type PolicyChoice } from "../../filters/index.js";
import type { ConsentStage } from "./consent-stage.js";
import type { PolicyOutcome } from "./model.js";

/** More years than web archives have. */
const mostYears = 100;

interface Tally {
  readonly choice: PolicyChoice;
  allowed: number;
  disallowed: number;
  without_capture: number;
}

export class PolicyTallies {
  readonly #tallies: readonly Tally[];

  /** @param authorities of the subject: their captures say over which years the policy `as-of` is asked */
  constructor(
    private readonly consent: ConsentStage,
    hindsight: Hindsight,
    authorities: Iterable<string>,
  ) {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const authority of authorities) {
      const { captures } = hindsight.history(authority);
      const [oldest, newest] = [captures[0], captures.at(-1)];
      if (oldest === undefined || newest === undefined) continue;
      first = Math.min(first, new Date(oldest.capture.capturedAt).getUTCFullYear());
      last = Math.max(last, new Date(newest.capture.capturedAt).getUTCFullYear());
    }
    const days = new Set<string>([consent.parameters.as_of]);
    for (let year = Math.max(first, last - mostYears); year <= last; year++) days.add(`${String(year).padStart(4, "0")}-12-31`);
    const choices = [
      choosePolicy("latest"),
      ...[...days].sort().map((day) => choosePolicy("as-of", day)),
      choosePolicy("at-capture"),
      choosePolicy("ever"),
    ];
    this.#tallies = choices.map((choice) => ({ choice, allowed: 0, disallowed: 0, without_capture: 0 }));
  }

  add(page: PageInHindsight): void {
    for (const tally of this.#tallies) {
      const { allowed, capture } = page.answer(tally.choice);
      if (!allowed) tally.disallowed++;
      else {
        tally.allowed++;
        if (capture < 0) tally.without_capture++;
      }
    }
  }

  finish(): readonly PolicyOutcome[] {
    const { policy, as_of } = this.consent.choice;
    return this.#tallies.map(({ choice, ...counts }) => ({
      policy: choice.policy,
      as_of: choice.as_of,
      modes: this.consent.parameters.modes,
      in_force: choice.policy === policy && choice.as_of === as_of,
      ...counts,
    }));
  }
}
