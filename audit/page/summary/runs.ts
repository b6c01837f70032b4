/** What it took: runs, time by stage, energy where a machine counted it. */
import type { CorpusSummary, RunSummary } from "../../summary/model.js";
import { type Content, html, type Markup } from "../markup.js";
import { column, numberColumn, section, table } from "../section.js";
import { bytes, count, counted, moment, percent } from "../wording.js";
import { bar, barCell, barColumn, numberCell } from "./bars.js";
import { duration, energy, mostOf, named, sumOf } from "./figures.js";

const mostRuns = 20;
const mostStages = 60;

/** What workers do besides the stages. */
const besides: Readonly<Record<string, string>> = {
  read: "reading inputs",
  reread: "reading texts again behind a barrier",
  write: "writing the tables of a unit",
  shards: "putting shards together",
  tables: "sorting and writing tables",
};

export function runs(summary: CorpusSummary): Markup {
  const { runs: all } = summary;
  if (all.length === 0) {
    return section({
      id: "runs",
      title: "Time and energy",
      body: html`<p class="empty">The corpus keeps no journal of its runs: their time and energy are not known.</p>`,
    });
  }
  const measured = all.filter(({ energy_joules }) => energy_joules !== null);
  const joules = sumOf(measured, ({ energy_joules }) => energy_joules ?? 0);
  return section({
    id: "runs",
    title: "Time and energy",
    lead: "As the journals of the runs tell it. They are no part of the corpus: the same corpus made elsewhere takes another time.",
    body: html`<p>${counted(all.length, "run")}, <b>${duration(sumOf(all, ({ seconds }) => seconds))}</b> by the clock. Energy: ${
      measured.length === 0
        ? html`<b>not measured</b>: the machines kept no count that could be read.`
        : html`<b>${energy(joules)}</b>${measured.length < all.length ? ` in ${count(measured.length)} of ${counted(all.length, "run")}; the others did not measure it` : ""}, as the processors counted it, without memory, disks, cooling and network.`
    }</p>
${byStage(summary)}
<h3>Runs</h3>${table(
      "Runs",
      [column("Ended"), numberColumn("Clock"), numberColumn("Workers"), numberColumn("Peak memory"), numberColumn("Energy")],
      all.slice(-mostRuns).reverse().map(runRow),
      "stacked",
    )}${all.length > mostRuns ? html`<p class="note">The newest ${mostRuns}; ${counted(all.length - mostRuns, "older run")} in the JSON file.</p>` : null}`,
  });
}

function runRow({ ended, seconds, workers, peak_memory_bytes, energy_joules }: RunSummary): Content {
  return html`<tr><th scope="row" class="date">${moment(ended)}</th>${numberCell("Clock", duration(seconds))}${numberCell("Workers", count(workers))}${numberCell("Peak memory", bytes(peak_memory_bytes))}${numberCell("Energy", energy_joules === null ? html`<span class="aside">not measured</span>` : energy(energy_joules))}</tr>`;
}

function byStage({ runs: all, stages }: CorpusSummary): Content {
  const seconds = new Map<string, number>();
  for (const { seconds_by_stage } of all) {
    for (const [stage, time] of Object.entries(seconds_by_stage)) seconds.set(stage, (seconds.get(stage) ?? 0) + time);
  }
  if (seconds.size === 0) return null;
  const inOrder = ["read", ...stages.map(({ name }) => name), "reread", "write", "shards", "tables"];
  const place = (stage: string): number => (inOrder.includes(stage) ? inOrder.indexOf(stage) : inOrder.length);
  const sorted = [...seconds].sort(([a], [b]) => place(a) - place(b)).slice(0, mostStages);
  const whole = sumOf(sorted, ([, time]) => time);
  const most = mostOf(sorted, ([, time]) => time);
  return html`<h3>Where the time went</h3><p>Seconds of all workers together: ${duration(whole)}. Starting and waiting are in none of them.</p>${table(
    "Worker time by stage",
    [column("Stage"), barColumn(), numberColumn("Time"), numberColumn("Share")],
    sorted.map(([stage, time]) => {
      const words = stages.some(({ name }) => name === stage) ? undefined : besides[stage];
      return html`<tr><th scope="row">${words === undefined ? named(stage) : words}</th>${barCell(bar([{ className: words === undefined ? "part-in" : "part-rest", value: time }], most))}${numberCell("Time", duration(time))}${numberCell("Share", percent(time, whole))}</tr>`;
    }),
    "bars",
  )}`;
}
