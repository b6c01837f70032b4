/** Which labels of a batch have a loss: all, but for those that Goldfish drops and those behind the end of a document. */
import { applyGoldfish, type GoldfishSettings } from "./goldfish.js";

export interface ObjectiveSettings {
  /** Left out: cross-entropy over every label. */
  readonly goldfish?: GoldfishSettings;
  /** No loss where the input is this token: what follows the end of a document is another document. */
  readonly eod?: number;
}

export interface LossMask {
  /** [rows, length], 1: has a loss. */
  readonly mask: Uint8Array;
  readonly counted: number;
  /** Labels that Goldfish drops, masked behind a document or not. */
  readonly dropped: number;
}

/** @param tokens [rows, length + 1]: the input is all but the last of a row, the labels all but the first */
export function lossMask(tokens: Int32Array, rows: number, length: number, { goldfish, eod }: ObjectiveSettings): LossMask {
  const mask = new Uint8Array(rows * length).fill(1);
  let dropped = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * (length + 1);
    const part = mask.subarray(row * length, (row + 1) * length);
    if (goldfish !== undefined) dropped += applyGoldfish(tokens.subarray(start + 1, start + length + 1), part, goldfish);
    if (eod === undefined) continue;
    for (let i = 0; i < length; i++) if (tokens[start + i] === eod) part[i] = 0;
  }
  return { mask, counted: mask.reduce((sum, one) => sum + one, 0), dropped };
}
