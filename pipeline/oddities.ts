/** What is not wrong in a finished run but was never intended; each with its likely cause. */
import type { Manifest } from "../corpus/index.js";
import type { FinishedUnit } from "./finish.js";
import { resultsOf } from "./unit-writer.js";

export function oddities(manifest: Manifest): readonly string[] {
  const { totals, stages } = manifest;
  if (totals.documents === 0) {
    return ["no documents were found: check the inputs' formats, and that their records are responses or texts"];
  }
  const consent = stages.find(({ name }) => name === "consent");
  const blind = consent !== undefined && !consent.assets.some(({ name }) => name === "robots-archive");
  const unheard = blind
    ? ["consent was given no robots.txt captures (`robots:` is empty), so no page was left out by them"]
    : [];
  if (totals.kept === 0 && totals.quarantined === totals.documents) {
    return ["no document was kept: none of the records could be read; check the inputs' format"];
  }
  if (totals.kept === 0) {
    const worst = [...stages].sort((a, b) => b.documents_in - b.documents_out - (a.documents_in - a.documents_out))[0];
    return [`no document was kept; ${worst?.name ?? "no stage"} dropped the most of them`];
  }
  return [...unheard, ...idleStages(manifest)];
}

/** In a smaller corpus a filter may well find nothing. */
const enough = 1000;

/** Stages that changed nothing: no document dropped, nothing redacted. What only annotates, or cannot drop, is not meant. */
function idleStages({ totals, stages }: Manifest): readonly string[] {
  const redacts = stages.some(({ name }) => name === "pii");
  const noSpan = redacts && Object.keys(totals.redacted).length === 0;
  return stages
    .filter(({ documents_in, documents_out }) => documents_in >= enough && documents_in === documents_out)
    .filter(({ name, parameters }) => (name === "pii" ? noSpan : name in causes ? asked(name, parameters) : !inner.has(name)))
    .map(({ name, documents_in }) => {
      const did = name === "pii" ? "redacted nothing in" : "dropped none of";
      return `${name} ${did} ${documents_in} documents: ${causes[name] ?? "check its parameters"}`;
    });
}

/** Stages that are no filters, and one that most sites give nothing to drop. */
const inner = new Set(["extract", "tokenize", "signals"]);

const causes: Readonly<Record<string, string>> = {
  consent: "check that `robots` holds captures of the pages' own sites, and that `as_of` is not before them",
  duplicates: "the inputs may have been deduplicated before",
  language: "check that `allow` and `deny` name labels as the column `language` has them",
  pii: "the inputs may have been redacted before; check which kinds are switched on",
  quality: "check its thresholds; the inputs may have been filtered before",
  toxicity: "check that lists exist for the languages of the inputs",
};

/** Language drops only where it is told to. */
function asked(name: string, parameters: unknown): boolean {
  if (name !== "language") return true;
  const { allow = [], deny = [], drop_undetermined = false } = parameters as Partial<Record<string, unknown>>;
  return [allow, deny].some((list) => Array.isArray(list) && list.length > 0) || drop_undetermined === true;
}

/** Files whose documents state dates that could not be read: only a warning, since a document needs no date. */
export function unreadDates(units: readonly FinishedUnit[]): readonly string[] {
  const byFile = new Map<string, number>();
  for (const { unit, records } of units) {
    const number = records[0] === undefined ? 0 : resultsOf(records[0]).unread_dates;
    if (number > 0) byFile.set(unit.input.path, (byFile.get(unit.input.path) ?? 0) + number);
  }
  return [...byFile].map(([path, number]) => {
    const [documents, have] = number === 1 ? ["1 document", "it has"] : [`${number} documents`, "they have"];
    return `the date of ${documents} in ${path} could not be read; ${have} no capture date`;
  });
}
