/**
 * One stage on its own, over a handful of documents: what it says of each, with evidence, annotations and redactions. Every
 * filter gets this for free.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Batch, documentColumns, type Evidence, parseDate, recordId, sha256 } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { type AnyFilter, builtInFilters, loadFilter } from "../filters/index.js";
import { BytesBuilder, bytesAt, type Column, isBytes, stringAt, utf8Column } from "../formats/index.js";
import { callFilter } from "./contract.js";
import { emptyColumn } from "./segment.js";

/** A document to try a filter on: its text, and any other column by name (url, captured_at, language, …). */
export type TryDocument = Readonly<Record<string, unknown>> & { readonly text: string };

export interface TryAnswer {
  readonly verdict: "keep" | "drop";
  readonly rule?: string;
  readonly evidence?: Evidence;
  readonly annotations: Readonly<Record<string, string | number | null>>;
  readonly redactions: readonly {
    readonly kind: string;
    readonly start: number;
    readonly length: number;
    readonly text: string;
  }[];
  /** For filters over the whole corpus: what the document would be known by. */
  readonly signature?: Readonly<Record<string, string>>;
}

export interface TriedFilter {
  readonly name: string;
  answer(documents: readonly TryDocument[]): readonly TryAnswer[];
  close(): void;
}

/** Opens a filter by name or path, with parameters as a recipe gives them; relative paths start from the current folder. */
export async function openForTry(name: string, parameters: Readonly<Record<string, unknown>>): Promise<TriedFilter> {
  const known = builtInFilters.some((filter) => filter.name === name);
  const { filter } = await loadFilter(name, known || !existsSync(name) ? undefined : resolve(name));
  const resolved = filter.kind === "document" ? filter.resolve?.(parameters, process.cwd()) : undefined;
  const parsed = filter.parameters.safeParse(resolved ?? parameters);
  if (!parsed.success) {
    const detail = parsed.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
    throw new DataError("PARAMETERS_INVALID", { detail: `${name}: ${detail}` });
  }
  if (filter.kind === "corpus") return trySignature(filter, parsed.data);
  // A folder of its own: what lies in a shared one may have been put there by anybody.
  const assetFolder = mkdtempSync(join(tmpdir(), "apertus-data-try-"));
  const assets = await filter.prepare(parsed.data, { baseFolder: process.cwd(), assetFolder });
  const open = await filter.open(parsed.data, assets);
  return {
    name,
    answer(documents) {
      const batch = toBatch(documents, [...filter.needs, ...(filter.uses ?? [])]);
      const { verdicts, columns = {}, redactions } = callFilter(filter, open, batch);
      return documents.map((_, row): TryAnswer => {
        const verdict = verdicts?.[row] ?? { keep: true };
        const spans = [];
        for (let i = redactions?.rows[row] ?? 0; redactions !== undefined && i < redactions.rows[row + 1]; i++) {
          const [start, length] = [redactions.start[i], redactions.length[i]];
          const bytes = bytesAt(batch.bytes("text"), row).subarray(start, start + length);
          spans.push({ kind: redactions.kinds[redactions.kind[i]] ?? "", start, length, text: Buffer.from(bytes).toString() });
        }
        return {
          verdict: verdict.keep ? "keep" : "drop",
          ...(verdict.keep ? {} : { rule: verdict.rule, evidence: verdict.evidence }),
          annotations: Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, cell(column, row)])),
          redactions: spans,
        };
      });
    },
    close() {
      open.close?.();
      rmSync(assetFolder, { recursive: true, force: true });
    },
  };
}

function trySignature(filter: AnyFilter & { kind: "corpus" }, parameters: unknown): TriedFilter {
  return {
    name: filter.name,
    answer(documents) {
      const columns = filter.sign(toBatch(documents, filter.needs), parameters);
      const signature = (row: number): Record<string, string> =>
        Object.fromEntries(
          Object.entries(columns).map(([key, column]) => [
            key,
            isBytes(column) ? Buffer.from(bytesAt(column, row)).toString("hex") : String(column.values[row]),
          ]),
        );
      return documents.map((_, row) => ({ verdict: "keep", annotations: {}, redactions: [], signature: signature(row) }));
    },
    close: () => undefined,
  };
}

function toBatch(documents: readonly TryDocument[], wanted: readonly string[]): Batch {
  const columns: Record<string, Column> = {};
  const string = (document: TryDocument, name: string): string => {
    const value = document[name];
    return typeof value === "string" ? value.toWellFormed() : typeof value === "number" ? String(value) : "";
  };
  for (const [name, type] of Object.entries(documentColumns)) {
    columns[name] =
      type === "utf8" ? utf8Column(documents.map((document) => string(document, name))) : emptyColumn(type, documents.length);
  }
  const ids = new BytesBuilder("binary");
  for (const [index, document] of documents.entries()) ids.append(recordId(sha256(document.text), index));
  columns.id = ids.finish();
  const dates = documents.map((document) => parseDate(document.captured_at ?? document.date));
  columns.captured_at = { type: "timestamp", values: Float64Array.from(dates) };
  for (const name of wanted) {
    if (name in columns) continue;
    const values = documents.map((document) => document[name]);
    if (values.every((value) => value === undefined)) continue;
    columns[name] = values.every((value) => typeof value === "number")
      ? { type: "float64", values: Float64Array.from(values as number[]) }
      : utf8Column(documents.map((document) => string(document, name)));
  }
  const missing = wanted.filter((name) => !(name in columns));
  return new Batch(Object.entries(columns)).with(
    Object.fromEntries(
      missing.filter((name) => name !== "language").map((name) => [name, emptyColumn("utf8", documents.length)]),
    ),
  );
}

function cell(column: Column, row: number): string | number | null {
  if (column.type === "binary") return Buffer.from(bytesAt(column, row)).toString("hex");
  if (isBytes(column)) return stringAt(column, row);
  const value = column.values[row];
  if (Number.isNaN(value)) return null;
  return column.type === "timestamp" ? new Date(value).toISOString() : value;
}
