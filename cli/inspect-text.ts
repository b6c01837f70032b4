/** How `inspect` shows a query's rows and sampled documents. */
import { queryCorpus, type Row, type Sample, type SampleGroup } from "../audit/index.js";
import type { CorpusFolder } from "../corpus/index.js";
import { exitCodes, printable } from "./exit.js";
import { count } from "./numbers.js";
import { table } from "./table.js";

/** Rows of a table on the screen; further ones are asked for with LIMIT or read with --json. */
const shownRows = 1000;

/** Any cell as JSON can hold it. */
export function plainValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
  return value ?? null;
}

export interface QueryFlags {
  readonly json: boolean;
  readonly seconds: number;
  readonly version?: number;
}

/** Gives the exit code. An interrupt stops the query, whose scratch files are then removed. */
export async function showQuery(
  corpus: CorpusFolder,
  statement: string,
  { json, seconds, ...version }: QueryFlags,
): Promise<number> {
  const stop = new AbortController();
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    stop.abort("interrupted");
  };
  const timer = setTimeout(() => stop.abort(`${seconds} s are over`), seconds * 1000);
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await showRows(queryCorpus(corpus, statement, { ...version, signal: stop.signal }), json);
    return exitCodes.done;
  } catch (error) {
    if (!interrupted) throw error;
    console.error("interrupted");
    return exitCodes.interrupted;
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function showRows(found: AsyncIterable<Row>, json: boolean): Promise<void> {
  const rows: string[][] = [];
  let names: readonly string[] = [];
  let more = 0;
  for await (const row of found) {
    const plain = plainValue(row) as Record<string, unknown>;
    if (json) {
      console.log(JSON.stringify(plain));
      continue;
    }
    names = Object.keys(plain);
    if (rows.length === shownRows) more++;
    else rows.push(names.map((name) => cell(plain[name])));
  }
  if (json) return;
  if (rows.length === 0) console.log("no rows");
  else console.log(table(names.map(printable), rows, names.length));
  if (more > 0) console.log(`… and ${count(more)} more: add LIMIT, or --json for all`);
}

/** One line, at most 100 characters. */
function cell(value: unknown): string {
  const text = value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const line = printable(text.replaceAll(/\s+/g, " "));
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

export function showSample(groups: readonly SampleGroup[], json: boolean): void {
  for (const { group, meaning, documents, samples } of groups) {
    if (json) {
      for (const { row, ...rest } of samples) console.log(JSON.stringify({ group, meaning, ...rest, row: plainValue(row) }));
      continue;
    }
    const title = `${group}: ${count(samples.length)} of ${count(documents)}`;
    console.log(`${title}\n${"─".repeat(title.length)}${meaning === "" ? "" : `\n${meaning}`}`);
    for (const sample of samples) console.log(`\n${describe(sample)}`);
    console.log("");
  }
  if (!json && groups.length === 0) console.log("nothing found");
}

function describe({ row, evidence, text, redacted }: Sample): string {
  const url = String(row.url ?? "");
  const parts = [printable(url === "" ? `${String(row.locator_file)} at ${String(row.locator_offset)}` : url)];
  if (evidence !== null) parts.push(`  evidence  ${printable(JSON.stringify(evidence)).slice(0, 400)}`);
  if (text === null) parts.push("  text      not kept");
  else if (redacted === null) parts.push(`  text      ${excerpt(text)}`);
  else parts.push(`  before    ${around(text, redacted)[0]}`, `  after     ${around(text, redacted)[1]}`);
  return parts.join("\n");
}

function excerpt(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, " ").trim());
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Both texts from a little before their first difference on. */
function around(before: string, after: string): readonly [string, string] {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const from = Math.max(0, at - 80);
  const cut = (text: string): string => (from > 0 ? "…" : "") + excerpt(text.slice(from, from + 320));
  return [cut(before), cut(after)];
}
