/**
 * WARC files (ISO 28500:2017, WARC 1.1) as records of bytes: types that the reader yields.
 */

/** Where a record lies: `bytes` of the file itself, or `inflated` bytes where the whole file is one compressed stream. */
export interface WarcExtent {
  readonly offset: number;
  readonly length: number;
  readonly unit: "bytes" | "inflated";
}

export interface WarcRecord extends WarcExtent {
  readonly kind: "record";
  /** Position in the file, counted from 0 at the start of the range that was read. */
  readonly index: number;
  /** WARC-Type in lower case. */
  readonly type: string;
  /** Header fields with names in lower case; the last of a repeated field wins. */
  readonly fields: ReadonlyMap<string, string>;
  readonly block: Uint8Array;
}

/** Something that could not be read. The reader goes on behind it where the next record's place is certain. */
export interface WarcFault extends WarcExtent {
  readonly kind: "fault";
  readonly index: number;
  /** e.g. "truncated", "bad-length", "corrupt-member", "too-large". */
  readonly fault: string;
  readonly detail: string;
  /** True where everything from `offset` to the end of the range is lost, and how many records that is cannot be known. */
  readonly tail: boolean;
}
