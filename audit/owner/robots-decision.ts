/**
 * A decision by robots.txt as the owner is shown it: the capture, and every line that decided, with the agents that it shuts out.
 * The ledger quotes three lines and keeps one bit for each agent; the rest is asked of the captured file again, and has to give the
 * same bits, or the decision is not proved.
 */
import { z } from "zod";
import { DataError } from "../../errors/index.js";
import { bitAt, type MatchingMode, matchingModes, RobotsFile, splitUrl } from "../../filters/index.js";
import type { ConsentStage } from "./consent-stage.js";
import type { RobotsDecisionShown } from "./model.js";

/** Lines that are shown of one decision; a file has few that decide on one page. */
const shownLines = 50;

const evidenceShape = z.object({
  policy: z.string(),
  as_of: z.string().optional(),
  authority: z.string(),
  state: z.string(),
  fallback: z.string(),
  robots: z.object({
    authority: z.string(),
    captured_at: z.string(),
    status: z.number(),
    sha256: z.string().nullable(),
    bytes: z.number(),
    warc_file: z.string(),
    warc_offset: z.number(),
    warc_length: z.number(),
    warc_unit: z.string(),
    warc_record_id: z.string(),
  }),
  modes: z.array(z.enum(matchingModes)).optional(),
  profile: z.string().optional(),
  profile_sha256: z.string().optional(),
  disallowed: z
    .array(
      z.object({
        agent: z.string(),
        mode: z.string(),
        group: z.string().nullable(),
        line: z.number().nullable(),
        raw: z.string().nullable(),
      }),
    )
    .default([]),
  vector: z.object({ rfc: z.string(), intent: z.string(), protego: z.string() }).optional(),
});

/**
 * @param url a page that the decision is about
 * @param body the captured file; undefined where the corpus has none
 * @returns null where the evidence is no robots.txt capture
 * @throws DataError DECISION_DIFFERS
 */
export function shownDecision(
  evidence: unknown,
  url: string,
  body: Uint8Array | undefined,
  consent: ConsentStage | undefined,
): RobotsDecisionShown | null {
  const parsed = evidenceShape.safeParse(evidence);
  if (!parsed.success) return null;
  const { policy, as_of, authority, state, fallback, robots, vector, modes, profile, profile_sha256, disallowed } = parsed.data;
  let lines: RobotsDecisionShown["lines"] = quotedLines(disallowed);
  // A retraction may have asked for other agents than the run; then what it quotes has to do.
  const sameAgents =
    consent?.profileSha256 === undefined ? profile?.startsWith("inline@") === true : profile_sha256 === consent.profileSha256;
  if (vector !== undefined && body !== undefined && consent !== undefined && sameAgents) {
    const file = new RobotsFile(body, consent.agents);
    const target = splitUrl(url)?.target ?? "/";
    const { bits } = file.answer(target);
    if (matchingModes.some((mode) => bits[mode] !== vector[mode])) {
      throw new DataError("DECISION_DIFFERS", { record: url, detail: `robots.txt ${robots.sha256} gives other bits` });
    }
    lines = new LineTally(modes ?? consent.parameters.modes).add(file, target).finish();
  }
  return {
    policy,
    as_of: as_of ?? null,
    authority,
    fallback,
    capture: {
      authority: robots.authority,
      captured_at: robots.captured_at,
      state,
      status: robots.status,
      sha256: robots.sha256,
      bytes: robots.bytes,
      place: {
        file: robots.warc_file,
        offset: robots.warc_offset,
        length: robots.warc_length,
        unit: robots.warc_unit,
        record_id: robots.warc_record_id,
      },
    },
    lines,
  };
}

function quotedLines(quoted: z.output<typeof evidenceShape>["disallowed"]): RobotsDecisionShown["lines"] {
  const lines = new Map<number, { raw: string; groups: Set<string>; agents: Set<string>; modes: Set<string> }>();
  for (const { agent, mode, group, line, raw } of quoted) {
    if (line === null) continue;
    const known = lines.get(line) ?? { raw: raw ?? "", groups: new Set(), agents: new Set(), modes: new Set() };
    if (group !== null) known.groups.add(group);
    known.agents.add(agent);
    known.modes.add(mode);
    lines.set(line, known);
  }
  return [...lines].map(([line, { raw, groups, agents, modes }]) => ({
    line,
    raw,
    groups: [...groups],
    agents: [...agents],
    modes: [...modes],
  }));
}

/** The lines that disallow paths to an agent in one of the modes: those with most agents first. */
export class LineTally {
  readonly #lines = new Map<
    number,
    {
      readonly line: number;
      readonly raw: string;
      readonly groups: Set<string>;
      readonly agents: Set<string>;
      readonly modes: Set<string>;
    }
  >();

  constructor(private readonly modes: readonly MatchingMode[]) {}

  /** Adds the lines of a file that decide on a path. */
  add(file: RobotsFile, target: string): this {
    const answer = file.answer(target);
    for (const mode of this.modes) {
      if (!answer.denied[mode]) continue;
      for (const [agent, name] of file.agents.entries()) {
        if (!bitAt(answer.bits[mode], agent)) continue;
        const line = file.lineOf(answer, agent, mode);
        let known = this.#lines.get(line);
        const { group, rule } = file.explain(answer, agent, mode);
        if (known === undefined) {
          known = { line, raw: rule?.raw ?? "", groups: new Set(), agents: new Set(), modes: new Set() };
          this.#lines.set(line, known);
        }
        if (group !== null) known.groups.add(group);
        known.agents.add(name);
        known.modes.add(mode);
      }
    }
    return this;
  }

  finish(): RobotsDecisionShown["lines"] {
    return [...this.#lines.values()]
      .sort((a, b) => b.agents.size - a.agents.size || a.line - b.line)
      .slice(0, shownLines)
      .map(({ line, raw, groups, agents, modes }) => ({
        line,
        raw,
        groups: [...groups],
        agents: [...agents],
        modes: [...modes],
      }));
  }
}
