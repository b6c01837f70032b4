/** What plan says of disk and time, from samples of files whose content is known. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256 } from "../../corpus/index.js";
import { compile, estimate, loadRecipe, makePlan } from "../../pipeline/index.js";
import { sampleRates } from "../../pipeline/sample.js";
import { scratchFolder, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("estimate");
afterAll(remove);

/** 8 MB in documents of 10 kB: twice what a sample reads. */
const texts = Array.from({ length: 800 }, (_, i) => `${sha256(String(i))} `.repeat(154));
const bytes = texts.reduce((total, text) => total + text.length, 0);

/** Pages of 10 kB in which one byte in ten is text. */
const page = `<html><body><!--${"x".repeat(9000)}--><p>${"word ".repeat(200)}</p></body></html>`;
const warc = Array.from({ length: 800 }, (_, i) => {
  const block = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${page}`;
  return `WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/${i}\r\nWARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http\r\nContent-Length: ${block.length}\r\n\r\n${block}\r\n\r\n`;
});

const files: Readonly<Record<string, Uint8Array>> = {
  "plain.jsonl": Buffer.from(texts.map((text) => `${JSON.stringify({ text })}\n`).join("")),
  "table.parquet": Buffer.from(parquetWriteBuffer({ columnData: [{ name: "text", data: texts, type: "STRING" }] })),
  "table.arrow": tableToIPC(tableFromArrays({ text: texts }), "file"),
  "pages.warc": Buffer.from(warc.join("")),
  "pages.warc.gz": Buffer.concat(warc.map((record) => gzipSync(record))),
  "broken.parquet": Buffer.from("PAR1 and no more"),
};

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});

async function planOf(path: string, more: object = {}) {
  const file = writeRecipe(join(folder, "recipe.yaml"), { inputs: [{ path }], stages: ["extract", "tokenize"], ...more });
  const recipe = await compile(loadRecipe(file), undefined);
  return { recipe, plan: await makePlan(recipe, undefined) };
}

it.each([
  ["plain.jsonl", bytes],
  ["table.parquet", bytes],
  ["table.arrow", bytes],
  ["pages.warc", 800 * 1000],
  ["pages.warc.gz", 800 * 1000],
])("the text of %s is known to a twentieth", async (name, text) => {
  const { plan, recipe } = await planOf(name);
  const [rates] = (await sampleRates(plan, recipe)).values();
  const of = (rate = 0): number => rate * (files[name]?.length ?? 0);
  expect(of(rates?.text) / text).toBeCloseTo(1, 1);
  expect(of(rates?.documents) / 800).toBeCloseTo(1, 1);
  expect(of(rates?.pages)).toBeCloseTo(name.startsWith("pages") ? of(rates?.documents) * page.length : 0, -2);
});

it("what cannot be read is taken to be text", async () => {
  const { plan, recipe } = await planOf("broken.parquet");
  expect([...(await sampleRates(plan, recipe))]).toEqual([]);
  expect((await estimate(plan, recipe, 2)).disk_bytes).toBeGreaterThan(100_000);
});

it("more workers take less time, as far as there are units, and more text takes more disk", async () => {
  const { plan, recipe } = await planOf("plain.jsonl", { units: { bytes: 1 << 20 } });
  const [one, four, many] = await Promise.all([1, 4, 100].map((workers) => estimate(plan, recipe, workers)));
  expect(one?.seconds).toBeGreaterThan(four?.seconds ?? 0);
  expect(one?.advice).toEqual([]);
  expect(many?.advice).toEqual([`only ${plan.units.length} units for 100 workers; lower units.bytes to use them all`]);
  expect(one?.disk_bytes).toBeGreaterThan(2 * bytes);
  expect(one?.disk_bytes).toBeLessThan(4 * bytes);
  const single = await planOf("plain.jsonl", { units: { bytes: 1 << 30 } });
  expect((await estimate(single.plan, single.recipe, 2)).advice).toEqual([
    "only 1 unit for 2 workers; lower units.bytes to use them all",
  ]);
});
