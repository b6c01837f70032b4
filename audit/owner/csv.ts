/**
 * The pages of an owner's report as CSV (RFC 4180: a header, CRLF, every text in quotes), fit for a spreadsheet. Addresses and names
 * come from the web, and a spreadsheet takes a cell for a formula that begins with `=`, `+`, `-` or `@` (OWASP, CSV Injection): such
 * a cell gets an apostrophe in front. Quotes are doubled and line ends spelled out, so that no text can begin a cell of its own.
 */
import type { ReportedPage } from "./reported-page.js";

const columns = {
  url: ({ url }) => url,
  captured_at: ({ captured_at }) => captured_at,
  status: ({ status }) => status,
  stage: ({ stage }) => stage,
  rule: ({ rule }) => rule,
  evidence_id: ({ evidence_id }) => evidence_id,
  tokens: ({ tokens }) => tokens,
  language: ({ language }) => language,
  redactions: ({ redactions }) => redactions,
  source: ({ source }) => source,
  file: ({ place }) => place.file,
  offset: ({ place }) => place.offset,
  length: ({ place }) => place.length,
  unit: ({ place }) => place.unit,
  record_id: ({ place }) => place.record_id,
  shard: ({ shard }) => shard,
  row: ({ row }) => row,
  id: ({ id }) => id,
} as const satisfies Record<string, (page: ReportedPage) => string | number | null>;

export const csvHeader = `${Object.keys(columns).join(",")}\r\n`;

const cells = Object.values(columns);

/** One page as a line with its end. */
export function csvLine(page: ReportedPage): string {
  let line = "";
  for (const cell of cells) line += `${line === "" ? "" : ","}${csvCell(cell(page))}`;
  return `${line}\r\n`;
}

/** Nothing for null, a number as it is, a text in quotes and harmless to a spreadsheet. */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  if (harmless.test(value)) return `"${value}"`;
  const text = unseen.test(value) || !value.isWellFormed() ? spelledOut(value) : value;
  return `"${formula.test(text) ? "'" : ""}${text.replaceAll('"', '""')}"`;
}

/** What almost every text is, and stays. */
const harmless = /^[\w/<.][ !#-~]*$/;

/** What a spreadsheet begins a formula with, in both widths. */
const formula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/** Control characters, line ends, and characters that turn the direction of the text behind them. */
const unseen = /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

function spelledOut(text: string): string {
  return text.toWellFormed().replaceAll(new RegExp(unseen, "g"), (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}
