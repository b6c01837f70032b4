/**
 * The opt-out policy that a corpus was made under, opened again from what its manifest names: the parameters of the consent stage,
 * the agents of its profile, and the robots archive that the run left among its assets.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type CorpusFolder, canonicalJson, codeOf, type Manifest, type StageEntry } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type ConsentParameters, choosePolicy, consent, type PolicyChoice, RobotsArchive } from "../../filters/index.js";
import type { PolicyInForce, Rereading } from "./model.js";

export interface ConsentStage {
  /** Of the consent filter that the run was made with; older than this one's where the corpus is. */
  readonly version: number;
  /** The stages behind it: what they dropped, consent had let through. */
  readonly later: ReadonlySet<string>;
  readonly parameters: ConsentParameters;
  /** In the order of the bits of a consent vector. */
  readonly agents: readonly string[];
  /** Of the profile that the agents are from; undefined where the recipe lists them. */
  readonly profileSha256: string | undefined;
  /** Undefined where the corpus keeps none. */
  readonly archive: RobotsArchive | undefined;
  readonly choice: PolicyChoice;
  readonly inForce: PolicyInForce;
}

/** Undefined where the recipe has no consent stage. @throws DataError DECISION_DIFFERS, ROBOTS_ARCHIVE_DAMAGED, MANIFEST_CORRUPT */
export function openConsentStage(corpus: CorpusFolder, manifest: Manifest): ConsentStage | undefined {
  const index = manifest.stages.findIndex(({ name }) => name === consent.name);
  const stage = manifest.stages[index];
  if (stage === undefined) return undefined;
  if (stage.version > consent.version) {
    throw new DataError("DECISION_DIFFERS", {
      file: corpus.manifest(),
      detail: `it was made with version ${stage.version} of the consent filter, this is version ${consent.version}`,
      mend: "audit with the version of apertus-data that made the corpus, or a newer one",
    });
  }
  const parsed = consent.parameters.safeParse(stage.parameters);
  if (!parsed.success)
    throw new DataError("MANIFEST_CORRUPT", { file: corpus.manifest(), detail: "the consent stage's parameters" });
  const parameters = parsed.data;
  const profile = provenanceOf(stage, "agent-profile");
  const listed = profile?.agents;
  const agents = typeof parameters.agents === "string" ? (Array.isArray(listed) ? listed.map(String) : []) : parameters.agents;
  const counts = provenanceOf(stage, "robots-archive")?.counts as { readonly captures?: unknown } | undefined;
  const { policy, as_of, modes } = parameters;
  return {
    version: stage.version,
    later: new Set(manifest.stages.slice(index + 1).map(({ name }) => name)),
    parameters,
    agents,
    profileSha256: stage.assets.find(({ name }) => name === "agent-profile")?.sha256,
    archive: findArchive(corpus, stage),
    choice: choosePolicy(policy, as_of),
    inForce: {
      policy,
      as_of: policy === "as-of" ? as_of : null,
      modes,
      profile: typeof profile?.profile === "string" ? profile.profile : "inline",
      agents,
      robots_captures: typeof counts?.captures === "number" ? counts.captures : null,
    },
  };
}

/**
 * Holds a decision that was made again against the one that the run made: false where they differ, which only a corpus of an older
 * version of the filter may, since each version reads some files otherwise.
 *
 * @param droppedBy the stage that dropped the page; null where it was kept
 * @throws DataError DECISION_DIFFERS
 */
export function confirmDecision(stage: ConsentStage, url: string, droppedBy: string | null, allowed: boolean): boolean {
  // What a stage in front of consent dropped, consent was never asked about.
  const recorded = droppedBy === null || stage.later.has(droppedBy) ? true : droppedBy === consent.name ? false : undefined;
  if (recorded === undefined || recorded === allowed) return true;
  if (stage.version < consent.version) return false;
  const detail = `the run ${recorded ? "let the page through" : "left the page out"}, and the captured robots.txt says otherwise`;
  throw new DataError("DECISION_DIFFERS", { record: url, detail });
}

/** Null where both are of one version, and every decision was confirmed. */
export function rereading(stage: ConsentStage | undefined, differing: number): Rereading | null {
  if (stage === undefined || stage.version === consent.version) return null;
  return { made_with: stage.version, read_with: consent.version, differing };
}

/** What a robots.txt is tried with where the recipe has no consent stage: the filter's defaults. */
export async function defaultConsent(): Promise<Pick<ConsentStage, "parameters" | "agents">> {
  const parameters = consent.parameters.parse({});
  const [profile] = await consent.prepare(parameters, { baseFolder: "", assetFolder: "" });
  const agents = profile?.provenance.agents;
  return { parameters, agents: Array.isArray(agents) ? agents.map(String) : [] };
}

/**
 * The archive that says of itself what the manifest says of it: its sources with their digests, and counts. It is not hashed whole,
 * which would take longer than the report; each body is checked against its digest, and every decision against the ledger.
 */
function findArchive(corpus: CorpusFolder, stage: StageEntry): RobotsArchive | undefined {
  const provenance = provenanceOf(stage, "robots-archive");
  if (provenance === undefined) return undefined;
  const wanted = canonicalJson(provenance);
  let damaged: unknown;
  for (const name of archiveNames(corpus)) {
    const path = join(corpus.assets(), name);
    try {
      const archive = new RobotsArchive(path);
      if (canonicalJson(archive.about()) === wanted) return archive;
      archive.close();
    } catch (error) {
      damaged ??= error instanceof DataError ? error : new DataError("ROBOTS_ARCHIVE_DAMAGED", { file: path, cause: error });
    }
  }
  if (damaged !== undefined) throw damaged;
  return undefined;
}

function archiveNames(corpus: CorpusFolder): readonly string[] {
  try {
    return readdirSync(corpus.assets())
      .filter((name) => /^robots-[0-9a-f]+\.archive$/.test(name))
      .sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function provenanceOf(stage: StageEntry, asset: string): Readonly<Record<string, unknown>> | undefined {
  return stage.assets.find(({ name }) => name === asset)?.provenance;
}
