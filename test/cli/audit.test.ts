/** The verb audit as it is called: what it prints, what it writes, and its exit codes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CorpusSummary, Explanation, OwnerReport } from "../../audit/index.js";
import { root, runBuilt, scratchFolder } from "../pipeline/corpora.js";
import { callCli } from "./call.js";

const { folder, remove } = scratchFolder("audit-cli");
const corpus = join(folder, "corpus");

beforeAll(async () => {
  await runBuilt(join(root, "examples/quickstart/recipe.yaml"), corpus);
});
afterAll(remove);

const call = (...args: readonly string[]) => callCli(folder, ["audit", ...args]);

describe("apertus-data audit", () => {
  it("prints the answer in plain words and writes three files", async () => {
    const { status, stdout } = await call("press.example", "--corpus", corpus);
    expect(status).toBe(0);
    expect(stdout).toMatch(/6 pages read.*\n {2}0 in\n {2}6 out/);
    expect(stdout).toContain("line 3: Disallow: /  for CCBot, CCBot/2.0, CCBot/1.0, GPTBot");
    expect(stdout).toMatch(/as-of 2025-01-31 {2}\(in force\) +0 +0 +6/);
    const names = ["csv", "html", "json"].map((ending) => `press.example-audit.${ending}`);
    expect(readdirSync(join(folder, "apertus-audit")).sort()).toEqual(names);
    for (const name of names) expect(stdout).toContain(join(folder, "apertus-audit", name));
  });

  it("prints the report as JSON and nothing else, and writes files only where --out names a folder", async () => {
    const { status, stdout, stderr } = await call("press.example", "--corpus", corpus, "--json", "--limit", "1");
    expect([status, stderr]).toEqual([0, ""]);
    const report = JSON.parse(stdout) as OwnerReport;
    expect([report.format, report.pages.length, report.pages_total]).toEqual(["apertus-audit", 1, 6]);
    await call("shop.example", "--corpus", corpus, "--json", "--out", "here");
    expect(existsSync(join(folder, "here/shop.example-audit.csv"))).toBe(true);
  });

  it("names who sends the report, where they say so", async () => {
    const contact = "Data office <b>, data@corpus.example";
    await call("shop.example", "--corpus", corpus, "--contact", contact, "--out", "sent");
    const html = readFileSync(join(folder, "sent/shop.example-audit.html"), "utf8");
    expect(html).toContain("Sent by <b>Data office &lt;b&gt;, data@corpus.example</b>.");
    const report = JSON.parse(readFileSync(join(folder, "sent/shop.example-audit.json"), "utf8")) as OwnerReport;
    expect(report.contact).toBe(contact);
    await call("shop.example", "--corpus", corpus, "--out", "sent");
    expect(readFileSync(join(folder, "sent/shop.example-audit.html"), "utf8")).toContain("This file names no sender");
  });

  it("says plainly that no page was read, and that is no failure", async () => {
    const { status, stdout } = await call("nowhere.example", "--corpus", corpus, "--out", "none");
    expect(status).toBe(0);
    expect(stdout).toContain("no page of nowhere.example and its sub-domains was read");
  });

  it("explains one page step by step", async () => {
    const { status, stdout } = await call("--explain", "https://press.example/2023/story", "--corpus", corpus);
    expect(status).toBe(0);
    expect(stdout).toContain("is out: consent/robots-disallow");
    expect(stdout).toMatch(/→ 2025-01-10/);
    expect(stdout).toContain("second opinion");
    const { stdout: json } = await call("--explain", "https://press.example/2023/story", "--corpus", corpus, "--json");
    expect((JSON.parse(json) as Explanation[])[0]?.robots?.allowed).toBe(false);
    expect((await call("--explain", "https://press.example/none", "--corpus", corpus)).stdout).toContain(
      "no page with the address",
    );
  });

  it("shows the corpus as a whole: on the terminal, as a page, as JSON", async () => {
    const { status, stdout } = await call("--summary", "--corpus", corpus, "--out", "whole");
    expect(status).toBe(0);
    expect(stdout).toMatch(/consent +231 +22 +209/);
    expect(stdout).toContain("228 documents = 192 kept + 36 dropped + 0 quarantined");
    expect(stdout).toMatch(/CCBot +13 +59\.1 %/);
    expect(readdirSync(join(folder, "whole")).sort()).toEqual(["summary.html", "summary.json"]);
    const { stdout: json, stderr } = await call("--summary", "--corpus", corpus, "--json");
    expect([stderr, JSON.parse(json)]).toEqual(["", JSON.parse(readFileSync(join(folder, "whole/summary.json"), "utf8"))]);
    expect((JSON.parse(json) as CorpusSummary).totals.kept).toBe(192);
    expect((await call("--summary", "--corpus", corpus, "--json", "--out", "again")).stdout).toBe(json);
    expect(existsSync(join(folder, "again/summary.html"))).toBe(true);
    expect(readFileSync(join(folder, "whole/summary.html"), "utf8")).toContain("<b>quickstart</b> holds 192 of the 228");
  });

  it.each([
    [["--summary", "press.example", "--corpus", corpus], 2, "--summary is about the whole corpus, press.example about a part"],
    [["--summary", "--what-if", "robots.txt", "--exact", "--corpus", corpus], 2, "--what-if and --exact"],
    [["--summary", "--corpus", corpus, "--version", "9"], 1, "VERSION_NOT_FOUND"],
    [["co.uk", "--corpus", corpus], 2, "SUBJECT_IS_SUFFIX"],
    [["a b", "--corpus", corpus], 2, "SUBJECT_INVALID"],
    [["--corpus", corpus], 2, "USAGE"],
    [["press.example", "--corpus", corpus, "--limit", "many"], 2, "USAGE"],
    [["press.example", "--corpus", corpus, "--version", "9"], 1, "VERSION_NOT_FOUND"],
    [["press.example", "--corpus", "nowhere"], 1, "CORPUS_NOT_FOUND"],
    [["press.example"], 2, "--corpus"],
  ])("%s ends with %i", async (args, code, text) => {
    const { status, stderr } = await call(...args);
    expect([status, stderr]).toEqual([code, expect.stringContaining(text)]);
    expect(readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".attempt-"))).toEqual([]);
  });
});
