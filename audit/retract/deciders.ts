/** Who says which documents go: robots.txt under a policy, a list of sites, a list of addresses. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { CorpusFolder, Manifest } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type Asset, type ConsentParameters, consent, meaningsOf, signals, signalsParameters } from "../../filters/index.js";
import { openConsentStage } from "../owner/consent-stage.js";
import { type Asked, parseSubject } from "../owner/subject.js";
import type { DeciderSpec } from "./open-decider.js";

/** Who decides, chosen and checked; opened where documents are read (open-decider.ts). */
export interface Decider {
  /** What a version says of itself: how it was decided, with digests of what was decided by. */
  readonly reason: Readonly<Record<string, unknown>>;
  readonly spec: DeciderSpec;
}

export interface RobotsChoice {
  /** Files or patterns of captures; the corpus's own archive where there are none. */
  readonly robots: readonly string[];
  /** A policy by its name or path, in place of the recipe's. */
  readonly preset?: string;
  /** What is given wins over the preset and over the recipe's own parameters. */
  readonly parameters: Partial<Pick<ConsentParameters, "policy" | "as_of" | "modes" | "agents" | "states">>;
  /** Where patterns start from. */
  readonly baseFolder: string;
  /** Where an archive of new captures is put. */
  readonly assetFolder: string;
}

/**
 * Decides as the consent filter does. Without a policy the newest capture speaks, since a retraction asks what owners want now.
 * A site of which new captures say nothing keeps what the run decided.
 *
 * @throws DataError USAGE, POLICY_INVALID, AGENT_PROFILE_INVALID, and what making an archive of captures throws
 */
export async function robotsDecider(corpus: CorpusFolder, manifest: Manifest, choice: RobotsChoice): Promise<Decider> {
  const stage = openConsentStage(corpus, manifest);
  stage?.archive?.close();
  const own = stage?.parameters ?? consent.parameters.parse({});
  const { preset, baseFolder, assetFolder } = choice;
  const written = { ...choice.parameters, ...(preset === undefined ? {} : { preset }) };
  const base = preset === undefined ? { ...withoutPreset(own), policy: "latest" } : { accept_damaged: own.accept_damaged };
  const resolved = consent.resolve?.(written, baseFolder) ?? written;
  const asked = consent.parameters.safeParse({ ...base, ...resolved, robots: [...choice.robots] });
  if (!asked.success) throw new DataError("PARAMETERS_INVALID", { detail: z.prettifyError(asked.error) });
  const parameters: ConsentParameters =
    choice.robots.length === 0
      ? asked.data
      : { ...asked.data, states: { ...meaningsOf(asked.data.states), "no-capture": "allow" } };

  const made = manifest.stages.find(({ name }) => name === consent.name)?.assets ?? [];
  const recorded = made.find(({ name }) => name === "agent-profile");
  const named = choice.parameters.agents !== undefined || preset !== undefined || stage === undefined;
  const assets: Asset[] = [];
  // The manifest names a profile by its file's name alone, yet says what stood in it.
  if (typeof parameters.agents === "string" && !named) assets.push({ ...(recorded ?? unknownProfile), path: "" });
  else assets.push(...(await consent.prepare({ ...parameters, robots: [] }, { baseFolder, assetFolder })));
  if (choice.robots.length > 0) {
    assets.push(...(await consent.prepare({ ...parameters, agents: ["*"] }, { baseFolder, assetFolder })));
  } else {
    const archive = made.find(({ name }) => name === "robots-archive");
    const path = stage?.archive?.path;
    if (path === undefined || archive === undefined) {
      throw new DataError("USAGE", {
        detail: "the corpus keeps no robots.txt captures",
        mend: "give --robots with files of captures",
      });
    }
    assets.push({ ...archive, path });
  }
  return { reason: reasonOf(parameters, assets), spec: { kind: "robots", parameters, assets } };
}

const unknownProfile = { name: "agent-profile", sha256: "", provenance: {} };

function withoutPreset({ preset: _preset, ...others }: ConsentParameters): Omit<ConsentParameters, "preset"> {
  return others;
}

/** Everything that the decision rests on; files by their digests. */
function reasonOf(parameters: ConsentParameters, assets: readonly Asset[]): Decider["reason"] {
  const portable = (consent.portable?.(parameters) ?? parameters) as ConsentParameters;
  const { as_of, robots: _robots, accept_damaged: _accept, ...others } = portable;
  return {
    by: "robots.txt",
    filter_version: consent.version,
    ...others,
    ...(others.policy === "as-of" ? { as_of } : {}),
    assets: assets.map(({ name, sha256 }) => ({ name, sha256 })),
  };
}

/** What decides on stored statements; where they were read from is the run's. */
const signalsPolicy = signalsParameters.pick({
  content_signal: true,
  content_usage: true,
  tdmrep: true,
  robots_meta: true,
  creative_commons: true,
  rsl: true,
  categories: true,
  permissive_licences: true,
});

