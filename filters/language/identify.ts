/** From the model's guesses to the language of a text: thresholds, groups of near-identical standards, the page's own claim. */
import type { Batch } from "../../corpus/index.js";
import { BytesBuilder, type BytesColumn, type Column, stringAt } from "../../formats/index.js";
import { languageScripts, normaliseForLanguage } from "../../native/index.js";
import { otherShare, paragraphsOf } from "./mixed.js";
import type { OpenModel } from "./model.js";
import { covers, noLanguage, parseName, undetermined } from "./names.js";

/** The annotation of one text, as its evidence repeats it. */
export interface Identified {
  readonly language: string;
  readonly language_confidence: number;
  readonly language_runner_up: string;
  readonly language_group: string;
  readonly language_group_confidence: number;
  readonly language_prior: string;
  readonly language_other_share: number;
  readonly script: string;
}

/** Guesses that are looked at: a group's probability is spread over its members. */
const guesses = 5;
/** The page's claim decides between guesses of which the less probable one has at least this share of the other's probability. */
const tie = 0.5;
/** A paragraph counts as one of another language only where there is little doubt. */
const paragraphConfidence = 0.7;

interface Told {
  /** The label, or undefined where it could not be told. */
  readonly label: string | undefined;
  readonly best: string;
  readonly runnerUp: string;
  readonly confidence: number;
  readonly group: string;
  readonly groupConfidence: number;
  readonly prior: string;
}

const nothing: Told = { label: undefined, best: "", runnerUp: "", confidence: 0, group: "", groupConfidence: 0, prior: "" };

export function identify(batch: Batch, opened: OpenModel): { readonly rows: readonly Identified[] } & Columns {
  const text = batch.bytes("text");
  const { tell, scripts } = ask(text, opened);
  const declared = batch.has("declared_language") ? batch.bytes("declared_language") : undefined;
  const paragraphs = paragraphsOf(text);
  const asked = ask({ type: "utf8", ...paragraphs }, opened);

  const rows: Identified[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const told = scripts[row] === 0 ? nothing : tell(row, declared === undefined ? "" : stringAt(declared, row));
    const clear = [];
    for (let i = paragraphs.pages[row] ?? 0; i < (paragraphs.pages[row + 1] ?? 0); i++) {
      const { label, groupConfidence } = asked.scripts[i] === 0 ? nothing : asked.tell(i, "");
      if (label !== undefined && groupConfidence >= paragraphConfidence)
        clear.push({ language: opened.kin(label), size: paragraphs.sizes[i] ?? 0 });
    }
    rows.push({
      language: told.label ?? undetermined,
      language_confidence: told.confidence,
      language_runner_up: told.label === undefined && told.best !== noLanguage ? told.best : told.runnerUp,
      language_group: told.group,
      language_group_confidence: told.groupConfidence,
      language_prior: told.prior,
      language_other_share: otherShare(clear, told.label === undefined ? undefined : opened.kin(told.label)),
      script: languageScripts[scripts[row] ?? 0] ?? "Zyyy",
    });
  }
  return { rows, columns: columnsOf(rows) };
}

interface Columns {
  readonly columns: Readonly<Record<string, Column>>;
}

function columnsOf(rows: readonly Identified[]): Columns["columns"] {
  const strings = (of: (row: Identified) => string): BytesColumn => {
    const builder = new BytesBuilder("utf8");
    for (const row of rows) builder.appendString(of(row));
    return builder.finish();
  };
  const numbers = (of: (row: Identified) => number): Column => ({ type: "float64", values: Float64Array.from(rows, of) });
  return {
    language: strings((row) => row.language),
    language_confidence: numbers((row) => row.language_confidence),
    language_runner_up: strings((row) => row.language_runner_up),
    language_group: strings((row) => row.language_group),
    language_group_confidence: numbers((row) => row.language_group_confidence),
    language_prior: strings((row) => row.language_prior),
    language_other_share: numbers((row) => row.language_other_share),
    script: strings((row) => row.script),
  };
}

/** The model's guesses for each row, and what is made of them. */
function ask(
  text: BytesColumn,
  opened: OpenModel,
): { readonly tell: (row: number, declared: string) => Told; readonly scripts: Uint8Array } {
  const { names } = opened;
  const k = Math.min(guesses, names.length);
  const read = normaliseForLanguage(text.values, text.offsets);
  const asked = opened.normalised ? read : text;
  const scripts = opened.byScript ? Array.from(read.scripts, (script) => languageScripts[script] ?? "") : [];
  const { labels, probabilities } = opened.predict(asked.values, asked.offsets, k, scripts);
  return {
    scripts: read.scripts,
    tell(row, declared) {
      const candidates: Candidate[] = [];
      for (let i = row * k; i < (row + 1) * k; i++) {
        const name = names[labels[i] ?? -1];
        // Rounded before it decides, so that the stored number and the decision never disagree.
        if (name !== undefined) candidates.push({ name, p: Math.round((probabilities[i] ?? 0) * 1e4) / 1e4 });
      }
      return choose(candidates, declared, opened);
    },
  };
}

interface Candidate {
  readonly name: string;
  readonly p: number;
}

/** `candidates` with the most probable first. */
function choose(candidates: readonly Candidate[], declared: string, opened: OpenModel): Told {
  const [best, second] = candidates;
  if (best === undefined) return nothing;
  const claimed = best.name === noLanguage ? undefined : claimedOf(candidates, best, declared, opened);
  const chosen = claimed ?? best;
  const group = opened.groupOf.get(chosen.name) ?? "";
  const sum = candidates.reduce(
    (total, { name, p }) => (name === chosen.name || (group !== "" && opened.groupOf.get(name) === group) ? total + p : total),
    0,
  );
  const groupConfidence = Math.min(1, Math.round(sum * 1e4) / 1e4);
  const told = chosen.name !== noLanguage && groupConfidence >= opened.threshold(chosen.name);
  return {
    label: told ? chosen.name : undefined,
    best: chosen.name,
    runnerUp: (claimed === undefined ? second : best)?.name ?? "",
    confidence: chosen.p,
    group,
    groupConfidence,
    prior: claimed === undefined ? "" : "declared",
  };
}

/** The guess that the page's claim prefers to the best one, where the two are about as probable. */
function claimedOf(
  candidates: readonly Candidate[],
  best: Candidate,
  declared: string,
  { useDeclared, codes, nameOf }: OpenModel,
): Candidate | undefined {
  if (!useDeclared || declared === "") return undefined;
  const claim = parseName(declared, codes);
  // A claim that covers the best guess too, such as zh, decides nothing.
  if (covers(claim, nameOf(best.name))) return undefined;
  return candidates.find(({ name, p }) => p >= best.p * tie && name !== noLanguage && covers(claim, nameOf(name)));
}
