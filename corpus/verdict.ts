/**
 * What a filter says of a document. A verdict is never a bare boolean: a drop carries the rule and evidence small and structured
 * enough to explain the decision to the page's owner years later.
 */

/** Small, structured, and free of personal data; canonical JSON (corpus/canonical.ts) of it is what is stored and hashed. */
export type Evidence = { readonly [key: string]: EvidenceValue };
export type EvidenceValue = string | number | boolean | null | readonly EvidenceValue[] | Evidence;

export type Verdict = { readonly keep: true } | { readonly keep: false; readonly rule: string; readonly evidence: Evidence };

export const KEEP: Verdict = Object.freeze({ keep: true });

export function drop(rule: string, evidence: Evidence): Verdict {
  return { keep: false, rule, evidence };
}

/**
 * Captured bytes that a decision rests on: a robots.txt body, say. Stored once under its SHA-256, whatever number of decisions
 * name it. `captures` says where and when it was seen.
 */
export interface EvidenceBlob {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly media_type: string;
}

/**
 * Spans of text to be replaced by a placeholder token when the document is tokenised; the text itself is never edited. The
 * layout is Arrow's list: the spans of row i are start[rows[i] .. rows[i + 1]), in ascending order and never overlapping.
 */
export interface Redactions {
  /** batch rows + 1 offsets into the three arrays below. */
  readonly rows: Int32Array;
  /** Byte offset of the span in the row's text. */
  readonly start: Int32Array;
  /** Length of the span in bytes. */
  readonly length: Int32Array;
  /** Index into `kinds`. */
  readonly kind: Uint8Array;
  /** e.g. ["email", "ip", "iban"]; the tokenizer knows a placeholder token for each. */
  readonly kinds: readonly string[];
}
