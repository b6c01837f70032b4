/**
 * Drops pages that are full of obscene or abusive words, by lists of 28 languages. It stands in for the classifier of the Apertus
 * pipeline (an MLP on XLM-RoBERTa embeddings): the lists find pornography and profanity, and miss hate in polite words. Like C4
 * (Raffel et al. 2020, section 2.2) it counts listed words, but asks for a share of the text, not for a single word.
 *
 * A document is judged by the lists of its language (column `language`, where the batch has it); a language without a list is
 * kept unjudged, because a list of another language finds innocent words: German "am" is an entry of the Turkish list.
 */
import { z } from "zod";
import { drop, type Evidence, KEEP, type Verdict } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { stringAt } from "../../formats/index.js";
import type { Filter, OpenFilter } from "../filter.js";
import { listNames, listsFor } from "./languages.js";
import { type OpenLists, openLists, wordListsAsset } from "./lists.js";

const listName = z.enum(listNames as [string, ...string[]]);

const parameters = z.strictObject({
  lists: z
    .array(listName)
    .default([...listNames])
    .describe("The word lists in use, by language; documents of other languages are kept unjudged."),
  without_language: z
    .array(listName)
    .default(["en"])
    .describe(
      "The word lists for documents whose language is not known, because no language filter ran before or it found none.",
    ),
  min_matches: z
    .int()
    .min(1)
    .default(3)
    .describe("A document with fewer matches is kept, whatever their share: a single word can be a name or a quotation."),
  min_entries: z
    .int()
    .min(1)
    .default(2)
    .describe(
      "A document that matches fewer different entries is kept: one entry many times is likelier a name, or a word of another language.",
    ),
  min_share: z
    .number()
    .min(0)
    .max(1)
    .default(0.03)
    .describe(
      "A document is dropped from this share of words that lie in a match (our own: twenty abusive English comments in a row reach it in 48 of 49 cases, twenty others in none of 50).",
    ),
});

export type ToxicityParameters = z.output<typeof parameters>;

/** How many entries the evidence names, the most frequent first. */
const namedEntries = 10;

export const toxicity: Filter<ToxicityParameters> = {
  kind: "document",
  name: "toxicity",
  version: 1,
  summary: "Drops pages that are full of obscene or abusive words, by word lists of 28 languages.",
  parameters,
  needs: ["text"],
  uses: ["language"],
  adds: {
    toxicity_matches: { type: "int32", about: "Matches of the word lists of the document's language; 0 where it has none." },
    toxicity_share: {
      type: "float64",
      about: "Share of words that lie in a match, 0 to 1; null where the document's language has no word list.",
    },
  },
  rules: {
    "obscene-words":
      "Too large a share of the page's words are in a public list of obscene or abusive words of its language; the evidence names the list and the numbers of its entries.",
  },
  prepare: async () => [wordListsAsset()],
  open: async (chosen, assets) => {
    const asset = assets.find(({ name }) => name === "toxicity-wordlists");
    if (asset === undefined)
      throw new DataError("INTERNAL", { detail: "the toxicity filter was opened without its word lists" });
    return open(chosen, openLists(asset));
  },
};

function open(chosen: ToxicityParameters, lists: OpenLists): OpenFilter {
  const maskOf = (names: readonly string[]) =>
    names.filter((name) => chosen.lists.includes(name)).reduce((mask, name) => mask | lists.bitOf(name), 0);
  const unknown = maskOf(chosen.without_language);
  const masks = new Map<string, number>();
  const maskFor = (language: string): number => {
    const known = masks.get(language);
    if (known !== undefined) return known;
    const names = listsFor(language);
    const mask = names === undefined ? unknown : maskOf(names);
    masks.set(language, mask);
    return mask;
  };

  return {
    process(batch) {
      const { values, offsets } = batch.bytes("text");
      const languages = batch.has("language") ? batch.bytes("language") : undefined;
      const rowMasks = Int32Array.from({ length: batch.rows }, (_, row) =>
        languages === undefined ? unknown : maskFor(stringAt(languages, row)),
      );
      const found = lists.matcher.match(values, offsets, rowMasks);
      const matches = Int32Array.from(rowMasks, (_, row) => found.rows[row + 1] - found.rows[row]);
      const share = Float64Array.from(rowMasks, (mask, row) =>
        mask === 0 ? Number.NaN : found.matched[row] / Math.max(1, found.units[row]),
      );
      const verdicts = Array.from(rowMasks, (_, row): Verdict => {
        if (matches[row] < chosen.min_matches || !(share[row] >= chosen.min_share)) return KEEP;
        const entries = found.entries.subarray(found.rows[row], found.rows[row + 1]);
        if (new Set(entries).size < chosen.min_entries) return KEEP;
        return drop("obscene-words", {
          matches: matches[row],
          words: found.units[row],
          words_matched: found.matched[row],
          threshold: chosen.min_share,
          ...named(entries, lists),
        });
      });
      return {
        verdicts,
        columns: {
          toxicity_matches: { type: "int32", values: matches },
          toxicity_share: { type: "float64", values: share },
        },
      };
    },
  };
}

/**
 * The most frequent entries as [list, index in the list, times], never the words themselves, and the digests of the lists that
 * they lie in.
 */
function named(entries: Int32Array, lists: OpenLists): Evidence {
  const times = new Map<number, number>();
  for (const entry of entries) times.set(entry, (times.get(entry) ?? 0) + 1);
  const top = [...times].sort(([a, m], [b, n]) => n - m || a - b).slice(0, namedEntries);
  const named = top.map(([entry, count]) => [...lists.sourceOf(entry), count] as const);
  return { entries: named, lists: Object.fromEntries(named.map(([list]) => [list, lists.digestOf(list)])) };
}
