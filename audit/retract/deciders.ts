/** Who says which documents go: robots.txt under a policy, a list of sites, a list of addresses. */
import { readFileSync } from "node:fs";
import type { CorpusFolder, Manifest } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type Asset, type ConsentParameters, consent } from "../../filters/index.js";
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
  /** WARC files or patterns; the corpus's own archive where there are none. */
  readonly robots: readonly string[];
  /** What is given wins over the recipe's own parameters. */
  readonly parameters: Partial<Pick<ConsentParameters, "policy" | "as_of" | "modes" | "agents" | "states">>;
  /** Where patterns start from. */
  readonly baseFolder: string;
  /** Where an archive of new captures is put. */
  readonly assetFolder: string;
}

/**
 * Decides as the consent filter does. Without a policy the newest capture speaks, since a retraction asks what owners want now.
 * A site of which the captures say nothing keeps what the run decided.
 */
export async function robotsDecider(corpus: CorpusFolder, manifest: Manifest, choice: RobotsChoice): Promise<Decider> {
  const stage = openConsentStage(corpus, manifest);
  const own = stage?.parameters ?? consent.parameters.parse({});
  const parameters = consent.parameters.parse({ ...own, policy: "latest", ...choice.parameters, robots: [...choice.robots] });
  let assets: readonly Asset[];
  if (choice.robots.length > 0) {
    const { baseFolder, assetFolder } = choice;
    assets = await consent.prepare(parameters, { baseFolder, assetFolder });
  } else {
    const path = stage?.archive?.path;
    if (path === undefined) {
      throw new DataError("USAGE", {
        detail: "the corpus keeps no robots.txt captures",
        mend: "give --robots with WARC files of captures",
      });
    }
    const made = manifest.stages.find(({ name }) => name === consent.name)?.assets ?? [];
    const profile = await consent.prepare({ ...parameters, robots: [] }, { baseFolder: choice.baseFolder, assetFolder: "" });
    const archive = made.find(({ name }) => name === "robots-archive");
    assets = [
      ...profile,
      { name: "robots-archive", path, sha256: archive?.sha256 ?? "", provenance: archive?.provenance ?? {} },
    ];
  }
  stage?.archive?.close();
  const { policy, as_of, modes, agents, states } = parameters;
  return {
    reason: {
      by: "robots.txt",
      policy,
      ...(policy === "as-of" ? { as_of } : {}),
      modes,
      agents,
      states,
      assets: assets.map(({ name, sha256 }) => ({ name, sha256 })),
    },
    spec: { kind: "robots", parameters, assets },
  };
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
