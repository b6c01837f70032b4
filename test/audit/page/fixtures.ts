/** Owner's reports as the audit makes them, built without a corpus: a site kept, one left out, one that changed its mind, and worse. */
import { createHash } from "node:crypto";
import type {
  Capture,
  CapturedFile,
  Decision,
  OwnerReport,
  Page,
  Place,
  PolicyOutcome,
  RobotsDecisionShown,
  Site,
  SiteCapture,
  Summary,
} from "../../../audit/owner/model.js";
import { RobotsFile } from "../../../filters/index.js";

export const agents = [
  "AI2Bot",
  "Applebot-Extended",
  "Bytespider",
  "CCBot",
  "CCBot/2.0",
  "CCBot/1.0",
  "ClaudeBot",
  "cohere-training-data-crawler",
  "Diffbot",
  "FacebookBot",
  "Meta-ExternalAgent",
  "Google-Extended",
  "GPTBot",
  "PanguBot",
  "*",
] as const;

export const policy = {
  policy: "as-of",
  as_of: "2025-01-31",
  modes: ["rfc", "intent"],
  profile: "apertus-2025-01@bea625ac",
  agents,
  robots_captures: 4096,
} as const;

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function place(serial: number, rest: Partial<Place> = {}): Place {
  const digits = sha256(`record ${serial}`);
  const uuid = [8, 12, 16, 20, 32].map((end, i, ends) => digits.slice(i === 0 ? 0 : ends[i - 1], end)).join("-");
  return {
    file: "CC-MAIN-20241201162023-00123.warc.gz",
    offset: 1000 + serial * 4321,
    length: 3000 + ((serial * 7919) % 5000),
    unit: "bytes",
    record_id: `urn:uuid:${uuid}`,
    ...rest,
  };
}

export function capturedFile(text: string): CapturedFile {
  const bytes = Buffer.from(text, "utf8");
  return { sha256: sha256(text), bytes: bytes.length, text, shown_bytes: bytes.length, base64: bytes.toString("base64") };
}

/** The capture of a file, with the agents that the engine says it shuts out. */
export function siteCapture(authority: string, at: string, text: string | null, rest: Partial<SiteCapture> = {}): SiteCapture {
  const bytes = new TextEncoder().encode(text ?? "");
  const file = new RobotsFile(bytes, agents);
  const answer = file.answer("/");
  const shut = agents.filter((_, agent) =>
    (["rfc", "intent"] as const).some((mode) => file.explain(answer, agent, mode).allowed === false),
  );
  return {
    authority,
    captured_at: at,
    state: text === null ? "unavailable-4xx" : "rules",
    status: text === null ? 404 : 200,
    sha256: text === null ? null : sha256(text),
    bytes: bytes.length,
    place: place(Date.parse(at) % 100_000, { file: "robots.warc.gz" }),
    disallowed_at_root: shut,
    pages_disallowed: shut.length > 0 ? 1 : 0,
    decided: false,
    ...rest,
  };
}

export function page(url: string, rest: Partial<Page> = {}): Page {
  const id = sha256(url).slice(0, 32);
  const serial = Number.parseInt(id.slice(0, 5), 16);
  return {
    url,
    captured_at: "2024-12-03T10:20:30.000Z",
    status: "in",
    stage: null,
    rule: null,
    decision: null,
    tokens: 300 + (serial % 2000),
    language: "eng_Latn",
    redactions: serial % 7 === 0 ? 1 : 0,
    source: "web",
    place: place(serial),
    shard: "shards/shard-00000.arrow",
    row: serial % 1000,
    id,
    ...rest,
  };
}

/** A page that a decision left out. */
export function leftOut(
  url: string,
  decision: number,
  { stage, rule }: Pick<Decision, "stage" | "rule">,
  rest: Partial<Page> = {},
): Page {
  return page(url, {
    status: "out",
    stage,
    rule,
    decision,
    tokens: null,
    language: null,
    redactions: null,
    shard: null,
    row: null,
    ...rest,
  });
}

