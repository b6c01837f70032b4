/** What a run did, in one table by stage. */
import type { RunResult } from "../pipeline/index.js";
import { bytes, clock, count, percent } from "./numbers.js";
import { table } from "./table.js";

export function closingTable(result: RunResult): string {
  const { manifest, times, seconds } = result;
  const { totals, stages } = manifest;
  const busy = Object.values(times).reduce((total, time) => total + time.seconds, 0);
  const share = (name: string): string => (times[name] === undefined ? "–" : percent(times[name].seconds, busy));
  const rows: string[][] = [["read", count(totals.records), "", "", share("read")]];
  for (const [reason, skipped] of Object.entries(totals.skipped))
    rows.push([`  skipped: ${reason}`, "", count(skipped), "", ""]);
  for (const stage of stages) {
    const dropped = Object.values(stage.dropped).reduce((total, drops) => total + drops, 0);
    rows.push([
      stage.name,
      count(stage.documents_in),
      dropped === 0 ? "" : count(dropped),
      count(stage.documents_out),
      share(stage.name),
    ]);
    if (Object.keys(stage.dropped).length > 1 || dropped > 0) {
      for (const [rule, drops] of Object.entries(stage.dropped))
        rows.push([`  ${rule.split("/")[1] ?? rule}`, "", count(drops), "", ""]);
    }
  }
  rows.push(["write", "", "", count(totals.kept), share("write")]);
  const lines = [
    table(["stage", "in", "dropped", "out", "share of time"], rows),
    "",
    `${count(totals.records)} records = ${count(totals.documents)} documents + ${count(sum(totals.skipped))} skipped`,
    `${count(totals.documents)} documents = ${count(totals.kept)} kept + ${count(sum(totals.dropped))} dropped + ${count(totals.quarantined)} quarantined`,
    `${count(totals.tokens)} tokens from ${bytes(totals.text_bytes)} of text in ${count(manifest.shards.length)} shard${manifest.shards.length === 1 ? "" : "s"}${redacted(totals.redacted)}`,
    `${clock(seconds)} (${seconds.toFixed(1)} s), peak memory ${bytes(result.peakMemoryBytes)} in all processes`,
    `${result.corpus.manifest()}${result.unchanged ? " (already done before)" : ""}`,
  ];
  if (totals.quarantined > 0) lines.push(`what could not be read: apertus-data inspect ${result.corpus.root} --quarantine`);
  return lines.join("\n");
}

function redacted(kinds: Readonly<Record<string, number>>): string {
  const parts = Object.entries(kinds).map(([kind, number]) => `${count(number)} ${kind}`);
  return parts.length === 0 ? "" : `; redacted: ${parts.join(", ")}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, number) => total + number, 0);
}
