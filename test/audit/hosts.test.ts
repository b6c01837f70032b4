/** Reports over a made corpus: which rows are a host's, reasons by the thousand, recipes without consent, hosts that mean harm. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  makeOwnerReport,
  type OwnerReport,
  renderOwnerPage,
  reportJson,
  reportName,
  writeOwnerReport,
} from "../../audit/index.js";
import { CorpusFolder } from "../../corpus/index.js";
import { WarcWriter } from "../../formats/index.js";
import { runBuilt, scratchFolder, type Text, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("audit-hosts");
const plain = new CorpusFolder(join(folder, "plain"));
const untokenised = new CorpusFolder(join(folder, "untokenised"));

const good = (n: number): string =>
  `Sentence number ${n} says what nobody else says about the matter of ${n * n}, and says it once.`;
const harmful = [
  "https://evil.example/=cmd|' /C calc'!A0",
  "https://evil.example/<script>alert(1)</script>",
  'https://evil.example/a,b;"c"',
  "https://evil.example/\u202egpj.exe",
  "https://evil.example/line\nbreak",
  "https://evil.example/'; DROP TABLE pages; --",
  "https://evil.example/\u001b[2J",
];
const addresses = [
  ...["https://site.example/", "http://site.example/a", "https://site.example:8080/b", "https://www.site.example/c"],
  ...["https://deep.www.site.example/d", "https://api.site.example:8080/e", "https://SITE.example./f"],
  ...["https://site.example.evil.example/g", "https://notsite.example/h", "https://site-two.example/i", "https://example/j"],
  ...["https://192.168.0.1/k", "https://192.168.0.10/l", "https://[2001:db8::1]:8443/m", "https://bücher.example/n"],
  ...harmful,
];

beforeAll(async () => {
  const texts: Text[] = addresses.map((url, i) => ({ text: good(i), url, date: `20${10 + i}-01-01T00:00:00Z` }));
  // Each has its own evidence: too few words, a different number of them.
  for (let i = 0; i < 60; i++) texts.push({ text: `${"word ".repeat(i % 45)}end`, url: `https://short.example/${i}` });
  for (let i = 0; i < 3; i++)
    texts.push({ text: good(1000), url: `https://twice.example/${i}`, date: `2020-01-0${i + 1}T00:00:00Z` });
  mkdirSync(folder, { recursive: true });
  const lines = texts.map((row) => JSON.stringify(row));
  writeFileSync(join(folder, "pages.jsonl"), `${lines.join("\n")}\n`);
  const pieces: Uint8Array[] = [];
  await new WarcWriter({ write: (bytes) => void pieces.push(bytes) }).write({
    type: "response",
    fields: [
      ["WARC-Target-URI", "https://site.example/unreadable"],
      ["WARC-Date", "2024-01-01T00:00:00Z"],
      ["WARC-Record-ID", "<urn:uuid:00000000-0000-4000-8000-000000000001>"],
      ["Content-Type", "application/http; msgtype=response"],
    ],
    block: Buffer.from("this is no HTTP message"),
  });
  writeFileSync(join(folder, "pages.warc.gz"), Buffer.concat(pieces));
  const inputs = [{ path: "pages.jsonl", source: "made" }, { path: "pages.warc.gz" }];
  const stages = ["extract", "language", { quality: { min_words: 50, min_mean_word_length: 1 } }];
  const limits = { quarantine_share: 1 };
  const few = { quality: { min_words: 5 } };
  await runBuilt(
    writeRecipe(join(folder, "a.yaml"), { inputs, limits, stages: ["extract", few, "duplicates", "pii", "tokenize"] }),
    plain.root,
  );
  await runBuilt(writeRecipe(join(folder, "b.yaml"), { inputs, limits, stages }), untokenised.root);
});

afterAll(remove);

const ask = (asked: string, more: object = {}, corpus = plain): Promise<OwnerReport> =>
  makeOwnerReport(corpus, { asked, limit: 1000, ...more });
const paths = ({ pages }: OwnerReport): string =>
  pages
    .map(({ url }) => url.at(-1))
    .sort()
    .join("");

describe("the pages of a host", () => {
  it.each([
    ["site.example", false, "/abcdef"],
    ["site.example", true, "/abf"],
    ["www.site.example", false, "cd"],
    ["site.example:8080", false, "be"],
    ["site.example:8080", true, "b"],
    ["https://site.example:443", true, "/abf"],
    ["evil.example", true, paths({ pages: harmful.map((url) => ({ url })) } as unknown as OwnerReport)],
    ["site.example.evil.example", false, "g"],
    ["192.168.0.1", false, "k"],
    ["[2001:db8::1]", false, "m"],
    ["[2001:db8::1]:8443", false, "m"],
    ["[2001:db8::1]:9", false, ""],
    ["bücher.example", false, "n"],
    ["xn--bcher-kva.example", false, "n"],
  ])("%s (alone: %s)", async (asked, exact, wanted) => {
    expect(paths(await ask(asked, { exact }))).toBe(wanted);
  });

  it("are found by an address whatever it holds", async () => {
    for (const url of [...addresses.slice(0, 3), ...harmful]) {
      const { summary, pages } = await ask(url, { exact: true });
      expect(
        pages.map((page) => page.url),
        url,
      ).toContain(url);
      expect(summary.read).toBe(summary.in + summary.out + summary.unreadable);
    }
  });
});

describe("a report", () => {
  it("counts what could not be read, with the place", async () => {
    const { summary, unreadable } = await ask("site.example");
    expect((await ask("http://site.example/unreadable#x")).summary).toMatchObject({ read: 1, unreadable: 1 });
    expect(summary).toMatchObject({ read: 8, in: 7, unreadable: 1 });
    expect(unreadable).toMatchObject([
      { url: "https://site.example/unreadable", place: { file: "pages.warc.gz", offset: 0 }, count_known: true },
    ]);
  });

  it("puts rare reasons of a rule together, and still leads each page to one", async () => {
    const { decisions, summary, pages } = await ask("short.example", {}, untokenised);
    const rule = decisions.filter((decision) => decision.rule === "too-few-words");
    expect(rule).toHaveLength(21);
    expect(rule.reduce((sum, { evidences }) => sum + evidences, 0)).toBe(45);
    expect(decisions.reduce((sum, decision) => sum + decision.pages, 0)).toBe(summary.out);
    const merged = rule.filter(({ evidences }) => evidences > 1);
    expect(merged).toMatchObject([{ evidence: null, evidence_id: null, robots: null }]);
    expect(merged[0]?.examples).toHaveLength(3);
    for (const page of pages) expect(decisions[page.decision ?? -1]).toMatchObject({ stage: page.stage, rule: page.rule });
  });

  it("names the page that a duplicate was kept at", async () => {
    const { decisions, summary } = await ask("twice.example");
    expect(summary).toMatchObject({ read: 3, in: 1, out: 2 });
    expect(decisions).toMatchObject([{ rule: "exact-duplicate", evidence: { kept_url: "https://twice.example/0" } }]);
  });

  it("does without consent, tokens and languages where the recipe has none", async () => {
    const bare = await ask("site.example");
    expect([bare.corpus.policy, bare.policies, bare.languages]).toEqual([null, [], []]);
    expect(bare.summary.tokens).toBeGreaterThan(0);
    const report = await ask("short.example", {}, untokenised);
    expect(report.summary.tokens).toBe(0);
    for (const { shard, row, tokens } of report.pages) expect([shard, row, tokens]).toEqual([null, null, null]);
  });

  it("tries a robots.txt by the default agents where the recipe has no consent", async () => {
    const path = join(folder, "robots.txt");
    writeFileSync(path, "User-agent: GPTBot\nDisallow: /a\n");
    const { what_if } = await ask("site.example", { whatIf: path });
    expect(what_if).toMatchObject({ disallowed: 1, changes: [{ url: "http://site.example/a", from: "in", to: "out" }] });
  });
});

describe("the files of a report", () => {
  it("hold hostile addresses without harm", async () => {
    const { report, html, json, csv } = await writeOwnerReport(
      plain,
      { asked: "evil.example", limit: 100 },
      join(folder, "out"),
    );
    const { readFileSync } = await import("node:fs");
    expect(JSON.parse(readFileSync(json, "utf8"))).toEqual(JSON.parse(JSON.stringify(report)));
    // Its own data and its own script, and none that an address brought.
    const page = readFileSync(html, "utf8");
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script id="report-data" type="application/json">', "<script>"]);
    expect(page).not.toContain("<script>alert");
    const table = readFileSync(csv, "utf8");
    expect(table.split("\r\n")).toHaveLength(harmful.length + 3);
    expect(table.replaceAll("\r\n", "")).not.toMatch(/[\0-\x1f\u202e]/);
  });

  it("have names of plain characters, their own for a page and for a host alone", () => {
    const name = (host: string, url: string | null, scope: "domain" | "host" | "url") =>
      reportName({ asked: "", scope, host, registrable_domain: null, url });
    expect(name("[::1]:80", null, "domain")).toBe("___1__80-audit");
    expect(name("h.example", null, "host")).toBe("h.example-exact-audit");
    expect(name("h.example", "https://h.example/../../x", "url")).toMatch(/^h\.example-page-[0-9a-f]{8}-audit$/);
    expect(name(`${"a".repeat(300)}`, null, "domain").length).toBeLessThan(240);
  });

  it("are whole JSON, also with nothing in them", async () => {
    const report = await ask("nowhere.example");
    expect(JSON.parse([...reportJson(report)].join(""))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(renderOwnerPage(report)).toContain("nowhere.example");
  });
});
