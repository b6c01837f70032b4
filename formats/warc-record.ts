/** What the WARC reader yields and takes; formats/warc.ts has the reader itself. */
import type { InflateLimits } from "./inflate-budget.js";

/**
 * Where a record lies: `bytes` of the file itself, or `inflated` bytes where records share a compressed member, counted over
 * everything that the file's members hold.
 */
export interface WarcExtent {
  readonly offset: number;
  readonly length: number;
  readonly unit: "bytes" | "inflated";
}

export interface WarcRecord extends WarcExtent {
  readonly kind: "record";
  /** Position in the file, counted from 0 at the start of the range that was read; faults count too. */
  readonly index: number;
  /** WARC-Type in lower case. */
  readonly type: string;
  /** Header fields with names in lower case; the last of a repeated field wins. */
  readonly fields: ReadonlyMap<string, string>;
  readonly block: Uint8Array;
}

export type WarcFaultName =
  /** The input ends in a record or a member. */
  | "truncated"
  /** Content-Length is missing, no number, contradicts itself, or contradicts what is there. */
  | "bad-length"
  /** A record does not begin with WARC/0.x or WARC/1.x. */
  | "bad-version"
  /** The record has no WARC-Type. */
  | "bad-header"
  /** The compressed stream is damaged, its checksum is wrong, or what follows is no member. */
  | "corrupt-member"
  /** Block, header or inflated size above its limit. */
  | "too-large";

/** Something that could not be read. The reader goes on behind it where the next record's place is certain. */
export interface WarcFault extends WarcExtent {
  readonly kind: "fault";
  readonly index: number;
  readonly fault: WarcFaultName;
  readonly detail: string;
  /**
   * True where everything from `offset` to the end of the range is lost, and how many records that is cannot be known; in
   * inflated units `length` then covers only what had been inflated.
   */
  readonly tail: boolean;
}

export interface WarcLimits extends InflateLimits {
  /** A record's block; default 64 MiB. */
  readonly blockBytes: number;
  /** A record's header block; default 64 KiB. */
  readonly headerBytes: number;
}

export interface WarcReadOptions {
  /** File offset of the first record's start, from a walk; default 0. */
  readonly start?: number;
  /** File offset behind the last record; default the file's end. */
  readonly end?: number;
  readonly limits?: Partial<WarcLimits>;
}

/** A record's place and name, without its content. */
export interface WarcWalkEntry extends WarcExtent {
  readonly kind: "entry";
  readonly index: number;
  readonly type: string;
  /** WARC-Target-URI, where the record has one. */
  readonly targetUri: string | undefined;
  /**
   * Whether a range of the file may begin here. A file in which any entry says false must be read whole, because ranges of it
   * cannot name its records.
   */
  readonly cut: boolean;
}
