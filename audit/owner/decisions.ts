/**
 * Why pages were left out: the rows of the ledger by stage, rule and evidence, most pages first. Reasons that many pages share stand
 * by themselves; those beyond a bound, as duplicates have that each name another page, are put together by rule.
 */
import type { Manifest } from "../../corpus/index.js";
import { retractRules, retractStage } from "../retract/rules.js";
import type { ConsentStage } from "./consent-stage.js";
import type { Decision } from "./model.js";
import { shownDecision } from "./robots-decision.js";
import type { Cells, SubjectRows } from "./rows.js";

/** Pieces of evidence of one rule that are shown one by one. Opt-outs get more room: each is a site's robots.txt. */
const shownByRule = 20;
const shownOptOuts = 100;

export interface Decisions {
  readonly list: readonly Decision[];
  /** The decision that a row of the ledger belongs to. */
  find(stage: string, rule: string, evidence: string): Decision | undefined;
  /** SHA-256 of the robots.txt bodies that decisions rest on, in the order of the list. */
  readonly bodies: ReadonlyMap<string, Uint8Array>;
}

export async function readDecisions(
  rows: SubjectRows,
  manifest: Manifest,
  consent: ConsentStage | undefined,
): Promise<Decisions> {
  const groups = await groupsOf(rows);
  const evidence = await rows.evidence(groups.flatMap(({ evidence_id }) => (evidence_id === null ? [] : [evidence_id])));
  const digests = [...new Set([...evidence.values()].map(robotsDigest).filter((digest) => digest !== undefined))];
  const bodies = await rows.blobs(digests);
  const list = groups.map(({ stage, rule, pages, examples, evidences, evidence_id }): Decision => {
    const found = evidence_id === null ? null : (evidence.get(evidence_id) ?? null);
    const digest = robotsDigest(found);
    const body = digest === undefined ? undefined : bodies.get(digest);
    return {
      stage,
      rule,
      meaning: meaningOf(manifest, stage, rule),
      pages,
      examples,
      evidences,
      evidence_id,
      evidence: found,
      robots: found === null ? null : shownDecision(found, examples[0] ?? "", body, consent),
    };
  });
  const byKey = new Map(list.map((decision) => [keyOf(decision.stage, decision.rule, decision.evidence_id), decision]));
  return {
    list,
    bodies,
    find: (stage, rule, id) => byKey.get(keyOf(stage, rule, id)) ?? byKey.get(keyOf(stage, rule, null)),
  };
}

interface Group {
  readonly stage: string;
  readonly rule: string;
  readonly pages: number;
  readonly examples: readonly string[];
  readonly evidences: number;
  readonly evidence_id: string | null;
}

async function groupsOf(rows: SubjectRows): Promise<readonly Group[]> {
  const found = await rows.query(`
    WITH reasons AS (
      SELECT stage, rule, evidence, count(*) AS pages, min(url, 3) AS examples,
        row_number() OVER (PARTITION BY stage, rule ORDER BY count(*) DESC, evidence) AS place
      FROM pages WHERE stage IS NOT NULL GROUP BY stage, rule, evidence
    ), placed AS (
      SELECT *, place <= CASE WHEN stage IN ('consent', '${retractStage}') THEN ${shownOptOuts} ELSE ${shownByRule} END AS alone FROM reasons
    )
    SELECT stage, rule, sum(pages)::DOUBLE AS pages, count(*)::DOUBLE AS evidences, min(evidence) AS evidence,
      list_slice(list_sort(flatten(list(examples ORDER BY place) FILTER (place <= ${shownOptOuts + 1}))), 1, 3) AS examples
    FROM placed GROUP BY stage, rule, CASE WHEN alone THEN evidence END
    ORDER BY pages DESC, stage, rule, evidence`);
  return found.map((cells): Group => {
    const evidences = Number(cells.evidences);
    return {
      stage: String(cells.stage),
      rule: String(cells.rule),
      pages: Number(cells.pages),
      examples: textsOf(cells),
      evidences,
      evidence_id: evidences === 1 ? String(cells.evidence) : null,
    };
  });
}

function textsOf({ examples }: Cells): readonly string[] {
  return Array.isArray(examples) ? examples.map(String) : [];
}

/** In the words of the filter, which the manifest keeps. */
function meaningOf(manifest: Manifest, stage: string, rule: string): string {
  const rules: Readonly<Record<string, string>> =
    stage === retractStage ? retractRules : (manifest.stages.find(({ name }) => name === stage)?.rules ?? {});
  const meaning = Object.hasOwn(rules, rule) ? rules[rule] : undefined;
  return meaning ?? `The rule ${rule} of the filter ${stage}, which says no more of itself.`;
}

function keyOf(stage: string, rule: string, evidence: string | null): string {
  return JSON.stringify([stage, rule, evidence]);
}

function robotsDigest(evidence: unknown): string | undefined {
  const digest = (evidence as { readonly robots?: { readonly sha256?: unknown } } | null)?.robots?.sha256;
  return typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}
