/**
 * Which language each text is in: a label of ISO 639-3 and ISO 15924 (`deu_Latn`), by a linear model over character n-grams
 * (fastText, Joulin et al. 2016), as GlotLID (Kargaran et al. 2023) and FineWeb-2 name languages. Apertus itself takes over the
 * labels of its sources, so by default nothing is dropped.
 */
import { basename } from "node:path";
import { drop, KEEP, type Verdict } from "../../corpus/index.js";
import { utf8Column } from "../../formats/index.js";
import type { Filter, OpenFilter } from "../filter.js";
import { type Identified, identify } from "./identify.js";
import { languageAssets, type OpenModel, openModel } from "./model.js";
import { covers, matcher, parseName, undetermined } from "./names.js";
import { apertusSplit, type LanguageParameters, parameters } from "./parameters.js";

export const language: Filter<LanguageParameters> = {
  kind: "document",
  name: "language",
  version: 3,
  summary: "Names the language and script of each text; keeps or drops languages where the recipe says so.",
  parameters,
  needs: ["text"],
  uses: ["declared_language"],
  adds: {
    language: {
      type: "utf8",
      about: "ISO 639-3 and ISO 15924, e.g. deu_Latn (a fastText model's own label where the recipe names one), or und",
    },
    language_confidence: {
      type: "float64",
      about: "probability of that label, or of the most probable one where language is und, 4 decimals; 0 without letters",
    },
    language_runner_up: {
      type: "utf8",
      about: "the next most probable label; where language is und, the most probable one; may be empty",
    },
    language_group: {
      type: "utf8",
      about:
        "the group of near-identical standards that the label belongs to (assets/language/groups.json), e.g. hbs_Latn; else empty",
    },
    language_group_confidence: {
      type: "float64",
      about:
        "probability of the group's labels among the five most probable, or of the label alone; what thresholds are compared with",
    },
    language_split: {
      type: "utf8",
      about: "the part of the corpus by the recipe's `split` that the language belongs to, or other",
    },
    language_prior: {
      type: "utf8",
      about: "declared where the page's own claim decided between labels about as probable; else empty",
    },
    language_other_share: {
      type: "float64",
      about:
        "share of the paragraphs, by size, that are clearly in another language or group; 0 where fewer than two could be told",
    },
    script: {
      type: "utf8",
      about: "ISO 15924 code of the script with most letters in the part read (at most about 4 KB); Zyyy without letters",
    },
  },
  rules: {
    "language-not-allowed": "The text is in a language that this corpus does not collect.",
    "language-denied": "The text is in a language that this corpus leaves out.",
    "language-undetermined": "The language of the text could not be told with enough confidence, or it is no language.",
    "language-mixed": "Too much of the text is in other languages than the one it is in as a whole.",
  },
  portable(given) {
    const { engine } = given;
    return typeof engine === "object" ? { ...given, engine: { ...engine, fasttext: basename(engine.fasttext) } } : given;
  },
  async prepare(given, context) {
    const assets = await languageAssets(given, context.baseFolder);
    // Broken models and misspelt languages are found here, once, before any work is cut.
    const opened = await openModel(given, assets);
    decisions(given, opened);
    splitter(given, opened);
    return assets;
  },
  async open(given, assets): Promise<OpenFilter> {
    const opened = await openModel(given, assets);
    const decide = decisions(given, opened);
    const partOf = splitter(given, opened);
    return {
      process(batch) {
        const { rows, columns } = identify(batch, opened);
        const verdicts = rows.map(decide);
        const language_split = utf8Column(rows.map((row) => partOf(row.language)));
        return { ...(verdicts.every(({ keep }) => keep) ? {} : { verdicts }), columns: { ...columns, language_split } };
      },
    };
  },
};

/** The name of a language's part, worked out once for each label. */
function splitter({ split }: LanguageParameters, { names, codes }: OpenModel): (language: string) => string {
  const english = parseName(apertusSplit.english[0] ?? "", codes);
  // A model of the user's need not know English; a list of the user's has to name what the model knows.
  const parts =
    JSON.stringify(split) === JSON.stringify(apertusSplit)
      ? [{ part: "english", has: (language: string) => covers(english, parseName(language, codes)) }]
      : Object.entries(split).map(([part, languages]) => ({ part, has: matcher(languages, names, codes) }));
  const known = new Map<string, string>();
  return (language) => {
    const part = known.get(language) ?? parts.find(({ has }) => has(language))?.part ?? "other";
    known.set(language, part);
    return part;
  };
}

function decisions(given: LanguageParameters, opened: OpenModel): (found: Identified) => Verdict {
  const allowed = matcher(given.allow, opened.names, opened.codes);
  const denied = matcher(given.deny, opened.names, opened.codes);
  return (found) => {
    const evidence = { ...found };
    if (denied(found.language)) return drop("language-denied", evidence);
    if (found.language === undetermined && given.drop_undetermined) {
      return drop("language-undetermined", { ...evidence, min_confidence: opened.threshold(found.language_runner_up) });
    }
    if (given.allow.length > 0 && !allowed(found.language)) return drop("language-not-allowed", evidence);
    if (found.language_other_share > given.max_other_share)
      return drop("language-mixed", { ...evidence, max_other_share: given.max_other_share });
    return KEEP;
  };
}
