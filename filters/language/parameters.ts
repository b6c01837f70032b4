/** What a recipe may say to the language filter. */
import { z } from "zod";

const list = z.array(z.string().min(1));

export const parameters = z.strictObject({
  engine: z
    .union([z.literal("embedded"), z.strictObject({ fasttext: z.string().min(1) })])
    .default("embedded")
    .describe(
      "`embedded`: the model that ships (docs/models/language.md). `fasttext: <path>`: a supervised fastText model of yours, such " +
        "as GlotLID or lid.176; it sees the whole text as the fastText program would, line feeds as spaces.",
    ),
  allow: list
    .default([])
    .describe(
      "Keep only these languages: labels (`deu_Latn`) or ISO 639-3 codes (`deu`, in any script); `und` may be named. Empty keeps all.",
    ),
  deny: list.default([]).describe("Drop these languages: labels or ISO 639-3 codes."),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe(
      "Below this probability of the best label the language is `und`. null: the embedded model's own threshold " +
        "(assets/language/thresholds.json), 0 for a fastText model of yours.",
    ),
  drop_undetermined: z
    .boolean()
    .default(false)
    .describe("Drop texts whose language is `und`. Off, because Apertus takes the language labels of its sources as they are."),
});

export type LanguageParameters = z.output<typeof parameters>;
