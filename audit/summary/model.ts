/**
 * A corpus as a whole, as data: what `audit --summary` writes as JSON, and all that its page shows. Everything in it is counted
 * from the corpus folder; what nobody measured is null.
 */

/** ISO 8601 in UTC. */
export type Instant = string;

export interface CorpusSummary {
  readonly format: "apertus-audit-summary";
  readonly format_version: 1;
  readonly corpus: {
    readonly name: string;
    readonly run_digest: string;
    readonly recipe_digest: string;
    readonly version: number;
    readonly recipe: unknown;
    readonly tokenizer: string | null;
    readonly shards: number;
    readonly inputs: readonly { readonly source: string; readonly files: number; readonly units: number }[];
  };
  readonly totals: Totals;
  /** In the recipe's order. */
  readonly stages: readonly StageFlow[];
  /** What versions since the run took away, by the rule that they went by. */
  readonly retractions: readonly { readonly rule: string; readonly meaning: string; readonly documents: number }[];
  /** The largest by tokens, then by documents; at most `domains_shown` of `domains_total`. */
  readonly domains: readonly DomainSize[];
  readonly domains_total: number;
  /** Those that opted out with most documents; at most as many. */
  readonly domains_opted_out: readonly DomainSize[];
  /** Domains that opted out with at least one. */
  readonly domains_opted_out_total: number;
  /** How many domains have so many documents that were read: 1–9, 10–99, … */
  readonly domain_sizes: readonly { readonly from: number; readonly domains: number; readonly documents: number }[];
  readonly languages: readonly Share[];
  readonly scripts: readonly Share[];
  /** By the month in which the pages were captured; null where that is not known. */
  readonly months: readonly MonthFlow[];
  /** Null where the recipe has no consent stage. */
  readonly consent: ConsentSummary | null;
  readonly redactions: Readonly<Record<string, number>>;
  readonly quarantine: readonly { readonly reason: string; readonly documents: number; readonly example: string }[];
  /** How the corpus was made; the newest run last. */
  readonly runs: readonly RunSummary[];
}

/** records = documents + skipped; documents = kept + dropped + quarantined; kept = in + retracted. */
export interface Totals {
  readonly records: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly documents: number;
  readonly kept: number;
  /** Kept by the run and taken away by a later version. */
  readonly retracted: number;
  readonly dropped: number;
  readonly quarantined: number;
  /** Of the documents that are in at this version. */
  readonly tokens: number;
  readonly text_bytes: number;
  /** Of the documents that were taken away. */
  readonly retracted_tokens: number;
}

export interface StageFlow {
  readonly name: string;
  readonly version: number;
  readonly parameters: unknown;
  readonly assets: readonly { readonly name: string; readonly sha256: string }[];
  readonly in: number;
  readonly out: number;
  readonly dropped: readonly { readonly rule: string; readonly meaning: string; readonly documents: number }[];
}

export interface DomainSize {
  /** Registrable domain by the public suffix list, or the host where there is none; empty for documents without a URL. */
  readonly domain: string;
  /** In at this version. */
  readonly kept: number;
  /** By the run, or by a later version. */
  readonly dropped: number;
  /** Dropped by opt-outs; part of `dropped`. */
  readonly opted_out: number;
  readonly tokens: number;
}

/** Of the documents that are in at this version. */
export interface Share {
  readonly label: string;
  readonly documents: number;
  readonly tokens: number;
  readonly text_bytes: number;
  /** Code points; null or missing where the corpus, of an older version, does not say. */
  readonly text_characters?: number | null;
}

export interface MonthFlow {
  /** As `2024-05`; null where the capture date is not known. */
  readonly month: string | null;
  /** In at this version. */
  readonly kept: number;
  /** By `stage/rule`; what later versions took away is of the stage `retract`. */
  readonly dropped: Readonly<Record<string, number>>;
}

export interface ConsentSummary {
  readonly policy: string;
  readonly as_of: string | null;
  readonly modes: readonly string[];
  readonly profile: string;
  /** Pages whose robots.txt the run looked for: those that the stage decided on and that are in documents or ledger. */
  readonly pages: number;
  /** Pages with a capture of rules; the others by what was found instead (`no-capture`, `empty`, …). */
  readonly with_rules: number;
  readonly without_rules: Readonly<Record<string, number>>;
  /** Pages that at least one agent may not use, in a mode in force. */
  readonly any: number;
  readonly agents: readonly AgentCount[];
  /** Where Apertus's own figures come from. */
  readonly published_source: string;
}

export interface AgentCount {
  readonly agent: string;
  /** Pages whose robots.txt disallows them to this agent, in a mode in force; by mode. */
  readonly pages: number;
  readonly by_mode: Readonly<Record<string, number>>;
  /** What the Apertus report counted for this agent; null where it names none. */
  readonly published: { readonly english: number | null; readonly multilingual: number | null } | null;
}

export interface RunSummary {
  readonly ended: Instant;
  readonly seconds: number;
  readonly workers: number;
  readonly peak_memory_bytes: number;
  /** Worker seconds by stage or step. */
  readonly seconds_by_stage: Readonly<Record<string, number>>;
  /** Joules, where the machine told them. */
  readonly energy_joules: number | null;
}
