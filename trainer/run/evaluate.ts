/** The loss on what is held out, a label and a byte: bits per byte compare models whose tokenizers differ. */
import type { NativeModel } from "../../native/index.js";
import type { Tokenizer } from "../../tokenizer/index.js";
import { lossMask } from "../objective/mask.js";
import type { FedBatch } from "./feed.js";
import type { EvaluationMetrics } from "./metrics.js";

export interface HeldOut {
  readonly batches: readonly (FedBatch & { readonly mask: Uint8Array })[];
  readonly sequences: number;
  /** Bytes of text of the labels that count. */
  readonly bytes: number;
}

/** No mask for vocabularies without an end of document. */
function endOf(eos: number | null): { readonly eod?: number } {
  return eos === null ? {} : { eod: eos };
}

/** Labels behind the end of a document do not count, as in training with `mask_end`; nothing is dropped. */
export function prepareHeldOut(batches: readonly FedBatch[], length: number, tokenizer: Tokenizer): HeldOut {
  let [bytes, sequences] = [0, 0];
  const prepared = batches.map((batch) => {
    const { mask } = lossMask(batch.tokens, batch.rows, length, endOf(tokenizer.special.eos));
    const labels: number[] = [];
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 1) labels.push(batch.tokens[Math.floor(i / length) * (length + 1) + (i % length) + 1]);
    }
    // Special tokens stand for no text: redacted spans, beginnings and ends weigh nothing.
    bytes += tokenizer.decode(Uint32Array.from(labels)).length;
    sequences += batch.rows;
    return { ...batch, mask };
  });
  return { batches: prepared, sequences, bytes };
}

export async function evaluate(
  model: NativeModel,
  { batches, bytes, sequences }: HeldOut,
  length: number,
  acrossDocuments: boolean,
): Promise<Pick<EvaluationMetrics, "sequences" | "labels" | "bytes" | "loss" | "bits_per_byte">> {
  let [loss, labels] = [0, 0];
  for (const { tokens, rows, mask, boundaries, offsets } of batches) {
    const result = await model.evaluate({
      tokens,
      rows,
      length,
      mask,
      ...(acrossDocuments ? {} : { documents: { boundaries, offsets } }),
    });
    loss += result.loss;
    labels += result.counted;
  }
  return { sequences, labels, bytes, loss: loss / labels, bits_per_byte: loss / Math.LN2 / bytes };
}
