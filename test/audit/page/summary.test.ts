/** A corpus as a whole as a file: what its policy allows, what it shows, and that what it shows adds up. */
import { expect, test } from "vitest";
import { cspHash } from "../../../audit/page/markup.js";
import { duration, energy } from "../../../audit/page/summary/figures.js";
import { flowRows } from "../../../audit/page/summary/flow.js";
import { renderSummaryPage } from "../../../audit/page/summary/index.js";
import { Kinds } from "../../../audit/page/summary/kinds.js";
import { mostPeriods, periodsOf } from "../../../audit/page/summary/periods.js";
import type { CorpusSummary, MonthFlow } from "../../../audit/summary/model.js";
import { type Element, elementsOf } from "./elements.js";
import { allDropped, evil, hostile, nothing, retracted, vast } from "./summaries.js";

const summaries = { nothing, allDropped, retracted, vast, hostile };
type Name = keyof typeof summaries;

const sources = Object.entries(summaries).map(([name, make]) => [name as Name, renderSummaryPage(make())] as const);
const pages = Object.fromEntries(sources.map(([name, source]) => [name, elementsOf(source)])) as Readonly<
  Record<Name, readonly Element[]>
>;

/** The text of the section with this id. */
function section(name: Name, id: string): string {
  return pages[name].find(({ attributes }) => attributes.id === id)?.text ?? "";
}

