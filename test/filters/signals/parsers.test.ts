import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { octetsOfText } from "../../../filters/consent/octets.js";
import { parseContentSignal } from "../../../filters/signals/content-signal.js";
import { parseContentUsage } from "../../../filters/signals/content-usage.js";
import { parseCreativeCommons } from "../../../filters/signals/creative-commons.js";
import { readPageSignals } from "../../../filters/signals/page-signals.js";
import type { Stated } from "../../../filters/signals/statement.js";
import { parseDictionary } from "../../../filters/signals/structured-field.js";
import { parseReservation, TdmFile } from "../../../filters/signals/tdmrep.js";
import { parseMetaRobots, parseXRobotsTag } from "../../../filters/signals/x-robots.js";
import {
  contentSignalCases,
  contentUsageCases,
  licenceCases,
  metaRobotsCases,
  tdmLocationCases,
  xRobotsCases,
} from "./cases.js";

const spelt = (stated: readonly (Stated & { readonly agent?: string })[]): string =>
  stated.map(({ agent, category, value }) => `${agent === undefined ? "" : `${agent}:`}${category}=${value}`).join(" ");

const tdm = (json: unknown): TdmFile => new TdmFile(Buffer.from(typeof json === "string" ? json : JSON.stringify(json)));

describe("Content-Signal", () => {
  it.each(contentSignalCases)("%s", (text, stated) => {
    expect(spelt(parseContentSignal(text))).toBe(stated);
  });
});

describe("Content-Usage", () => {
  it.each(contentUsageCases)("%s", (text, stated) => {
    expect(spelt(parseContentUsage(text))).toBe(stated);
  });

  it.each([
    "a=1.",
    "a=01234567890123456",
    'a="x',
    "a=:x",
    "a=?2",
    "a=(b",
    "a=(b)c",
    "a;B",
    "a=@1.5",
    'a=%"%C3"',
    "a,,b",
    "1a",
    "a = b",
  ])("%s is no dictionary (RFC 9651 section 4.2)", (text) => {
    expect(parseDictionary(text)).toBeUndefined();
  });
});

describe("X-Robots-Tag and meta robots", () => {
  it.each(xRobotsCases)("header %s", (text, stated) => {
    expect(spelt(parseXRobotsTag(text))).toBe(stated);
  });

  it.each(metaRobotsCases)("meta %s: %s", (name, content, stated) => {
    expect(spelt(parseMetaRobots(name, content))).toBe(stated);
  });
});

describe("TDMRep", () => {
  it.each(tdmLocationCases)("TDM File on the Origin Server: location %s and path %s", (location, path, matches) => {
    expect(tdm([{ location, "tdm-reservation": 1 }]).match(octetsOfText(path)) !== undefined).toBe(matches);
  });

  it("TDM File on the Origin Server: the first location that matches decides, not the longest", () => {
    const file = tdm([
      { location: "/a/", "tdm-reservation": 0 },
      { location: "/a/private/", "tdm-reservation": 1 },
    ]);
    expect(file.match("/a/private/x")).toMatchObject({ number: 1, value: "allow" });
  });

  it("a list, quotes and parameters leave no doubt of a reservation (RFC 9110 section 5.3)", () => {
    expect(["1, 1", "0, 1", '"1"', "1; tdm-policy=/p", "0, 0", '"0"'].map(parseReservation)).toEqual([
      ...["deny", "deny", "deny", "deny", "unknown", "unknown"],
    ]);
  });

  it("tdm-reservation: 1 and 0 are values, anything else leaves it unset", () => {
    expect(["1", " 1 ", "0", "2", "", "yes"].map(parseReservation)).toEqual([
      ...["deny", "deny", "allow", "unknown", "unknown", "unknown"],
    ]);
    const valueIn = (reservation: unknown) => tdm([{ location: "/", "tdm-reservation": reservation }]).match("/")?.value;
    expect([1, 0, "1", "0", true, 2, null].map(valueIn)).toEqual([
      ...["deny", "allow", "deny", "unknown", "unknown", "unknown", "unknown"],
    ]);
  });

  it("an entry that is in no array, or whose location is an address, reserves, and frees nothing", () => {
    expect(tdm({ location: "/", "tdm-reservation": 1 }).match("/a")?.value).toBe("deny");
    const file = tdm([
      { location: "https://h.example/a/", "tdm-reservation": 0 },
      { location: "HTTPS://h.example/a/", "tdm-reservation": 1 },
      { location: " //h.example/c", "tdm-reservation": 1 },
      { location: "https://h.example", "tdm-reservation": "1" },
    ]);
    expect(file.match("/c")).toMatchObject({ number: 3, value: "deny" });
    expect(file.match("/a/x")).toMatchObject({ number: 2, value: "deny" });
    expect(file.match("/b")).toMatchObject({ number: 4, value: "deny" });
  });

  it("TDM File on the Origin Server: location and tdm-reservation are mandatory, and what is no array says nothing", () => {
    expect(tdm([{ location: "/" }, { "tdm-reservation": 1 }, 7, null]).match("/")).toBeUndefined();
    expect(tdm({ location: "/" }).readable).toBe(false);
    expect(tdm("<html>").readable).toBe(false);
  });
});

