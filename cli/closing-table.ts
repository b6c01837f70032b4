/** What a run did, in one table by stage. */
import { sum } from "../corpus/index.js";
import type { RunResult } from "../pipeline/index.js";
import { englishText, largestLanguages } from "./languages-text.js";
import { bytes, clock, count, counted, shares } from "./numbers.js";
import { stageHeader, stageRows } from "./stage-rows.js";
import { table } from "./table.js";

/** What workers do besides the stages, as the run times it, in the order in which it comes. */
const besides = ["reread", "write", "shards", "tables"];

export function closingTable(result: RunResult): string {
  const { manifest, seconds, workers } = result;
  const { totals, stages } = manifest;
  const extract = stages.find(({ name }) => name === "extract");
  const byExtract = extract === undefined ? 0 : extract.documents_in - extract.documents_out;
  const skipped = sum(totals.skipped);
  const lines = [
    stageTable(result),
    "",
    `${counted(totals.records, "record")} = ${counted(totals.documents, "document")} + ${count(skipped)} skipped${byExtract === 0 ? "" : ` (${count(skipped - byExtract)} by read, ${count(byExtract)} by extract)`}`,
    `${counted(totals.documents, "document")} = ${count(totals.kept)} kept + ${count(sum(totals.dropped))} dropped + ${count(totals.quarantined)} quarantined`,
    `${counted(totals.tokens, "token")} from ${bytes(totals.text_bytes)} of text in ${counted(manifest.shards.length, "shard")}${redacted(totals.redacted)}`,
    ...languageLines(totals.languages),
    `${clock(seconds)} (${seconds.toFixed(1)} s)${workers === 0 ? "" : ` with ${counted(workers, "worker")}`}, peak memory ${bytes(result.peakMemoryBytes)} in all processes`,
    `${result.corpus.manifest()}${result.unchanged ? " (already done before)" : ""}`,
  ];
  if (totals.quarantined > 0) lines.push(`what could not be read: apertus-data inspect ${result.corpus.root} --quarantine`);
  return lines.join("\n");
}

const other = "other (start, waiting, plan)";

/** With parts of the time that all workers together had; what none of them timed is `other`. They add up to 100 %. */
function stageTable({ manifest, times, seconds, workers, unchanged }: RunResult): string {
  const rows = stageRows(manifest);
  if (unchanged)
    return table(
      stageHeader,
      rows.map(({ cells }) => cells),
    );
  const names = Object.keys(times);
  const timed = names.map((name) => times[name]?.seconds ?? 0);
  const rest = Math.max(0, seconds * workers - timed.reduce((total, part) => total + part, 0));
  const parts = shares([...timed, rest]);
  const share = (name: string): string => parts[name === other ? names.length : names.indexOf(name)] ?? "–";
  const aside = [...besides.filter((name) => names.includes(name)), other];
  return table(
    [...stageHeader, "share of time"],
    [
      ...rows.map(({ stage, cells }) => [...cells, stage === undefined ? "" : share(stage)]),
      ...aside.map((name) => [name, "", "", "", share(name)]),
    ],
  );
}

function languageLines(languages: RunResult["manifest"]["totals"]["languages"]): readonly string[] {
  const shares = Object.entries(languages).map(([label, counts]) => ({ label, ...counts }));
  if (shares.length === 0) return [];
  return [`${largestLanguages(shares, 5)}; ${englishText(shares)}`];
}

function redacted(kinds: Readonly<Record<string, number>>): string {
  const parts = Object.entries(kinds).map(([kind, number]) => `${count(number)} ${kind}`);
  return parts.length === 0 ? "" : `; redacted: ${parts.join(", ")}`;
}
