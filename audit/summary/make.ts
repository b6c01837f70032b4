/** Counts a corpus: from its manifest, and from its tables by SQL that works out of core, so that memory does not grow with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CorpusFolder, type Manifest, openManifest, type Version } from "../../corpus/index.js";
import { openSql, type Sql } from "../../formats/index.js";
import { CorpusTables } from "../corpus-tables.js";
import { retractRules, retractStage } from "../retract/rules.js";
import { consentSummary } from "./consent.js";
import { domainSizes } from "./domains.js";
import { shares } from "./languages.js";
import type { CorpusSummary, MonthFlow, StageFlow, Totals } from "./model.js";
import { runSummaries } from "./runs.js";

export interface SummaryOptions {
  /** The newest where it is left out. */
  readonly version?: number;
  /** Domains to list. */
  readonly domains?: number;
}

export async function makeSummary(corpus: CorpusFolder, options: SummaryOptions = {}): Promise<CorpusSummary> {
  const manifest = openManifest(corpus);
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-summary-"));
  const sql = await openSql({ memoryBytes: 512e6, spillFolder: folder });
  try {
    const tables = await CorpusTables.open(corpus, manifest, folder, options.version);
    const { version } = tables;
    return {
      format: "apertus-audit-summary",
      format_version: 1,
      corpus: {
        name: manifest.name,
        run_digest: manifest.run_digest,
        recipe_digest: manifest.recipe_digest,
        version: version.version,
        recipe: manifest.recipe,
        tokenizer: manifest.tokenizer?.name ?? null,
        shards: manifest.shards.length,
        inputs: inputsOf(manifest),
      },
      totals: await totalsOf(sql, tables, manifest),
      stages: manifest.stages.map(stageFlow),
      retractions: await retractionsOf(sql, tables, version),
      ...(await domainSizes(sql, tables, options.domains ?? 100)),
      languages: await shares(sql, tables, "language"),
      scripts: await shares(sql, tables, "script"),
      months: await months(sql, tables),
      consent: await consentSummary(sql, tables, manifest),
      redactions: manifest.totals.redacted,
      quarantine: await quarantined(sql, tables),
      runs: runSummaries(corpus),
    };
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function totalsOf(sql: Sql, tables: CorpusTables, { totals }: Manifest): Promise<Totals> {
  const { records, skipped, documents, kept, quarantined, tokens, text_bytes } = totals;
  const dropped = Object.values(totals.dropped).reduce((total, count) => total + count, 0);
  const gone = await tables.goneTotals(sql);
  return {
    records,
    skipped,
    documents,
    kept,
    retracted: gone.documents,
    dropped,
    quarantined,
    tokens: tokens - gone.tokens,
    text_bytes: text_bytes - gone.text_bytes,
    retracted_tokens: gone.tokens,
  };
}

/** By rule; documents that a version took away without a ledger of its own stand under no rule. */
async function retractionsOf(sql: Sql, tables: CorpusTables, { version }: Version): Promise<CorpusSummary["retractions"]> {
  const ledger = tables.from("ledger");
  if (version === 0 || ledger === undefined) return [];
  const found: CorpusSummary["retractions"][number][] = [];
  const statement = `SELECT rule, count(*)::DOUBLE AS documents FROM ${ledger} WHERE stage = '${retractStage}'
    GROUP BY rule ORDER BY documents DESC, rule`;
  for await (const row of sql.rows(statement)) {
    const rule = String(row.rule);
    const meanings: Readonly<Record<string, string>> = retractRules;
    found.push({ rule, meaning: meanings[rule] ?? "", documents: Number(row.documents) });
  }
  return found;
}

function stageFlow({
  name,
  version,
  parameters,
  assets,
  documents_in,
  documents_out,
  dropped,
  rules,
}: Manifest["stages"][number]): StageFlow {
  return {
    name,
    version,
    parameters,
    assets: assets.map((asset) => ({ name: asset.name, sha256: asset.sha256 })),
    in: documents_in,
    out: documents_out,
    dropped: Object.entries(dropped)
      .map(([key, documents]) => ({ rule: key.slice(name.length + 1), documents }))
      .map(({ rule, documents }) => ({ rule, meaning: rules[rule] ?? "", documents }))
      .sort((a, b) => b.documents - a.documents || (a.rule < b.rule ? -1 : 1)),
  };
}

function inputsOf({ plan }: Manifest): CorpusSummary["corpus"]["inputs"] {
  const bySource = new Map<string, { files: Set<string>; units: number }>();
  for (const { source, input } of plan) {
    const entry = bySource.get(source) ?? { files: new Set(), units: 0 };
    entry.files.add(input);
    entry.units++;
    bySource.set(source, entry);
  }
  return [...bySource].map(([source, { files, units }]) => ({ source, files: files.size, units }));
}

async function months(sql: Sql, tables: CorpusTables): Promise<readonly MonthFlow[]> {
  const flows = new Map<string | null, { kept: number; dropped: Record<string, number> }>();
  const flowOf = (month: unknown): { kept: number; dropped: Record<string, number> } => {
    const key = typeof month === "string" ? month : null;
    const flow = flows.get(key) ?? { kept: 0, dropped: {} };
    flows.set(key, flow);
    return flow;
  };
  const month = "strftime(captured_at, '%Y-%m') AS month, count(*)::DOUBLE AS documents";
  const documents = tables.from("documents");
  if (documents !== undefined) {
    for await (const row of sql.rows(`SELECT ${month} FROM ${documents} GROUP BY 1`))
      flowOf(row.month).kept = Number(row.documents);
  }
  const ledger = tables.from("ledger");
  if (ledger !== undefined) {
    const rules = `SELECT ${month}, stage || '/' || rule AS rule FROM ${ledger} GROUP BY 1, 3 ORDER BY rule`;
    for await (const row of sql.rows(rules)) flowOf(row.month).dropped[String(row.rule)] = Number(row.documents);
  }
  return [...flows]
    .map(([key, { kept, dropped }]) => ({ month: key, kept, dropped }))
    .sort((a, b) => ((a.month ?? "~") < (b.month ?? "~") ? -1 : 1));
}

async function quarantined(sql: Sql, tables: CorpusTables): Promise<CorpusSummary["quarantine"]> {
  const from = tables.from("quarantine");
  if (from === undefined) return [];
  const all: { reason: string; documents: number; example: string }[] = [];
  const statement = `SELECT reason, count(*)::DOUBLE AS documents, first(locator_file || ' at ' || locator_offset::BIGINT) AS example
    FROM ${from} GROUP BY reason ORDER BY documents DESC, reason`;
  for await (const { reason, documents, example } of sql.rows(statement))
    all.push({ reason: String(reason), documents: Number(documents), example: String(example) });
  return all;
}
