import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  conflictsOf,
  decideSignals,
  parseSignals,
  type SignalsPolicy,
  type Statement,
  signalsParameters,
} from "../../../filters/signals/index.js";
import { categories, locations, signals, statementValues } from "../../../filters/signals/statement.js";
import { fitSignals, formatSignals } from "../../../filters/signals/stored.js";

const policy = (changes: object = {}): SignalsPolicy => ({ ...signalsParameters.parse(changes), agents: ["GPTBot", "CCBot"] });

const says = (text: string, rest: Partial<Statement> = {}): Statement => {
  const [signal, location, category, value] = text.split(" ");
  return { signal, location, category, value, scope: "*", where: "line 1", raw: "raw", ...rest } as Statement;
};

const ruleOf = (statements: readonly Statement[], changes: object = {}): string | undefined =>
  decideSignals(statements, policy(changes))?.rule;

describe("by default", () => {
  it.each([
    ["content-signal robots.txt train deny", "content-signal-train"],
    ["content-usage header train deny", "content-usage-train"],
    ["content-usage robots.txt mine deny", "content-usage-mine"],
    ["tdmrep header mine deny", "tdm-reserved"],
    ["robots-meta meta train deny", "robots-noai"],
    ["content-signal robots.txt search deny", undefined],
    ["content-signal robots.txt input deny", undefined],
    ["robots-meta meta index deny", undefined],
    ["robots-meta meta images deny", undefined],
    ["rsl robots.txt reuse unknown", undefined],
    ["robots-rules robots.txt crawl deny", undefined],
    ["content-usage header train unknown", undefined],
    ["tdmrep header mine unknown", undefined],
  ])("%s is %s", (statement, rule) => {
    expect(ruleOf([says(statement)])).toBe(rule);
  });

  it("a licence is recorded", () => {
    expect(ruleOf([says("licence link commercial deny", { terms: "by-nc/4.0" })])).toBeUndefined();
  });
});

describe("switches", () => {
  it("record keeps what drop would leave out", () => {
    expect(ruleOf([says("robots-meta meta train deny")], { robots_meta: "record" })).toBeUndefined();
  });

  it("categories say which uses count", () => {
    expect(ruleOf([says("content-signal robots.txt input deny")], { categories: ["input"] })).toBe("content-signal-input");
    expect(ruleOf([says("content-signal robots.txt train deny")], { categories: ["input"] })).toBeUndefined();
  });

  it("licences are dropped that are not in the list", () => {
    const drop = { creative_commons: "drop" };
    const licence = (category: string, terms?: string): Statement =>
      says(`licence link ${category} ${category === "reuse" ? "allow" : "deny"}`, terms === undefined ? {} : { terms });
    expect(ruleOf([licence("commercial", "by-nc-nd/4.0"), licence("derivatives", "by-nc-nd/4.0")], drop)).toBe("licence-nc");
    expect(ruleOf([licence("derivatives", "by-nd/4.0")], drop)).toBe("licence-nd");
    expect(ruleOf([licence("reuse", "by-sa/4.0")], drop)).toBeUndefined();
    expect(ruleOf([licence("reuse", "by-sa/4.0")], { ...drop, permissive_licences: ["by"] })).toBe("licence-not-listed");
    expect(ruleOf([licence("commercial", "by-nc/4.0")], { ...drop, permissive_licences: ["by-nc"] })).toBeUndefined();
    expect(ruleOf([licence("reuse")], drop)).toBeUndefined();
  });

  it("naming RSL terms is enough where the policy says so", () => {
    expect(ruleOf([says("rsl robots.txt reuse unknown")], { rsl: "drop" })).toBe("rsl-licence");
  });
});

describe("precedence", () => {
  it("the most restrictive statement wins, between signals and within them", () => {
    const statements = [says("content-signal header train allow"), says("content-signal robots.txt train deny")];
    expect(ruleOf(statements)).toBe("content-signal-train");
    expect(ruleOf([says("content-usage header train allow"), says("robots-meta meta train deny")])).toBe("robots-noai");
  });

  it("within TDMRep the later place wins, also where it permits (Processing priority)", () => {
    const file = says("tdmrep tdmrep.json mine deny");
    const header = says("tdmrep header mine allow");
    expect(ruleOf([file])).toBe("tdm-reserved");
    expect(ruleOf([file, header])).toBeUndefined();
    expect(ruleOf([file, header, says("tdmrep meta mine deny")])).toBe("tdm-reserved");
    expect(ruleOf([file, says("tdmrep meta mine unknown")])).toBe("tdm-reserved");
  });

  it("a directive for one agent counts where the agent does", () => {
    expect(ruleOf([says("robots-meta header train deny", { scope: "gptbot" })])).toBe("robots-noai");
    expect(ruleOf([says("robots-meta header train deny", { scope: "otherbot" })])).toBeUndefined();
  });
});