export const meanings: Readonly<Record<string, string>> = {
  "robots-disallow": "The site's robots.txt disallows this address to at least one crawler of the corpus's list.",
  "exact-duplicate": "The same text was captured earlier, at the page that is named, and is kept there.",
  "too-few-words": "The page has too few words to learn from.",
};

/** The decision that the engine makes of a file for one address. */
export function robotsDecision(
  capture: Capture,
  text: string,
  url: string,
  pages: number,
  examples: readonly string[],
): Decision {
  const file = new RobotsFile(new TextEncoder().encode(text), agents);
  const answer = file.answer(new URL(url).pathname);
  const lines = new Map<number, { raw: string; groups: Set<string>; agents: Set<string>; modes: Set<string> }>();
  for (const mode of ["rfc", "intent"] as const) {
    for (const [agent, name] of agents.entries()) {
      const { allowed, rule, group } = file.explain(answer, agent, mode);
      if (allowed || rule === null) continue;
      const line = lines.get(rule.line) ?? { raw: rule.raw, groups: new Set(), agents: new Set(), modes: new Set() };
      lines.set(rule.line, line);
      if (group !== null) line.groups.add(group);
      line.agents.add(name);
      line.modes.add(mode);
    }
  }
  const robots: RobotsDecisionShown = {
    policy: policy.policy,
    as_of: policy.as_of,
    capture,
    authority: new URL(url).origin,
    fallback: "exact",
    lines: [...lines]
      .map(([line, found]) => ({
        line,
        raw: found.raw,
        groups: [...found.groups],
        agents: [...found.agents],
        modes: [...found.modes],
      }))
      .sort((a, b) => b.agents.length - a.agents.length),
  };
  return {
    stage: "consent",
    rule: "robots-disallow",
    meaning: meanings["robots-disallow"] ?? "",
    pages,
    examples,
    evidences: 1,
    evidence_id: sha256(`evidence ${url}`),
    evidence: { state: "rules", disallowed_more: 9 },
    robots,
  };
}

export function otherDecision(
  rule: string,
  stage: string,
  pages: number,
  examples: readonly string[],
  evidence: unknown,
): Decision {
  return {
    stage,
    rule,
    meaning: meanings[rule] ?? `The page met the rule ${rule}.`,
    pages,
    examples,
    evidences: 1,
    evidence_id: evidence === null ? null : sha256(JSON.stringify(evidence)),
    evidence,
    robots: null,
  };
}

export function policies(allowed: number, disallowed: number, without = 0): readonly PolicyOutcome[] {
  const row = (
    name: string,
    as_of: string | null,
    modes: readonly string[],
    more: number,
    in_force = false,
  ): PolicyOutcome => ({
    policy: name,
    as_of,
    modes,
    in_force,
    allowed: Math.max(0, allowed - more),
    disallowed: disallowed + Math.min(more, allowed),
    without_capture: without,
  });
  return [
    row("as-of", "2025-01-31", ["rfc", "intent"], 0, true),
    row("as-of", "2025-01-31", ["protego"], -Math.min(3, disallowed)),
    row("latest", null, ["rfc", "intent"], 5),
    row("at-capture", null, ["rfc", "intent"], -Math.min(40, disallowed)),
    row("ever", null, ["rfc", "intent"], 12),
  ];
}

interface Parts {
  readonly host: string;
  readonly pages: readonly Page[];
  readonly decisions?: readonly Decision[];
  readonly files?: readonly CapturedFile[];
  readonly sites?: readonly Site[];
  readonly rest?: Partial<OwnerReport>;
}

