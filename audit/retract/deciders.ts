/** Who says which documents go: robots.txt under a policy, a list of sites, a list of addresses. */
import { readFileSync } from "node:fs";
import { Batch, type CorpusFolder, type Evidence, type EvidenceBlob, hostKey, type Manifest } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type Asset, type ConsentParameters, ConsentReview, consent } from "../../filters/index.js";
import { type BytesColumn, type NumberColumn, rowsOf, stringAt } from "../../formats/index.js";
import { openConsentStage } from "../owner/consent-stage.js";
import { type Asked, isThePage, parseSubject } from "../owner/subject.js";

/** Documents as a retraction sees them: nothing else is read. */
export interface Documents {
  readonly url: BytesColumn;
  /** Where the decider asks for dates. */
  readonly captured_at?: NumberColumn;
}

/** Why a document has to go. Documents that go for the same reason share the object. */
export interface Reason {
  readonly rule: string;
  readonly evidence: Evidence;
}

export interface Decisions {
  /** Ascending rows. */
  readonly gone: readonly { readonly row: number; readonly reason: Reason }[];
  readonly blobs: readonly EvidenceBlob[];
}

export interface Decider {
  /** What a version says of itself: how it was decided, with digests of what was decided by. */
  readonly reason: Readonly<Record<string, unknown>>;
  /** Whether it asks when documents were captured. */
  readonly dated: boolean;
  decide(documents: Documents): Decisions;
  close(): void;
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
    ...(policy === "ever" ? await everDecider(parameters, assets) : reviewDecider(new ConsentReview(parameters, assets))),
  };
}

function reviewDecider(review: ConsentReview): Omit<Decider, "reason"> {
  return {
    dated: review.parameters.policy === "at-capture",
    decide({ url, captured_at }) {
      const { dropped, blobs } = review.review(url, captured_at);
      return { gone: dropped.map(({ row, verdict }) => ({ row, reason: verdict })), blobs };
    },
    close: () => review.close(),
  };
}

/** Under `ever` several captures speak for a page, and the filter itself is asked. */
async function everDecider(parameters: ConsentParameters, assets: readonly Asset[]): Promise<Omit<Decider, "reason">> {
  const filter = await consent.open(parameters, assets);
  return {
    dated: false,
    decide({ url }) {
      const undated: NumberColumn = { type: "timestamp", values: new Float64Array(rowsOf(url)).fill(Number.NaN) };
      const { verdicts = [], blobs = [] } = filter.process(
        new Batch([
          ["url", url],
          ["captured_at", undated],
        ]),
      );
      const gone = verdicts.flatMap((verdict, row) => (verdict.keep ? [] : [{ row, reason: verdict }]));
      const used = new Set(gone.map(({ reason }) => (reason.evidence.robots as { sha256?: unknown } | undefined)?.sha256));
      return { gone, blobs: blobs.filter(({ sha256 }) => used.has(sha256)) };
    },
    close: () => filter.close?.(),
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
  return listDecider({ by: "host", hosts, exact }, "host-request", (url) => {
    const key = hostKey(url);
    const found = asked.find((subject) => isAt(subject, key, exact));
    return found === undefined ? undefined : { asked: found.subject.asked };
  });
}

function isAt({ key, port }: Asked, hostKeyOfPage: string, exact: boolean): boolean {
  if (hostKeyOfPage === key + port) return true;
  const name = hostKeyOfPage.replace(/:\d+$/, "");
  const samePort = port === "" || hostKeyOfPage.endsWith(port);
  return samePort && (name === key || (!exact && name.startsWith(`${key},`)));
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
  return listDecider({ by: "url-list", urls: listed.size }, "url-request", (url) => {
    if (!URL.canParse(url)) return undefined;
    const { pathname, search } = new URL(url);
    const asked = listed.get(`${hostKey(url)} ${pathname}${search}`);
    return asked !== undefined && isThePage(asked, url) ? { asked: asked.subject.asked } : undefined;
  });
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch (cause) {
    throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
  }
}

function listDecider(
  reason: Decider["reason"],
  rule: string,
  find: (url: string) => Readonly<Record<string, string>> | undefined,
): Decider {
  // What was asked for is told once, however many pages go by it.
  const reasons = new Map<string, Reason>();
  return {
    reason,
    dated: false,
    decide({ url }) {
      const gone: Decisions["gone"][number][] = [];
      for (let row = 0; row < rowsOf(url); row++) {
        const evidence = find(stringAt(url, row));
        if (evidence === undefined) continue;
        const key = JSON.stringify(evidence);
        const shared = reasons.get(key) ?? { rule, evidence };
        reasons.set(key, shared);
        gone.push({ row, reason: shared });
      }
      return { gone, blobs: [] };
    },
    close: () => undefined,
  };
}
