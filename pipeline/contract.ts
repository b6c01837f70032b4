/** Calls a filter and holds it to its contract (filters/filter.ts): whatever it does wrong is FILTER_BROKEN, by name. */
import type { Batch, Redactions, Verdict } from "../corpus/index.js";
import { canonicalJson } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import type { BatchResult, Filter, OpenFilter } from "../filters/index.js";
import { isBytes, rowsOf, stringAt } from "../formats/index.js";

export type Contract = Pick<Filter, "name" | "adds" | "rules"> & {
  /** Where the module lies, for a filter of the user's own. */
  readonly path?: string | undefined;
};

export function callFilter(contract: Contract, open: OpenFilter, batch: Batch): BatchResult {
  let result: unknown;
  try {
    result = open.process(batch);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const first = batch.rows > 0 ? stringAt(batch.bytes("url"), 0) : "";
    const record = `stage ${contract.name}, a batch of ${batch.rows} documents from ${first || "one without a URL"} on`;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("FILTER_BROKEN", { ...siteOf(contract), record, detail, cause });
  }
  const fault = faultOf(contract, batch, result);
  if (fault !== undefined) throw new DataError("FILTER_BROKEN", { ...siteOf(contract), detail: `${contract.name}: ${fault}` });
  return result as BatchResult;
}

function siteOf({ path }: Contract): { readonly file?: string } {
  return path === undefined ? {} : { file: path };
}

function faultOf(contract: Contract, batch: Batch, result: unknown): string | undefined {
  if (typeof result !== "object" || result === null) return `process gave ${String(result)}, not an object`;
  if ("then" in result) return "process gave a promise; it has to answer at once";
  const { verdicts, columns, redactions } = result as BatchResult;
  return verdictFault(contract, batch, verdicts) ?? columnFault(contract, batch, columns ?? {}) ?? spanFault(batch, redactions);
}

function verdictFault(
  { rules }: Contract,
  batch: Batch,
  verdicts: readonly (Verdict | undefined)[] | undefined,
): string | undefined {
  if (verdicts === undefined) return undefined;
  if (!Array.isArray(verdicts) || verdicts.length !== batch.rows)
    return `not one verdict a row: ${verdicts.length} for ${batch.rows} rows`;
  for (let row = 0; row < verdicts.length; row++) {
    const verdict: unknown = verdicts[row];
    if (typeof verdict !== "object" || verdict === null || !("keep" in verdict)) return `row ${row} has no verdict`;
    if (verdict.keep === true) continue;
    const { keep, rule, evidence } = verdict as { keep: unknown; rule?: unknown; evidence?: unknown };
    if (keep !== false) return `row ${row} is neither kept nor dropped`;
    if (typeof rule !== "string" || !Object.hasOwn(rules, rule))
      return `row ${row} is dropped by a rule that it does not declare: ${String(rule)}`;
    if (typeof evidence !== "object" || evidence === null) return `row ${row} is dropped without evidence`;
    try {
      canonicalJson(evidence);
    } catch (error) {
      return `the evidence of row ${row} is not JSON: ${error instanceof Error ? error.message : ""}`;
    }
  }
  return undefined;
}

function columnFault({ adds }: Contract, batch: Batch, columns: NonNullable<BatchResult["columns"]>): string | undefined {
  const extra = Object.keys(columns).filter((name) => !Object.hasOwn(adds, name));
  if (extra.length > 0) return `it gave columns that it does not say it adds: ${extra.join(", ")}`;
  for (const [name, { type }] of Object.entries(adds)) {
    const column = columns[name];
    if (column === undefined) return `it left out the column ${name} that it says it adds`;
    if (column.type !== type) return `the column ${name} is ${column.type}, not ${type}`;
    if (rowsOf(column) !== batch.rows) return `the column ${name} has ${rowsOf(column)} rows, not ${batch.rows}`;
    if (isBytes(column) && (column.offsets[0] < 0 || column.offsets[batch.rows] > column.values.length)) {
      return `the column ${name} has offsets outside of its values`;
    }
  }
  return undefined;
}

/** Spans ascend, do not overlap, lie inside the text, and begin and end between two characters. */
function spanFault(batch: Batch, redactions: Redactions | undefined): string | undefined {
  if (redactions === undefined) return undefined;
  if (!batch.has("text")) return "redactions of documents without text";
  const { rows, start, length, kind, kinds } = redactions;
  const arrays =
    [rows, start, length].every((array) => array instanceof Int32Array) && kind instanceof Uint8Array && Array.isArray(kinds);
  if (!arrays || rows.length !== batch.rows + 1) return "redactions do not fit the batch";
  const { values, offsets } = batch.bytes("text");
  for (let row = 0; row < batch.rows; row++) {
    let free = 0;
    const size = offsets[row + 1] - offsets[row];
    const insideCharacter = (at: number): boolean => at < size && (values[offsets[row] + at] & 0xc0) === 0x80;
    for (let i = rows[row]; i < rows[row + 1]; i++) {
      const end = start[i] + length[i];
      if (!(start[i] >= free) || !(length[i] > 0) || end > size)
        return `a redaction of row ${row} overlaps or lies outside of its text`;
      if (insideCharacter(start[i]) || insideCharacter(end)) return `a redaction of row ${row} cuts a character`;
      if (kinds[kind[i]] === undefined) return `a redaction of row ${row} has no kind`;
      free = end;
    }
  }
  return undefined;
}
