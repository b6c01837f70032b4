/**
 * What the ledger keeps of an opt-out: which capture spoke, where it lies in the web archive, and which of its lines decided for
 * which agent, so that anyone can fetch the record again and repeat the decision. It names no page, so pages of a site share it.
 */
import type { Evidence } from "../../corpus/index.js";
import type { AgentProfile } from "./agents.js";
import type { Authority } from "./authority.js";
import type { Answer, RobotsEngine } from "./engine.js";
import { type MatchingMode, matchingModes } from "./groups.js";
import type { Consulted } from "./policy.js";
import { bitAt, type RobotsDecision } from "./robots-file.js";

/** Lines that are quoted; the rest is counted. */
const quoted = 3;

export interface PolicyInForce {
  readonly policy: string;
  /** Set for `as-of`. */
  readonly as_of?: string;
  readonly modes: readonly MatchingMode[];
}

/** The part that says which capture was consulted, and how. */
export function captureEvidence(authority: Authority, consulted: Consulted | undefined): Evidence {
  if (consulted === undefined) return { authority, state: "no-capture" };
  const { capture, fallback, via } = consulted;
  return {
    authority,
    state: capture.state,
    fallback,
    ...(via.length === 0 ? {} : { redirected_by: via }),
    robots: {
      authority: capture.authority,
      captured_at: new Date(capture.capturedAt).toISOString(),
      status: capture.status,
      sha256: capture.sha256 ?? null,
      bytes: capture.capturedLength,
      warc_file: capture.file,
      warc_offset: capture.offset,
      warc_length: capture.length,
      warc_unit: capture.unit,
      warc_record_id: capture.recordId,
    },
  };
}

export function profileEvidence(profile: AgentProfile): Evidence {
  return { profile: profile.id, profile_sha256: profile.sha256 };
}

export function policyEvidence({ policy, as_of, modes }: PolicyInForce): Evidence {
  return { policy, ...(as_of === undefined ? {} : { as_of }), modes };
}

/** The agents that are disallowed in the modes that count, each different line first, and the bits of all agents in all modes. */
export function decisionEvidence(file: RobotsEngine, answer: Answer, modes: readonly MatchingMode[]): Evidence {
  const first: RobotsDecision[] = [];
  const others: RobotsDecision[] = [];
  const lines = new Set<number>();
  let denied = 0;
  for (const mode of matchingModes) {
    if (!modes.includes(mode)) continue;
    for (let agent = 0; agent < file.agents.length; agent++) {
      if (!bitAt(answer.bits[mode], agent)) continue;
      denied++;
      const line = file.lineOf(answer, agent, mode);
      const kind = lines.has(line) ? others : first;
      lines.add(line);
      if (kind.length < quoted) kind.push(file.explain(answer, agent, mode));
    }
  }
  const shown = [...first, ...others].slice(0, quoted);
  return {
    vector: answer.bits,
    disallowed: shown.map(({ agent, mode, group, rule }) => ({
      agent,
      mode,
      group,
      line: rule?.line ?? null,
      raw: rule?.raw ?? null,
    })),
    disallowed_more: denied - shown.length,
  };
}
