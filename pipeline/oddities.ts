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
  const idle = stages
    .filter(
      ({ name, documents_in, documents_out }) => droppers.has(name) && documents_in >= 1000 && documents_in === documents_out,
    )
    .map(({ name, documents_in }) => `${name} dropped none of ${documents_in} documents: check its parameters`);
  return [...unheard, ...idle];
}

/** Stages whose whole purpose is to drop; language and pii annotate and redact. */
const droppers = new Set(["consent", "quality", "toxicity", "duplicates"]);

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
