/**
 * One page's decision step by step: where robots.txt was looked for, which capture spoke and why, what it says to each agent, and
 * whether that is what the corpus records. For whoever wants to follow a decision by hand, or to dispute it.
 */
import { type CorpusFolder, openManifest } from "../../corpus/index.js";
import {
  candidatesOf,
  Hindsight,
  type MatchingMode,
  matchingModes,
  type RobotsDecision,
  splitUrl,
} from "../../filters/index.js";
import { type ConsentStage, confirmDecision, openConsentStage } from "./consent-stage.js";
import { readDecisions } from "./decisions.js";
import type { Capture, Decision, PolicyInForce } from "./model.js";
import { isRetracted, type ReportedPage, reportedPage } from "./reported-page.js";
import { Retractions } from "./retractions.js";
import { type PageRow, SubjectRows } from "./rows.js";
import { type SecondOpinion, secondOpinion } from "./second-opinion.js";
import { shownCapture } from "./sites.js";
import { parseSubject } from "./subject.js";

export interface Explanation {
  readonly page: ReportedPage;
  /** What the ledger records; null for pages that are in. */
  readonly decision: Decision | null;
  /** Null where the recipe has no consent stage. */
  readonly policy: PolicyInForce | null;
  /** Null where the corpus keeps no robots archive, or the page has no http or https address. */
  readonly robots: RobotsExplanation | null;
}

export interface RobotsExplanation {
  /** Scheme, host and port whose robots.txt holds for the page. */
  readonly authority: string;
  /** Path and query, which the rules are compared with. */
  readonly target: string;
  /** Where a capture was looked for, in this order. */
  readonly candidates: readonly { readonly authority: string; readonly fallback: string }[];
  /** All captures that could speak, the oldest first; `spoke` marks the one that the policy let decide. */
  readonly captures: readonly (Capture & { readonly spoke: boolean })[];
  /** What the file says to each agent in each mode; empty where its state has no rules. */
  readonly agents: readonly {
    readonly agent: string;
    readonly counts: readonly RobotsDecision[];
    readonly others: readonly RobotsDecision[];
  }[];
  readonly allowed: boolean;
  /** False where the corpus, of an older version of the filter, records another decision. */
  readonly as_recorded: boolean;
  /** The peer's reading of the same file; null where the peer is not installed, or where there are no rules. */
  readonly second_opinion: readonly SecondOpinion[] | null;
}

/** Captures of one page that are explained. */
const mostCaptures = 20;

/**
 * Every capture of a page that the corpus read, at most twenty; none where it read none.
 *
 * @throws DataError as makeOwnerReport; SUBJECT_INVALID where the text is no page's address
 */
export async function explainPage(
  corpus: CorpusFolder,
  options: { readonly url: string; readonly version?: number },
): Promise<readonly Explanation[]> {
  const parsed = parseSubject(options.url, true);
  // The address of a host alone is its home page here.
  const asked = { ...parsed, subject: { ...parsed.subject, scope: "url" as const }, path: parsed.path ?? "/" };
  const manifest = openManifest(corpus);
  const retractions = Retractions.open(corpus, manifest, options.version);
  const consent = openConsentStage(corpus, manifest);
  const rows = await SubjectRows.open(corpus, manifest, asked, retractions.chain());
  try {
    const decisions = await readDecisions(rows, manifest, consent);
    const explanations: Explanation[] = [];
    for await (const row of firstOf(rows)) {
      const gone = row.shard === null || row.row === null ? undefined : await retractions.take(row.shard, row.row, row.url);
      const page = reportedPage(row, isRetracted(row) || gone !== undefined);
      const decision = row.stage === null ? null : (decisions.find(row.stage, row.rule ?? "", row.evidence ?? "") ?? null);
      const robots =
        consent === undefined ? null : await explainRobots(isRetracted(row) ? { ...row, stage: null } : row, consent);
      explanations.push({ page, decision, policy: consent?.inForce ?? null, robots });
    }
    return explanations;
  } finally {
    rows.close();
    consent?.archive?.close();
  }
}

async function* firstOf(rows: SubjectRows): AsyncGenerator<PageRow> {
  for await (const chunk of rows.pages()) return yield* chunk.slice(0, mostCaptures);
}

/** @throws DataError DECISION_DIFFERS */
async function explainRobots({ url, capturedAt, stage }: PageRow, consent: ConsentStage): Promise<RobotsExplanation | null> {
  const { archive, agents, parameters, choice } = consent;
  const split = splitUrl(url);
  if (archive === undefined || split === undefined) return null;
  const hindsight = new Hindsight(archive, agents, parameters);
  const page = hindsight.page(url, capturedAt ?? Number.NaN);
  const { allowed, capture: spoke } = page.answer(choice);
  const as_recorded = confirmDecision(consent, url, stage, allowed);
  const captures = page.history?.captures ?? [];
  const speaker = captures[spoke]?.capture;
  const file = speaker === undefined ? undefined : hindsight.file(speaker);
  const answer = file?.answer(split.target);
  const explained =
    file === undefined || answer === undefined
      ? []
      : agents.map((agent, at) => {
          const says = (mode: MatchingMode): RobotsDecision => file.explain(answer, at, mode);
          const counting = matchingModes.filter((mode) => parameters.modes.includes(mode));
          const others = matchingModes.filter((mode) => !parameters.modes.includes(mode));
          return { agent, counts: counting.map(says), others: others.map(says) };
        });
  const text = speaker === undefined || file === undefined ? undefined : Buffer.from(archive.body(speaker)).toString("utf8");
  return {
    authority: split.authority,
    target: split.target,
    candidates: candidatesOf(split.authority, parameters.fallback),
    captures: captures.map(({ capture }, index) => ({ ...shownCapture(capture), spoke: index === spoke })),
    agents: explained,
    allowed,
    as_recorded,
    second_opinion: text === undefined ? null : ((await secondOpinion(url, text, agents)) ?? null),
  };
}
