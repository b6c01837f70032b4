/**
 * Keeps what reads like prose: counts of words, lines and repetitions against the thresholds of Gopher (Rae et al. 2021,
 * appendix A), after the counts of native/text-statistics.ts. Gopher's stop-word rule is left out on purpose: it needs a list a
 * language, and asks for English. Every value is a ratio of exact integers, so all machines agree.
 */
import { drop, KEEP, type Verdict } from "../../corpus/index.js";
import { type TextStatistic, textStatisticNames, textStatistics } from "../../native/index.js";
import type { Filter, OpenFilter } from "../filter.js";
import { type QualityParameters, qualityParameters } from "./parameters.js";
import { type Counts, qualityRules } from "./rules.js";

export type { QualityParameters } from "./parameters.js";

export const quality: Filter<QualityParameters> = {
  kind: "document",
  name: "quality",
  version: 1,
  summary: "Drops pages that are too short, too long, not prose, or too repetitive (the rules of Gopher).",
  parameters: qualityParameters,
  needs: ["text"],
  adds: {
    words: { type: "int32", about: "Words of the text; a letter of a script without spaces between words counts as one." },
    characters: { type: "int32", about: "Unicode code points of the text." },
    repetition: { type: "float32", about: "Share of word characters in 5-grams of words that occurred before, 0 to 1." },
  },
  rules: Object.fromEntries(qualityRules.map(({ rule, about }) => [rule, about])),
  prepare: async () => [],
  open: async (parameters) => open(parameters),
};

const column = Object.fromEntries(textStatisticNames.map((name, index) => [name, index])) as Record<TextStatistic, number>;
const width = textStatisticNames.length;

function open(parameters: QualityParameters): OpenFilter {
  const rules = qualityRules.map((rule) => ({ ...rule, limit: rule.threshold(parameters) }));

  const verdictOf = (counts: Counts): Verdict => {
    for (const { rule, measure, value, limit, drops } of rules) {
      const measured = value(counts);
      if (measured === undefined || (drops === "below" ? measured >= limit : measured <= limit)) continue;
      return drop(rule, { measure, value: Number(measured.toFixed(6)), threshold: limit });
    }
    return KEEP;
  };

  return {
    process(batch) {
      const { values, offsets } = batch.bytes("text");
      const table = textStatistics(values, offsets);
      const words = new Int32Array(batch.rows);
      const characters = new Int32Array(batch.rows);
      const repetition = new Float32Array(batch.rows);
      const verdicts: Verdict[] = [];
      for (let row = 0; row < batch.rows; row++) {
        const counts: Counts = (name) => table[row * width + column[name]];
        words[row] = counts("words");
        characters[row] = counts("characters");
        repetition[row] = counts("repeated5gramCharacters") / Math.max(1, counts("measuredCharacters"));
        verdicts.push(verdictOf(counts));
      }
      return {
        verdicts,
        columns: {
          words: { type: "int32", values: words },
          characters: { type: "int32", values: characters },
          repetition: { type: "float32", values: repetition },
        },
      };
    },
  };
}
