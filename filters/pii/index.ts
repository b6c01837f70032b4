/**
 * Marks e-mail addresses, IPv4 addresses and IBANs for redaction, the three kinds of personal data that the Apertus pipeline
 * replaces (Apertus technical report, section 3.1.2). It never drops a document and never edits text: it hands out spans, and
 * the tokenizer puts a placeholder token in their place. Neither the verdict nor the columns hold what was found.
 */
import { z } from "zod";
import { findPii, piiKinds } from "../../native/index.js";
import type { Filter } from "../filter.js";

const parameters = z.strictObject({
  kinds: z
    .array(z.enum(piiKinds))
    .min(1)
    .default([...piiKinds])
    .describe("What to redact: email, ip (public IPv4 addresses), iban."),
  mode: z
    .enum(["strict", "apertus"])
    .default("strict")
    .describe(
      "strict: exact boundaries, public IP addresses that are no version numbers, IBANs of any country with valid check digits, e-mail addresses in any script. apertus: the three expressions of the Apertus pipeline, which take in version numbers and know IBANs only as four groups of four digits and a rest.",
    ),
  documentation: z
    .boolean()
    .default(true)
    .describe(
      "Whether strict also redacts what is reserved for examples: example.com and its like (RFC 2606, RFC 6761), 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 (RFC 5737).",
    ),
});

export type PiiParameters = z.output<typeof parameters>;

export const pii: Filter<PiiParameters> = {
  kind: "document",
  name: "pii",
  version: 1,
  summary: "Marks e-mail addresses, IP addresses and bank account numbers for redaction.",
  parameters,
  needs: ["text"],
  adds: {
    pii_email: { type: "int32", about: "E-mail addresses redacted." },
    pii_ip: { type: "int32", about: "IPv4 addresses redacted." },
    pii_iban: { type: "int32", about: "International bank account numbers redacted." },
  },
  rules: {},
  prepare: async () => [],
  open: async ({ kinds, mode, documentation }) => ({
    process(batch) {
      const { values, offsets } = batch.bytes("text");
      const found = findPii(values, offsets, { kinds, loose: mode === "apertus", documentation });
      const counts = piiKinds.map(() => new Int32Array(batch.rows));
      for (let row = 0; row < batch.rows; row++) {
        for (let span = found.rows[row]; span < found.rows[row + 1]; span++) counts[found.kind[span]][row]++;
      }
      return {
        columns: Object.fromEntries(piiKinds.map((kind, k) => [`pii_${kind}`, { type: "int32", values: counts[k] }] as const)),
        redactions: { ...found, kinds: piiKinds },
      };
    },
  }),
};