/**
 * Decides again on what sites and pages stated beside robots.txt's Disallow, from the column that the stage `signals` left.
 *
 * @param given parameters of the stage that are to hold in place of the run's
 * @throws DataError USAGE where the corpus has no such stage, PARAMETERS_INVALID
 */
export function signalsDecider(manifest: Manifest, given: Readonly<Record<string, unknown>>): Decider {
  const stage = manifest.stages.find(({ name }) => name === signals.name);
  if (stage === undefined) {
    throw new DataError("USAGE", {
      detail: "the corpus does not say what its pages state: its recipe has no stage `signals`",
      mend: "run a recipe with the stage, or decide by --robots, --policy, --host or --url-list",
    });
  }
  const own = stage.parameters as Readonly<Record<string, unknown>>;
  const kept = Object.fromEntries(Object.entries(own).filter(([key]) => Object.hasOwn(signalsPolicy.shape, key)));
  const asked = signalsPolicy.strict().safeParse({ ...kept, ...given });
  if (!asked.success) throw new DataError("PARAMETERS_INVALID", { detail: z.prettifyError(asked.error) });
  const policy = { ...asked.data, agents: agentsOf(stage) };
  return { reason: { by: "signals", filter_version: signals.version, ...policy }, spec: { kind: "signals", policy } };
}

/**
 * What newer captures of robots.txt state beside Disallow (Content-Signal, Content-Usage), decided as the run's stage `signals` would.
 * Undefined where the recipe has no such stage.
 *
 * @throws DataError MANIFEST_CORRUPT, PARAMETERS_INVALID, and what making an archive of captures throws
 */
export async function robotsSignalsDecider(manifest: Manifest, choice: RobotsChoice): Promise<Decider | undefined> {
  const stage = manifest.stages.find(({ name }) => name === signals.name);
  if (stage === undefined || choice.robots.length === 0) return undefined;
  const { policy = "latest", as_of } = choice.parameters;
  const asked = signalsParameters.safeParse({
    ...(stage.parameters as Readonly<Record<string, unknown>>),
    policy,
    ...(as_of === undefined ? {} : { as_of }),
    agents: [...agentsOf(stage)],
    robots: [...choice.robots],
    tdmrep_files: [],
  });
  if (!asked.success) throw new DataError("PARAMETERS_INVALID", { detail: z.prettifyError(asked.error) });
  const parameters = asked.data;
  const { baseFolder, assetFolder } = choice;
  const assets = await signals.prepare(parameters, { baseFolder, assetFolder });
  const { robots: _robots, tdmrep_files: _files, ...told } = parameters;
  const digests = assets.map(({ name, sha256 }) => ({ name, sha256 }));
  return {
    reason: { by: "signals of robots.txt", filter_version: signals.version, ...told, assets: digests },
    spec: { kind: "robots-signals", parameters, assets },
  };
}

/** Whose wishes the run's stage counted. */
function agentsOf(stage: Manifest["stages"][number]): readonly string[] {
  const profile = stage.assets.find(({ name }) => name === "agent-profile");
  const agents = profile?.provenance.agents ?? (stage.parameters as { readonly agents?: unknown }).agents;
  if (!Array.isArray(agents)) throw new DataError("MANIFEST_CORRUPT", { detail: "the signals stage's agents" });
  return agents.map(String);
}

/** Sites, each with its sub-domains unless `exact`. @throws DataError SUBJECT_INVALID, SUBJECT_IS_SUFFIX */
export function hostDecider(hosts: readonly string[], exact: boolean): Decider {
  const asked = hosts.map((host) => parseSubject(host, exact));
  const page = asked.find(({ path }) => path !== undefined);
  if (page !== undefined) {
    throw new DataError("USAGE", {
      detail: `${page.subject.asked} is a page and no site`,
      mend: "give pages with --url-list, one address a line",
    });
  }
  return { reason: { by: "host", hosts, exact }, spec: { kind: "hosts", asked, exact } };
}

/** Addresses of a file, one a line; empty lines and lines that begin with `#` are passed over. @throws DataError SUBJECT_INVALID, INPUT_NOT_FOUND */
export function urlListDecider(path: string): Decider {
  const listed = new Map<string, Asked>();
  const lines = readLines(path);
  lines.forEach((line, index) => {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return;
    try {
      // An address of a site's first page is a page too: a list names pages.
      const asked = parseSubject(text, true);
      listed.set(`${asked.key}${asked.port} ${asked.path ?? "/"}`, { ...asked, path: asked.path ?? "/" });
    } catch (error) {
      if (error instanceof DataError)
        throw new DataError(error.code, { ...error.site, file: path, record: `line ${index + 1}` });
      throw error;
    }
  });
  return { reason: { by: "url-list", urls: listed.size }, spec: { kind: "pages", asked: listed } };
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch (cause) {
    throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
  }
}