describe("Creative Commons", () => {
  it.each(licenceCases)("%s", (text, stated) => {
    const found = parseCreativeCommons(text);
    expect(found.map(({ terms, stated }) => `${terms} ${spelt(stated)}`).join(", ")).toBe(stated);
  });
});

describe("a page's own statements", () => {
  const read = (...entries: object[]) =>
    readPageSignals(JSON.stringify(entries)).statements.map(
      ({ signal, location, category, value, where }) => `${signal} ${location} ${category}=${value} ${where}`,
    );

  it("go to the parser of their language", () => {
    expect(
      read(
        { element: "header", name: "tdm-reservation", content: "1" },
        { element: "header", name: "content-signal", content: "ai-train=no" },
        { element: "header", name: "link", content: '</l.xml>; rel="license"; type="application/rsl+xml"' },
        { element: "header", name: "link", content: '<https://creativecommons.org/licenses/by-nc/4.0/>; rel="license"' },
        { element: "meta", name: "tdm-policy", content: "https://h.example/policy" },
        { element: "meta", name: "x-robots-tag", content: "noai" },
        { element: "meta", name: "dcterms.rights", content: "All rights reserved" },
        { element: "a", name: "license", content: "/terms", place: "footer", count: 3 },
        { element: "script", name: "application/rsl+xml", content: "<rsl>" },
      ),
    ).toEqual([
      "tdmrep header mine=deny tdm-reservation",
      "content-signal header train=deny content-signal",
      "rsl header reuse=unknown link",
      "licence header commercial=deny link",
      "tdmrep meta mine=unknown meta tdm-policy",
      "robots-meta meta train=deny meta x-robots-tag",
      "licence link reuse=unknown a rel=license, in footer, 3 times",
      "rsl script reuse=unknown script application/rsl+xml",
    ]);
  });

  it.each([
    ["tdm:reservation", "1", "tdmrep meta mine=deny meta tdm:reservation, in body"],
    ["tdm-reservation", "0", "tdmrep meta mine=unknown meta tdm-reservation, in body"],
    ["tdm-reservation", "1", "tdmrep meta mine=deny meta tdm-reservation, in body"],
    ["content-signal", "ai-train=yes", "content-signal meta train=unknown meta content-signal, in body"],
    ["content-usage", "train-ai=y", "content-usage meta train=unknown meta content-usage, in body"],
    ["robots", "noai", "robots-meta meta train=deny meta robots, in body"],
  ])("a meta element in the body denies and never permits (HTML, section 4.2.5): %s %s", (name, content, stated) => {
    expect(read({ element: "meta", name, content, place: "body" })).toEqual([stated]);
  });

  it("Content-Usage in several lines is one dictionary (RFC 9651 section 4.2)", () => {
    const header = (content: string) => ({ element: "header", name: "content-usage", content });
    expect(read(header("train-ai=y"), header("train-ai=n"))).toEqual(["content-usage header train=deny content-usage"]);
  });

  it("are not complete where extraction left some out, or where the column is broken", () => {
    expect(readPageSignals('[{"element":"left-out","name":"2","content":""}]').complete).toBe(false);
    expect(readPageSignals("[").complete).toBe(false);
    expect(readPageSignals("").complete).toBe(true);
  });
});

describe("every parser", () => {
  const parsers: Readonly<Record<string, (text: string) => unknown>> = {
    parseContentSignal,
    parseContentUsage,
    parseXRobotsTag,
    parseMetaRobots: (text) => parseMetaRobots("robots", text),
    parseReservation,
    parseCreativeCommons,
    readPageSignals,
    tdmFile: (text) => new TdmFile(Buffer.from(text)).match("/a"),
  };
  const dirt = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.stringMatching(/^[a-z=,;: "()%@?*/[\]{}\\0-9-]{0,200}$/),
    fc.json().map((json) => `[${json}]`),
  );

  it.each(Object.keys(parsers))("%s is total", (name) => {
    fc.assert(fc.property(dirt, (text) => parsers[name]?.(text) !== null));
  });

  it.each(Object.keys(parsers))("%s takes no longer than its text, whatever it holds", (name) => {
    const pieces = [
      "a=n,",
      " ",
      "=",
      '"',
      "<",
      "(",
      "a;",
      ":",
      "noai,",
      "creativecommons.org/licenses/",
      "[",
      '{"location":"*a*a*a*a*a"},',
    ];
    const begun = performance.now();
    for (const piece of pieces) parsers[name]?.(piece.repeat(200_000 / piece.length));
    parsers[name]?.(`[${'{"location":"/*a*b$","tdm-reservation":1},'.repeat(10_000)}0]`);
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
