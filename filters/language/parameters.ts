/** What a recipe may say to the language filter. */
import { z } from "zod";

const list = z.array(z.string().min(1));

/** Apertus counts English and the rest. */
export const apertusSplit = { english: ["eng"] };

export const parameters = z.strictObject({
  engine: z
    .union([
      z.literal("embedded"),
      z.literal("franc"),
      z.strictObject({ fasttext: z.string().min(1), normalise: z.boolean().default(false) }),
    ])
    .default("embedded")
    .describe(
      "`embedded`: the model that ships (docs/models/language.md). `fasttext: <path>`: a supervised fastText model of yours, such " +
        "as GlotLID or lid.176; it sees the whole text as the fastText program would, line feeds as spaces. With `normalise: true` it reads what the embedded " +
        "model reads, which is what `apertus-data model train language` trains on. `franc`: the trigrams of the package franc-all, some 390 " +
        "languages, as a second opinion; its confidence is 1 for the best and no probability, and it takes fifty times as long.",
    ),
  allow: list
    .default([])
    .describe(
      "Keep only these languages: labels (`deu_Latn`), ISO 639-3 codes (`deu`, in any script), two-letter, bibliographic, withdrawn " +
        "or macrolanguage codes (`de`, `ger`, `iw`, `zho`), which stand for all languages that they cover; `und` may be named. Empty keeps all.",
    ),
  deny: list.default([]).describe("Drop these languages, named in the same ways."),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe(
      "Below this probability of the best label, with those of its group, the language is `und`. null: the embedded model's own " +
        "thresholds by label (assets/language/thresholds.json), 0 for other engines.",
    ),
  thresholds: z
    .record(z.string().min(1), z.number().min(0).max(1))
    .default({})
    .describe("The same for single languages, named as in `allow`: `{ eng: 0.9 }`."),
  split: z
    .record(z.string().regex(/^[a-z0-9_-]{1,40}$/, "lower-case letters, digits, - and _"), list.min(1))
    .default(apertusSplit)
    .describe(
      "Parts that the corpus is to be counted in, each with its languages as in `allow`; the first that has the language is the " +
        "document's `language_split`, and what is in none is `other`. By default English and the rest, as Apertus counts.",
    ),
  drop_undetermined: z
    .boolean()
    .default(false)
    .describe("Drop texts whose language is `und`. Off, because Apertus takes the language labels of its sources as they are."),
  max_other_share: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("Drop texts of which more than this share, by paragraphs, is in other languages; 1 keeps all."),
  use_declared: z
    .boolean()
    .default(true)
    .describe(
      "Let the page's own claim (`declared_language`) decide between labels of which one is at least half as probable as the best; " +
        "the column `language_prior` says where it did.",
    ),
});

export type LanguageParameters = z.output<typeof parameters>;
