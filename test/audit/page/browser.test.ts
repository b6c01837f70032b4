/** The page in a browser: it runs no text as code, fits, can be read by all, and answers as the engine in Node does. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OwnerReport } from "../../../audit/owner/model.js";
import { renderOwnerPage } from "../../../audit/page/index.js";
import { checkRobots } from "../../../filters/index.js";
import { policy } from "./fixtures.js";
import { changedItsMind, dropped, empty, few, hostile, kept, large, longRobots } from "./reports.js";

const executable = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const found = existsSync(executable);
if (!found) console.warn(`no browser at ${executable}: the owner's page is not tried in one (set CHROMIUM_PATH)`);

describe.skipIf(!found)("the owner's page in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "owner-page-"));
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let browser: Browser;

  beforeAll(async () => {
    const reports = { few, kept, dropped, changedItsMind, hostile, empty, large };
    for (const [name, make] of Object.entries(reports)) writeFileSync(join(folder, `${name}.html`), renderOwnerPage(make()));
    browser = await chromium.launch({
      executablePath: executable,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
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
    return { page, noise };
  }

  async function openWhatIf(page: Page): Promise<void> {
    await page.locator("#what-if").scrollIntoViewIfNeeded();
    await page.locator(".outcome:not(:empty)").waitFor();
  }

  test("a hostile report runs nothing, loads nothing and breaks no rule of its policy", async () => {
    const { page, noise } = await open("hostile");
    await openWhatIf(page);
    for (let i = 0; i < 6; i++) {
      await page.locator(".pages .open-row").nth(i).click();
      await page.locator("dialog[open] .close").click();
    }
    await page.locator(".pages input[type=search]").fill("</script>");
    await expect.poll(() => page.locator(".found").textContent()).toMatch(/^\d+ of 28 pages$/);
    expect(await page.locator("main script, main img, main iframe").count()).toBe(0);
    expect(noise).toEqual([]);
    await page.close();
  });

  test.each(["kept", "dropped", "changedItsMind", "hostile", "empty"])("%s fits a phone and a desk", async (name) => {
    const { page, noise } = await open(name, { viewport: { width: 390, height: 844 } });
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
    expect(noise).toEqual([]);
    await page.close();
  });

  test.each(["light", "dark"] as const)("axe finds nothing serious in %s", async (colorScheme) => {
    const { page } = await open("dropped", { colorScheme });
    await openWhatIf(page);
    await page.evaluate(axe);
    const violations = await page.evaluate(
      "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, nodes }) => [impact, id, nodes[0].html.slice(0, 200)]))",
    );
    expect((violations as string[][]).filter(([impact]) => impact === "serious" || impact === "critical")).toEqual([]);
    await page.close();
  });

  test("search, sorting, rows and details work by keyboard alone", async () => {
    const { page } = await open("dropped");
    await page.locator(".pages input[type=search]").focus();
    await page.keyboard.type("GLACIER-150");
    await expect.poll(() => page.locator(".found").textContent()).toBe("1 of 171 pages");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await expect.poll(() => page.locator(".found").textContent()).toBe("171 pages");
    const header = page.locator(".pages [role=columnheader]", { hasText: "Tokens" });
    await header.locator("button").focus();
    await page.keyboard.press("Enter");
    expect(await header.getAttribute("aria-sort")).toBe("ascending");
    await page.keyboard.press("Enter");
    expect(await header.getAttribute("aria-sort")).toBe("descending");
    const most = Math.max(...dropped().pages.map(({ tokens }) => tokens ?? 0));
    expect(await page.locator(".pages .window-row").first().textContent()).toContain(most.toLocaleString("en-GB"));
    await page.locator(".pages .open-row[tabindex='0']").focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.locator(".pages .window-row:has(:focus)").getAttribute("aria-rowindex")).toBe("3");
    expect(await page.evaluate("document.querySelector('.pages .window').scrollTop")).toBe(0);
    await page.keyboard.press("End");
    const last = page.locator(".pages .window-row:has(:focus)");
    expect(await last.getAttribute("aria-rowindex")).toBe("172");
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor();
    expect(await page.locator("dialog[open]").textContent()).toContain("Where the record lies");
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog[open]").count()).toBe(0);
    await page.close();
  });

  test("a row leads to its decision, folded or not", async () => {
    const { page } = await open("dropped");
    await page.locator(".pages input[type=search]").fill("harbour-and-bahn-154");
    await expect.poll(() => page.locator(".found").textContent()).toBe("1 of 171 pages");
    await page.locator(".pages .open-row").click();
    await page.locator("dialog[open] a", { hasText: "Show the decision" }).click();
    await expect.poll(() => page.evaluate("document.querySelector(':target')?.open")).toBe(true);
    expect(await page.locator(":target").textContent()).toContain("harbour-and-bahn-154");
    await page.close();
  });

  test("fifty thousand pages keep some dozens of rows in the document and sort in under 200 ms", async () => {
    const { page, noise } = await open("large");
    expect(await page.locator(".pages .window").getAttribute("aria-rowcount")).toBe("50001");
    expect(await page.locator(".pages .window-row").count()).toBeLessThan(60);
    await page.evaluate("document.querySelector('.pages .window').scrollTop = 1e6");
    await expect.poll(() => page.locator(".pages .window-row").first().textContent()).not.toContain("/2015/");
    expect(await page.locator(".pages .window-row").count()).toBeLessThan(60);
    for (const column of [0, 3, 5]) {
      const times = (await page.evaluate(
        `[1, 2, 3].map(() => { const start = performance.now(); document.querySelectorAll(".pages [role=columnheader] button")[${column}].click(); return performance.now() - start; })`,
      )) as number[];
      expect(Math.min(...times)).toBeLessThan(200);
    }
    await page.locator(".pages input[type=search]").fill("2016/rösti");
    await expect.poll(() => page.locator(".found").textContent()).toBe("5,000 of 50,000 pages");
    expect(noise).toEqual([]);
    await page.close();
  });

  test("the what-if says for every page what the engine in Node says, and by which line", async () => {
    const report = few();
    const total = report.pages.length;
    const { page } = await open("few");
    await openWhatIf(page);
    const files = [
      longRobots,
      "User-agent: *\nDisallow: /2016/\nDisallow: /*signal\nAllow: /2016/r%C3%B6sti/\n",
      "user-agent: AI2Bot\nDissallow: /2017\n\nUser-agent: ccbot/2.0, GPTBot\nDisallow: bahn\nDisallow: /2018/*.html$\n",
      "\ufeffUser-agent: *\rDisallow: /20\u00fc\rDisallow: /2019/archive",
      "",
    ];
    for (const text of files) {
      const editor = page.getByLabel("robots.txt", { exact: true });
      await editor.fill(text);
      const expected = outcomeInNode(report, (await editor.inputValue()).toString());
      await expect
        .poll(() => page.locator(".outcome").textContent())
        .toContain(
          `would disallow ${expected.disallowed} page${expected.disallowed === 1 ? "" : "s"} and allow ${total - expected.disallowed}.`,
        );
      // Two files may disallow as many pages: only the lines tell that the answer is the new file's.
      const lines = async () =>
        (await page.locator(".outcome-lines li").allTextContents())
          .map((line) => /^Line (\d+) .* (\d+) pages? \(/.exec(line)?.slice(1).map(Number))
          .sort(byFirst);
      await expect.poll(lines).toEqual([...expected.lines].sort(byFirst));
      await page.getByLabel("List").selectOption("disallowed");
      expect(await page.locator(".what-if-pages .window").getAttribute("aria-rowcount")).toBe(String(expected.disallowed + 1));
      await page.getByLabel("List").selectOption("all");
    }
    await page.close();
  });

  test("without JavaScript the first two hundred pages are a plain table", async () => {
    const { page } = await open("large", { javaScriptEnabled: false });
    expect(await page.locator("#pages .static tbody tr").count()).toBe(200);
    expect(await page.locator("#pages .static .note.screen-only").isVisible()).toBe(true);
    await page.close();
  });
});

function byFirst(a: readonly number[] | undefined, b: readonly number[] | undefined): number {
  return (a?.[0] ?? 0) - (b?.[0] ?? 0);
}

/** The same question asked page by page, agent by agent, with the function behind `robots check`. */
function outcomeInNode(
  { pages }: OwnerReport,
  text: string,
): { readonly disallowed: number; readonly lines: readonly (readonly number[])[] } {
  const bytes = new TextEncoder().encode(text);
  const perLine = new Map<number, number>();
  let disallowed = 0;
  const known = new Map<string, ReadonlySet<number>>();
  for (const { url } of pages) {
    let lines = known.get(url);
    if (lines === undefined) {
      const found = new Set<number>();
      for (const agent of policy.agents) {
        for (const mode of policy.modes) {
          const { allowed, rule } = checkRobots(bytes, url, agent, mode);
          if (!allowed) found.add(rule?.line ?? 0);
        }
      }
      lines = found;
      known.set(url, lines);
    }
    if (lines.size > 0) disallowed++;
    for (const line of lines) perLine.set(line, (perLine.get(line) ?? 0) + 1);
  }
  return { disallowed, lines: [...perLine] };
}
