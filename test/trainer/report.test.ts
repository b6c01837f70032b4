/** The training report: its levels, what it escapes, and how it looks in a browser: it loads and runs nothing, fits, and can be read by all. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { chromium } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { type Metrics, presets } from "../../trainer/index.js";
import { levelsOf } from "../../trainer/report/curve.js";
import type { ReportedRun } from "../../trainer/report/model.js";
import { renderTrainingPage } from "../../trainer/report/page.js";
import { scratchFolder } from "../pipeline/corpora.js";
import { smallRecipe } from "./runs.js";

const { folder, remove } = scratchFolder("training-report");
afterAll(remove);

const run: ReportedRun = {
  ...{ name: "<b>&", step: 3000, steps: 4000, parameters: 8_444_264, backend: "cpu plain, 2 threads, float32" },
  configuration: presets.tiny.configuration,
  recipe: smallRecipe({ spike: null }),
  sources: [{ name: "</style><script>alert(1)</script>", version: 2, documents: 192, tokens: 373_101, sequences: 1457 }],
  ...{ heldOut: 16, branch: null, cooldownFrom: 2500 },
};

function metricsOf(steps: number): readonly Metrics[] {
  return Array.from({ length: steps }, (_, i): Metrics[] => {
    const step = i + 1;
    const loss = 11.8 - Math.log(step) / 2 + Math.sin(step) / 4;
    const learning_rate = step < 2500 ? 1e-3 : 1e-4;
    const line: Metrics = {
      ...{ type: "step", step, loss, loss_all: loss, learning_rate, gradient_norm: step === 70 ? 190 : 0.4, sequences: 4 },
      ...{ tokens: 1024, tokens_seen: 1024 * step, drop_rate: 0.016, tokens_per_second: 2000 + (step % 7), seconds: step / 2 },
    };
    const evaluated = { sequences: 16, labels: 4000, bytes: 17_000, loss, bits_per_byte: loss / 3 };
    return step % 500 === 0 ? [line, { type: "evaluation", step, of: "weights", ...evaluated }] : [line];
  }).flat();
}

test("levels are round, ascend, and hold every value", () => {
  const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), fc.boolean(), (values, fromZero) => {
      const levels = levelsOf(
        values.map((one, step) => ({ step, value: one })),
        fromZero,
      );
      expect(levels.length).toBeGreaterThan(1);
      expect(levels.length).toBeLessThan(9);
      const room = 1e-6 * Math.max(1, ...values.map(Math.abs));
      for (const one of values) {
        expect(one).toBeGreaterThanOrEqual(levels[0] - room);
        expect(one).toBeLessThanOrEqual((levels.at(-1) ?? 0) + room);
      }
      for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeGreaterThan(levels[i - 1]);
    }),
  );
});

describe("the page", () => {
  const page = renderTrainingPage(run, metricsOf(3000));

  test("escapes names, and is small however many steps there are", () => {
    expect(page).toContain("&lt;b&gt;&amp;");
    expect(page).not.toContain("<script");
    expect(page.length).toBeLessThan(200_000);
    expect(page).toContain("After 3,000 of 4,000 steps held-out text costs");
  });

  test("can be made of a run without a step, and of one that went to infinity", () => {
    expect(renderTrainingPage({ ...run, step: 0 }, [])).toContain("No step is done.");
    const [first] = metricsOf(1);
    const infinite = { ...first, gradient_norm: Number.POSITIVE_INFINITY } as Metrics;
    expect(renderTrainingPage(run, [first, infinite])).not.toContain("Infinity,");
  });

  const executable = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  test.skipIf(!existsSync(executable))("fits a phone and a desk, runs and loads nothing, and is accessible", async () => {
    const path = join(folder, "report.html");
    writeFileSync(path, page);
    const browser = await chromium.launch({
      executablePath: executable,
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
    try {
      const context = await browser.newContext({ bypassCSP: true });
      const opened = await context.newPage();
      const noise: string[] = [];
      const address = pathToFileURL(path).href;
      opened.on("console", (message) => noise.push(message.text()));
      opened.on("request", (request) => {
        if (request.url() !== address && request.url() !== "data:,") noise.push(request.url());
      });
      await opened.goto(address);
      for (const width of [390, 1440]) {
        await opened.setViewportSize({ width, height: 900 });
        expect(await opened.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      }
      await opened.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
      const found = (await opened.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
      )) as string[];
      expect(found).toEqual([]);
      expect(noise).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
