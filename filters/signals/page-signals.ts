/**
 * The signals of one page, out of what extraction collected of its response headers and its head (column head_signals): each entry
 * goes to the parser of its language.
 */
import { parseContentSignal } from "./content-signal.js";
import { parseContentUsage } from "./content-usage.js";
import { parseCreativeCommons } from "./creative-commons.js";
import { rslStated, rslType } from "./rsl.js";
import { type Location, quote, type Said, type Signal, type Stated, type Statement } from "./statement.js";
import { parseReservation } from "./tdmrep.js";
import { parseMetaRobots, parseXRobotsTag, type RobotsDirective } from "./x-robots.js";

/** As extraction writes it. */
interface Entry {
  readonly element: string;
  readonly name: string;
  readonly content: string;
  readonly type: string;
  readonly place: string;
  readonly count: number;
}

const nothing: Said = { statements: [], complete: true };

/**
 * Not complete where the page states more than extraction kept of it, or the column cannot be read. Total; all that the column
 * holds is read, since what is addressed to one agent may stand anywhere in it.
 *
 * @param column the cell: a JSON array, or empty where nothing is known of the page
 */
export function readPageSignals(column: string): Said {
  if (column === "" || column === "[]") return nothing;
  const entries = parseEntries(column);
  if (entries === undefined) return { statements: [], complete: false };
  const statements: Statement[] = [];
  for (const entry of entries) statements.push(...statementsOf(entry));
  statements.push(...contentUsageOf(entries));
  return { statements, complete: entries.every(({ element }) => element !== "left-out") };
}

function parseEntries(column: string): readonly Entry[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(column);
  } catch {
    return undefined;
  }
  if (!Array.isArray(json)) return undefined;
  return json.map((item: unknown): Entry => {
    const { element, name, content, type, place, count } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    return {
      element: text(element),
      name: text(name).toLowerCase(),
      content: text(content),
      type: text(type),
      place: text(place),
      count: typeof count === "number" ? count : 1,
    };
  });
}

function statementsOf(entry: Entry): readonly Statement[] {
  const { element, name, content } = entry;
  if (element === "header") return headerStatements(name, content);
  if (element === "meta") return metaStatements(entry);
  if (element === "link" || element === "a") return linkStatements(entry);
  if (element === "script") return made("rsl", "script", rslStated, `script ${rslType}`, content);
  return [];
}

function headerStatements(name: string, content: string): readonly Statement[] {
  if (name === "x-robots-tag") return robotsStatements("header", parseXRobotsTag(content), name, content);
  if (name === "content-signal") return made(name, "header", parseContentSignal(content), name, content);
  if (name === "tdm-reservation" || name === "tdm-policy") return tdmStatements("header", name, content, name);
  if (name !== "link") return [];
  const target = /<([^<>]*)>/.exec(content)?.[1] ?? "";
  return licenceStatements("header", target, content.toLowerCase().includes(rslType), "link", content);
}

function metaStatements(entry: Entry): readonly Statement[] {
  const { name, content } = entry;
  const where = `meta ${quote(name)}${placeOf(entry)}`;
  const stated = metaStated(name, content, where);
  return entry.place === "body" ? stated.map(withoutPermission) : stated;
}

/**
 * HTML knows meta elements in the head alone, and in the body others than the owner may write, in a comment for instance: a denial
 * there is taken at its word, a permission is none. A licence is judged by its terms.
 */
function withoutPermission(statement: Statement): Statement {
  return statement.value === "allow" && statement.signal !== "licence" ? { ...statement, value: "unknown" } : statement;
}

function placeOf({ place }: Entry): string {
  return place === "" ? "" : `, in ${quote(place)}`;
}

function metaStated(name: string, content: string, where: string): readonly Statement[] {
  if (name === "content-signal") return made(name, "meta", parseContentSignal(content), where, content);
  if (name === "tdm:reservation") return tdmStatements("meta", name, content, where).map(withoutPermission);
  if (name === "tdm-reservation" || name === "tdm-policy") return tdmStatements("meta", name, content, where);
  if (/licen[cs]e|rights|copyright/.test(name)) {
    return parseCreativeCommons(content).length === 0 ? [] : licenceStatements("meta", content, false, where, content);
  }
  // http-equiv="X-Robots-Tag" is no element of a standard, and leaves no doubt.
  const directives = name === "x-robots-tag" ? parseXRobotsTag(content) : parseMetaRobots(name, content);
  return robotsStatements("meta", directives, where, content);
}

function robotsStatements(
  location: Location,
  directives: readonly RobotsDirective[],
  where: string,
  content: string,
): readonly Statement[] {
  return directives.flatMap((stated) =>
    made("robots-meta", location, [stated], where, content, { scope: quote(stated.agent) }),
  );
}

/** The reservation decides, the policy is only named. */
function tdmStatements(location: Location, name: string, content: string, where: string): readonly Statement[] {
  const value = name.endsWith("reservation") ? parseReservation(content) : "unknown";
  return made("tdmrep", location, [{ category: "mine", value }], where, content);
}

function linkStatements(entry: Entry): readonly Statement[] {
  const { element, name, content, type, count } = entry;
  const where = `${element} rel=${quote(name)}${placeOf(entry)}${count === 1 ? "" : `, ${count} times`}`;
  const isRsl = type === rslType || /(?:^|\s)rsl(?:\s|$)/.test(name);
  return licenceStatements("link", content, isRsl, where, content);
}

function licenceStatements(
  location: Location,
  target: string,
  isRsl: boolean,
  where: string,
  raw: string,
): readonly Statement[] {
  if (isRsl) return made("rsl", location, rslStated, where, raw);
  const licences = parseCreativeCommons(target);
  if (licences.length > 0) {
    return licences.flatMap(({ stated, terms }) => made("licence", location, stated, where, raw, { terms }));
  }
  return made("licence", location, [{ category: "reuse", value: "unknown" }], where, raw);
}

/** Fields of one name are one dictionary, whatever number of lines it comes in (RFC 9651, section 4.2). */
function contentUsageOf(entries: readonly Entry[]): readonly Statement[] {
  return (["header", "meta", "body"] as const).flatMap((from) => {
    const element = from === "header" ? "header" : "meta";
    const lines = entries.filter(
      (entry) => entry.element === element && entry.name === "content-usage" && (entry.place === "body") === (from === "body"),
    );
    if (lines.length === 0) return [];
    const value = lines.map(({ content }) => content).join(", ");
    const where = { header: "content-usage", meta: "meta content-usage", body: "meta content-usage, in body" }[from];
    const stated = made("content-usage", element, parseContentUsage(value), where, value);
    return from === "body" ? stated.map(withoutPermission) : stated;
  });
}

function made(
  signal: Signal,
  location: Location,
  stated: readonly Stated[],
  where: string,
  raw: string,
  rest: Partial<Pick<Statement, "scope" | "terms">> = {},
): readonly Statement[] {
  return stated.map(({ category, value }) => ({
    signal,
    location,
    scope: "*",
    category,
    value,
    where,
    raw: quote(raw),
    ...rest,
  }));
}
