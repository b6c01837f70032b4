/** Batches as attention kernels for packed sequences take them (FlashAttention-2, Dao 2023, "variable length" interface). */
import type { SequenceBatch } from "../../native/index.js";

/** The boundaries of all documents of a batch that is laid out as one row of sequences × length tokens: from 0 to its end, ascending. */
export function cuSeqlens({ boundaries, offsets }: Pick<SequenceBatch, "boundaries" | "offsets">, length: number): Int32Array {
  const sequences = offsets.length - 1;
  // A sequence ends where the next one begins.
  const packed = new Int32Array(boundaries.length - sequences + 1);
  let at = 0;
  for (let i = 0; i < sequences; i++) {
    for (let j = offsets[i]; j < offsets[i + 1] - 1; j++) packed[at++] = i * length + boundaries[j];
  }
  packed[at] = sequences * length;
  return packed;
}
