/**
 * Which language each text is in: a label of ISO 639-3 and ISO 15924 (`deu_Latn`), by a linear model over character n-grams
 * (fastText, Joulin et al. 2016), as GlotLID (Kargaran et al. 2023) and FineWeb-2 name languages. Apertus itself takes over the
 * labels of its sources, so by default nothing is dropped.
 */
import { basename } from "node:path";
import { type Batch, drop, KEEP, type Verdict } from "../../corpus/index.js";
import { BytesBuilder } from "../../formats/index.js";
import { languageScripts, normaliseForLanguage } from "../../native/index.js";
import type { BatchResult, Filter, OpenFilter } from "../filter.js";
import { languageAssets, matcher, noLanguage, type OpenModel, openModel, undetermined } from "./model.js";
import { type LanguageParameters, parameters } from "./parameters.js";

export const language: Filter<LanguageParameters> = {
  kind: "document",
  name: "language",
  version: 1,
  summary: "Names the language and script of each text; keeps or drops languages where the recipe says so.",
  parameters,
  needs: ["text"],
  adds: {
    language: {
      type: "utf8",
      about: "ISO 639-3 and ISO 15924, e.g. deu_Latn (a fastText model's own label where the recipe names one), or und",
    },
    language_confidence: {
      type: "float64",
      about: "probability of the most probable label, 4 decimals; 0 where the text has no letters",
    },
    language_runner_up: {
      type: "utf8",
      about: "the second most probable label; where language is und, the most probable one; may be empty",
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
  },
  portable(given) {
    const { engine } = given;
    return typeof engine === "object" ? { ...given, engine: { fasttext: basename(engine.fasttext) } } : given;
  },
  async prepare(given, context) {
    const assets = await languageAssets(given, context.baseFolder);
    // Broken models and misspelt languages are found here, once, before any work is cut.
    decisions(given, await openModel(given, assets));
    return assets;
  },
  async open(given, assets): Promise<OpenFilter> {
    const opened = await openModel(given, assets);
    const decide = decisions(given, opened);
    return { process: (batch) => identify(batch, opened, decide) };
  },
};

interface Identified {
  readonly language: string;
  readonly language_confidence: number;
  readonly language_runner_up: string;
  readonly script: string;
}

type Decide = (found: Identified) => Verdict;

function decisions(given: LanguageParameters, opened: OpenModel): Decide {
  const allowed = matcher(given.allow, opened.names);
  const denied = matcher(given.deny, opened.names);
  return (found) => {
    const evidence = { ...found };
    if (denied(found.language)) return drop("language-denied", evidence);
    if (found.language === undetermined && given.drop_undetermined) {
      return drop("language-undetermined", { ...evidence, min_confidence: opened.minConfidence });
    }
    return given.allow.length === 0 || allowed(found.language) ? KEEP : drop("language-not-allowed", evidence);
  };
}

function identify(batch: Batch, opened: OpenModel, decide: Decide): BatchResult {
  const { names, minConfidence, model } = opened;
  const text = batch.bytes("text");
  const read = normaliseForLanguage(text.values, text.offsets);
  const guesses = Math.min(2, names.length);
  const { labels, probabilities } = opened.normalised
    ? model.predict(read.values, read.offsets, guesses)
    : model.predict(text.values, text.offsets, guesses);
  const name = (row: number, guess: number): string => (guess < guesses ? (names[labels[row * guesses + guess]] ?? "") : "");

  const languages = new BytesBuilder("utf8");
  const runnersUp = new BytesBuilder("utf8");
  const scripts = new BytesBuilder("utf8");
  const confidences = new Float64Array(batch.rows);
  const verdicts: Verdict[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const [first, second] = read.scripts[row] === 0 ? ["", ""] : [name(row, 0), name(row, 1)];
    // Rounded before it decides, so that the stored number and the decision never disagree.
    const confidence = first === "" ? 0 : Math.round(probabilities[row * guesses] * 1e4) / 1e4;
    const told = first !== "" && first !== noLanguage && confidence >= minConfidence;
    const found: Identified = {
      language: told ? first : undetermined,
      language_confidence: confidence,
      language_runner_up: told || first === noLanguage ? second : first,
      script: languageScripts[read.scripts[row]] ?? "Zyyy",
    };
    languages.appendString(found.language);
    runnersUp.appendString(found.language_runner_up);
    scripts.appendString(found.script);
    confidences[row] = confidence;
    verdicts.push(decide(found));
  }
  return {
    ...(verdicts.every((verdict) => verdict.keep) ? {} : { verdicts }),
    columns: {
      language: languages.finish(),
      language_confidence: { type: "float64", values: confidences },
      language_runner_up: runnersUp.finish(),
      script: scripts.finish(),
    },
  };
}
