/**
 * Agent profiles: the lists of crawlers whose wishes count, as versioned data files under assets/agents/. A decision names the
 * profile by its id, `name@` and the first eight digits of its SHA-256, and stores one bit for each agent in each matching mode,
 * so that a later, other policy can decide again without the robots.txt.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { digestOf, sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { Asset } from "../filter.js";
import { type MatchingMode, matchingModes } from "./groups.js";

export const agentList = z
  .array(z.string().trim().min(1).max(200))
  .min(1)
  .max(1024)
  .refine((agents) => new Set(agents).size === agents.length, "an agent stands twice in the list");

const profileFile = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "lower-case letters, digits, dots and hyphens"),
  about: z.string().min(1),
  source: z.string().min(1),
  agents: agentList,
});

export interface AgentProfile {
  readonly name: string;
  /** e.g. `apertus-2025-01@1f0c9a3b`. */
  readonly id: string;
  /** SHA-256 of the file, or of the canonical JSON of a list that stands in the recipe itself; lower-case hex. */
  readonly sha256: string;
  /** In the order of the bits. */
  readonly agents: readonly string[];
}

export const shippedProfiles = ["apertus-2025-01", "training-all", "any-ai", "star-only"] as const;

/** Where a profile named in a recipe lies: a shipped one by its name, another by its path relative to `baseFolder`. */
export function profilePath(nameOrPath: string, baseFolder: string): string {
  if ((shippedProfiles as readonly string[]).includes(nameOrPath)) {
    return createRequire(import.meta.url).resolve(`#assets/agents/${nameOrPath}.json`);
  }
  return isAbsolute(nameOrPath) ? nameOrPath : resolve(baseFolder, nameOrPath);
}

/** @throws DataError AGENT_PROFILE_INVALID */
export function readProfile(path: string): AgentProfile {
  let bytes: Uint8Array;
  let json: unknown;
  try {
    bytes = readFileSync(path);
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new DataError("AGENT_PROFILE_INVALID", { file: path, detail: cause instanceof Error ? cause.message : "", cause });
  }
  const parsed = profileFile.safeParse(json);
  if (!parsed.success) throw new DataError("AGENT_PROFILE_INVALID", { file: path, detail: z.prettifyError(parsed.error) });
  return profileOf(parsed.data.name, sha256(bytes), parsed.data.agents);
}

/**
 * The profile that a run read, out of what its manifest says of it, for whoever does not have the file.
 *
 * @throws DataError AGENT_PROFILE_INVALID where the manifest does not name the agents
 */
export function recordedProfile({ sha256: digest, provenance }: Pick<Asset, "sha256" | "provenance">): AgentProfile {
  const agents = agentList.safeParse(provenance.agents);
  const { profile } = provenance;
  if (agents.success && typeof profile === "string" && /^[0-9a-f]{64}$/.test(digest))
    return profileOf(profile, digest, agents.data);
  throw new DataError("AGENT_PROFILE_INVALID", {
    detail: "the manifest does not say which agents the run asked for",
    mend: "name them with --agents",
  });
}

/** The profile of a list that stands in the recipe itself. */
export function inlineProfile(agents: readonly string[]): AgentProfile {
  return profileOf("inline", digestOf(agents), agents);
}

function profileOf(name: string, digest: string, agents: readonly string[]): AgentProfile {
  return { name, id: `${name}@${digest.slice(0, 8)}`, sha256: digest, agents };
}

/** `apertus-2025-01@1f0c9a3b rfc:0002 intent:7ffe protego:0000`: for each mode the digits of formatBits (robots-file.ts). */
export function formatVector(profile: AgentProfile, bits: Readonly<Record<MatchingMode, string>>): string {
  return `${profile.id} rfc:${bits.rfc} intent:${bits.intent} protego:${bits.protego}`;
}

/** The profile's id and each mode's digits; undefined where the text is no vector (as for a page without a capture). */
export function parseVector(
  vector: string,
): { readonly profile: string; readonly bits: Readonly<Record<MatchingMode, string>> } | undefined {
  const match = /^(\S+@[0-9a-f]{8}) rfc:([0-9a-f]+) intent:([0-9a-f]+) protego:([0-9a-f]+)$/.exec(vector);
  if (match === null) return undefined;
  const [, profile = "", rfc = "", intent = "", protego = ""] = match;
  return { profile, bits: { rfc, intent, protego } };
}

/** Disallowed in either, for each agent and mode. Both have the same number of digits. */
export function eitherBits(
  a: Readonly<Record<MatchingMode, string>>,
  b: Readonly<Record<MatchingMode, string>>,
): Readonly<Record<MatchingMode, string>> {
  const either = (mode: MatchingMode): string =>
    Array.from(a[mode], (digit, i) => (Number.parseInt(digit, 16) | Number.parseInt(b[mode][i] ?? "0", 16)).toString(16)).join(
      "",
    );
  return Object.fromEntries(matchingModes.map((mode) => [mode, either(mode)])) as Record<MatchingMode, string>;
}
