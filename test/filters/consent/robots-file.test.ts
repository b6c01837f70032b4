import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitAt, checkRobots, type MatchingMode, matchingModes, RobotsFile } from "../../../filters/consent/index.js";
import { anyText } from "../../any-text.js";
import { cases } from "./cases.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const allowed = (robots: string, path: string, agent: string, mode: MatchingMode = "rfc"): boolean =>
  checkRobots(bytesOf(robots), `https://example.org${path}`, agent, mode).allowed;

describe.each(matchingModes)("mode %s", (mode) => {
  it.each(cases)("$id: $about", ({ robots, path, agent, expected }) => {
    expect(allowed(robots, path, agent, mode) ? "A" : "D").toBe(expected[mode]);
  });

  it("never throws, and says the same of an agent alone and among others", () => {
    const line = fc.oneof(
      fc.constantFrom(
        "User-agent: *",
        "User-agent: GPTBot",
        "user agent AI2Bot",
        "Disallow: /a",
        "Allow: /*b$",
        "Disallow:",
        "# c",
      ),
      anyText(20),
    );
    const file = fc.oneof(
      fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join("\n"), "utf8")),
      fc.uint8Array({ maxLength: 200 }),
    );
    const agents = ["GPTBot", "*", "AI2Bot", "bot", ""];
    fc.assert(
      fc.property(file, anyText(30), (bytes, path) => {
        const robots = new RobotsFile(bytes, agents);
        const answer = robots.answer(`/${Buffer.from(path, "utf8").toString("latin1")}`);
        for (const [i, agent] of agents.entries()) {
          const alone = checkRobots(bytes, `https://h.example/${path.replace(/^\s+|\s+$/g, "x")}`, agent, mode);
          const decision = robots.explain(answer, i, mode);
          expect(bitAt(answer.bits[mode], i)).toBe(!decision.allowed);
          expect(decision.rule === null || decision.rule.line >= 1).toBe(true);
          if (!/^\s|\s$/.test(path)) expect(alone.allowed).toBe(decision.allowed);
        }
      }),
      { numRuns: 300 },
    );
  });
});

it("takes time linear in a hostile file, in all modes", () => {
  const hostile = [
    `User-agent: *\nDisallow: /${"*a".repeat(200_000)}b`,
    `User-agent: *\nDisallow: ${" ".repeat(400_000)}x`,
    `${"User-agent: a\n".repeat(20_000)}${"Disallow: /b\n".repeat(15_000)}`,
    `${"User-agent: x\nDisallow: /b\nUser-agent:\n".repeat(11_000)}`,
    `User-agent: ${"GPTBot ".repeat(60_000)}\nDisallow: /`,
    `User-agent: *\n${"Disallow: ".repeat(45_000)}`,
    `User-agent: *\n${"\\n".repeat(200_000)}Disallow: /`,
    `User-agent: ${"!".repeat(400_000)}a${"!".repeat(90_000)}`,
    "%".repeat(500_000),
    `user ${"agent ".repeat(80_000)}`,
  ];
  const path = `/${"a".repeat(50_000)}`;
  const start = performance.now();
  for (const robots of hostile) new RobotsFile(bytesOf(robots), ["GPTBot", "*"]).answer(path);
  // Anything quadratic in these sizes takes minutes; all of them together take well under a second.
  expect(performance.now() - start).toBeLessThan(20_000);
});

