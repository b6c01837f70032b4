/** The page as a file: what its policy allows, what it holds, what it says. */
import { expect, test } from "vitest";
import { renderOwnerPage } from "../../../audit/page/index.js";
import { cspHash } from "../../../audit/page/markup.js";
import { elementsOf } from "./elements.js";
import { page, report } from "./fixtures.js";
import { changedItsMind, dropped, empty, hostile, kept, large } from "./reports.js";

function headline(source: string): string {
  return elementsOf(source).find(({ name }) => name === "h1")?.text ?? "";
}

const reports = { kept, dropped, changedItsMind, hostile, empty };
const sources = Object.entries(reports).map(([name, make]) => [name, renderOwnerPage(make())] as const);

test.each(sources)("%s: the policy names the only script and style by their hashes and allows nothing else", (_, source) => {
  const elements = elementsOf(source);
  const policy = elements.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy")?.attributes.content;
  const scripts = elements.filter(({ name, attributes }) => name === "script" && attributes.type !== "application/json");
  const styles = elements.filter(({ name }) => name === "style");
  expect([scripts.length, styles.length]).toEqual([1, 1]);
  expect(policy).toBe(
    `default-src 'none'; script-src ${cspHash(scripts[0]?.text ?? "")}; style-src ${cspHash(styles[0]?.text ?? "")}; img-src data:; base-uri 'none'; form-action 'none'`,
  );
});

test.each(sources)("%s: no style attribute, no handler, nothing loaded, unique ids, links that lead somewhere", (_, source) => {
  const elements = elementsOf(source);
  const ids = elements.flatMap(({ attributes }) => (attributes.id === undefined ? [] : [attributes.id]));
  expect(new Set(ids).size).toBe(ids.length);
  for (const { name, attributes } of elements) {
    for (const attribute of Object.keys(attributes))
      expect(attribute).not.toMatch(/^(?:style|on.*|src|srcset|action|formaction)$/i);
    expect(name).not.toMatch(/^(?:iframe|object|embed|img|form|base|audio|video)$/);
    const { href } = attributes;
    if (href === undefined) continue;
    if (name === "link") expect(href).toBe("data:,");
    else expect(href.startsWith("#") && ids.includes(href.slice(1)), href).toBe(true);
  }
});

test.each(sources)("%s: headings go down one step at a time", (_, source) => {
  const levels = elementsOf(source).flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
  expect(levels[0]).toBe(1);
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
});

test("the first sentence says how many pages are in", () => {
  const of = (make: () => ReturnType<typeof kept>): string => headline(renderOwnerPage(make()));
  expect(of(kept)).toBe("All 64 pages of example.org that were read are in the corpus.");
  expect(of(dropped)).toBe(
    "Of the 173 pages of press.example that were found, 13 are in the corpus, 158 are not, and 2 could not be read.",
  );
  expect(of(changedItsMind)).toBe("Of the 420 pages of diary.example that were read, 160 are in the corpus and 260 are not.");
  expect(of(empty)).toBe("No page of nowhere.example was read.");
  expect(of(() => report({ host: "a.example", pages: [page("https://a.example/")] }))).toBe(
    "The one page of a.example that was read is in the corpus.",
  );
  expect(
    of(() => report({ host: "a.example", pages: [1, 2].map((i) => page(`https://a.example/${i}`, { status: "out" })) })),
  ).toBe("None of the 2 pages of a.example that were read is in the corpus.");
  const url = "https://a.example/1";
  const subject = { asked: url, scope: "url", host: "a.example", registrable_domain: "a.example", url } as const;
  expect(of(() => report({ host: "a.example", pages: [page(url, { status: "out" })], rest: { subject } }))).toBe(
    "The page https://a.example/1 was read, and is not in the corpus.",
  );
});

test("the reason quotes the line of the robots.txt that decided, its group and its date", () => {
  const text = elementsOf(renderOwnerPage(dropped())).find(({ attributes }) => attributes.class === "reasons")?.text ?? "";
  expect(text).toContain(
    "148were left out since the robots.txt of https://press.example, captured on 26 May 2024, says in line 56: Disallow: /, under CCBot, Google-Extended and GPTBot (and 1 other line).",
  );
});

test("the deciding lines and their groups stand out in the file", () => {
  const elements = elementsOf(renderOwnerPage(dropped()));
  const lines = (kind: string): readonly string[] =>
    elements.filter(({ attributes }) => attributes.class === `line ${kind}`).map(({ text }) => text.trim());
  expect(lines("hit")).toEqual(["56Disallow: /", "60Disallow: /"]);
  expect(lines("head")).toEqual([
    "53User-agent: GPTBot",
    "54User-agent: CCBot",
    "55User-agent: Google-Extended",
    "58User-agent: Bytespider",
  ]);
});

test("fifty thousand pages are written in under two seconds of work and 120 bytes a page", () => {
  const many = large();
  let source = "";
  const times = [1, 2, 3].map(() => {
    // Processor time: the clock also counts whatever else the machine does.
    const start = process.cpuUsage();
    source = renderOwnerPage(many);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(2000);
  expect(source.length).toBeLessThan(50_000 * 120);
});
