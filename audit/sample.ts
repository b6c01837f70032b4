/**
 * A sample of what a corpus holds and of what each rule left out, with the texts where they were kept: what a person reads to see
 * whether the rules do what they were meant to. The sample depends on the ids and the seed only, so that two people see the same.
 */
import { tmpdir } from "node:os";
import { type CorpusFolder, openManifest } from "../corpus/index.js";
import { literal, openSql } from "../formats/index.js";
import { findEvidence, findText, type Row } from "./inspect.js";

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
}

export async function sampleCorpus(corpus: CorpusFolder, options: SampleOptions): Promise<readonly SampleGroup[]> {
  const manifest = openManifest(corpus);
  const { each, seed, rules } = options;
  const sql = await openSql({ memoryBytes: 512e6, spillFolder: tmpdir() });
  const sampled = async (table: "documents" | "ledger", condition: string, group: string): Promise<readonly Row[]> => {
    const files = manifest.tables[table].map(({ path }) => literal(corpus.resolve(path)));
    if (files.length === 0) return [];
    const rows: Row[] = [];
    const statement = `SELECT * FROM read_parquet([${files.join(", ")}]) WHERE ${condition}
      QUALIFY row_number() OVER (PARTITION BY ${group} ORDER BY md5(hex(id) || ${literal(seed)}), locator_offset) <= ${each}
      ORDER BY ${group}, md5(hex(id) || ${literal(seed)}), locator_offset`;
    for await (const row of sql.rows(statement)) rows.push(row);
    return rows;
  };
  try {
    const groups: SampleGroup[] = [];
    if (rules === undefined && manifest.totals.kept > 0) {
      const kept = await sampled("documents", "true", "1");
      groups.push({
        group: "kept",
        meaning: "",
        documents: manifest.totals.kept,
        samples: await Promise.all(kept.map((row) => sampleOf(corpus, row))),
      });
    }
    const named = rules === undefined ? "true" : `concat(stage, '/', rule) IN (${rules.map(literal).join(", ")})`;
    const dropped = await sampled("ledger", named, "stage, rule");
    for (const stage of manifest.stages) {
      for (const [key, documents] of Object.entries(stage.dropped)) {
        const rows = dropped.filter((row) => `${String(row.stage)}/${String(row.rule)}` === key);
        if (rows.length === 0) continue;
        const meaning = stage.rules[key.slice(stage.name.length + 1)] ?? "";
        groups.push({ group: key, meaning, documents, samples: await Promise.all(rows.map((row) => sampleOf(corpus, row))) });
      }
    }
    return groups;
  } finally {
    sql.close();
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
