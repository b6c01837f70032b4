/** Nothing that is put into a template can become markup, and nothing invisible stays so. */
import fc from "fast-check";
import { parseDocument } from "htmlparser2";
import { expect, test } from "vitest";
import { Pages } from "../../../audit/page/browser/decode.js";
import { encodePages } from "../../../audit/page/encode.js";
import { cspHash, embeddedJson, html } from "../../../audit/page/markup.js";
import { visible } from "../../../audit/page/visible.js";
import { page } from "./fixtures.js";
import { evilTexts, hostile, kept } from "./reports.js";

test("text in content and in attributes stays text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const { source } = html`<p title="${text}">${text}</p>`;
      const [paragraph, ...others] = parseDocument(source).children;
      expect(others).toEqual([]);
      if (paragraph === undefined || !("attribs" in paragraph)) throw new Error("no element");
      expect(Object.keys(paragraph.attribs)).toEqual(["title"]);
      expect(paragraph.attribs.title).toBe(visible(text));
      expect(paragraph.children.every(({ type }) => type === "text")).toBe(true);
    }),
  );
});

test("embedded JSON holds no character that HTML or a script reads, and parses to what it was", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...evilTexts), (value, evil) => {
      const { source } = embeddedJson({ value, evil });
      expect(source).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.stringify(JSON.parse(source))).toBe(JSON.stringify({ value, evil }));
    }),
  );
});

test("controls, direction changes, zero width and odd spaces are spelled out; letters of any script are not", () => {
  expect(visible("\u202egpj.exe")).toBe("⟨U+202E⟩gpj.exe");
  expect(visible("a\u200bb\u0000c\u001b[31m\u00a0d")).toBe("a⟨U+200B⟩b⟨U+0000⟩c⟨U+001B⟩[31m⟨U+00A0⟩d");
  expect(visible("Zürich 東京 القاهرة")).toBe("Zürich 東京 القاهرة");
  expect(visible(`z${"\u0301".repeat(50)}`)).toBe(`z${"\u0301".repeat(4)}⟨46 more marks⟩`);
  expect(visible("x".repeat(5000), 10)).toBe("xxxxxxxxxx … (4,990 more characters)");
});

test("spelled-out text has nothing left to spell out", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      expect(visible(visible(text))).toBe(visible(text));
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("pages come back from their columns as they were", () => {
  const odd = page("https://example.org/\ud83d\ude00", {
    captured_at: "2024-01-01T00:00:00.123Z",
    tokens: null,
    id: "not an id",
  });
  for (const pages of [kept().pages, hostile().pages, [odd, page("https://example.org/\ud83d\ude01"), odd], []]) {
    const decoded = new Pages(JSON.parse(JSON.stringify(encodePages(pages))));
    expect(decoded.count).toBe(pages.length);
    for (const [i, { url, captured_at, place, ...rest }] of pages.entries()) {
      expect(decoded.row(i)).toEqual({
        ...rest,
        url: url.toWellFormed() === url ? url : decoded.row(i).url,
        captured_at: captured_at === null ? null : Date.parse(captured_at),
        ...place,
      });
    }
  }
});

test("the hash of a source is that of Content Security Policy", () => {
  // The example of CSP Level 3, §8.1: echo -n "alert('Hello, world.');" | openssl dgst -sha256 -binary | openssl enc -base64
  expect(cspHash("alert('Hello, world.');")).toBe("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
});
