/**
 * The owner's report as data: what `audit <host|url>` writes as JSON, and all that its page shows. Everything in it is copied from
 * the corpus folder or computed from it; strings that came from the web stand as they were captured, so whoever shows them escapes
 * them. What owners ask for: which pages, in or out, by which rule, seen when, and the proof.
 */

/** ISO 8601 in UTC, as `2025-01-31T00:00:00.000Z`. */
export type Instant = string;

export interface OwnerReport {
  readonly format: "apertus-audit";
  readonly format_version: 1;
  readonly subject: Subject;
  readonly corpus: CorpusFacts;
  /** Who sends the report and where to answer, as they put it; null where they did not say. */
  readonly contact: string | null;
  readonly summary: Summary;
  /** Every (stage, rule, evidence) that left a page out, most pages first. */
  readonly decisions: readonly Decision[];
  /** Captured robots.txt files that decisions, kept pages or the timeline rest on, by SHA-256. */
  readonly files: Readonly<Record<string, CapturedFile>>;
  /** One for each scheme and host of the subject that pages or captures have, most pages first. */
  readonly sites: readonly Site[];
  /** All sites of the subject; more than `sites` holds where there are more than a thousand. */
  readonly sites_total: number;
  /** In the order of host, URL, capture date. */
  readonly pages: readonly Page[];
  /** All pages of the subject; more than `pages` holds where `--limit` cut them. */
  readonly pages_total: number;
  /** Documents with at least one redaction, and redactions, by kind. */
  readonly redactions: readonly { readonly kind: string; readonly pages: number; readonly redactions: number }[];
  readonly languages: readonly { readonly label: string; readonly pages: number; readonly tokens: number }[];
  readonly unreadable: readonly Unreadable[];
  /** What consent would have said of the same pages under other policies; empty where the corpus keeps no robots archive. */
  readonly policies: readonly PolicyOutcome[];
  /** What a robots.txt that was given to the command would do to these pages; null without one. */
  readonly what_if: WhatIf | null;
}

export interface Subject {
  /** As it was asked for. */
  readonly asked: string;
  /** `domain`: the host and all its sub-domains; `host`: this host alone (`--exact`); `url`: one page. */
  readonly scope: "domain" | "host" | "url";
  readonly host: string;
  /** By the public suffix list; null for addresses and suffixes. */
  readonly registrable_domain: string | null;
  readonly url: string | null;
}

export interface CorpusFacts {
  readonly name: string;
  readonly run_digest: string;
  readonly recipe_digest: string;
  /** SHA-256 of manifest.json. */
  readonly manifest_sha256: string;
  readonly version: number;
  readonly version_created_at: Instant | null;
  readonly documents: number;
  readonly kept: number;
  readonly tokens: number;
  readonly inputs: readonly { readonly input: string; readonly source: string; readonly sha256: string }[];
  readonly stages: readonly { readonly name: string; readonly version: number; readonly parameters: unknown }[];
  /** The policy of opt-outs in force; null where the recipe has no consent stage. */
  readonly policy: PolicyInForce | null;
  /** Where the corpus is of an older version of the consent filter; null where every decision was confirmed. */
  readonly rereading: Rereading | null;
}

/** How a report read the corpus's decisions again. */
export interface Rereading {
  /** Versions of the consent filter: the run's and this one's. */
  readonly made_with: number;
  readonly read_with: number;
  /** Pages of the report that this version decides otherwise. */
  readonly differing: number;
}

export interface PolicyInForce {
  readonly policy: string;
  readonly as_of: string | null;
  readonly modes: readonly string[];
  readonly profile: string;
  readonly agents: readonly string[];
  readonly robots_captures: number | null;
}

/** read = in + out + unreadable. */
export interface Summary {
  readonly read: number;
  readonly in: number;
  readonly out: number;
  readonly unreadable: number;
  /** Pages that the run kept and a later version took away; part of `out`. */
  readonly retracted: number;
  /** Tokens of the pages that are in. */
  readonly tokens: number;
  readonly text_bytes: number;
  readonly first_capture: Instant | null;
  readonly last_capture: Instant | null;
  /** `out` by rule, most pages first. */
  readonly by_rule: readonly {
    readonly stage: string;
    readonly rule: string;
    readonly meaning: string;
    readonly pages: number;
  }[];
}

