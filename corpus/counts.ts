/**
 * Counts that must balance, for each unit and in total, or the run fails:
 *
 *   records   = documents + skipped by type
 *   documents = kept + dropped by rule + quarantined
 */
import { DataError } from "../errors/index.js";

export interface Counts {
  /** Everything that the input held: captures, requests, revisits, lines, rows; a lost tail counts as one. */
  readonly records: number;
  /** Records that are no documents, by why: "request", "status", "media-type", "empty-extraction", … */
  readonly skipped: Readonly<Record<string, number>>;
  readonly documents: number;
  readonly kept: number;
  /** By "stage/rule". */
  readonly dropped: Readonly<Record<string, number>>;
  readonly quarantined: number;
  /** BOS and EOS included. */
  readonly tokens: number;
  /** UTF-8 bytes of the kept documents' text. */
  readonly text_bytes: number;
  /** Redacted spans of the kept documents by kind. */
  readonly redacted: Readonly<Record<string, number>>;
  /** Of the kept documents, by the label that a language stage gave them; empty without one. */
  readonly languages: Readonly<Record<string, LanguageCounts>>;
}

export interface LanguageCounts {
  readonly documents: number;
  readonly tokens: number;
  readonly text_bytes: number;
  /** Code points. Corpora of older versions do not say. */
  readonly text_characters?: number;
}

/** Labels that are counted apart; there are some 8,000 languages. */
const mostLanguages = 10_000;
const otherLanguages = "other";

export class CountsBuilder {
  records = 0;
  readonly skipped: Record<string, number> = {};
  documents = 0;
  kept = 0;
  readonly dropped: Record<string, number> = {};
  quarantined = 0;
  tokens = 0;
  text_bytes = 0;
  readonly redacted: Record<string, number> = {};
  readonly languages: Record<string, LanguageCounts> = {};

  add(other: Counts): this {
    this.records += other.records;
    this.documents += other.documents;
    this.kept += other.kept;
    this.quarantined += other.quarantined;
    this.tokens += other.tokens;
    this.text_bytes += other.text_bytes;
    for (const key of ["skipped", "dropped", "redacted"] as const) {
      for (const [name, count] of Object.entries(other[key] ?? {})) tally(this[key], name, count);
    }
    for (const [label, counts] of Object.entries(other.languages ?? {})) this.language(label, counts);
    return this;
  }

  language(name: string, more: LanguageCounts): void {
    // A stage of somebody's own may call anything a language.
    const label =
      Object.hasOwn(this.languages, name) || Object.keys(this.languages).length < mostLanguages ? name : otherLanguages;
    const none = { documents: 0, tokens: 0, text_bytes: 0, text_characters: 0 };
    const { documents, tokens, text_bytes, text_characters = 0 } = this.languages[label] ?? none;
    this.languages[label] = {
      documents: documents + more.documents,
      tokens: tokens + more.tokens,
      text_bytes: text_bytes + more.text_bytes,
      text_characters: text_characters + (more.text_characters ?? 0),
    };
  }

  /** The counts, keys sorted, after checking that they balance. */
  finish(where: string): Counts {
    const { records, documents, kept, quarantined, tokens, text_bytes } = this;
    const skipped = sorted(this.skipped);
    const dropped = sorted(this.dropped);
    const counts = {
      records,
      skipped,
      documents,
      kept,
      dropped,
      quarantined,
      tokens,
      text_bytes,
      redacted: sorted(this.redacted),
      languages: sorted(this.languages),
    };
    const fault = imbalance(counts);
    if (fault !== undefined) throw new DataError("COUNTS_UNBALANCED", { file: where, detail: fault });
    return counts;
  }
}

/** Says what does not add up, or undefined where everything does. */
export function imbalance(counts: Counts): string | undefined {
  const skipped = sum(counts.skipped);
  const dropped = sum(counts.dropped);
  if (counts.records !== counts.documents + skipped) {
    return `${counts.records} records, but ${counts.documents} documents + ${skipped} skipped`;
  }
  if (counts.documents !== counts.kept + dropped + counts.quarantined) {
    return `${counts.documents} documents, but ${counts.kept} kept + ${dropped} dropped + ${counts.quarantined} quarantined`;
  }
  return undefined;
}

export function tally(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function sorted<T>(counts: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
