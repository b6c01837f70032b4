/** Differential test against robots-parser (npm), which reads text and not bytes. Where it leaves the RFC is listed by case. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import robotsParser from "robots-parser";
import { describe, expect, it } from "vitest";
import { checkRobots } from "../../../filters/consent/index.js";
import { cases } from "./cases.js";

/** Made by bench/consent/disagreements.mjs from real captures: one case of each class of disagreement. */
const classes = JSON.parse(readFileSync(new URL("robots-parser-cases.json", import.meta.url), "utf8")) as readonly Readonly<
  Record<"class" | "robots" | "path" | "agent" | "rfc" | "robots_parser", string>
>[];
const doc = readFileSync(new URL("../../../docs/robots-parser.md", import.meta.url), "utf8");

const origin = "https://h.example";
// The package is CommonJS and its types say `default`, which Node gives as the function itself.
const parse = robotsParser as unknown as (
  url: string,
  text: string,
) => { isDisallowed(url: string, agent: string): boolean | undefined };

const says = (robots: string, path: string, agent: string): "A" | "D" =>
  parse(`${origin}/robots.txt`, robots).isDisallowed(origin + path, agent) === true ? "D" : "A";

describe("robots-parser", () => {
  it("agrees with mode rfc on random files of valid records", () => {
    const path = fc
      .array(fc.constantFrom("a", "b", "/", "ab", "?a", "=", "é", "%41"), { maxLength: 6 })
      .map((p) => `/${p.join("")}`);
    const pattern = fc
      .tuple(fc.array(fc.constantFrom("a", "b", "/", "*", "?"), { maxLength: 6 }), fc.constantFrom("", "$"))
      .map(([p, end]) => `/${p.join("")}${end}`);
    const rule = fc.tuple(fc.constantFrom("Allow", "Disallow", "disallow"), pattern).map(([key, value]) => `${key}: ${value}`);
    const agent = fc.constantFrom("*", "GPTBot", "gptbot", "CCBot", "Foo-Bot_x").map((name) => `User-agent: ${name}`);
    const group = fc.tuple(fc.array(agent, { minLength: 1, maxLength: 3 }), fc.array(rule, { minLength: 1, maxLength: 5 }));
    const file = fc
      .tuple(fc.array(group, { maxLength: 4 }), fc.constantFrom("\n", "\r\n", "\r", "\n\n"))
      .map(([groups, end]) => groups.flat(2).join(end));
    fc.assert(
      fc.property(file, path, fc.constantFrom("GPTBot", "CCBot", "foo-bot_X", "Other"), (robots, url, name) => {
        // It neither decodes %41 nor gives patterns and URLs one spelling; compare on the spelling that both know.
        const plain = url.replaceAll("%41", "A").replaceAll("é", "%C3%A9");
        const ours = checkRobots(Buffer.from(robots), origin + url, name, "rfc").allowed ? "A" : "D";
        expect(ours).toBe(says(robots, plain, name));
      }),
      { numRuns: 1500 },
    );
  });

  it.each(classes)(
    "differs on real files by $class, as docs/robots-parser.md tells",
    ({ robots, path, agent, rfc, robots_parser }) => {
      const word = (allowed: boolean): string => (allowed ? "allowed" : "disallowed");
      expect(word(checkRobots(Buffer.from(robots), path, agent, "rfc").allowed)).toBe(rfc);
      expect(word(says(robots, path, agent) === "A")).toBe(robots_parser);
      expect(rfc).not.toBe(robots_parser);
      expect(doc).toContain(
        `\`\`\`\n${robots.trim()}\n\`\`\`\n\n\`${path}\` for ${agent}: ${rfc} by RFC 9309, ${robots_parser} by robots-parser.`,
      );
    },
  );

  it("differs from mode rfc on these cases and no others", () => {
    const differing = cases
      .filter(({ robots, path, agent, expected }) => says(robots, path, agent) !== expected.rfc)
      .map(({ id, about }) => `${id} ${about}`);
    expect(differing).toMatchInlineSnapshot(`
      [
        "E01 a digit in the name is no product token",
        "E03 a version in the group's name",
        "E06 a Content-Signal between agents",
        "E07 a Crawl-delay between agents",
        "E16 /robots.txt itself",
        "E17 an escaped tilde in the rule",
        "E18 an escaped tilde in the URL",
        "I12 a byte-order mark in mid-file",
        "I15 no-break spaces around name and path",
        "I21 a prohibition in prose",
        "I24 a prohibition in another script",
      ]
    `);
  });
});
