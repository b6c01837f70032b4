/**
 * What every source yields, whatever the format: chunks of captures or of texts, and an exact account of every record that is
 * neither. A source never throws for a bad record; it counts it.
 */
import type { Batch } from "../../corpus/index.js";
import type { InputFile } from "../inputs.js";
import type { Slice } from "../unit.js";

/** Something of the input that could not be read, or that killed its worker. Becomes a row of the quarantine table. */
export interface Quarantined {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly unit: "bytes" | "inflated" | "row";
  /** The record's position in its unit. */
  readonly index: number;
  readonly url: string;
  /** e.g. "truncated", "corrupt-member", "worker-death". */
  readonly reason: string;
  readonly detail: string;
  /** False for a lost tail: how many records it held cannot be known. */
  readonly countKnown: boolean;
}

export interface Chunk {
  /** "captures" has the columns of captureColumns, "documents" those of documentColumns. */
  readonly kind: "captures" | "documents";
  readonly batch: Batch;
  /** Records read since the last chunk: those of this batch, the skipped ones and the faults. */
  readonly records: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly quarantined: readonly Quarantined[];
  /** Rows of this batch whose source states a date that could not be read; they have no `captured_at`. */
  readonly unreadDates: number;
}

export interface SourceOptions {
  readonly input: InputFile;
  /** SHA-256 of the whole file. */
  readonly sha256: string;
  readonly slice: Slice;
  readonly recordBytes: number;
  /** What to do with the record at a position of this unit; probing reads a part, and records that kill workers are set apart. */
  readonly select: (index: number) => "read" | "ignore" | "quarantine";
}

/** A batch is closed at this many rows or this many bytes of payload or text, whichever comes first. */
export const batchRows = 256;
export const batchBytes = 4 << 20;
