import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { htmlToText } from "../../../pipeline/extraction/html.js";

const all = { mainText: false, minMainCharacters: 0, xml: false };
const main = { mainText: true, minMainCharacters: 250, xml: false };
const textOf = (html: string): string => htmlToText(html, all).text;

describe("lines", () => {
  const table: readonly (readonly [fact: string, html: string, text: string])[] = [
    ["white space collapses", "<p> a \n\t b  <b> c</b> </p>", "a b c"],
    ["inline elements join", "<p>un<i>believ</i>able", "unbelievable"],
    ["paragraphs are lines", "<p>a<p>b</p>c", "a\nb\nc"],
    ["headings are lines", "<h1>a</h1>b<h2>c</h2>", "a\nb\nc"],
    ["list items are lines", "<ul><li>a<li>b<ol><li>c</ol></ul>", "a\nb\nc"],
    ["a break starts a line", "<p>a<br>b<br/>c", "a\nb\nc"],
    ["two breaks end a paragraph", "a<br> <br>b", "a\nb"],
    ["a stray </br> is a break, a stray </p> ends a line", "a</br>b</p>c", "a\nb\nc"],
    ["a row is a line, tabs between cells", "<table><tr><th>a<th>b<tr><td>1</td><td>2</td></table>", "a\tb\n1\t2"],
    ["cells that hold paragraphs are lines", "<table><tr><td><p>a</p><p>b</p></td><td>c</table>", "a\nb\nc"],
    ["long cells are layout", `<table><tr><td>${"word ".repeat(50)}<td>b</table>`, `${"word ".repeat(50).trim()}\nb`],
    ["preformatted text keeps its white space", "<pre>\n  a\n    b  c\n\n</pre>d", "  a\n    b  c\nd"],
    ["definition lists", "<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"],
    ["entities", "&lt;&eacute;&#8364;&#x1F600;&ampx&unknown;", "<é€😀&x&unknown;"],
    ["a no-break space stays one", "a&nbsp;&nbsp;b", "a\u00A0\u00A0b"],
    ["NUL and other controls go", "a\0b\x01c&#1;d\x0Be", "abcde"],
    ["a surrogate without its half is U+FFFD", "a\uD800b&#xD800;", "a\uFFFDb\uFFFD"],
    ["nothing is normalised", "e\u0301 \uFB01", "e\u0301 \uFB01"],
    ["a block inside a link", "<a href=x><div>a</div></a><div>b</div>", "a\nb"],
    ["an end tag in a cell does not leave it", "<table><tr><td>a</div><td>b</table>", "a\tb"],
    ["misnested inline elements", "<b>a<p>b</b>c</p>d", "a\nbc\nd"],
  ];
  test.each(table)("%s", (_, html, text) => expect(textOf(html)).toBe(text));
});

describe("what is not read", () => {
  const table: readonly (readonly [fact: string, html: string])[] = [
    ["scripts", "<script>a<b</script>"],
    ["styles", "<style>p{}</style>"],
    ["comments", "<!-- a --><!a><?a?>"],
    ["templates", "<template><p>a</template>"],
    ["fallbacks", "<noscript>a</noscript><iframe>a</iframe><object>a</object><canvas>a</canvas><video>a</video>"],
    ["controls", "<select><option>a<option>b</select><textarea>a</textarea><button>a</button><datalist><option>a</datalist>"],
    ["drawings", "<svg><text>a</text><style>b</style></svg>"],
    ["hidden elements", '<div hidden>a</div><p style="color:red; DISPLAY : none">a</p><span aria-hidden="true">a</span>'],
    ["closed dialogs", "<dialog>a</dialog>"],
    ["the title element", "<title>a</title>"],
    ["readings of ruby", "<rp>(</rp><rt>a</rt><rp>)</rp>"],
  ];
  test.each(table)("%s", (_, html) => expect(textOf(`x ${html} y`).replace(/\s+/g, " ")).toBe("x y"));

  test("a body that is hidden until a script runs is read", () => {
    expect(textOf('<body style="display:none">a</body>')).toBe("a");
  });

  test("content of HTML ends a drawing that was not closed", () => {
    expect(textOf("<svg><path><p>a")).toBe("a");
  });

  test("XML closes elements with a slash, HTML does not", () => {
    expect(htmlToText("<script/><p>a</p>", { ...all, xml: true }).text).toBe("a");
    expect(htmlToText("<script/><p>a</p>", all).text).toBe("");
  });
});

