/** The native engine against its reference in TypeScript: the same bits, lines, groups and reasons for every file and path. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsedPrefix, robotsLimit } from "../../../filters/consent/groups.js";
import {
  type Answer,
  answerAll,
  matchingModes,
  RobotsCompiler,
  type RobotsEngine,
  robotsCapturesOf,
} from "../../../filters/consent/index.js";
import { ReferenceRobots } from "../../../filters/consent/native-robots.js";
import { testInput } from "../../inputs.js";
import { path, pathsNear, robotsText, seeded } from "./robots-text.js";

const profile = JSON.parse(readFileSync("assets/agents/apertus-2025-01.json", "utf8")) as {
  readonly agents: readonly string[];
};
const odd = [
  "GPTBot",
  "*",
  "AI2Bot",
  "",
  "CCBot/2.0 (https://commoncrawl.org)",
  "gpt bot",
  "Applebot-Extended",
  "kBot",
  "b*",
  "/x",
  "bot 2.0",
];
const apertus = new RobotsCompiler(profile.agents);
const star = new RobotsCompiler(["*"]);
const compilers = [apertus, new RobotsCompiler(odd), star];

/** Throws where any agent's decision differs in anything that is ever shown or stored. */
function compare(native: RobotsEngine, bytes: Uint8Array, paths: readonly string[], explained = true): void {
  const reference = new ReferenceRobots(bytes, native.agents);
  const answers = answerAll(paths.map((target) => ({ file: native, target })));
  // Answers with the same lines in both engines were compared before.
  const compared = new Set<string>();
  for (const [i, target] of paths.entries()) {
    const expected = reference.answer(target);
    const answer = answers[i] ?? native.answer(target);
    const key = `${native.decidingLines(answer)} ${reference.decidingLines(expected)} ${expected.exempt}`;
    if (compared.has(key)) continue;
    compared.add(key);
    const said = tell(native, answer, explained);
    const wanted = tell(reference, expected, explained);
    // Vitest's own comparison is slow; it is only to show the difference.
    if (JSON.stringify(said) !== JSON.stringify(wanted)) expect([target, said]).toEqual([target, wanted]);
  }
}

function tell<A extends Answer>(engine: RobotsEngine<A>, answer: A, explained: boolean): unknown {
  const decisions = matchingModes.flatMap((mode) =>
    engine.agents.map((_, agent) => [engine.lineOf(answer, agent, mode), explained && engine.explain(answer, agent, mode)]),
  );
  return [matchingModes.map((mode) => [answer.bits[mode], answer.denied[mode]]), decisions];
}

describe("the native engine answers as the reference does", () => {
  it("on files of every kind of dirt", () => {
    fc.assert(
      fc.property(
        robotsText,
        fc.array(path, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...compilers),
        (text, paths, compiler) => {
          const bytes = Buffer.from(text, "latin1");
          compare(compiler.compile(bytes), bytes, [...paths, ...pathsNear(text, 3, seeded(text.length))]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 40 }), (bytes, target) => {
        compare(new RobotsCompiler(["*", "a"]).compile(bytes), bytes, [Buffer.from(target).toString("latin1")]);
      }),
      { numRuns: 500 },
    );
  });

  it("on lists of rules long enough to be parted by their second octet", () => {
    const random = seeded(9);
    for (let round = 0; round < 12; round++) {
      const lines = Array.from({ length: 30 + random(80) }, () => {
        const [pattern = "/"] = pathsNear("", 1, random);
        const cut = pattern.slice(0, 1 + random(pattern.length));
        return `${random(3) === 0 ? "Allow" : "Disallow"}: ${cut}${["", "", "*", "$", "*.gif$"][random(5)]}`;
      });
      const text = `User-agent: *\nUser-agent: gptbot\n${lines.join("\n")}\nUser-agent: *\n${lines.reverse().join("\n")}`;
      const bytes = Buffer.from(text, "latin1");
      for (const compiler of compilers) compare(compiler.compile(bytes), bytes, [...pathsNear(text, 20, random), "/", ""]);
    }
  });

  it.each([-2, -1, 0, 1, 2, 40])("at the limit of 500 KiB and %i octets", (more) => {
    const tail = "User-agent: *\nDisallow: /a\r\nDisallow: /b";
    const bytes = Buffer.from(`${"#".padEnd(robotsLimit + more - tail.length - 1, "x")}\n${tail}`);
    for (const compiler of compilers) compare(compiler.compile(bytes), bytes, ["/a", "/b", "/c"]);
    expect(parsedPrefix(bytes).length).toBeLessThanOrEqual(robotsLimit);
  });

  it.each(["\n", "\r", "\r\n"])("at a last line that ends with the limit, %j behind it, and is whole", (end) => {
    const tail = "User-agent: *\nDisallow: /z";
    const within = `${"#".padEnd(robotsLimit - tail.length - 1, "x")}\n${tail}`;
    for (const [behind, whole] of [
      ["", true],
      [`${end}# more`, true],
      ["z", false],
    ] as const) {
      const bytes = Buffer.from(within + behind);
      for (const compiler of compilers) compare(compiler.compile(bytes), bytes, ["/z", "/a"]);
      expect([behind, star.compile(bytes).answer("/z").denied.rfc]).toEqual([behind, whole]);
    }
  });

  const captures = testInput("web/robotstxt.warc.gz");
  it.skipIf(captures === undefined)(
    "on 1,085 captures and eight paths of each (needs the test inputs; the benchmark asks 200)",
    async () => {
      const random = seeded(1);
      let files = 0;
      for await (const { body } of robotsCapturesOf(captures ?? "", "", { records: 0, faults: 0, unreadable: 0 })) {
        const paths = pathsNear(Buffer.from(body).toString("latin1"), 8, random);
        const native = apertus.compile(body);
        compare(native, body, paths.slice(0, 2));
        compare(native, body, paths, false);
        files++;
      }
      expect(files).toBe(1085);
    },
    300_000,
  );
});

describe("the native engine", () => {
  it("leaves names outside ASCII to the reference, alone and in a batch", () => {
    const compiler = new RobotsCompiler(["GPTBot", "ünibot"]);
    expect([compiler.engine, apertus.engine]).toEqual(["reference", "native"]);
    const bytes = Buffer.from("User-agent: ünibot\nDisallow: /a\n");
    const file = compiler.compile(bytes);
    const native = star.compile(bytes);
    const [a, b] = answerAll([
      { file, target: "/a" },
      { file: native, target: "/a" },
    ]);
    expect([a?.bits, b?.bits]).toEqual([
      { rfc: "0", intent: "4", protego: "4" },
      { rfc: "0", intent: "0", protego: "0" },
    ]);
    expect(answerAll([])).toEqual([]);
  });

  it("tells what its files cost, some multiple of their length", () => {
    const lines = "Disallow: /a\n".repeat(39_000);
    const { cost } = star.compile(Buffer.from(`User-agent: *\n${lines}`));
    expect(cost).toBeGreaterThan(lines.length);
    expect(cost).toBeLessThan(16 * lines.length);
  });

  it("takes bounded time for a file full of stars and a path of 8 KiB", () => {
    const rules = Array.from({ length: 25_000 }, (_, i) => `Disallow: /*a*b*c${i}`).join("\n");
    const file = apertus.compile(Buffer.from(`User-agent: *\n${rules}`));
    const start = performance.now();
    file.answer(`/${"abc".repeat(2700)}`);
    // 25,000 rules times 8,100 octets; seconds here would be a step too many for each octet.
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