/** A report whose sums follow from its pages. */
export function report({ host, pages, decisions = [], files = [], sites = [], rest = {} }: Parts): OwnerReport {
  const inside = pages.filter(({ status }) => status === "in");
  const tokens = inside.reduce((sum, page) => sum + (page.tokens ?? 0), 0);
  const unreadable = rest.unreadable?.length ?? 0;
  const dates = pages.flatMap(({ captured_at }) => (captured_at === null ? [] : [captured_at])).sort();
  const byRule = new Map<string, Summary["by_rule"][number]>();
  for (const { stage, rule, meaning, pages: number } of decisions) {
    const known = byRule.get(`${stage}/${rule}`)?.pages ?? 0;
    byRule.set(`${stage}/${rule}`, { stage, rule, meaning, pages: known + number });
  }
  const languages = new Map<string, { pages: number; tokens: number }>();
  for (const { language, tokens: number } of inside) {
    const known = languages.get(language ?? "") ?? { pages: 0, tokens: 0 };
    languages.set(language ?? "", { pages: known.pages + 1, tokens: known.tokens + (number ?? 0) });
  }
  return {
    format: "apertus-audit",
    format_version: 1,
    subject: { asked: host, scope: "domain", host, registrable_domain: host, url: null },
    corpus: {
      name: "alpine-web-2025",
      rereading: { made_with: 1, read_with: 2, differing: 1 },
      run_digest: sha256("run"),
      recipe_digest: sha256("recipe"),
      manifest_sha256: sha256("manifest"),
      version: 0,
      version_created_at: null,
      documents: 1_204_331,
      kept: 803_114,
      tokens: 1_113_870_552,
      inputs: [{ input: "pages.warc.gz", source: "web", sha256: sha256("input") }],
      stages: ["consent", "extract", "language", "quality", "toxicity", "duplicates", "pii", "tokenize"].map((name) => ({
        name,
        version: 1,
        parameters: {},
      })),
      policy,
    },
    summary: {
      read: pages.length + unreadable,
      in: inside.length,
      out: pages.length - inside.length,
      unreadable,
      retracted: pages.filter(({ status }) => status === "retracted").length,
      tokens,
      text_bytes: tokens * 4,
      first_capture: dates[0] ?? null,
      last_capture: dates.at(-1) ?? null,
      by_rule: [...byRule.values()].sort((a, b) => b.pages - a.pages),
    },
    decisions,
    files: Object.fromEntries(files.map((file) => [file.sha256, file])),
    sites,
    sites_total: sites.length,
    pages,
    pages_total: pages.length,
    redactions:
      inside.length === 0
        ? []
        : [
            { kind: "email", pages: Math.ceil(inside.length / 7), redactions: Math.ceil(inside.length / 5) },
            { kind: "ip", pages: Math.ceil(inside.length / 40), redactions: Math.ceil(inside.length / 30) },
          ],
    languages: [...languages].map(([label, sums]) => ({ label, ...sums })).sort((a, b) => b.tokens - a.tokens),
    unreadable: [],
    policies: pages.length === 0 ? [] : policies(inside.length, pages.length - inside.length, 2),
    what_if: null,
    contact: null,
    ...rest,
  };
}

export function pageCaptures(pages: readonly Page[]): Site["page_captures"] {
  const days = new Map<string, { pages: number; in: number }>();
  for (const { captured_at, status } of pages) {
    const day = captured_at?.slice(0, 10);
    if (day === undefined) continue;
    const known = days.get(day) ?? { pages: 0, in: 0 };
    days.set(day, { pages: known.pages + 1, in: known.in + (status === "in" ? 1 : 0) });
  }
  return [...days].map(([day, sums]) => ({ day, ...sums })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

export function site(authority: string, pages: readonly Page[], captures: readonly SiteCapture[]): Site {
  const inside = pages.filter(({ status }) => status === "in").length;
  return {
    authority,
    pages: pages.length,
    in: inside,
    out: pages.length - inside,
    page_captures: pageCaptures(pages),
    captures,
  };
}

/** `2024-01-01` and so many days later. */
export function dayAfter(days: number, from = "2024-01-01"): string {
  return new Date(Date.parse(from) + days * 86_400_000).toISOString();
}
