import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Batch, captureColumns } from "../../../corpus/index.js";
import { binaryColumn, bytesAt, stringAt, utf8Column } from "../../../formats/index.js";
import { createExtractor, decodeBytes, extraction, htmlToText } from "../../../pipeline/extraction/index.js";
import { testInput } from "../../inputs.js";

interface Capture {
  readonly payload: Uint8Array | string;
  readonly media_type?: string;
  readonly headers?: string;
}

function batchOf(captures: readonly Capture[]): Batch {
  return new Batch(
    Object.entries(captureColumns).map(([name, type]) => {
      if (name === "payload") return [name, binaryColumn(captures.map(({ payload }) => Buffer.from(payload)))] as const;
      if (name === "media_type")
        return [name, utf8Column(captures.map((capture) => capture.media_type ?? "text/html"))] as const;
      if (name === "headers") return [name, utf8Column(captures.map((capture) => capture.headers ?? ""))] as const;
      if (type === "binary") return [name, binaryColumn(captures.map((_, row) => Uint8Array.of(row)))] as const;
      if (type === "utf8") return [name, utf8Column(captures.map((_, row) => `${name} ${row}`))] as const;
      return [name, { type, values: Float64Array.from(captures.keys()) }] as const;
    }),
  );
}

const defaults = extraction.parameters.parse({});
const process = (captures: readonly Capture[], parameters = defaults) => createExtractor(parameters).process(batchOf(captures));

describe("an extractor", () => {
  test("carries identity columns, drops those of the capture, and tells the rows", () => {
    const { documents, rows, skipped } = process([
      { payload: "<html lang=de><title>T</title><meta name=robots content=noai><p>Eins" },
      { payload: "", media_type: "image/png" },
      { payload: "zwei\r\n\0drei  \n", media_type: "text/plain" },
      { payload: "<p> <br> &nbsp;\0" },
    ]);
    expect(documents.names).toEqual([
      ...["id", "url", "captured_at", "locator_file", "locator_offset", "locator_length", "locator_unit", "source_id"],
      ...["text", "title", "declared_language", "head_signals"],
    ]);
    expect([...rows]).toEqual([0, 2]);
    expect(skipped).toEqual([
      { row: 1, reason: "not-html" },
      { row: 3, reason: "empty-extraction" },
    ]);
    const cells = (name: string): readonly string[] => [0, 1].map((row) => stringAt(documents.bytes(name), row));
    expect(cells("text")).toEqual(["Eins", "zwei\ndrei"]);
    expect(cells("title")).toEqual(["T", ""]);
    expect(cells("declared_language")).toEqual(["de", ""]);
    expect(cells("head_signals")).toEqual(['[{"element":"meta","name":"robots","content":"noai"}]', "[]"]);
    expect(cells("url")).toEqual(["url 0", "url 2"]);
    expect([...documents.numbers("captured_at").values]).toEqual([0, 2]);
  });

  test("an empty batch gives an empty batch", () => {
    expect(process([]).documents.rows).toBe(0);
  });

  test.each([
    ["<!DOCTYPE html><p>a", true],
    ["\uFEFF\n <HTML>a", true],
    ["<!--x--><p>a", true],
    ["<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'><html><p>a", true],
    ["<?xml version='1.0'?><rss>a", false],
    ["<pre>a", false],
    ["{}", false],
    ["", false],
  ])("without a media type, %j is HTML: %s", (payload, html) => {
    expect(process([{ payload, media_type: "" }]).documents.rows).toBe(html ? 1 : 0);
  });

  test("the header's charset is used, the last that names one", () => {
    const headers =
      "Content-Type: text/html; charset=utf-8\r\nX-Other: charset=koi8-r\r\ncontent-type: text/html;charset=windows-1251\r\n";
    const { documents } = process([{ payload: Buffer.from("<p>\xCF\xF0", "latin1"), headers }]);
    expect(stringAt(documents.bytes("text"), 0)).toBe("Пр");
  });

  test("pages above the limit are skipped", () => {
    const { skipped } = process([{ payload: "<p>12345" }, { payload: "<p>1" }], { ...defaults, max_page_bytes: 5 });
    expect(skipped).toEqual([{ row: 0, reason: "too-large" }]);
  });

  test("every parameter has a description and a default, and unknown ones are refused", () => {
    expect(defaults).toEqual({ main_text: true, min_main_characters: 250, max_page_bytes: 16_777_216 });
    for (const parameter of Object.values(extraction.parameters.shape)) expect(parameter.description).toBeTruthy();
    expect(extraction.parameters.safeParse({ main: true }).success).toBe(false);
  });

  test("any bytes give well-formed UTF-8 or a reason, each row once", () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => `<p>${Buffer.from(bytes).toString("utf16le")}`),
    );
    const media_type = fc.constantFrom("text/html", "application/xhtml+xml", "text/plain", "", "image/png");
    const capture = fc.record({ payload, media_type, headers: fc.string({ maxLength: 30 }) });
    fc.assert(
      fc.property(fc.array(capture, { maxLength: 6 }), (captures) => {
        const { documents, rows, skipped } = process(captures);
        expect([...rows, ...skipped.map(({ row }) => row)].sort((a, b) => a - b)).toEqual([...captures.keys()]);
        for (let row = 0; row < documents.rows; row++) {
          const bytes = bytesAt(documents.bytes("text"), row);
          expect(new TextDecoder("utf-8", { fatal: true }).decode(bytes).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const truthFile = testInput("extraction/article_extraction_ground_truth.json.gz");

describe.skipIf(truthFile === undefined || !existsSync(truthFile))("real pages (set APERTUS_DATA_TEST_INPUTS)", () => {
  test("most of the words of hand-made article bodies are found, and few others", () => {
    const path = (name: string): string => testInput(`extraction/${name}`) ?? "";
    const truth = JSON.parse(
      gunzipSync(readFileSync(path("article_extraction_ground_truth.json.gz"))).toString("utf8"),
    ) as Record<string, { readonly articleBody: string }>;
    const rows = readFileSync(path("index.tsv"), "utf8").trim().split("\n").slice(1, 61);
    let [found, expected, extracted] = [0, 0, 0];
    for (const row of rows) {
      const [file = "", id = ""] = row.split("\t");
      const { text } = decodeBytes(gunzipSync(readFileSync(path(`html/${file}`))), "", "html");
      const ours = new Set(htmlToText(text, { mainText: true, minMainCharacters: 250, xml: false }).text.match(/\w+/g));
      const theirs = new Set(truth[id]?.articleBody.match(/\w+/g));
      for (const word of theirs) found += ours.has(word) ? 1 : 0;
      expected += theirs.size;
      extracted += ours.size;
    }
    expect(found / expected).toBeGreaterThan(0.9);
    expect(found / extracted).toBeGreaterThan(0.85);
  });
});
