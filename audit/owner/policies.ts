/** The same pages under other policies: what the owner's robots.txt would have done, had another of its captures counted. */
import { choosePolicy, type Hindsight, type History, type PageInHindsight, type PolicyChoice } from "../../filters/index.js";
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

/** Pages that share a history, and how many of them each of its readings denies. */
interface Shared {
  readonly history: History;
  pages: number;
  readonly denied: Int32Array;
}

export class PolicyTallies {
  readonly #tallies: readonly Tally[];
  #shared: Shared | undefined;

  private constructor(
    private readonly consent: ConsentStage,
    private readonly hindsight: Hindsight,
    choices: readonly PolicyChoice[],
  ) {
    this.#tallies = choices.map((choice) => ({ choice, allowed: 0, disallowed: 0, without_capture: 0 }));
  }

  /** @param authorities of the subject: their captures say over which years the policy `as-of` is asked */
  static async over(consent: ConsentStage, hindsight: Hindsight, authorities: AsyncIterable<string>): Promise<PolicyTallies> {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for await (const authority of authorities) {
      const { captures } = hindsight.history(authority);
      const [oldest, newest] = [captures[0], captures.at(-1)];
      if (oldest === undefined || newest === undefined) continue;
      first = Math.min(first, new Date(oldest.capture.capturedAt).getUTCFullYear());
      last = Math.max(last, new Date(newest.capture.capturedAt).getUTCFullYear());
    }
    const days = new Set<string>([consent.parameters.as_of]);
    for (let year = Math.max(first, last - mostYears); year <= last; year++) days.add(`${String(year).padStart(4, "0")}-12-31`);
    const asOf = [...days].sort().map((day) => choosePolicy("as-of", day));
    return new PolicyTallies(consent, hindsight, [
      choosePolicy("latest"),
      ...asOf,
      choosePolicy("at-capture"),
      choosePolicy("ever"),
    ]);
  }

  add(page: PageInHindsight): void {
    const { history } = page;
    if (history !== undefined) {
      if (this.#shared?.history !== history) {
        this.#flush();
        this.#shared = { history, pages: 0, denied: new Int32Array(history.readings.captures.length) };
      }
      const { denied } = this.#shared;
      this.#shared.pages++;
      for (let i = 0; i < denied.length; i++) if (page.denies(i)) denied[i]++;
    }
    for (const tally of this.#tallies) {
      if (history !== undefined && sharesCapture(tally.choice)) continue;
      const { allowed, capture } = page.answer(tally.choice);
      count(tally, allowed ? 1 : 0, allowed ? 0 : 1, capture < 0);
    }
  }

  /** Under most policies one capture speaks for all pages of a site, so that they are counted by its reading. */
  #flush(): void {
    if (this.#shared === undefined) return;
    const { history, pages, denied } = this.#shared;
    for (const tally of this.#tallies) {
      if (!sharesCapture(tally.choice)) continue;
      const capture = history.newest(tally.choice.notAfter);
      const all = capture < 0 ? !this.hindsight.permitsWithout("capture") : history.deniesAll[capture] === 1;
      const out = all ? pages : (denied[history.readings.of[capture] ?? -1] ?? 0);
      count(tally, pages - out, out, capture < 0);
    }
    this.#shared = undefined;
  }

  finish(): readonly PolicyOutcome[] {
    this.#flush();
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

/** Whether one capture speaks for all pages of a site, whenever they were captured. */
function sharesCapture({ policy }: PolicyChoice): boolean {
  return policy === "latest" || policy === "as-of";
}

function count(tally: Tally, allowed: number, disallowed: number, withoutCapture: boolean): void {
  tally.allowed += allowed;
  tally.disallowed += disallowed;
  if (withoutCapture) tally.without_capture += allowed;
}
