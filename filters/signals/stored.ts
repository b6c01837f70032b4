/**
 * The column `signals`: all statements about a kept document as compact JSON of at most 4,096 bytes, so that a later policy can
 * decide again without the page. Where they do not fit, those that the decision rests on come first, and `truncated` says that
 * there were more.
 */
import type { Evidence } from "../../corpus/index.js";
import { categories, locations, type Statement, signals, statementValues } from "./statement.js";
import { tdmOrder } from "./tdmrep.js";

const longest = 4096;

/** What a column holds besides the statements: the files that were consulted, by location. */
export type Sources = Readonly<Record<string, { readonly sha256: string; readonly captured_at: string }>>;

export interface StoredSignals {
  readonly statements: readonly Statement[];
  /** Some statements did not fit, or were not kept of the page in the first place. */
  readonly truncated: boolean;
  readonly sources: Sources;
}

/**
 * The statements that fit, in an order that keeps the decision: those in `first`, then TDMRep's, those of the later places
 * before those that they override, the other denials, then the rest. Equal ones once.
 */
export function fitSignals(
  statements: readonly Statement[],
  first: readonly Statement[],
  complete: boolean,
  sources: Sources,
): StoredSignals {
  const leading = new Set(first);
  const rank = (statement: Statement): number => {
    if (leading.has(statement)) return 0;
    const { signal, location, value } = statement;
    if (signal === "tdmrep" && value !== "unknown") return 1 + tdmOrder.length - tdmOrder.indexOf(location);
    return value === "deny" ? 10 : 11;
  };
  const ordered = statements
    .map((statement, i) => ({ statement, i }))
    .sort((a, b) => rank(a.statement) - rank(b.statement) || a.i - b.i);
  let room = longest - Buffer.byteLength(spell([], true, sources));
  const seen = new Set<string>();
  const kept: { readonly statement: Statement; readonly i: number }[] = [];
  let fits = true;
  for (const entry of ordered) {
    const json = JSON.stringify(packed(entry.statement));
    if (seen.has(json)) continue;
    seen.add(json);
    room -= Buffer.byteLength(json) + 1;
    if (room < 0) {
      fits = false;
      break;
    }
    kept.push(entry);
  }
  return {
    statements: kept.sort((a, b) => a.i - b.i).map(({ statement }) => statement),
    truncated: !fits || !complete,
    sources,
  };
}

/** Empty where nothing was stated. */
export function formatSignals({ statements, truncated, sources }: StoredSignals): string {
  return statements.length === 0 && !truncated ? "" : spell(statements.map(packed), truncated, sources);
}

function spell(statements: readonly Evidence[], truncated: boolean, sources: Sources): string {
  return JSON.stringify({
    statements,
    ...(truncated ? { truncated } : {}),
    ...(Object.keys(sources).length === 0 ? {} : { sources }),
  });
}

/** A statement with its keys in one order; also what evidence quotes. */
export function packed({ signal, location, scope, category, value, where, raw, managed, terms }: Statement): Evidence {
  return {
    signal,
    location,
    ...(scope === "*" ? {} : { scope }),
    category,
    value,
    where,
    raw,
    ...(managed === undefined ? {} : { managed }),
    ...(terms === undefined ? {} : { terms }),
  };
}

/** What formatSignals wrote; undefined where the text is nothing of the kind. */
export function parseSignals(text: string): StoredSignals | undefined {
  if (text === "") return { statements: [], truncated: false, sources: {} };
  try {
    const { statements, truncated = false, sources = {} } = JSON.parse(text) as Partial<StoredSignals>;
    if (!Array.isArray(statements) || !statements.every(isPacked)) return undefined;
    return { statements: statements.map((statement) => ({ scope: "*", ...statement })), truncated, sources };
  } catch {
    return undefined;
  }
}

function isPacked(value: unknown): value is Omit<Statement, "scope"> & { readonly scope?: string } {
  if (typeof value !== "object" || value === null) return false;
  const statement = value as Readonly<Record<string, unknown>>;
  const oneOf = (names: readonly string[], key: string): boolean => names.some((name) => name === statement[key]);
  return (
    oneOf(signals, "signal") &&
    oneOf(locations, "location") &&
    oneOf(categories, "category") &&
    oneOf(statementValues, "value") &&
    typeof statement.where === "string" &&
    typeof statement.raw === "string"
  );
}
