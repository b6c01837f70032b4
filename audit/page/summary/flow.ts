/** What became of the documents, stage by stage: the rows of the first screen's picture. */
import { extraction } from "../../../pipeline/index.js";
import type { CorpusSummary } from "../../summary/model.js";
import { sumOf } from "./figures.js";

/** Rules of a stage that have a row of their own. */
const mostRules = 3;

export type FlowRow =
  | { readonly type: "start"; readonly documents: number }
  /** Stages that left out nothing. */
  | { readonly type: "through"; readonly stages: readonly string[]; readonly documents: number }
  | {
      readonly type: "leave";
      /** Before and behind this row. */
      readonly into: number;
      readonly out: number;
      /** Undefined for what no stage left out. */
      readonly stage: string | undefined;
      readonly rule: string | undefined;
      readonly words: string;
      /** Its sentence in words; rules of users may have none. */
      readonly meaning: string;
    }
  | { readonly type: "end"; readonly documents: number };

type Leaving = Pick<Extract<FlowRow, { type: "leave" }>, "stage" | "rule" | "words" | "meaning"> & {
  readonly documents: number;
};

export function flowRows(summary: CorpusSummary): readonly FlowRow[] {
  const { totals, stages } = summary;
  const start = documentsAtStart(summary);
  const rows: FlowRow[] = [{ type: "start", documents: start }];
  let at = start;
  let through: string[] = [];
  const pass = (): void => {
    if (through.length > 0) rows.push({ type: "through", stages: through, documents: at });
    through = [];
  };
  const leave = (leaving: readonly Leaving[]): void => {
    for (const { documents, ...row } of leaving) {
      rows.push({ type: "leave", into: at, out: at - documents, ...row });
      at -= documents;
    }
  };
  leave(unread(start - (stages[0]?.in ?? totals.kept)));
  stages.forEach((stage, index) => {
    const next = stages[index + 1]?.in ?? totals.kept;
    const left = sumOf(stage.dropped, ({ documents }) => documents);
    const rest = lost(stage.name, stage.in - left - next, summary);
    if (left === 0 && rest.length === 0) {
      through.push(stage.name);
      return;
    }
    pass();
    leave([...byRule(stage), ...rest]);
  });
  pass();
  if (totals.retracted > 0) {
    const meaning = "They were in version 0. A model that was trained on an earlier version may have seen them.";
    const words = `taken out later, up to version ${summary.corpus.version}`;
    const [only] = summary.retractions.length === 1 ? summary.retractions : [];
    const rule = only === undefined ? { stage: undefined, rule: undefined } : { stage: "retract", rule: only.rule };
    leave([{ ...rule, words, meaning, documents: totals.retracted }]);
  }
  rows.push({ type: "end", documents: at });
  return rows;
}

/** Pages that turn out to have no text are no documents; they come in all the same. */
export function documentsAtStart({ totals }: CorpusSummary): number {
  return totals.documents + skippedAtExtract(totals.skipped);
}

export function skippedAtExtract(skipped: Readonly<Record<string, number>>): number {
  return sumOf(
    Object.entries(skipped).filter(([reason]) => Object.hasOwn(extraction.skips, reason)),
    ([, documents]) => documents,
  );
}

function byRule({ name, dropped }: CorpusSummary["stages"][number]): readonly Leaving[] {
  const shown = dropped.length === mostRules + 1 ? dropped : dropped.slice(0, mostRules);
  const rest = dropped.slice(shown.length);
  const rules = shown.map(({ rule, meaning, documents }) => ({ stage: name, rule, words: rule, meaning, documents }));
  if (rest.length === 0) return rules;
  const documents = sumOf(rest, (one) => one.documents);
  return [...rules, { stage: name, rule: undefined, words: `${rest.length} other rules`, meaning: "", documents }];
}

function lost(stage: string, documents: number, { totals }: CorpusSummary): readonly Leaving[] {
  if (documents <= 0) return [];
  const skips = stage === "extract" ? Math.min(documents, skippedAtExtract(totals.skipped)) : 0;
  const without = "Pages without text are no documents: they count as skipped records.";
  return [
    ...(skips === 0 ? [] : [{ stage, rule: undefined, words: "without text", meaning: without, documents: skips }]),
    ...(documents === skips
      ? []
      : [
          {
            stage,
            rule: undefined,
            words: "could not be processed",
            meaning: "They lie in quarantine, counted and named.",
            documents: documents - skips,
          },
        ]),
  ];
}

function unread(documents: number): readonly Leaving[] {
  if (documents <= 0) return [];
  const meaning = "They lie in quarantine, counted and named.";
  return [{ stage: "read", rule: undefined, words: "could not be read", meaning, documents }];
}