test.each(sources)("%s: the policy names the only style by its hash and allows no script at all", (page) => {
  const elements = pages[page];
  const policy = elements.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy")?.attributes.content;
  const styles = elements.filter(({ name }) => name === "style");
  expect(styles).toHaveLength(1);
  expect(policy).toBe(
    `default-src 'none'; style-src ${cspHash(styles[0]?.text ?? "")}; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(elements.filter(({ name }) => name === "script")).toEqual([]);
});

test.each(sources)(
  "%s: no style attribute, no handler, nothing loaded, unique ids, links that lead somewhere",
  (page, source) => {
    const elements = pages[page];
    const ids = elements.flatMap(({ attributes }) => (attributes.id === undefined ? [] : [attributes.id]));
    expect(new Set(ids).size).toBe(ids.length);
    const attributeNames = new Set(elements.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...attributeNames].filter((name) => /^(?:style|on.*|src|srcset|action|formaction)$/i.test(name))).toEqual([]);
    const loading = /^(?:iframe|object|embed|img|form|base|audio|video|script)$/;
    expect(elements.filter(({ name }) => loading.test(name))).toEqual([]);
    for (const { name, attributes } of elements) {
      const { href } = attributes;
      if (href === undefined) continue;
      if (name === "link") expect(href).toBe("data:,");
      else expect(href.startsWith("#") && ids.includes(href.slice(1)), href).toBe(true);
    }
    expect(/url\((?!"#)/.exec(source)?.[0]).toBeUndefined();
    expect(/NaN|undefined|Infinity|\[object/.exec(source)?.[0]).toBeUndefined();
  },
);

test.each(sources)("%s: headings go down one step at a time", (page) => {
  const levels = pages[page].flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
  expect(levels[0]).toBe(1);
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
});

test("of hostile names the text stands there, spelled out, and no character that hides or reverses", () => {
  const source = sources.find(([name]) => name === "hostile")?.[1] ?? "";
  const text = pages.hostile.find(({ name }) => name === "body")?.text ?? "";
  for (const shown of [evil[0], evil[2], evil[3], "⟨U+202E⟩gpj.exe⟨U+202C⟩⟨U+0000⟩⟨U+001B⟩[31m", "⟨76 more marks⟩"])
    expect(text).toContain(shown);
  expect(/[\p{Cc}\p{Cf}\u2028\u2029]/u.exec(source.replaceAll("\n", ""))?.index).toBeUndefined();
  expect(source.length).toBeLessThan(200_000);
});

test.each(Object.entries(summaries))("%s: the rows of the flow lead from what came in to what is in", (_, make) => {
  const summary = make();
  const rows = flowRows(summary);
  let at = 0;
  for (const row of rows) {
    if (row.type === "start") at = row.documents;
    else if (row.type === "through") expect(row.documents).toBe(at);
    else if (row.type === "leave") {
      expect(row.into).toBe(at);
      expect(row.out).toBeLessThan(row.into);
      at = row.out;
    } else expect(row.documents).toBe(at);
  }
  expect(at).toBe(summary.totals.kept - summary.totals.retracted);
});

test("branches and trunk of the picture are as wide as their numbers", () => {
  const summary = vast();
  const widths = pages.vast.flatMap(({ name, attributes }) =>
    name === "rect" && attributes.class === "flow-in" ? [Number(attributes.width)] : [],
  );
  const rows = flowRows(summary).map((row) => (row.type === "leave" ? row.out : row.documents));
  expect(widths).toHaveLength(rows.length);
  rows.forEach((documents, i) => {
    expect(widths[i]).toBeCloseTo((300 * documents) / (rows[0] ?? 1), 0);
  });
});

test("the first sentence says what the corpus is", () => {
  const headline = (page: Name) => pages[page].find(({ name }) => name === "h1")?.text;
  expect(headline("nothing")).toBe("No document was read for the corpus nothing.");
  expect(headline("allDropped")).toBe("The corpus all-dropped is empty: the one document that was read is not in it.");
  expect(headline("retracted")).toBe("The corpus retracted holds 10 of the 12 documents that were read: 4,000 tokens.");
  expect(headline("vast")).toMatch(/holds 3.53 billion of the 6.21 billion documents that were read: 5.03 trillion tokens\.$/);
  expect(section("retracted", "answer")).toContain(
    "The run kept 12; 2 of them, with 1,000 tokens, were taken out later, up to version 3.",
  );
  expect(section("vast", "answer")).toContain("Opt-outs were respected for 803 million documents (13%)");
});

test("what nobody measured or asked is said to be so", () => {
  expect(section("nothing", "agents")).toContain("no consent stage");
  expect(section("nothing", "runs")).toContain("not known");
  expect(section("nothing", "languages")).toContain("No document is in.");
  expect(section("retracted", "languages")).toContain("No stage of the recipe names languages.");
  expect(section("allDropped", "runs")).toContain("not measured");
  expect(section("allDropped", "time")).toContain("No document has a date of capture: 1 document in all");
  expect(section("vast", "runs")).toContain("in 2 of 3 runs");
});

test("a crawler's share stands beside the share that Apertus published, with the caveat", () => {
  const text = section("vast", "agents");
  expect(text).toMatch(/GPTBot\s*110,789,164\s*14%\s*82%/);
  expect(text).toMatch(/CCBot\s*292,080,524\s*36%\s*not given/);
  expect(text).toContain("whose size it does not give");
});

test("languages beyond the thirtieth are one row, and listed behind it", () => {
  const text = section("vast", "languages");
  expect(text).toContain("170 other languages");
  const rows = pages.vast.filter(({ name, text: row }) => name === "tr" && /_(?:Latn|Cyrl)/.test(row));
  expect(rows).toHaveLength(200);
});

function flows(...months: readonly (string | null)[]): CorpusSummary {
  return nothing({ months: months.map((month): MonthFlow => ({ month, kept: 2, dropped: { "a/b": 1 } })) });
}

test("months become quarters, years, and at last the newest years, and no document gets lost on the way", () => {
  const far = Array.from({ length: 400 }, (_, i) => `${1600 + i}-01`);
  const cases: readonly (readonly [readonly (string | null)[], string, number])[] = [
    [["2024-01", "2024-03", null], "month", 3],
    [["2021-01", "2024-12"], "month", 48],
    [["2021-01", "2025-01"], "quarter", 17],
    [["2013-01", "2025-01"], "year", 13],
    [["0001-01", "9999-12", "2024-05"], "some years", 3],
    [far, "some years", mostPeriods],
    [["2024-13", "nonsense", "2024-00"], "month", 0],
  ];
  for (const [months, unit, number] of cases) {
    const summary = flows(...months);
    const found = periodsOf(summary, new Kinds(summary));
    expect([found.unit, found.periods.length]).toEqual([unit, number]);
    const all = [...found.periods, ...(found.undated === undefined ? [] : [found.undated])];
    expect(all.reduce((sum, { kept }) => sum + kept, 0)).toBe(2 * months.length);
    expect(all.reduce((sum, { dropped }) => sum + dropped.reduce((a, b) => a + b, 0), 0)).toBe(months.length);
    expect(found.periods.filter(({ tick }) => tick !== undefined).length).toBeLessThanOrEqual(7);
  }
});

test("times and energies are in units that people use", () => {
  expect([0, 0.001, 0.5, 12.34, 59.99, 200, 18_720, 86_400, 3.6e7].map(duration)).toEqual([
    "0 s",
    "under 0.01 s",
    "0.50 s",
    "12.3 s",
    "1 min",
    "3 min 20 s",
    "5 h 12 min",
    "24 h",
    "10,000 h",
  ]);
  expect([12, 4321, 3.6e6, 9.2e11].map(energy)).toEqual(["12 J", "4.32 kJ", "1 kWh", "256 MWh"]);
});
