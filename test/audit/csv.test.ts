/** CSV that any RFC 4180 reader gives back, and that no spreadsheet takes for formulas. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvCell, csvHeader, csvLine } from "../../audit/index.js";

/** RFC 4180 §2 and no more: fields by commas, records by CRLF, quotes doubled inside quotes. */
function parse(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (let at = 0; at < text.length; ) {
    let field = "";
    if (text[at] === '"') {
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (at >= text.length) throw new Error("an open quote");
        if (text[at] === '"') at++;
        field += text[at];
      }
      at++;
    } else while (at < text.length && text[at] !== "," && !text.startsWith("\r\n", at)) field += text[at++];
    rows.at(-1)?.push(field);
    if (text[at] === ",") at++;
    else if (text.startsWith("\r\n", at)) {
      at += 2;
      if (at < text.length) rows.push([]);
    } else if (at < text.length) throw new Error(`${JSON.stringify(text[at])} behind a field`);
  }
  return rows;
}

const page = {
  url: "https://h.example/a",
  captured_at: "2024-01-01T00:00:00.000Z",
  status: "in",
  stage: null,
  rule: null,
  evidence_id: null,
  tokens: 5,
  language: "deu_Latn",
  redactions: 0,
  source: "web",
  place: { file: "a.warc.gz", offset: 1, length: 2, unit: "bytes", record_id: "urn:uuid:1" },
  shard: "shards/0.arrow",
  row: 7,
  id: "00",
} as const;

describe("a cell", () => {
  it.each([
    ["=1+1", `"'=1+1"`],
    ["+1", `"'+1"`],
    ["-1", `"'-1"`],
    ["@SUM(A1)", `"'@SUM(A1)"`],
    [" =1", `"' =1"`],
    ["＝1+1", `"'＝1+1"`],
    ["\t=1", String.raw`"\u{9}=1"`],
    ["\r\n=1", String.raw`"\u{d}\u{a}=1"`],
    ['a","=1', `"a"",""=1"`],
    ["a\u202eb\u0000", String.raw`"a\u{202e}b\u{0}"`],
    ["\ud800", `"\ufffd"`],
    ["https://h.example/?a=1,-2", `"https://h.example/?a=1,-2"`],
    ["", `""`],
  ])("%j becomes %s", (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it("is nothing for null, and a number stays one", () => {
    expect([csvCell(null), csvCell(0), csvCell(1.5)]).toEqual(["", "0", "1.5"]);
  });
});

describe("a line", () => {
  it("has the fields of the header, whatever the texts hold, and none begins as a formula", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', ",", ";", "'", "a", " ", "＝", "\u0000"), {
          maxLength: 8,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (url, source, language, record_id) => {
        const line = csvLine({ ...page, url, source, language, place: { ...page.place, record_id } });
        const [header = [], row = [], ...more] = parse(csvHeader + line);
        expect(more).toEqual([]);
        expect(row).toHaveLength(header.length);
        for (const field of row) expect(field).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
        expect(line.slice(0, -2)).not.toMatch(/[\0-\x1f\x7f]/);
        const plain = (text: string) => /^[a-z ";,]*$/.test(text);
        if (plain(url)) expect(row[header.indexOf("url")]).toBe(url);
      }),
      { numRuns: 1000 },
    );
  });
});
