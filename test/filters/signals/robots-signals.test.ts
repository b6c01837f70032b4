import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RobotsSignals } from "../../../filters/signals/robots-signals.js";

const agents = ["CCBot", "GPTBot", "AI2Bot"];

const of = (text: string, path = "/page"): readonly string[] =>
  new RobotsSignals(Buffer.from(text), agents)
    .statements(path)
    .statements.map(({ signal, category, value, where, scope, managed }) =>
      [signal, `${category}=${value}`, where, `[${scope}]`, managed ?? ""].join(" ").trim(),
    );

describe("Content-Signal in robots.txt", () => {
  it("holds for the agents of its group", () => {
    expect(of("User-agent: *\nContent-Signal: search=yes,ai-train=no\nAllow: /\n")).toEqual([
      "content-signal search=allow line 2 [*]",
      "content-signal train=deny line 2 [*]",
    ]);
    expect(of("User-agent: OtherBot\nContent-Signal: ai-train=no\n")).toEqual([]);
  });

  it("for everybody holds for the agents without a group of their own (RFC 9309 section 2.2.1)", () => {
    const text = "User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n\n";
    const own = agents.map((agent) => `User-agent: ${agent}\n`).join("");
    expect(of(`${text}User-agent: GPTBot\nDisallow:\n`)).toHaveLength(1);
    expect(of(`${text}${own}Disallow:\n`)).toEqual([]);
  });

  it("finds agents whose names are no product tokens", () => {
    expect(of("User-agent: AI2Bot\nContent-Signal: ai-train=no\n")).toEqual(["content-signal train=deny line 2 [AI2Bot]"]);
  });

  it("in one line with its agents, or with its name misspelt, holds for them", () => {
    expect(of("User-agent: GPTBot Content-Signal: ai-train=no\n")).toEqual(["content-signal train=deny line 1 [GPTBot]"]);
    expect(of("User-agent: OtherBot Content-Signal: ai-train=no\n")).toEqual([]);
    expect(of("User-agent: *\nContent-Signals: ai-train: no\n")).toEqual(["content-signal train=deny line 2 [*]"]);
    for (const line of [
      "Content_Signal: ai-train=no",
      "Content-Signal = ai-train=no",
      "Content-Signal ai-train=no",
      "Content-Signal: “ai-train”=“no”",
    ])
      expect(of(`User-agent: *\n${line}\n`)).toEqual(["content-signal train=deny line 2 [*]"]);
    expect(of("User-agent: *\nDisallow: /content-signal: ai-train=no\n")).toEqual([]);
    expect(of("Sitemap: http://x/;content-signal:ai-train=yes\n")).toEqual(["content-signal train=unknown line 1 [*]"]);
    expect(of("User-agent: *\nContent-Signals: ai-train=yes\n")).toEqual(["content-signal train=unknown line 2 [*]"]);
  });

  it("above all groups holds for all", () => {
    expect(of("Content-signal: ai-train=no\nUser-agent: OtherBot\nDisallow: /\n")).toEqual([
      "content-signal train=deny line 1 [*]",
    ]);
  });

  it("does not end the list of agents (RFC 9309 section 2.2.4); Content-Usage, a rule, does", () => {
    const list = "User-agent: *\n@\nUser-agent: GPTBot\nDisallow: /q\n";
    const heard = (line: string) => new RobotsSignals(Buffer.from(list.replace("@", line)), ["GPTBot"]).statements("/");
    expect(heard("Content-Signal: ai-train=no").statements).toMatchObject([{ category: "train", value: "deny" }]);
    expect(heard("Content-Usage: train-ai=n").statements).toEqual([]);
  });

  it("knows no paths: a line with one lifts nothing", () => {
    const text = "User-agent: *\nContent-Signal: ai-train=no\nContent-Signal: /x search=yes\n";
    expect(of(text, "/x/y")).toContain("content-signal train=deny line 2 [*]");
  });
});

describe("Content-Usage in robots.txt (attach-05)", () => {
  const text =
    "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y\nContent-Usage: /open/*.pdf$ train-ai=n\nAllow: /\n";

  it.each([
    ["/page", "content-usage train=deny line 2 [*]"],
    ["/open/page", "content-usage train=allow line 3 [* /open/]"],
    ["/open/a.pdf", "content-usage train=deny line 4 [* /open/*.pdf$]"],
  ])("the longest path that matches %s holds", (path, statement) => {
    expect(of(text, path)).toEqual([statement]);
  });

  it.each([
    ["/test", "train=deny"],
    ["/ai-ok/test", "train=allow"],
  ])("the draft's own example says so of %s", (path, stated) => {
    const example =
      "User-Agent: *\nAllow: /\nDisallow: /never/\nContent-Usage: / train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n\nUser-Agent: ExampleBot\nAllow: /\nContent-Usage: / train-ai=y\n";
    expect(of(example, path).map((statement) => statement.split(" ")[1])).toEqual([stated]);
    const asExampleBot = new RobotsSignals(Buffer.from(example), ["ExampleBot"]).statements(path).statements;
    expect(asExampleBot.map(({ value }) => value)).toEqual(["allow"]);
  });

  it("equal paths hold together", () => {
    expect(of("User-agent: *\nContent-Usage: / train-ai=y\nContent-Usage: / search=n\n")).toHaveLength(2);
  });

  it("ends at a comment, and says unknown where it cannot be parsed", () => {
    expect(of("User-agent: *\nContent-Usage: train-ai=n # please\n")).toEqual(["content-usage train=deny line 2 [*]"]);
    expect(of("User-agent: *\nContent-Usage: train-ai: n\n")).toEqual(["content-usage train=unknown line 2 [*]"]);
  });
});

