/** A corpus as a whole in a browser: it runs and loads nothing, fits, and can be read by all. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderSummaryPage } from "../../../audit/page/summary/index.js";
import type { CorpusSummary } from "../../../audit/summary/model.js";
import { allDropped, hostile, nothing, retracted, vast } from "./summaries.js";

const executable = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const found = existsSync(executable);
if (!found) console.warn(`no browser at ${executable}: the corpus page is not tried in one (set CHROMIUM_PATH)`);

/** All kinds of things, and few of each: a check of every element takes its time. */
function some(): CorpusSummary {
  const all = vast();
  return {
    ...all,
    domains: all.domains.slice(0, 27),
    domains_opted_out: all.domains_opted_out.slice(0, 3),
    languages: all.languages.slice(0, 33),
    scripts: all.scripts.slice(0, 4),
    months: all.months.slice(-8),
  };
}

const summaries = { some, nothing, allDropped, retracted, vast, hostile };
const names = Object.keys(summaries);

describe.skipIf(!found)("the corpus page in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "corpus-page-"));
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let browser: Browser;

  beforeAll(async () => {
    for (const [name, make] of Object.entries(summaries))
      writeFileSync(join(folder, `${name}.html`), renderSummaryPage(make()));
    browser = await chromium.launch({
      executablePath: executable,
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Opened {
    readonly page: Page;
    /** Dialogs, requests, errors and refusals of the policy: nothing should be in it. */
    readonly noise: string[];
  }

  /** With all details open. */
  async function open(name: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
    const noise: string[] = [];
    const address = pathToFileURL(join(folder, `${name}.html`)).href;
    page.on("dialog", (dialog) => {
      noise.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("console", (message) => noise.push(`console ${message.text()}`));
    page.on("pageerror", (error) => noise.push(`error ${error.message}`));
    page.on("request", (request) => {
      if (request.url() !== address && request.url() !== "data:,") noise.push(`request ${request.url()}`);
    });
    await page.goto(address);
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    return { page, noise };
  }

  test.each(names)("%s fits a phone and a desk, runs nothing, loads nothing", async (name) => {
    const { page, noise } = await open(name, { viewport: { width: 390, height: 844 } });
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
    expect(await page.evaluate("document.scripts.length")).toBe(0);
    expect(noise).toEqual([]);
    await page.close();
  });

  test.each(["light", "dark"] as const)("axe finds nothing serious in %s", async (colorScheme) => {
    const { page } = await open("some", { colorScheme });
    await page.evaluate(axe);
    const violations = await page.evaluate(
      "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => [impact, id, nodes[0].html.slice(0, 200)]))",
    );
    expect((violations as string[][]).filter(([impact]) => impact === "serious" || impact === "critical")).toEqual([]);
    await page.close();
  });

  test("the pieces of the river join: each row's piece is as high as its row", async () => {
    const { page } = await open("vast");
    const gaps = await page.evaluate(
      "[...document.querySelectorAll('.flow tbody tr')].map((row) => Math.abs(row.getBoundingClientRect().height - row.querySelector('.trunk').getBoundingClientRect().height))",
    );
    expect(Math.max(...(gaps as number[]))).toBeLessThan(1.5);
    await page.close();
  });

  test("folded parts open by keyboard", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, "vast.html")).href);
    await page.locator("#stages details summary").first().focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("#stages details[open]").count()).toBe(1);
    expect(await page.locator("#stages details[open]").textContent()).toContain("robots-archive");
    await page.close();
  });

  test.each(["vast", "hostile"])("%s fits the width of A4 paper, tables and all", async (name) => {
    const { page } = await open(name, { viewport: { width: 673, height: 1000 } });
    await page.emulateMedia({ media: "print" });
    const wider = await page.evaluate(
      "[...document.querySelectorAll('main *')].filter((one) => one.closest('.unseen, .long') === null && one.getBoundingClientRect().right > 680).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)",
    );
    expect(wider).toEqual([]);
    await page.close();
  });
});
