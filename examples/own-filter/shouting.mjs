// A filter of one's own: drops texts written mostly in capital letters. filters/filter.ts describes the contract.
import { z } from "zod";

export default {
  kind: "document",
  name: "shouting",
  version: 1, // raise it whenever any output may change
  summary: "Drops texts that are mostly in capital letters.",
  parameters: z.strictObject({
    max_share: z.number().min(0).max(1).default(0.5).describe("More capitals among all letters drop."),
  }),
  needs: ["text"],
  adds: { capitals: { type: "float64", about: "Share of capitals among all letters; 0 without letters." } },
  rules: { shouting: "The text is mostly in capital letters." },
  prepare: async () => [],
  open: async ({ max_share }) => ({
    process(batch) {
      const { values, offsets } = batch.bytes("text"); // UTF-8; row i is values[offsets[i] .. offsets[i + 1])
      const shares = Float64Array.from({ length: batch.rows }, (_, row) => {
        const text = Buffer.from(values.subarray(offsets[row], offsets[row + 1])).toString();
        const count = (pattern) => text.match(pattern)?.length ?? 0;
        return count(/\p{Lu}/gu) / Math.max(1, count(/\p{L}/gu));
      });
      const verdict = (share) =>
        share > max_share ? { keep: false, rule: "shouting", evidence: { share, threshold: max_share } } : { keep: true };
      return { verdicts: Array.from(shares, verdict), columns: { capitals: { type: "float64", values: shares } } };
    },
  }),
};
