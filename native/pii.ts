/** Spans of personal data in text: see native/src/pii.h and filters/pii/. */
import { addon } from "./addon.js";

export const piiKinds = ["email", "ip", "iban"] as const;

/** The spans of row i are [rows[i], rows[i + 1]), in ascending order and never overlapping. */
export interface PiiFindings {
  /** rows + 1 offsets into the three arrays below. */
  readonly rows: Int32Array;
  /** Byte offset in the row's text, and length in bytes. */
  readonly start: Int32Array;
  readonly length: Int32Array;
  /** Index into piiKinds. */
  readonly kind: Uint8Array;
}

export interface PiiSearch {
  readonly kinds: readonly (typeof piiKinds)[number][];
  /** The expressions of the Apertus pipeline instead of exact rules. */
  readonly loose: boolean;
  /** Also what standards reserve for examples (RFC 2606, RFC 5737, RFC 6761); the loose rules always take it in. */
  readonly documentation: boolean;
}

const native = addon as {
  findPii(values: Uint8Array, offsets: Int32Array, kinds: number, loose: boolean, documentation: boolean): PiiFindings;
};

/** Finds e-mail addresses, IPv4 addresses and IBANs in a column of UTF-8 text. Linear in time for any input. */
export function findPii(values: Uint8Array, offsets: Int32Array, { kinds, loose, documentation }: PiiSearch): PiiFindings {
  const bits = kinds.reduce((sum, kind) => sum | (1 << piiKinds.indexOf(kind)), 0);
  return native.findPii(values, offsets, bits, loose, documentation);
}