describe("what a page says of itself", () => {
  test("the title element, else og:title, else the first heading", () => {
    expect(htmlToText("<title> A &amp;\n B</title><h1>C</h1>", all).title).toBe("A & B");
    expect(htmlToText("<title> </title><meta property=og:title content=B><h1>C</h1>", all).title).toBe("B");
    expect(htmlToText("<svg><title>A</title></svg><h1>C</h1>", all).title).toBe("C");
    expect(htmlToText("<p>a", all).title).toBe("");
  });

  test.each([
    ["<html lang=EN_us>", "en-US"],
    ["<html xml:lang=zh-hant-tw>", "zh-Hant-TW"],
    ['<meta http-equiv=content-language content="de, en">', "de"],
    ["<meta property=og:locale content=pt_BR>", "pt-BR"],
    ["<html lang=es-419>", "es-419"],
    ["<html lang='{{ lang }}'><meta property=og:locale content=fr_FR>", "fr-FR"],
    ["<html lang=english>", ""],
    ["<p>", ""],
  ])("%s declares %j", (html, language) => {
    expect(htmlToText(html, all).declaredLanguage).toBe(language);
  });

  test("statements on robots, mining and licences are collected as they stand", () => {
    const html =
      '<meta name=ROBOTS content="noindex, NoAI"><meta name=tdm-reservation content=1><meta name=viewport content=x>' +
      '<meta name=otheragent content=noai><link rel="license" href="https://example.org/l" type="application/rsl+xml">' +
      "<link rel=stylesheet href=x><script type=application/rsl+xml><rsl/></script><a rel='nofollow license' href=/cc>cc</a>";
    expect(JSON.parse(htmlToText(html, all).headSignals)).toEqual([
      { element: "meta", name: "robots", content: "noindex, NoAI" },
      { element: "meta", name: "tdm-reservation", content: "1" },
      { element: "meta", name: "otheragent", content: "noai" },
      { element: "link", name: "license", content: "https://example.org/l", type: "application/rsl+xml" },
      { element: "script", name: "application/rsl+xml", content: "<rsl/>" },
      { element: "a", name: "nofollow license", content: "/cc" },
    ]);
  });

  test.each([
    ["<head><title>x</title>@", undefined],
    ["<head></head> @<body>", undefined],
    ["<link rel=x><style>a</style><script>b</script>@", undefined],
    ["<body>@", "body"],
    ["<body><p>comment: @", "body"],
    ["<head><template>@</template></head>", "body"],
    ["<head><noscript>@</noscript></head>", "body"],
    ["words@", "body"],
    ["<x-y></x-y>@", "body"],
    ["<head></head></body>@", "body"],
  ])("%s: the place of a meta element is kept where it is not the head (HTML, section 4.2.5)", (html, place) => {
    const { headSignals } = htmlToText(html.replace("@", "<meta name=tdm-reservation content=0>"), all);
    expect(JSON.parse(headSignals)[0].place).toBe(place);
  });

  test("statements are bounded to 6,144 bytes and stay JSON", () => {
    const html = Array.from({ length: 1000 }, (_, i) => `<meta name=robots content="é\uD800${i} ${"x".repeat(3000)}">`).join(
      "",
    );
    const { headSignals } = htmlToText(html, all);
    expect(Buffer.byteLength(headSignals)).toBeLessThanOrEqual(6144);
    expect(JSON.parse(headSignals).length).toBeGreaterThan(0);
  });
});

const sentence = "This is a sentence of ordinary prose, long enough to be told from a label, and it ends here. ";
const paragraph = (n: number): string => `<p>${n} ${sentence.repeat(3)}</p>`;
const article = [1, 2, 3, 4].map(paragraph).join("");
const links = "<ul><li><a href=/a>Home</a><li><a href=/b>News of the day from here</a><li><a href=/c>Contact</a></ul>";

describe("main text", () => {
  const table: readonly (readonly [fact: string, html: string])[] = [
    ["links", `<div>${links}</div><div>${article}</div><div>${links}</div>`],
    [
      "navigation, header, footer, aside",
      `<header>XX</header><nav>XX</nav><main>${article}</main><aside><p>XX ${sentence}</aside><footer><p>XX ${sentence}</footer>`,
    ],
    [
      "parts by role",
      `<div role=navigation>XX ${sentence}</div><div role=main>${article}</div><div role=contentinfo>XX ${sentence}</div>`,
    ],
    [
      "parts by class",
      `<div class="cookieBanner"><p>XX ${sentence}</div><div>${article}</div><div id="sidebar-2"><p>XX ${sentence}</div>`,
    ],
    ["comments", `<div><div>${article}</div><div id=comments><ol><li><p>XX ${sentence}</ol></div></div>`],
    ["forms", `<div>${article}<form><p>XX ${sentence}</form></div>`],
    ["labels far from prose", `<div>XX</div><div><div>XX</div></div><article>${article}</article><div>XX</div>`],
  ];
  test.each(table)("leaves out %s", (_, html) => {
    const { text } = htmlToText(html, main);
    for (const n of [1, 2, 3, 4]) expect(text).toContain(`${n} This is`);
    expect(text).not.toMatch(/XX|Home|Contact/);
  });

  test("keeps headings above prose, short lines between prose and lists beside it", () => {
    const html = `<div><h2>Heading</h2>${paragraph(1)}<p>Short.</p>${paragraph(2)}<ul><li>Item one<li>Item two</ul>${paragraph(3)}</div>`;
    const lines = htmlToText(html, main).text.split("\n");
    expect(lines.filter((line) => line.length < 20)).toEqual(["Heading", "Short.", "Item one", "Item two"]);
  });

  test("a form around the whole page is the page", () => {
    expect(htmlToText(`<form><div class=sidebar>${article}</div></form>`, main).text).toContain("4 This is");
  });

  test("works without spaces, capitals or Latin punctuation", () => {
    const prose = "これは普通の文章であり、見出しと区別できるだけの長さがあります。".repeat(4);
    const { text } = htmlToText(`<div><a href=x>ホーム</a></div><div><p>${prose}<p>${prose}</div><div>著作権</div>`, main);
    expect(text).toBe(`${prose}\n${prose}`);
  });

  test("a page with little prose gives all its visible text", () => {
    const html = `<nav>Menu</nav><div>${"Short label <br><br>".repeat(30)}</div>`;
    expect(htmlToText(html, main).text).toBe(htmlToText(html, all).text);
  });
});

