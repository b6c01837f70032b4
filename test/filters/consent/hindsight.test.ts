/** Hindsight gives the filter's answers: for any captures, pages and policies, whatever the states are taken to mean. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch } from "../../../corpus/index.js";
import {
  type ConsentParameters,
  choosePolicy,
  consent,
  Hindsight,
  matchingModes,
  RobotsFile,
  robotsPath,
} from "../../../filters/consent/index.js";
import { utf8Column } from "../../../formats/index.js";
import { archiveOf, capture } from "./captures.js";

const agents = ["CCBot", "GPTBot", "AI2Bot", "*"];
const line = fc.constantFrom(
  ...["User-agent: *", "User-agent: CCBot", "user-agent: gptbot", "User-agent: AI2Bot", "User-agent: CCBot, GPTBot", ""],
  ...[
    "Disallow: /",
    "Disallow:",
    "Disallow: /a",
    "Allow: /a/b",
    "Disallow: *b$",
    "Disallow: a",
    "Allow: /",
    "# nothing",
    "Sitemap: x",
  ],
);
const file = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));
const hosts = ["https://h.example", "http://h.example", "https://www.h.example", "https://other.example"];
const day = fc.integer({ min: 0, max: 6 }).map((n) => `202${n}-03-0${n + 1}`);
const url = fc
  .tuple(
    fc.constantFrom(...hosts, "http://never.example", "ftp://h.example"),
    fc.constantFrom("/", "/a", "/a/b", "/b", "/c?x=b", "/robots.txt"),
  )
  .map(([host, path]) => host + path);

const captures = fc.array(fc.tuple(fc.constantFrom(...hosts), day, file, fc.constantFrom(200, 200, 200, 200, 301, 404, 503)), {
  maxLength: 10,
});

const parameters = fc.record({
  modes: fc.subarray([...matchingModes], { minLength: 1 }),
  fallback: fc.subarray(["exact", "any-scheme", "www-variant"] as const, { minLength: 1 }),
  prefer: fc.constantFrom("newest" as const, "first" as const),
  pass_over: fc.subarray(["unavailable-4xx", "unreachable-5xx", "not-robots"] as const).map((states) => [...states]),
  on_no_url: fc.constantFrom("allow" as const, "deny" as const),
  states: fc.constantFrom("apertus" as const, "rfc-live" as const, { "no-capture": "deny" as const, empty: "deny" as const }),
});

describe("hindsight", () => {
  it("decides as the filter does under every policy", async () => {
    const policies = [
      choosePolicy("latest"),
      choosePolicy("at-capture"),
      choosePolicy("ever"),
      choosePolicy("as-of", "2023-12-31"),
    ];
    const pages = fc.array(fc.tuple(url, fc.option(day)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(captures, parameters, pages, async (history, chosen, asked) => {
        const made = history.map(([host, at, body, status]) => {
          const moved = status === 301 ? { location: `${hosts[(body.length + 1) % hosts.length]}/robots.txt` } : {};
          return capture(`${host}/robots.txt`, at, body, { status, ...moved });
        });
        const { archive, path, sha256 } = await archiveOf(made);
        const asset = { name: "robots-archive", path, sha256, provenance: {} };
        const hindsight = new Hindsight(archive, agents, consent.parameters.parse({ ...chosen, agents }) as ConsentParameters);
        const times = asked.map(([, at]) => (at === null ? Number.NaN : Date.parse(at)));
        const batch = new Batch([
          ["url", utf8Column(asked.map(([address]) => address))],
          ["captured_at", { type: "timestamp", values: Float64Array.from(times) }],
        ]);
        for (const policy of policies) {
          const as_of = policy.as_of === null ? {} : { as_of: policy.as_of };
          const filter = await consent.open(consent.parameters.parse({ ...chosen, ...as_of, agents, policy: policy.policy }), [
            asset,
          ]);
          const { verdicts = [], columns } = filter.process(batch);
          const answers = asked.map(([address], i) => hindsight.page(address, times[i] ?? Number.NaN).answer(policy));
          expect(answers.map(({ allowed }) => allowed)).toEqual(verdicts.map(({ keep }) => keep));
          const spoke = asked.map(([address], i) => {
            const { captures: all = [] } = hindsight.page(address, Number.NaN).history ?? {};
            return all[answers[i]?.capture ?? -1]?.capture.capturedAt ?? Number.NaN;
          });
          const at = columns?.consent_robots_at;
          expect(spoke).toEqual(at?.type === "timestamp" ? [...at.values] : []);
          filter.close?.();
        }
        archive.close();
      }),
      { numRuns: 60 },
    );
  });

  it("finds what an answer denies, in any modes; files of one reading deny the same", () => {
    const target = fc
      .array(fc.constantFrom("a", "b", "/", "?", "c", "$", "#"), { maxLength: 6 })
      .map((path) => `/${path.join("")}`);
    const modes = fc.subarray([...matchingModes], { minLength: 1 });
    fc.assert(
      fc.property(file, file, modes, fc.array(target, { minLength: 1 }), (one, other, asked, targets) => {
        const [a, b] = [one, other].map((text) => new RobotsFile(Buffer.from(text), agents)) as [RobotsFile, RobotsFile];
        const same = a.reading(asked) === b.reading(asked);
        for (const path of targets) {
          const { denied } = a.answer(path);
          expect(a.denies(robotsPath(path), asked)).toBe(asked.some((mode) => denied[mode]));
          if (same) expect(b.denies(robotsPath(path), asked)).toBe(a.denies(robotsPath(path), asked));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes files for one reading that differ in what concerns no agent", () => {
    const reading = (text: string) => new RobotsFile(Buffer.from(text), agents).reading(["rfc", "intent"]);
    const plain = "User-agent: CCBot\nDisallow: /\n";
    expect(reading(`# a comment\n${plain}\nUser-agent: SomeBot\nDisallow: /x\nSitemap: y`)).toBe(reading(plain));
    expect(reading(`${plain}Allow: /x`)).not.toBe(reading(plain));
  });
});
