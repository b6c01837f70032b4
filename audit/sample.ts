/**
 * A sample of what a corpus holds and of what each rule left out, with the texts where they were kept: what a person reads to see
 * whether the rules do what they were meant to. The sample depends on the ids and the seed only, so that two people see the same.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CorpusFolder, openManifest } from "../corpus/index.js";
import { literal, openSql } from "../formats/index.js";
import { CorpusTables } from "./corpus-tables.js";
import { findEvidence, findText, type Row } from "./inspect.js";
import { retractRules, retractStage } from "./retract/rules.js";

export interface SampleGroup {
  /** `kept`, or `stage/rule`. */
  readonly group: string;
  /** What a drop by the rule means; empty for `kept`. */
  readonly meaning: string;
  /** Documents in the whole corpus. */
  readonly documents: number;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly row: Row;
  readonly evidence: unknown;
  /** As it was before redaction; null where no text was kept. Text of pages that consent left out never is. */
  readonly text: string | null;
  /** With the placeholders in place of what was redacted; null where nothing was. */
  readonly redacted: string | null;
}

export interface SampleOptions {
  /** Documents of each group. */
  readonly each: number;
  readonly seed: string;
  /** Only these rules, as `stage/rule`; all, and what was kept, where it is left out. */
  readonly rules?: readonly string[];
  /** The newest where it is left out. */
  readonly version?: number;
}

export async function sampleCorpus(corpus: CorpusFolder, options: SampleOptions): Promise<readonly SampleGroup[]> {
  const manifest = openManifest(corpus);
  const { each, seed, rules } = options;
  const folder = mkdtempSync(join(tmpdir(), "apertus-data-sample-"));
  const sql = await openSql({ memoryBytes: 512e6, spillFolder: folder });
  const collect = async (statement: string): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    for await (const row of sql.rows(statement)) rows.push(row);
    return rows;
  };
  const sampled = (from: string, condition: string, group: string): Promise<readonly Row[]> =>
    collect(`SELECT * FROM ${from} WHERE ${condition}
      QUALIFY row_number() OVER (PARTITION BY ${group} ORDER BY md5(hex(id) || ${literal(seed)}), locator_offset) <= ${each}
      ORDER BY ${group}, md5(hex(id) || ${literal(seed)}), locator_offset`);
  try {
    const tables = await CorpusTables.open(corpus, manifest, folder, options.version);
    const groups: SampleGroup[] = [];
    const add = async (group: string, meaning: string, documents: number, rows: readonly Row[]): Promise<void> => {
      if (rows.length > 0)
        groups.push({ group, meaning, documents, samples: await Promise.all(rows.map((row) => sampleOf(corpus, row))) });
    };
    const documents = tables.from("documents");
    if (rules === undefined && documents !== undefined) {
      const standing = manifest.totals.kept - (await tables.goneTotals(sql)).documents;
      await add("kept", "", standing, await sampled(documents, "true", "1"));
    }
    const ledger = tables.from("ledger");
    if (ledger === undefined) return groups;
    const named = rules === undefined ? "true" : `concat(stage, '/', rule) IN (${rules.map(literal).join(", ")})`;
    const dropped = await sampled(ledger, named, "stage, rule");
    const later = await collect(`SELECT concat(stage, '/', rule) AS key, count(*)::DOUBLE AS documents FROM ${ledger}
      WHERE stage = ${literal(retractStage)} GROUP BY 1 ORDER BY 1`);
    const counted = Object.fromEntries(later.map(({ key, documents }) => [String(key), Number(documents)]));
    for (const stage of [...manifest.stages, { name: retractStage, rules: retractRules, dropped: counted }]) {
      const meanings: Readonly<Record<string, string>> = stage.rules;
      for (const [key, number] of Object.entries(stage.dropped)) {
        const rows = dropped.filter((row) => `${String(row.stage)}/${String(row.rule)}` === key);
        await add(key, meanings[key.slice(stage.name.length + 1)] ?? "", number, rows);
      }
    }
    return groups;
  } finally {
    sql.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sampleOf(corpus: CorpusFolder, row: Row): Promise<Sample> {
  const evidence = typeof row.evidence === "string" && row.evidence !== "" ? await findEvidence(corpus, row.evidence) : null;
  const text = (await findText(corpus, row)) ?? null;
  const spans = typeof row.redactions === "string" && row.redactions !== "" ? row.redactions : undefined;
  return {
    row,
    evidence: evidence ?? null,
    text,
    redacted: text === null || spans === undefined ? null : withPlaceholders(text, spans),
  };
}

/** @param spans JSON `[[start, length, kind], …]` in UTF-8 bytes, ascending and apart from each other */
export function withPlaceholders(text: string, spans: string): string {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  let at = 0;
  for (const [start, length, kind] of JSON.parse(spans) as readonly (readonly [number, number, string])[]) {
    parts.push(bytes.subarray(at, start).toString(), `<${kind}-pii>`);
    at = start + length;
  }
  return parts.join("") + bytes.subarray(at).toString();
}