describe("hostile pages", () => {
  const units: readonly (readonly [name: string, unit: string])[] = [
    ["open divs", "<div>"],
    ["divs with text", "<div>a"],
    ["less-than signs", "<"],
    ["entities", "&amp;"],
    ["ampersands", "&"],
    ["end tags without start tags", "</x></div>"],
    ["open paragraphs in drawings", "<svg><p>"],
    ["nested tables", "<table><tr><td>a"],
    ["nested links", "<a href=x>a<div>"],
    ["misnested inline elements", "<b><div></b>"],
    ["breaks", "a<br>"],
    ["unclosed comments", "<!--a"],
    ["unclosed scripts", "<script>a"],
    ["unclosed attributes", "<a b='"],
    ["NULs", "\0"],
    ["white space in preformatted text", "<pre> \n\t"],
    ["statements", "<meta name=robots content=noai>"],
    ["lone surrogates", "\uD800"],
  ];
  /** Processor time, not time on the wall: the machine does other things. */
  const milliseconds = (html: string): number => {
    const start = process.cpuUsage();
    expect(htmlToText(html, main).text.isWellFormed()).toBe(true);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };

  test.each(units)("%s take time in proportion to their number", (_, unit) => {
    const [small, large] = [20_000, 160_000].map((size) => unit.repeat(size / unit.length));
    milliseconds(small);
    // Eight times the input; quadratic time would be 64 times.
    const fastest = Math.min(milliseconds(small), milliseconds(small));
    expect(Math.min(milliseconds(large), milliseconds(large))).toBeLessThan(fastest * 32 + 250);
  });

  test("10 MB of open divs neither overflow the stack nor hang", () => {
    expect(htmlToText(`${"<div>".repeat(2_000_000)}deep${"</div>".repeat(10)}`, main).text).toBe("deep");
  });

  test("5 MB of less-than signs are text", () => {
    expect(textOf("<".repeat(5_000_000)).length).toBe(5_000_000);
  });

  test("text behind the bounds of depth and blocks is not lost", () => {
    const text = textOf(`${"<div>".repeat(600)}inner${"</div>".repeat(600)}<p>outer</p>${"<p>x".repeat(270_000)}<p>end`);
    expect(text.startsWith("inner\nouter\nx\nx")).toBe(true);
    expect(text.endsWith("x\nend")).toBe(true);
    expect(text.length).toBe("inner\nouter".length + 270_000 * 2 + "\nend".length);
  });

  const piece = fc.oneof(
    {
      arbitrary: fc.constantFrom(
        "<",
        ">",
        "</",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&",
        "&#x",
        ";",
        '"',
        "'",
        "=",
        "/",
        " ",
        "\n",
        "\0",
        "\uDC00",
      ),
      weight: 3,
    },
    {
      arbitrary: fc.constantFrom(
        "div",
        "p",
        "table",
        "tr",
        "td",
        "svg",
        "math",
        "script",
        "title",
        "a href=x",
        "pre",
        "br",
        "li",
        "b",
        "body",
        "template",
        "foreignObject",
        "select",
      ),
      weight: 3,
    },
    {
      arbitrary: fc.constantFrom(
        "<p>",
        "</p>",
        "<td>",
        "</table>",
        "<svg>",
        "<a href=x>",
        "</a>",
        "<div class=nav>",
        "</div>",
        sentence,
      ),
      weight: 3,
    },
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  );
  test("any mixture of markup gives well-formed text without controls", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 120 }), fc.boolean(), (pieces, xml) => {
        const page = htmlToText(pieces.join(""), { ...main, xml });
        for (const value of [page.text, page.title, page.headSignals]) {
          expect(value.isWellFormed()).toBe(true);
          expect(value).not.toMatch(/[\0-\x08\x0B-\x1F\x7F]/);
        }
        expect(page.declaredLanguage).toMatch(/^[A-Za-z0-9-]*$/);
      }),
      { numRuns: 500 },
    );
  });
});
