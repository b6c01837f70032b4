import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerSignals } from "../../../pipeline/extraction/headers.js";
import { type HeadSignal, htmlToText } from "../../../pipeline/extraction/index.js";

const all = { mainText: false, minMainCharacters: 0, xml: false };
const of = (...lines: string[]) => headerSignals(lines.join("\r\n")).map(({ name, content }) => `${name}: ${content}`);

describe("response headers", () => {
  it("every value of those that speak of robots, mining and usage is collected", () => {
    expect(
      of(
        "Server: x",
        "X-Robots-Tag: noai",
        "x-robots-tag: gptbot: noai",
        "TDM-Reservation: 1",
        "tdm-policy: https://p.example/",
        "Content-Usage: train-ai=n",
        "Content-Signal: ai-train=no",
      ),
    ).toEqual([
      "x-robots-tag: noai",
      "x-robots-tag: gptbot: noai",
      "tdm-reservation: 1",
      "tdm-policy: https://p.example/",
      "content-usage: train-ai=n",
      "content-signal: ai-train=no",
    ]);
  });

  it("of Link only the links that name a licence, whatever stands between their brackets and quotes", () => {
    expect(
      of(
        'Link: </license,a.css>; rel="preload", <https://c.example/by,1>; rel="license"; title="a, b"',
        "Link: </r.xml>; type=application/rsl+xml",
      ),
    ).toEqual(['link: <https://c.example/by,1>; rel="license"; title="a, b"', "link: </r.xml>; type=application/rsl+xml"]);
  });

  it("any block is read in time", () => {
    fc.assert(fc.property(fc.string(), (text) => headerSignals(`Link: ${text}`).length >= 0));
    const begun = performance.now();
    for (const piece of ["<", '"', ",", "<license>;", '\\"', "Link: <a>; rel=license\r\n"]) {
      headerSignals(`Link: ${piece.repeat(1_000_000 / piece.length)}`);
    }
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe("statements of a page and its headers together", () => {
  const page = (body: string, headers: readonly string[] = []) =>
    JSON.parse(
      htmlToText(`<html><body>${body}</body></html>`, { ...all, headers: headerSignals(headers.join("\r\n")) }).headSignals,
    );
  const link = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">';

  it("repeated ones are counted, and those in a footer are told apart", () => {
    const entry = { element: "a", name: "license", content: "https://creativecommons.org/licenses/by/4.0/" };
    expect(page(`${link}x</a>${link}x</a><footer>${link}x</a></footer>`)).toEqual([
      { ...entry, count: 2 },
      { ...entry, place: "footer" },
    ]);
  });

  it.each([
    [
      "a long list",
      `<meta name=robots content="${Array.from({ length: 90 }, (_, i) => `max-snippet:${i}`).join()}, noai">`,
      [],
    ],
    [
      "elements",
      `${Array.from({ length: 200 }, (_, i) => `<meta name="rights-${i}" content="${"x".repeat(60)}">`).join("")}@`,
      [],
    ],
    ["headers", "@", Array.from({ length: 200 }, (_, i) => `X-Robots-Tag: bot${i}: noindex, noarchive`)],
  ])("a denial finds room behind any %s, and what does not is counted", (_, html, headers) => {
    const entries = page(html.replace("@", "<meta name=robots content=noai>"), headers);
    expect(entries.some(({ name, content }: HeadSignal) => name === "robots" && /^noai(?:,|$)/.test(content))).toBe(true);
    expect(entries.at(-1).element).toBe("left-out");
    expect(JSON.stringify(entries).length).toBeLessThanOrEqual(6144);
  });

  it("a meta element finds room behind any number of headers and links, and what does not is counted", () => {
    const links = Array.from({ length: 200 }, (_, i) => link.replace("by/4.0", `by/4.0/${i}`)).join("x</a>");
    const headers = Array.from({ length: 200 }, (_, i) => `X-Robots-Tag: bot${i}: noindex, nofollow, noarchive`);
    const entries = page(`${links}<meta name="robots" content="noai">`, headers);
    expect(entries).toContainEqual({ element: "meta", name: "robots", content: "noai", place: "body" });
    const { element, name } = entries.at(-1);
    expect([element, entries.length - 1 + Number(name)]).toEqual(["left-out", 401]);
    expect(JSON.stringify(entries).length).toBeLessThanOrEqual(6144);
  });
});