describe("RFC 9309", () => {
  const simple = [
    "User-Agent: *",
    "Disallow: *.gif$",
    "Disallow: /example/",
    "Allow: /publications/",
    "",
    "User-Agent: foobot",
    "Disallow:/",
    "Allow:/example/page.html",
    "Allow:/example/allowed.gif",
    "",
    "User-Agent: barbot",
    "User-Agent: bazbot",
    "Disallow: /example/page.html",
    "",
    "User-Agent: quxbot",
    "",
    "EOF",
  ].join("\n");

  it.each([
    ["§5.1: foobot may read its two pages", "/example/page.html", "foobot", true],
    ["§5.1: and nothing else", "/", "foobot", false],
    ["§5.1: a group with two product tokens applies to both", "/example/page.html", "bazbot", false],
    ["§5.1: and they may read everything else", "/example/allowed.gif", "barbot", true],
    ["§5.1: a last group without rules allows everything", "/example/a.gif", "quxbot", true],
    ["§5.1: others fall to the star", "/x/y.gif", "otherbot", false],
    ["§5.1: others fall to the star and its allow", "/publications/x", "otherbot", true],
    ["§2.2.1: names match in any case", "/", "FooBot", false],
  ])("%s", (_, path, agent, expected) => expect(allowed(simple, path, agent)).toBe(expected));

  it("§5.2: the longest match wins", () => {
    const robots = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif";
    expect(allowed(robots, "/example/page/disallowed.gif", "foobot")).toBe(false);
    expect(allowed(robots, "/example/page/other.gif", "foobot")).toBe(true);
  });

  it("§2.2.1: rules of all matching groups are merged, in any order of lines", () => {
    const robots = "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: ExampleBot\ndisallow: /baz\n";
    for (const path of ["/foo", "/bar", "/baz"]) expect(allowed(robots, path, "examplebot")).toBe(false);
  });

  it.each([
    ["/foo/bar?baz=quz", "/foo/bar?baz=quz"],
    ["/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"],
    ["/foo/bar/ツ", "/foo/bar/%E3%83%84"],
    ["/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84"],
    ["/foo/bar/%62%61%7A", "/foo/bar/baz"],
  ])("§2.2.2: %s is compared as %s, on either side", (written, encoded) => {
    for (const [rule, url] of [
      [written, encoded],
      [encoded, written],
    ]) {
      expect(allowed(`User-agent: *\nDisallow: ${rule}$`, url, "a")).toBe(false);
    }
  });

  it("§2.2.3: # begins a comment, $ ends a path, * is any octets, and their escapes are literal", () => {
    const robots =
      "User-agent: * # everyone\nDisallow: /a$ # only a\nDisallow: /b*c\nDisallow: /d%24\nDisallow: /e%2A\nDisallow: /f%23g";
    const expected = { "/a": false, "/ab": true, "/bc": false, "/bxxcd": false, "/b": true, "/d$": false, "/d": true };
    for (const [path, answer] of Object.entries(expected)) expect([path, allowed(robots, path, "a")]).toEqual([path, answer]);
    expect([allowed(robots, "/e*", "a"), allowed(robots, "/ex", "a"), allowed(robots, "/f%23g", "a")]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("§2.2.2: paths are compared with case, from the first octet on", () => {
    expect(allowed("User-agent: *\nDisallow: /A", "/a", "x")).toBe(true);
    expect(allowed("User-agent: *\nDisallow: /b", "/a/b", "x")).toBe(true);
  });

  it("§2.2.4: no other record ends a group, even with a rule-like value", () => {
    const robots = "User-agent: a\nFoo: bar\nSitemap: https://x/\nCrawl-delay: 1\nDisallow: /\nNoindex: /z\nDisallow: /q";
    expect(allowed(robots, "/q", "a")).toBe(false);
  });

  it("rules before the first group are nobody's", () => expect(allowed("Disallow: /\nUser-agent: b\n", "/", "b")).toBe(true));

  it("§2.5: 500 KiB are parsed in whole lines, and what lies behind is not", () => {
    const filler = `#${"x".repeat(99)}\n`.repeat(5069);
    const within = `${filler}User-agent: *\nDisallow: /a\n`;
    expect(Buffer.byteLength(within)).toBeLessThan(512_000);
    expect(allowed(within, "/a", "x")).toBe(false);
    const file = new RobotsFile(bytesOf(`${within}${"\n".repeat(10)}Disallow: /b${"b".repeat(600)}`), ["x"]);
    expect(file.truncated).toBe(true);
    expect([file.answer("/a").denied.rfc, file.answer("/bbb").denied.rfc]).toEqual([true, false]);
  });
});

describe("a decision", () => {
  const robots =
    "# hello\r\nUser-agent: CCBot\rUser-agent: GPTBot\n\nDisallow: /private # no\u001b[31m\r\n\r\nUser-agent: *\nDisallow: /all";

  it.each(["\n", "\r", "\r\n"])("counts lines from 1 that end in %j", (end) => {
    const text = ["", "User-agent: a", "", "Disallow: /x", ""].join(end);
    expect(checkRobots(bytesOf(text), "/x", "a", "rfc").rule?.line).toBe(4);
  });

  it("names agent, group, line and raw line, with control characters spelled out", () => {
    expect(checkRobots(bytesOf(robots), "https://h.example/private/1", "GPTBot", "rfc")).toEqual({
      allowed: false,
      agent: "GPTBot",
      mode: "rfc",
      reason: "rule",
      group: "GPTBot",
      rule: { directive: "disallow", pattern: "/private", line: 5, raw: "Disallow: /private # no\\u{1b}[31m" },
    });
  });

  it("says why there is no rule", () => {
    const reason = (path: string, agent: string): string => checkRobots(bytesOf(robots), path, agent, "rfc").reason;
    expect([reason("/x", "GPTBot"), reason("/robots.txt", "GPTBot"), reason("/all", "Other")]).toEqual([
      "no-rule",
      "robots-txt",
      "rule",
    ]);
    expect(checkRobots(bytesOf("User-agent: a"), "/x", "b", "rfc")).toMatchObject({ reason: "no-group", group: null });
  });

  it("cuts a raw line at 512 octets", () => {
    const { rule } = checkRobots(bytesOf(`User-agent: *\nDisallow: /${"é".repeat(600)}*`), `/${"é".repeat(700)}`, "x", "rfc");
    expect(rule?.raw.length).toBeLessThan(512);
    expect(rule?.raw.endsWith("…")).toBe(true);
  });

  it("skips a byte-order mark, whole or in part", () => {
    for (const mark of [[0xef, 0xbb, 0xbf], [0xef, 0xbb], [0xef]]) {
      const bytes = Buffer.concat([Buffer.from(mark), bytesOf("User-agent: *\nDisallow: /")]);
      expect(checkRobots(bytes, "/", "x", "rfc").allowed).toBe(false);
    }
  });
});
