/** Opt-outs agent by agent: whom the pages' robots.txt files disallow, from the vectors that documents and evidence hold. */
import type { Manifest } from "../../corpus/index.js";
import { bitAt, matchingModes, parseVector } from "../../filters/index.js";
import type { Sql } from "../../formats/index.js";
import type { CorpusTables } from "../corpus-tables.js";
import type { AgentCount, ConsentSummary } from "./model.js";
import { publishedAgents, publishedSource } from "./published.js";

/** Pages that have one answer. */
interface Answers {
  /** As filters/consent spells it; empty where no rules were captured. */
  readonly vector: string;
  /** `rules`, or what was found instead. */
  readonly state: string;
  readonly pages: number;
}

interface ConsentStage {
  readonly policy: string;
  readonly as_of: string | null;
  readonly modes: readonly string[];
  readonly profile: string;
  readonly agents: readonly string[];
}

export async function consentSummary(sql: Sql, tables: CorpusTables, manifest: Manifest): Promise<ConsentSummary | null> {
  const stage = consentStage(manifest);
  if (stage === undefined) return null;
  const { agents, ...policy } = stage;
  const byMode = agents.map(() => Object.fromEntries(matchingModes.map((mode) => [mode, 0])) as Record<string, number>);
  const inForce = agents.map(() => 0);
  const without: Record<string, number> = {};
  let [pages, withRules, any] = [0, 0, 0];
  for await (const { vector, state, pages: count } of answers(sql, tables)) {
    pages += count;
    const bits = parseVector(vector)?.bits;
    if (bits === undefined) {
      without[state] = (without[state] ?? 0) + count;
      continue;
    }
    withRules += count;
    let disallowed = false;
    agents.forEach((_, agent) => {
      const modes = matchingModes.filter((mode) => bitAt(bits[mode], agent));
      for (const mode of modes) (byMode[agent] as Record<string, number>)[mode] += count;
      if (!modes.some((mode) => stage.modes.includes(mode))) return;
      inForce[agent] = (inForce[agent] ?? 0) + count;
      disallowed = true;
    });
    if (disallowed) any += count;
  }
  return {
    ...policy,
    pages,
    with_rules: withRules,
    without_rules: without,
    any,
    agents: agents.map(
      (agent, index): AgentCount => ({
        agent,
        pages: inForce[index] ?? 0,
        by_mode: byMode[index] ?? {},
        published: publishedAgents.get(agent) ?? null,
      }),
    ),
    published_source: publishedSource,
  };
}

function consentStage(manifest: Manifest): ConsentStage | undefined {
  const stage = manifest.stages.find(({ name }) => name === "consent");
  if (stage === undefined) return undefined;
  const { policy, as_of, modes, agents } = stage.parameters as Record<string, unknown>;
  const profile = stage.assets.find(({ name }) => name === "agent-profile");
  const names = profile?.provenance.agents ?? agents;
  return {
    policy: String(policy),
    as_of: policy === "as-of" ? String(as_of) : null,
    modes: Array.isArray(modes) ? modes.map(String) : [],
    profile: typeof agents === "string" ? agents : "a list in the recipe",
    agents: Array.isArray(names) ? names.map(String) : [],
  };
}

/** What the run found, whatever was taken out since. Few rows, however many pages: there are not many different vectors. */
async function* answers(sql: Sql, tables: CorpusTables): AsyncGenerator<Answers> {
  const known = await tables.with(sql, "documents", "consent_vector", "consent_robots");
  const documents = tables.ofRun("documents");
  if (known !== undefined && documents !== undefined) {
    yield* sql.rows(`SELECT consent_vector AS vector,
        CASE WHEN length(consent_robots) = 64 THEN 'rules' ELSE consent_robots END AS state, count(*)::DOUBLE AS pages
      FROM ${documents} GROUP BY 1, 2`) as unknown as AsyncGenerator<Answers>;
  }
  const [ledger, evidence] = [tables.ofRun("ledger"), tables.ofRun("evidence")];
  if (ledger === undefined || evidence === undefined) return;
  const part = (mode: string): string => `regexp_extract(evidence, '"vector":\\{[^}]*"${mode}":"([0-9a-f]+)"', 1)`;
  yield* sql.rows(`SELECT CASE WHEN rfc = '' THEN '' ELSE
        regexp_replace(profile, '@.*', '') || '@00000000 rfc:' || rfc || ' intent:' || intent || ' protego:' || protego END AS vector,
      state, sum(pages)::DOUBLE AS pages
    FROM (SELECT ${matchingModes.map((mode) => `${part(mode)} AS ${mode}`).join(", ")},
        regexp_extract(evidence, '"profile":"([^"]*)"', 1) AS profile,
        regexp_extract(evidence, '"state":"([^"]*)"', 1) AS state, id FROM ${evidence}) AS e
    JOIN (SELECT evidence, count(*) AS pages FROM ${ledger} WHERE stage = 'consent' GROUP BY 1) AS l ON l.evidence = e.id
    GROUP BY 1, 2`) as unknown as AsyncGenerator<Answers>;
}
