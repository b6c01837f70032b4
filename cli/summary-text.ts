/** A corpus as a whole in plain words for a terminal. What came from the web is made printable. */
import type { CorpusSummary } from "../audit/index.js";
import { sum } from "../corpus/index.js";
import { printable } from "./exit.js";
import { bytes, count, counted, percent } from "./numbers.js";
import { stageHeader, stageRows } from "./stage-rows.js";
import { table } from "./table.js";

/** Rows of each table; the files have all. */
const shown = 10;

export function corpusSummaryText(summary: CorpusSummary): string {
  const { corpus, totals, stages } = summary;
  const counts = stages.map(({ name, in: documents_in, dropped }) => ({
    name,
    documents_in,
    dropped: Object.fromEntries(dropped.map(({ rule, documents }) => [`${name}/${rule}`, documents])),
  }));
  const later = totals.retracted === 0 ? "" : `, ${count(totals.retracted)} of them taken out later`;
  const sections = [
    `${corpus.name}, version ${corpus.version}`,
    table(
      stageHeader,
      stageRows({ totals, stages: counts }).map(({ cells }) => cells),
    ),
    [
      `${counted(totals.records, "record")} = ${counted(totals.documents, "document")} + ${count(sum(totals.skipped))} skipped`,
      `${counted(totals.documents, "document")} = ${count(totals.kept)} kept${later} + ${count(totals.dropped)} dropped + ${count(totals.quarantined)} quarantined`,
      `${counted(totals.tokens, "token")} from ${bytes(totals.text_bytes)} of text in ${counted(corpus.shards, "shard")}${totals.retracted === 0 ? "" : `; ${counted(totals.retracted_tokens, "token")} of what was taken out lie there too, and readers leave them out`}`,
    ].join("\n"),
    agentsText(summary),
    languagesText(summary),
    domainsText(summary),
    energyText(summary),
  ];
  return printable(`${sections.filter((section) => section !== "").join("\n\n")}\n`);
}

function agentsText({ consent }: CorpusSummary): string {
  if (consent === null) return "no opt-out was asked for: the recipe has no consent stage";
  const { pages, with_rules, any, agents } = consent;
  const found = `${counted(pages, "page")} whose robots.txt was looked for: ${count(with_rules)} with rules, ${count(any)} refused to at least one of ${counted(agents.length, "agent")}`;
  if (any === 0) return found;
  const refused = agents.filter((agent) => agent.pages > 0).sort((a, b) => b.pages - a.pages);
  return `${found}\n${table(
    ["refused to", "pages", "of those refused"],
    refused.slice(0, shown).map((agent) => [agent.agent, count(agent.pages), percent(agent.pages, any)]),
  )}${more(refused.length)}`;
}

function languagesText({ languages }: CorpusSummary): string {
  if (languages.length === 0) return "";
  const tokens = languages.reduce((total, language) => total + language.tokens, 0);
  return `${table(
    ["language", "documents", "tokens", "of all tokens"],
    languages
      .slice(0, shown)
      .map((language) => [
        language.label === "" ? "not named" : language.label,
        count(language.documents),
        count(language.tokens),
        percent(language.tokens, tokens),
      ]),
  )}${more(languages.length)}`;
}

function domainsText({ domains, domains_total }: CorpusSummary): string {
  if (domains.length === 0) return "";
  return `${table(
    ["domain", "kept", "opted out", "dropped otherwise", "tokens"],
    domains
      .slice(0, shown)
      .map(({ domain, kept, dropped, opted_out, tokens }) => [
        domain === "" ? "without an address" : domain,
        count(kept),
        count(opted_out),
        count(dropped - opted_out),
        count(tokens),
      ]),
  )}${more(domains_total)}`;
}

function more(total: number): string {
  return total > shown ? `\nand ${count(total - shown)} more` : "";
}

function energyText({ runs }: CorpusSummary): string {
  if (runs.length === 0) return "";
  const seconds = runs.reduce((total, run) => total + run.seconds, 0);
  const measured = runs.flatMap(({ energy_joules }) => (energy_joules === null ? [] : [energy_joules]));
  const joules = measured.reduce((total, energy) => total + energy, 0);
  const energy =
    measured.length === 0 ? "not measured" : `${(joules / 3.6e6).toPrecision(3)} kWh, as the processors counted it`;
  const part = measured.length === 0 || measured.length === runs.length ? "" : ` in ${measured.length} of them`;
  return `${counted(runs.length, "run")}, ${seconds.toFixed(1)} s by the clock; energy: ${energy}${part}`;
}
