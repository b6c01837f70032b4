/** The same documents in every format that is read give the same texts, ids, URLs and dates. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compress } from "@bokuweb/zstd-wasm";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadZstd } from "../../formats/index.js";
import { type Row, rowsOf, runBuilt, scratchFolder, writeRecipe } from "./corpora.js";

const { folder, remove } = scratchFolder("formats");
const corpus = join(folder, "corpus");
afterAll(remove);

const rows = [
  { text: "Plain text.", url: "https://a.example/1", date: "2024-02-03T04:05:06Z", language: "en" },
  { text: "Grüße aus Zürich 🏔\nin zwei Zeilen", url: "https://b.example/2?q=ä", date: "2023-12-31T23:59:59Z", language: "de" },
  { text: "<email-pii> and </s> are text", url: "https://c.example/3", date: "2020-02-29T00:00:00Z", language: "" },
];
const column = (name: "text" | "url" | "date" | "language"): string[] => rows.map((row) => row[name]);
const names = ["a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet", "e.arrow", "f.arrows", "g.warc.wet.gz"];
let documents: readonly Row[];

beforeAll(async () => {
  await loadZstd();
  mkdirSync(join(folder, "inputs"));
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, "inputs", name), bytes);
  const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  write("a.jsonl", lines);
  write("b.jsonl.gz", gzipSync(lines));
  write("c.jsonl.zst", compress(lines, 3));
  const columns = ["text", "url", "date", "language"] as const;
  const columnData = columns.map((name) => ({ name, data: column(name), type: "STRING" as const }));
  write("d.parquet", Buffer.from(parquetWriteBuffer({ columnData })));
  const table = tableFromArrays(Object.fromEntries(columns.map((name) => [name, column(name)])));
  write("e.arrow", tableToIPC(table, "file"));
  write("f.arrows", tableToIPC(table, "stream"));
  write("g.warc.wet.gz", Buffer.concat(rows.map(conversion).map((record) => gzipSync(record))));
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: names.map((name) => ({ path: `inputs/${name}`, source: name.replaceAll(".", "-") })),
    stages: ["extract", "tokenize"],
  });
  await runBuilt(recipe, corpus);
  const columnsOfText =
    "hex(id) AS id, locator_file AS file, url, epoch_ms(captured_at)::DOUBLE AS captured_at, text, declared_language";
  documents = await rowsOf(corpus, "text/*.parquet", columnsOfText);
});

it.each(names)("%s", (name) => {
  const found = documents.filter(({ file }) => file === name);
  const wanted = documents.filter(({ file }) => file === "a.jsonl");
  expect(found.map(({ text }) => text)).toEqual(column("text"));
  expect(found.map(({ url }) => url)).toEqual(column("url"));
  expect(found.map(({ captured_at }) => captured_at)).toEqual(column("date").map(Date.parse));
  expect(found.map(({ declared_language }) => declared_language)).toEqual(column("language"));
  expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
});

it("the shards hold them in the order of the recipe, with their sources", async () => {
  const sources = await rowsOf(corpus, "documents/*.parquet", "source, row");
  const inOrder = [...sources].sort((a, b) => Number(a.row) - Number(b.row)).map(({ source }) => source);
  expect(inOrder).toEqual(names.flatMap((name) => rows.map(() => name.replaceAll(".", "-"))));
});

/** A record of a WET file (ISO 28500 section 6.7). */
function conversion({ text, url, date, language }: (typeof rows)[number]): Buffer {
  const block = Buffer.from(text);
  const fields = [
    "WARC/1.0",
    "WARC-Type: conversion",
    `WARC-Target-URI: ${url}`,
    `WARC-Date: ${date}`,
    `WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-00000000000${url.at(18)}>`,
    ...(language === "" ? [] : [`WARC-Identified-Content-Language: ${language}`]),
    "Content-Type: text/plain",
    `Content-Length: ${block.length}`,
  ];
  return Buffer.concat([Buffer.from(`${fields.join("\r\n")}\r\n\r\n`), block, Buffer.from("\r\n\r\n")]);
}
