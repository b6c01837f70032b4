import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBytes } from "../../../pipeline/extraction/charset.js";
import { prescan } from "../../../pipeline/extraction/prescan.js";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8");
/** "Привет" in windows-1251 and "日本" in Shift_JIS. */
const CYRILLIC = "\xCF\xF0\xE8\xE2\xE5\xF2";
const JAPANESE = "\x93\xFA\x96\x7B";

describe("the evidence that decides, in order", () => {
  const table: readonly (readonly [fact: string, bytes: Uint8Array, header: string, encoding: string, evidence: string])[] = [
    ["a byte order mark wins over the header", utf8("\uFEFFé"), "text/html; charset=windows-1251", "utf-8", "bom"],
    ["UTF-16LE by its mark", latin1("\xFF\xFEa\0"), "", "utf-16le", "bom"],
    ["UTF-16BE by its mark", latin1("\xFE\xFF\0a"), "", "utf-16be", "bom"],
    [
      "the header wins over a meta element",
      latin1("<meta charset=koi8-r>\xCF"),
      "text/html; charset=windows-1251",
      "windows-1251",
      "http",
    ],
    ["a quoted charset in the header", latin1("\xCF"), 'text/html;charset="windows-1251"', "windows-1251", "http"],
    [
      "an unknown label in the header is none",
      latin1("<meta charset=koi8-r>\xCF"),
      "text/html; charset=nonsense",
      "koi8-r",
      "meta",
    ],
    ["a meta charset", latin1(`<meta charset="windows-1251">${CYRILLIC}`), "", "windows-1251", "meta"],
    [
      "a meta http-equiv",
      latin1(`<META content='text/html; charset=shift_jis' HTTP-EQUIV=Content-Type>${JAPANESE}`),
      "",
      "shift_jis",
      "meta",
    ],
    ["an XML declaration", latin1("<?xml version='1.0' encoding='iso-8859-2'?><html>\xB1"), "", "iso-8859-2", "xml"],
    ["iso-8859-1 is windows-1252", latin1("\x93a\x94"), "text/html; charset=ISO-8859-1", "windows-1252", "http"],
    ["a meta element cannot declare UTF-16", utf8("<meta charset=utf-16>é"), "", "utf-8", "meta"],
    [
      "x-user-defined in a meta element is windows-1252",
      latin1("<meta charset=x-user-defined>\x80"),
      "",
      "windows-1252",
      "meta",
    ],
    ["undeclared well-formed UTF-8", utf8("é"), "text/html", "utf-8", "utf8"],
    ["undeclared UTF-8 cut inside a character", utf8("ééééééééééééé").subarray(0, 25), "", "utf-8", "utf8"],
    ["undeclared other bytes", latin1("caf\xE9 \x80"), "", "windows-1252", "fallback"],
    [
      "a meta element behind the first 1,024 bytes",
      latin1(`${" ".repeat(2000)}<meta charset=windows-1251>${CYRILLIC}`),
      "",
      "windows-1251",
      "late-meta",
    ],
    [
      "a header that says UTF-8 of other bytes yields to the meta element",
      latin1(`<meta charset=windows-1251>${CYRILLIC}`),
      "text/html; charset=utf-8",
      "windows-1251",
      "conflict",
    ],
    [
      "a header of the server's default yields to UTF-8 that the page declares",
      utf8("<meta charset=utf-8>é"),
      "text/html; charset=iso-8859-1",
      "utf-8",
      "conflict",
    ],
    ["declared UTF-8 stays UTF-8 where nothing contradicts", latin1("caf\xE9"), "text/html; charset=utf-8", "utf-8", "http"],
    [
      "a charset inside a comment is none",
      latin1("<!-- <meta charset=koi8-r> --><meta charset=windows-1251>\xCF"),
      "",
      "windows-1251",
      "meta",
    ],
    [
      "a charset inside an attribute is none",
      latin1('<p title="<meta charset=koi8-r>"><meta charset=windows-1251>\xCF'),
      "",
      "windows-1251",
      "meta",
    ],
  ];
  test.each(table)("%s", (_, bytes, header, encoding, evidence) => {
    expect(decodeBytes(bytes, header, "html")).toMatchObject({ encoding, evidence });
  });

  test("plain text declares nothing inside", () => {
    expect(decodeBytes(latin1("<meta charset=koi8-r>\xE9"), "", "none")).toMatchObject({ evidence: "fallback" });
  });

  test("XHTML reads its declaration before any meta element", () => {
    const bytes = latin1('<?xml version="1.0" encoding="koi8-r"?><meta charset="windows-1251"/>\xC1');
    expect(decodeBytes(bytes, "", "xhtml")).toMatchObject({ encoding: "koi8-r", evidence: "xml" });
    expect(decodeBytes(bytes, "", "html")).toMatchObject({ encoding: "windows-1251", evidence: "meta" });
  });
});

describe("decoding", () => {
  const table: readonly (readonly [label: string, bytes: string, text: string])[] = [
    ["windows-1252", "\x80\x93\x94\x81\xE9\xFF", "€“”\x81éÿ"],
    ["windows-1251", CYRILLIC, "Привет"],
    ["shift_jis", JAPANESE, "日本"],
    ["gb2312", "\xC4\xE3", "你"],
    ["big5", "\xA7\x41", "你"],
    ["euc-kr", "\xB0\xA1", "가"],
    ["euc-jp", "\xC6\xFC", "日"],
    ["windows-1256", "\xE3", "م"],
    ["tis-620", "\xA1", "ก"],
    ["iso-8859-16", "\xAA\xBA\xDE\xFE\xA4\xFF", "ȘșȚț€ÿ"],
    ["x-user-defined", "a\x80\xFF", "a\uF780\uF7FF"],
    ["iso-2022-kr", "abc", "\uFFFD"],
    ["hz-gb-2312", "~{", "\uFFFD"],
    ["utf-8", "a\xFFb", "a\uFFFDb"],
  ];
  test.each(table)("%s", (label, bytes, text) => {
    expect(decodeBytes(latin1(bytes), `text/plain; charset=${label}`, "none").text).toBe(text);
  });

  test("the byte order mark is no text", () => {
    expect(decodeBytes(utf8("\uFEFFa"), "", "html").text).toBe("a");
    expect(decodeBytes(latin1("\xFF\xFEa\0"), "", "html").text).toBe("a");
  });

  test("any bytes under any header give a text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 40 }), (bytes, header) => {
        const decoded = decodeBytes(bytes, `charset=${header}`, "html");
        expect(typeof decoded.text).toBe("string");
      }),
    );
  });

  test("the prescan ends on any bytes", () => {
    const piece = fc.constantFrom(
      "<meta ",
      "charset",
      "=",
      '"',
      "'",
      "<!--",
      "-->",
      "<",
      ">",
      "/",
      "<?xml ",
      "encoding=",
      "utf-8",
      " ",
      "\0",
      "é",
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void prescan(pieces.join(""))));
  });
});
