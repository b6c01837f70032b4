/**
 * What the page's script is given, as compact JSON: a column for each property of the pages, with dictionaries for what repeats.
 * Written by encode.ts in Node, read by browser/decode.ts; this file is what they agree on.
 */

export interface PageData {
  readonly pages: PageColumns;
  readonly decisions: readonly DecisionData[];
  /** What the what-if asks; a corpus without opt-outs is asked for every crawler. */
  readonly agents: readonly string[];
  readonly modes: readonly string[];
  /** Captured files to start the what-if from. */
  readonly files: readonly { readonly label: string; readonly text: string }[];
  /** The other spelling of internationalised hosts, by host. */
  readonly hosts: Readonly<Record<string, string>>;
}

export interface DecisionData {
  readonly stage: string;
  readonly rule: string;
  readonly meaning: string;
  readonly evidence_id: string | null;
  /** The page has an element with the id `decision-<index + 1>`. */
  readonly shown: boolean;
  /** Canonical enough JSON of the evidence; null where it is shown, missing, or beyond what the page holds. */
  readonly evidence: string | null;
}

export interface PageColumns {
  readonly rows: number;
  readonly url: FrontCoded;
  /** Milliseconds as `base + step * value`; null where unknown. */
  readonly captured_at: { readonly base: number; readonly step: number; readonly values: readonly (number | null)[] };
  /** A digit a row: index into `statuses`. */
  readonly status: string;
  readonly stage: Dictionary;
  readonly rule: Dictionary;
  readonly decision: readonly (number | null)[];
  readonly tokens: readonly (number | null)[];
  readonly language: Dictionary;
  readonly redactions: readonly (number | null)[];
  readonly source: Dictionary;
  readonly shard: Dictionary;
  readonly row: readonly (number | null)[];
  readonly file: Dictionary;
  readonly offset: readonly number[];
  readonly length: readonly number[];
  readonly unit: Dictionary;
  readonly record_id: Packed;
  readonly id: Packed;
}

export const statuses = ["in", "out", "retracted"] as const;

/** Each text shares its first `shared` UTF-16 units with the one before it. */
export interface FrontCoded {
  readonly shared: readonly number[];
  readonly rest: readonly string[];
}

/** Row `i` has `values[at[i]]`, -1 for null; where all rows are alike, `at` is that one number. */
export interface Dictionary {
  readonly values: readonly string[];
  readonly at: number | readonly number[];
}

/** 16 bytes a row in one Base64; rows of any other form stand in `others`. */
export interface Packed {
  readonly base64: string;
  readonly others: Readonly<Record<string, string>>;
}