describe("RSL in robots.txt", () => {
  it("License lines hold for the whole site, wherever they stand", () => {
    expect(of("User-agent: OtherBot\nDisallow: /\nLicense: https://rsl.example/license.xml\n")).toEqual([
      "rsl reuse=unknown line 3 [*]",
    ]);
    expect(of("License: see our terms\n")).toEqual([]);
  });
});

describe("contradictions", () => {
  const managed =
    "# BEGIN Cloudflare Managed content\nUser-agent: *\nContent-Signal: search=yes,ai-train=no\nAllow: /\n# END Cloudflare Managed Content\n";

  it("a managed block that undoes the site's own rule is named with it", () => {
    expect(of(`${managed}\nUser-agent: *\nDisallow: /\n`)).toEqual([
      "content-signal search=allow line 3 [*] cloudflare",
      "content-signal train=deny line 3 [*] cloudflare",
      "robots-rules crawl=deny line 8 [CCBot]",
      "robots-rules crawl=allow line 4 [CCBot] cloudflare",
    ]);
    expect(of(`${managed}\nUser-agent: *\nDisallow: /private/\n`)).toHaveLength(2);
  });

  it("so is a rule that turns an agent away where a signal permits training", () => {
    expect(of("User-agent: *\nContent-Signal: ai-train=yes\nAllow: /\n\nUser-agent: GPTBot\nDisallow: /\n")).toEqual([
      "content-signal train=allow line 2 [*]",
      "robots-rules crawl=deny line 6 [GPTBot]",
    ]);
  });
});

describe("a denial", () => {
  const deny = "Content-Signal: ai-train=no\n";
  it.each([
    ["License lines", "License: https://l.example/@\n", `User-agent: *\n${deny}`],
    ["equal lines", "User-agent: *\nContent-Signal: search=yes\n", deny],
    ["lines for other paths", "Content-Usage: /p@ search=y\n", "Content-Usage: / train-ai=n\n"],
    ["groups", "User-agent: GPTBot\nUser-agent: bot@\nContent-Signal: search=yes, use=full\n", deny],
  ])("is found behind 1,100 %s", (_, line, last) => {
    const text = Array.from({ length: 1100 }, (_, i) => line.replace("@", `${i}`)).join("") + last;
    expect(of(text).some((statement) => statement.includes("train=deny"))).toBe(true);
  });

  it("is found at the end of a line of any length, and what is left out is told", () => {
    expect(of(`Content-Signal: ${"search=yes, ".repeat(1000)}ai-train=no`)).toHaveLength(2);
    expect(of(`Content-Usage: ${"search=y, ".repeat(1000)}train-ai=n`)).toHaveLength(2);
    const licences = Array.from({ length: 70 }, (_, i) => `License: https://l.example/${i}`).join("\n");
    expect(new RobotsSignals(Buffer.from(licences), agents).statements("/")).toMatchObject({ complete: false });
  });
});

describe("any file", () => {
  const line = fc.oneof(
    fc.constantFrom(
      ...["User-agent: *", "User-agent: GPTBot", "Allow: /", "Disallow: /a*b$", "Content-Signal: ai-train=no, search=yes"],
      ...[
        "Content-Usage: /a train-ai=y",
        "License: https://l.example/",
        "# BEGIN Cloudflare Managed content",
        "# END Cloudflare Managed",
      ],
    ),
    fc.string({ maxLength: 60 }),
  );

  it("gives a bounded list of statements, each of a line that is there", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.webPath(), (lines, path) => {
        const text = lines.map((each) => each.replace(/[\r\n]/g, "")).join("\n");
        const statements = new RobotsSignals(Buffer.from(text), agents).statements(path || "/").statements;
        expect(statements.length).toBeLessThanOrEqual(68);
        const numbers = statements.map(({ where }) => Number(where.slice(5)));
        expect(numbers.every((number) => number >= 1 && number <= lines.length)).toBe(true);
      }),
    );
  });

  it.each([
    ["signal lines", "Content-Signal: ai-train=no\n"],
    ["groups", "User-agent: *\nContent-Usage: /*a*a*a*b train-ai=n\n"],
    ["blanks", " \t"],
    ["managed blocks", "# BEGIN Cloudflare Managed content\nUser-agent: *\nAllow: /\n# END Cloudflare Managed content\n"],
    ["licences", "License: https://l.example/\n"],
    ["one line", "Content-Signal: "],
  ])("of 500 KiB of %s is read in time", (_, piece) => {
    const text = `Content-Signal: ai-train=yes\n${piece.repeat((500 * 1024) / piece.length)}`;
    const begun = performance.now();
    const file = new RobotsSignals(Buffer.from(text), agents);
    for (let i = 0; i < 10; i++) file.statements(`/${"a".repeat(200)}${i}`);
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});