export interface Decision {
  readonly stage: string;
  readonly rule: string;
  /** What the rule means, in a sentence for the page's owner. */
  readonly meaning: string;
  readonly pages: number;
  /** Up to three URLs. */
  readonly examples: readonly string[];
  /** Different pieces of evidence: 1, or more where the rare ones of a rule are put together, which then shows none of them. */
  readonly evidences: number;
  /** SHA-256 of the evidence's canonical JSON, the id of its row in evidence/; null where the rule has none. */
  readonly evidence_id: string | null;
  readonly evidence: unknown;
  /** Where a robots.txt decided: the capture and its lines. */
  readonly robots: RobotsDecisionShown | null;
}

export interface RobotsDecisionShown {
  readonly policy: string;
  readonly as_of: string | null;
  readonly capture: Capture;
  /** The site that the page is on, where another spelling of it (http, www) was captured. */
  readonly authority: string;
  readonly fallback: string;
  /** A line for each different deciding line: the first has the most agents. */
  readonly lines: readonly {
    /** Counted from 1. */
    readonly line: number;
    /** The raw line, without its end, control characters spelled out. */
    readonly raw: string;
    /** The agent tokens that the line stands under, as the file spells them. */
    readonly groups: readonly string[];
    readonly agents: readonly string[];
    readonly modes: readonly string[];
  }[];
}

/** One answer to "what did this site's robots.txt say on that day". */
export interface Capture {
  readonly authority: string;
  readonly captured_at: Instant;
  /** `rules`, `empty`, `unavailable-4xx`, `unreachable-5xx`, `unreachable`, `redirect-unresolved`, `not-robots`, `truncated`. */
  readonly state: string;
  /** 0 where it is not known. */
  readonly status: number;
  /** Key into `files`; null without a body. */
  readonly sha256: string | null;
  readonly bytes: number;
  readonly place: Place;
}

/** Where the captured record lies in the web archive. */
export interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  /** `bytes` of the file, or `inflated` bytes of a file compressed as one stream, or `row`. */
  readonly unit: string;
  readonly record_id: string;
}

export interface CapturedFile {
  readonly sha256: string;
  readonly bytes: number;
  /** UTF-8, with U+FFFD for what is not; cut at `shown_bytes`. */
  readonly text: string;
  readonly shown_bytes: number;
  /** Base64 of all the bytes, so that the digest can be checked from the report alone; null above 512 KiB. */
  readonly base64: string | null;
}

export interface Site {
  readonly authority: string;
  readonly pages: number;
  readonly in: number;
  readonly out: number;
  /** Pages by the day on which they were captured, ascending. */
  readonly page_captures: readonly { readonly day: string; readonly pages: number; readonly in: number }[];
  /** Captures of robots.txt that could speak for this site, the oldest first. */
  readonly captures: readonly SiteCapture[];
}

export interface SiteCapture extends Capture {
  /** Agents of the profile that this capture disallows at `/`, in any mode of the policy. */
  readonly disallowed_at_root: readonly string[];
  /** Pages of this site in the report that this capture would leave out by itself. */
  readonly pages_disallowed: number;
  /** Whether the policy in force let this capture decide for at least one page of the site. */
  readonly decided: boolean;
}

export interface Page {
  readonly url: string;
  readonly captured_at: Instant | null;
  readonly status: "in" | "out" | "retracted";
  readonly stage: string | null;
  readonly rule: string | null;
  /** Index into `decisions`; null for pages that are in. */
  readonly decision: number | null;
  readonly tokens: number | null;
  readonly language: string | null;
  readonly redactions: number | null;
  readonly source: string;
  readonly place: Place;
  /** Kept pages: shard and row of the tokens. */
  readonly shard: string | null;
  readonly row: number | null;
  /** The document id, 32 hex digits. */
  readonly id: string;
}

export interface Unreadable {
  readonly url: string;
  readonly reason: string;
  readonly detail: string;
  readonly place: Place;
  /** Pages behind a damaged place that nobody can count. */
  readonly count_known: boolean;
}

export interface PolicyOutcome {
  readonly policy: string;
  readonly as_of: string | null;
  readonly modes: readonly string[];
  /** This is the policy in force. */
  readonly in_force: boolean;
  /** Pages (in and out; not the unreadable) that consent would let through, leave out, and how many of the former have no capture. */
  readonly allowed: number;
  readonly disallowed: number;
  readonly without_capture: number;
}

export interface WhatIf {
  readonly file: CapturedFile;
  readonly allowed: number;
  readonly disallowed: number;
  readonly lines: RobotsDecisionShown["lines"];
  /** Pages whose answer changes, cut at a hundred. */
  readonly changes: readonly { readonly url: string; readonly from: "in" | "out"; readonly to: "in" | "out" }[];
  readonly changes_total: number;
}
