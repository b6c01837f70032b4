/**
 * Which captures speak for a page, and what their states permit. Both are choices, named in every report: RFC 9309 is written for
 * a live crawler, and an archive asked afterwards knows only what was captured, and when.
 */
import type { ArchivedCapture, RobotsArchive } from "./archive.js";
import type { Authority, Candidate, Fallback } from "./authority.js";
import type { RobotsState } from "./capture.js";

export const policies = ["latest", "as-of", "at-capture", "ever"] as const;
export type Policy = (typeof policies)[number];

/** A capture that was consulted, and how it was come by. */
export interface Consulted {
  readonly fallback: Fallback;
  readonly capture: ArchivedCapture;
  /** The authorities whose redirects led to the capture, the first asked first; empty where none did. */
  readonly via: readonly Authority[];
}

/** RFC 9309 §2.3.1.2: at least five consecutive redirects are followed. */
const redirectLimit = 5;

/** States in which a capture may be passed over for the one before it: it says that asking failed, not what the site wishes. */
export const passable = [
  "unavailable-4xx",
  "unreachable-5xx",
  "unreachable",
  "not-robots",
] as const satisfies readonly RobotsState[];
export type Passable = (typeof passable)[number];

export const preferences = ["first", "newest"] as const;
export type Preference = (typeof preferences)[number];

/**
 * The newest capture not later than `notAfter`: of the first candidate that has one, or of all of them together. Redirects between
 * robots.txt addresses are followed, also to other authorities, among captures of the same time (RFC 9309 §2.3.1.2). A redirect
 * that leads nowhere in the archive does not keep the other candidates from being asked; only where none of them has a capture is
 * it what was found. Captures in a state of `passOver` speak only where there is no other.
 */
export function newestOf(
  archive: RobotsArchive,
  candidates: readonly Candidate[],
  notAfter: number,
  prefer: Preference,
  passOver: readonly Passable[] = [],
): Consulted | undefined {
  const newest = (authority: Authority): ArchivedCapture | undefined => archive.newest(authority, notAfter);
  if (passOver.length === 0) return pick(newest, candidates, prefer);
  const passed = new Set<RobotsState>(passOver);
  const speaking = (authority: Authority): ArchivedCapture | undefined => {
    const last = newest(authority);
    if (last === undefined || !passed.has(last.state)) return last;
    const before = [...archive.captures(authority)].filter(
      ({ capturedAt, state }) => capturedAt <= notAfter && !passed.has(state),
    );
    return before.at(-1);
  };
  const spoken = pick(speaking, candidates, prefer);
  // A redirect to what is passed over is none that leads nowhere.
  if (spoken !== undefined && spoken.capture.state !== "redirect-unresolved") return spoken;
  return pick(newest, candidates, prefer);
}

type Lookup = (authority: Authority) => ArchivedCapture | undefined;

function pick(lookup: Lookup, candidates: readonly Candidate[], prefer: Preference): Consulted | undefined {
  let unresolved: Consulted | undefined;
  let best: Consulted | undefined;
  for (const { authority, fallback } of candidates) {
    const capture = lookup(authority);
    if (capture === undefined) continue;
    const consulted = follow(lookup, { fallback, capture, via: [] });
    if (consulted.capture.state === "redirect-unresolved") unresolved ??= { fallback, capture, via: [] };
    else if (prefer === "first") return consulted;
    else if (best === undefined || consulted.capture.capturedAt > best.capture.capturedAt) best = consulted;
  }
  return best ?? unresolved;
}

function follow(lookup: Lookup, first: Consulted): Consulted {
  let { capture } = first;
  const via: Authority[] = [];
  while (capture.state === "redirect-unresolved" && capture.redirect !== "" && via.length < redirectLimit) {
    const target = lookup(capture.redirect);
    if (target === undefined) break;
    via.push(capture.authority);
    capture = target;
  }
  return { ...first, capture, via };
}

/** Every capture of every candidate, and of the authorities that their redirects name; the newest first. */
export function everyOf(archive: RobotsArchive, candidates: readonly Candidate[]): readonly Consulted[] {
  const asked = new Map<Authority, { readonly fallback: Fallback; readonly via: readonly Authority[] }>(
    candidates.map(({ authority, fallback }) => [authority, { fallback, via: [] }]),
  );
  const consulted: Consulted[] = [];
  // A map visits what is added on the way, so redirects are followed too.
  for (const [authority, { fallback, via }] of asked) {
    for (const capture of archive.captures(authority)) {
      consulted.push({ fallback, capture, via });
      if (capture.redirect !== "" && !asked.has(capture.redirect) && via.length < redirectLimit) {
        asked.set(capture.redirect, { fallback, via: [...via, authority] });
      }
    }
  }
  return consulted.sort((a, b) => b.capture.capturedAt - a.capture.capturedAt);
}

export type Meaning = "allow" | "deny";
/** What a state permits where no rule of the file decides; `rules` itself is decided by the rules alone. */
export type StateMeanings = Readonly<Record<Exclude<RobotsState, "rules">, Meaning>>;

const allowAll: StateMeanings = {
  empty: "allow",
  "unavailable-4xx": "allow",
  "unreachable-5xx": "allow",
  unreachable: "allow",
  "redirect-unresolved": "allow",
  "not-robots": "allow",
  truncated: "allow",
  "no-capture": "allow",
};

export const statePresets = {
  /** Whatever is missing or cannot be read permits everything (technical report §3.1.1). */
  apertus: allowAll,
  /** As a live crawler would decide: a server that fails or does not answer forbids everything (RFC 9309 §2.3.1.4), a 4xx nothing (§2.3.1.3). */
  "rfc-live": { ...allowAll, "unreachable-5xx": "deny", unreachable: "deny" },
} as const satisfies Record<string, StateMeanings>;

/** The rule that a verdict names where a state, and no line of a file, forbade a page. */
export const stateRules: Readonly<Record<keyof StateMeanings, string>> = {
  empty: "robots-empty",
  "unavailable-4xx": "robots-unavailable",
  "unreachable-5xx": "robots-unreachable",
  unreachable: "robots-no-answer",
  "redirect-unresolved": "robots-redirect",
  "not-robots": "robots-unreadable",
  truncated: "robots-truncated",
  "no-capture": "robots-no-capture",
};