describe("conflicts", () => {
  it("name the uses, crawling, licences, and a managed part", () => {
    const managed = { managed: "cloudflare" } as const;
    expect(conflictsOf([says("content-signal robots.txt train allow"), says("robots-meta meta train deny")])).toEqual([
      "train",
    ]);
    expect(
      conflictsOf([says("robots-rules robots.txt crawl deny"), says("robots-rules robots.txt crawl allow", managed)]),
    ).toEqual(["crawl", "managed"]);
    expect(conflictsOf([says("content-signal robots.txt train allow"), says("robots-rules robots.txt crawl deny")])).toEqual([
      "train/crawl",
    ]);
    expect(conflictsOf(["by/4.0", "by-nc/4.0"].map((terms) => says("licence link reuse allow", { terms })))).toEqual([
      "licence",
    ]);
    expect(conflictsOf([says("tdmrep header mine allow"), says("tdmrep tdmrep.json mine deny")])).toEqual([]);
    expect(conflictsOf([says("content-signal robots.txt train unknown"), says("robots-meta meta train deny")])).toEqual([]);
  });
});

describe("the stored column", () => {
  const text = fc.oneof(fc.constantFrom("*", "gptbot", "x"), fc.string({ unit: "grapheme", maxLength: 80 }));
  const statement: fc.Arbitrary<Statement> = fc
    .record({
      signal: fc.constantFrom(...signals),
      location: fc.constantFrom(...locations),
      scope: text,
      category: fc.constantFrom(...categories),
      value: fc.constantFrom(...statementValues),
      where: fc.constantFrom("line 1", "meta robots"),
      raw: text,
      terms: fc.option(fc.constantFrom("by/4.0", "by-nc/4.0"), { nil: undefined }),
      managed: fc.option(fc.constant("cloudflare" as const), { nil: undefined }),
    })
    .map(({ terms, managed, ...rest }) => ({
      ...rest,
      ...(terms === undefined ? {} : { terms }),
      ...(managed === undefined ? {} : { managed }),
    }));
  const policies = fc
    .record({
      tdmrep: fc.constantFrom("drop", "record"),
      creative_commons: fc.constantFrom("drop", "record"),
      rsl: fc.constantFrom("drop", "record"),
      categories: fc.subarray(["train", "mine", "search"]),
    })
    .map(policy);

  it("decides as the page did, under the same policy, however much was stated", () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 80, size: "max" }), policies, (statements, chosen) => {
        const decision = decideSignals(statements, chosen);
        const column = formatSignals(fitSignals(statements, decision?.statements ?? [], true, {}));
        expect(Buffer.byteLength(column)).toBeLessThanOrEqual(4096);
        const parsed = parseSignals(column);
        expect(decideSignals(parsed?.statements ?? [], chosen)?.rule).toBe(decision?.rule);
      }),
    );
  });

  it("decides as the page would have under any other policy, where nothing was cut", () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 12 }), policies, policies, (statements, first, second) => {
        const stored = fitSignals(statements, decideSignals(statements, first)?.statements ?? [], true, {});
        fc.pre(!stored.truncated);
        const parsed = parseSignals(formatSignals(stored));
        expect(decideSignals(parsed?.statements ?? [], second)?.rule).toBe(decideSignals(statements, second)?.rule);
        expect(conflictsOf(parsed?.statements ?? [])).toEqual(conflictsOf(statements));
      }),
    );
  });

  it("says where there was more, and what is no column is none", () => {
    expect(parseSignals(formatSignals(fitSignals([], [], false, {})))).toEqual({
      statements: [],
      truncated: true,
      sources: {},
    });
    expect(formatSignals(fitSignals([], [], true, {}))).toBe("");
    for (const broken of ["x", "{}", '{"statements":[{}]}', "null"]) expect(parseSignals(broken)).toBeUndefined();
  });
});
