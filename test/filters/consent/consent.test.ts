import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Batch, type Verdict } from "../../../corpus/index.js";
import { inlineProfile, profilePath } from "../../../filters/consent/agents.js";
import { consent, parseVector, type RobotsCapture, readProfile, shippedProfiles } from "../../../filters/consent/index.js";
import type { Asset, BatchResult, OpenFilter } from "../../../filters/filter.js";
import { bytesAt, stringAt, utf8Column } from "../../../formats/index.js";
import { archiveOf, capture, scratchFolder } from "./captures.js";

const disallowAll = "User-agent: *\nDisallow: /\n";
const allowAll = "User-agent: *\nDisallow:\n";

async function openOn(captures: readonly RobotsCapture[], parameters: object): Promise<OpenFilter> {
  const { path, sha256, archive } = await archiveOf(captures);
  archive.close();
  const parsed = consent.parameters.parse(parameters);
  const profile = await consent.prepare(parsed, { baseFolder: scratchFolder(), assetFolder: scratchFolder() });
  const asset: Asset = { name: "robots-archive", path, sha256, provenance: {} };
  return consent.open(parsed, [...profile, asset]);
}

function ask(filter: OpenFilter, pages: readonly (readonly [url: string, capturedAt?: string])[]): BatchResult {
  return filter.process(
    new Batch([
      ["url", utf8Column(pages.map(([url]) => url))],
      [
        "captured_at",
        { type: "timestamp", values: Float64Array.from(pages, ([, at]) => (at === undefined ? Number.NaN : Date.parse(at))) },
      ],
    ]),
  );
}

async function decide(
  captures: readonly RobotsCapture[],
  parameters: object,
  ...pages: [string, string?][]
): Promise<(string | null)[]> {
  const { verdicts = [] } = ask(await openOn(captures, parameters), pages);
  return verdicts.map((verdict) => (verdict.keep ? null : verdict.rule));
}

const evidenceOf = (verdict: Verdict | undefined): Record<string, unknown> => {
  if (verdict === undefined || verdict.keep) throw new Error("kept");
  return verdict.evidence;
};

describe("the policy", () => {
  const url = "https://h.example/robots.txt";
  const history = [
    capture(url, "2023-06-01", allowAll),
    capture(url, "2024-01-01T23:59:59.999Z", disallowAll),
    capture(url, "2025-06-01", allowAll),
  ];
  const page = "https://h.example/page";

  it("latest takes the newest capture", async () => {
    expect(await decide(history, { policy: "latest" }, [page])).toEqual([null]);
  });

  it("as-of takes the newest capture up to the end of the day", async () => {
    const at = (as_of: string): Promise<(string | null)[]> => decide(history, { policy: "as-of", as_of }, [page]);
    expect(await at("2023-05-31")).toEqual([null]);
    expect(await at("2023-12-31")).toEqual([null]);
    expect(await at("2024-01-01")).toEqual(["robots-disallow"]);
    expect(await at("2025-05-31")).toEqual(["robots-disallow"]);
    expect(await at("2025-06-01")).toEqual([null]);
  });

  it("at-capture takes the newest capture when the page was captured, and the newest of all where that is not known", async () => {
    const pages: [string, string?][] = [[page, "2023-07-01"], [page, "2024-07-01"], [page, "2022-01-01"], [page]];
    expect(await decide(history, { policy: "at-capture" }, ...pages)).toEqual([null, "robots-disallow", null, null]);
  });

  it("ever takes any capture that disallows, of every address in fallback, and names the newest of them", async () => {
    const filter = await openOn(
      [...history, capture("http://www.h.example/robots.txt", "2020-01-01", "User-agent: *\nDisallow: /old")],
      { policy: "ever" },
    );
    const result = ask(filter, [[page], ["https://h.example/old"], ["https://www.other.example/x"]]);
    expect(result.verdicts?.map(({ keep }) => keep)).toEqual([false, false, true]);
    expect(evidenceOf(result.verdicts?.[0])).toMatchObject({
      robots: { captured_at: "2024-01-01T23:59:59.999Z" },
      captures: 4,
      captures_disallowing: 1,
    });
    expect(evidenceOf(result.verdicts?.[1])).toMatchObject({ captures_disallowing: 2 });
    expect(result.blobs?.length).toBe(3);
  });
});

describe("the fall-backs", () => {
  const robots = (authority: string, day: string, body = disallowAll): RobotsCapture =>
    capture(`${authority}/robots.txt`, day, body);
  const www = robots("https://www.h.example", "2024-01-01");

  it("are asked in order, and only those that are named", async () => {
    const at = (fallback: string[], url: string): Promise<(string | null)[]> => decide([www], { fallback }, [url]);
    expect(await at(["exact"], "https://www.h.example/x")).toEqual(["robots-disallow"]);
    expect(await at(["exact"], "https://h.example/x")).toEqual([null]);
    expect(await at(["exact", "www-variant"], "https://h.example/x")).toEqual(["robots-disallow"]);
    expect(await at(["exact", "www-variant"], "http://h.example/x")).toEqual([null]);
    expect(await at(["exact", "any-scheme", "www-variant"], "http://h.example/x")).toEqual(["robots-disallow"]);
    expect(await at(["exact", "any-scheme"], "http://www.h.example/x")).toEqual(["robots-disallow"]);
    expect(await at(["exact", "any-scheme", "www-variant"], "https://h.example:8443/x")).toEqual([null]);
  });

  it("give the newest capture that is old enough, or the first address' where the recipe prefers it", async () => {
    const captures = [robots("https://h.example", "2019-01-01", allowAll), www];
    const at = (prefer: object): Promise<(string | null)[]> =>
      decide(captures, { policy: "as-of", as_of: "2024-06-01", ...prefer }, ["https://h.example/x"]);
    expect(await at({})).toEqual(["robots-disallow"]);
    expect(await at({ prefer: "newest" })).toEqual(["robots-disallow"]);
    expect(await at({ prefer: "first" })).toEqual([null]);
  });

  it("pass over an address whose captures are all too new", async () => {
    const filter = await openOn([robots("https://h.example", "2025-01-01", allowAll), www], {
      prefer: "first",
      policy: "as-of",
      as_of: "2024-06-01",
    });
    const { verdicts } = ask(filter, [["https://h.example/x"]]);
    expect(evidenceOf(verdicts?.[0])).toMatchObject({
      authority: "https://h.example",
      fallback: "www-variant",
      robots: { authority: "https://www.h.example" },
    });
  });
});

describe("a state", () => {
  const site = (name: string): string => `https://${name}.example/robots.txt`;
  const captures = [
    capture(site("gone"), "2024-01-01", "", { status: 404 }),
    capture(site("down"), "2024-01-01", "", { status: 503 }),
    capture(site("html"), "2024-01-01", "<html>"),
    capture(site("empty"), "2024-01-01", ""),
    capture(site("moved"), "2024-01-01", "", { status: 301, location: "https://moved.example/elsewhere" }),
    capture(site("cut"), "2024-01-01", "User-agent: *\nDisallow: /a\nDisall", { truncated: true }),
  ];
  const pages: [string][] = ["gone", "down", "html", "empty", "moved", "cut", "none"].map((name) => [
    `https://${name}.example/x`,
  ]);

  it("allows everything as at Apertus, and a live crawler is kept out by a failing server", async () => {
    expect(await decide(captures, { states: "apertus" }, ...pages)).toEqual(Array(7).fill(null));
    expect(await decide(captures, { states: "rfc-live" }, ...pages)).toEqual([
      null,
      "robots-unreachable",
      ...Array(5).fill(null),
    ]);
  });

  it("means what the recipe says", async () => {
    const states = Object.fromEntries(
      ["unavailable-4xx", "unreachable-5xx", "not-robots", "empty", "redirect-unresolved", "truncated", "no-capture"].map(
        (s) => [s, "deny"],
      ),
    );
    const found = await decide(captures, { states }, ...pages);
    expect(found).toEqual(
      ["unavailable", "unreachable", "unreadable", "empty", "redirect", "truncated", "no-capture"].map(
        (rule) => `robots-${rule}`,
      ),
    );
    for (const rule of found) expect(Object.keys(consent.rules)).toContain(rule);
  });

  it("is passed over for an older capture where the recipe says so, and only then", async () => {
    const all = "User-agent: *\nDisallow: /\n";
    const histories: readonly [host: string, RobotsCapture[]][] = [
      ["failed", [capture("https://failed.example/robots.txt", "2024-01-01", all)]],
      ["never", []],
      ["reopened", [capture("https://reopened.example/robots.txt", "2024-01-01", "User-agent: *\nDisallow:\n")]],
    ];
    const failing = histories.flatMap(([host, before]) => [
      ...before,
      capture(`https://${host}.example/robots.txt`, "2024-06-01", "", { status: 503 }),
    ]);
    const moved = [
      capture("https://moved.example/robots.txt", "2024-06-01", "", { status: 503 }),
      capture("http://moved.example/robots.txt", "2024-01-01", all),
    ];
    const led = [
      capture("https://led.example/robots.txt", "2024-06-01", "", {
        status: 301,
        location: "https://target.example/robots.txt",
      }),
      capture("https://target.example/robots.txt", "2024-06-01", "", { status: 503 }),
    ];
    // A redirect to what is passed over, and has nothing before it, is what it leads to.
    const redirected = { policy: "latest", states: "rfc-live", pass_over: ["unreachable-5xx"] };
    expect(await decide(led, redirected, ["https://led.example/x"])).toEqual(["robots-unreachable"]);
    const asked = ["failed", "never", "reopened", "moved"].map((host): [string] => [`https://${host}.example/x`]);
    const of = (parameters: object): Promise<(string | null)[]> =>
      decide([...failing, ...moved], { policy: "latest", ...parameters }, ...asked);
    const disallow = "robots-disallow";
    const passing = { pass_over: ["unreachable-5xx"] };
    expect(await of({})).toEqual([null, null, null, null]);
    expect(await of(passing)).toEqual([disallow, null, null, disallow]);
    expect(await of({ ...passing, states: "rfc-live" })).toEqual([disallow, "robots-unreachable", null, disallow]);
    expect(await of({ pass_over: ["not-robots"], states: "rfc-live" })).toEqual(Array(4).fill("robots-unreachable"));
    expect(await of({ ...passing, policy: "as-of", as_of: "2023-12-31" })).toEqual([null, null, null, null]);
  });

  it("leaves the rules of a truncated file in force", async () => {
    expect(await decide(captures, {}, ["https://cut.example/a"])).toEqual(["robots-disallow"]);
  });

  it("is stored in place of the digest for a kept page", async () => {
    const { columns = {} } = ask(await openOn(captures, {}), pages);
    const column = columns.consent_robots;
    if (column === undefined || !("offsets" in column)) throw new Error("no column");
    expect(pages.map((_, row) => stringAt(column, row))).toEqual([
      ...["unavailable-4xx", "unreachable-5xx", "not-robots", "empty", "redirect-unresolved"],
      expect.stringMatching(/^[0-9a-f]{64}$/),
      "no-capture",
    ]);
  });
});

describe("the filter", () => {
  it("keeps to its contract: a verdict and a row of every column for each page, and the consulted bytes", async () => {
    const filter = await openOn(
      [capture("https://h.example/robots.txt", "2024-01-01", "User-agent: GPTBot\nDisallow: /a\n")],
      {},
    );
    const result = ask(filter, [["https://h.example/a"], ["https://h.example/b"], [""], ["https://none.example/"]]);
    expect(result.verdicts?.map(({ keep }) => keep)).toEqual([false, true, true, true]);
    expect(Object.keys(result.columns ?? {}).sort()).toEqual(Object.keys(consent.adds).sort());
    const vector = result.columns?.consent_vector;
    const at = result.columns?.consent_robots_at;
    if (vector?.type !== "utf8" || at?.type !== "timestamp") throw new Error("no columns");
    expect(parseVector(stringAt(vector, 0))?.bits).toEqual({ rfc: "0008", intent: "0008", protego: "0008" });
    expect(parseVector(stringAt(vector, 1))?.bits).toEqual({ rfc: "0000", intent: "0000", protego: "0000" });
    expect(bytesAt(vector, 2).length).toBe(0);
    expect(Array.from(at.values).map(Number.isNaN)).toEqual([false, false, true, true]);
    expect(result.blobs?.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["User-agent: GPTBot\nDisallow: /a\n"]);
    filter.close?.();
  });

  it("explains a drop to the page's owner", async () => {
    const body = "# ours\nUser-agent: CCBot/2.0\nUser-agent: ClaudeBot\nDisallow: /\n";
    const { verdicts } = ask(await openOn([capture("https://h.example/robots.txt", "2024-01-01", body)], {}), [
      ["https://h.example/x"],
    ]);
    expect(evidenceOf(verdicts?.[0])).toMatchObject({
      policy: "as-of",
      as_of: "2025-01-31",
      modes: ["rfc", "intent"],
      profile: expect.stringMatching(/^apertus-2025-01@[0-9a-f]{8}$/),
      authority: "https://h.example",
      state: "rules",
      fallback: "exact",
      robots: {
        authority: "https://h.example",
        captured_at: "2024-01-01T00:00:00.000Z",
        status: 200,
        warc_file: "robots/a.warc.gz",
      },
      vector: { rfc: "0200", intent: "1e00", protego: "0a00" },
      disallowed: [
        { agent: "ClaudeBot", mode: "rfc", group: "ClaudeBot", line: 4, raw: "Disallow: /" },
        { agent: "CCBot", mode: "intent", group: "CCBot/2.0", line: 4, raw: "Disallow: /" },
        { agent: "CCBot/2.0", mode: "intent", group: "CCBot/2.0", line: 4, raw: "Disallow: /" },
      ],
      disallowed_more: 2,
    });
  });

  it("excludes by the modes that are named, and stores all three", async () => {
    const captures = [capture("https://h.example/robots.txt", "2024-01-01", "User-agent: bot\nDisallow: /\n")];
    expect(await decide(captures, {}, ["https://h.example/x"])).toEqual([null]);
    expect(await decide(captures, { modes: ["protego"] }, ["https://h.example/x"])).toEqual(["robots-disallow"]);
  });

  it("drops pages without an address only where it is told to", async () => {
    expect(await decide([], {}, [""], ["urn:x"])).toEqual([null, null]);
    expect(await decide([], { on_no_url: "deny" }, [""], ["urn:x"])).toEqual(["no-url", "no-url"]);
  });

  it("holds a robots.txt for its own scheme, host and port", async () => {
    const captures = [capture("https://h.example/robots.txt", "2024-01-01", disallowAll)];
    const pages: [string][] = [
      ["https://h.example/x"],
      ["http://h.example/x"],
      ["https://h.example:8443/x"],
      ["https://sub.h.example/x"],
    ];
    expect(await decide(captures, { fallback: ["exact"] }, ...pages)).toEqual(["robots-disallow", null, null, null]);
  });

  it("runs without an archive: no page has a capture", async () => {
    const parsed = consent.parameters.parse({ agents: ["GPTBot"] });
    const filter = await consent.open(parsed, await consent.prepare(parsed, { baseFolder: ".", assetFolder: "." }));
    expect(ask(filter, [["https://h.example/x"]]).verdicts).toEqual([{ keep: true }]);
  });

  it.each([
    [{ as_of: "2025-02-30" }],
    [{ modes: [] }],
    [{ modes: ["rfc", "rfc"] }],
    [{ agents: [] }],
    [{ agents: ["a", "a"] }],
    [{ fallback: ["www"] }],
    [{ states: { rules: "deny" } }],
    [{ polcy: "latest" }],
  ])("refuses the parameters %j", (parameters) => expect(consent.parameters.safeParse(parameters).success).toBe(false));
});

describe("agent profiles", () => {
  it.each(shippedProfiles)("%s can be read, and its id names its content", (name) => {
    const profile = readProfile(profilePath(name, "/"));
    expect(profile.id).toBe(`${name}@${profile.sha256.slice(0, 8)}`);
    // A released profile never changes; its digest stands in the folder's README.
    expect(readFileSync(join(dirname(profilePath(name, "/")), "README.md"), "utf8")).toContain(`| ${profile.sha256} |`);
  });

  it("apertus-2025-01 has the agents of the Apertus code in its order", () => {
    expect(readProfile(profilePath("apertus-2025-01", "/")).agents).toEqual(
      "AI2Bot Applebot-Extended Bytespider CCBot CCBot/2.0 CCBot/1.0 ClaudeBot cohere-training-data-crawler Diffbot FacebookBot Meta-ExternalAgent Google-Extended GPTBot PanguBot *".split(
        " ",
      ),
    );
  });

  it("of a recipe's own list is named by its digest", () => {
    expect(inlineProfile(["a"]).id).not.toBe(inlineProfile(["b"]).id);
  });

  it("that is not valid is refused with a coded error", () => {
    const path = join(scratchFolder(), "profile.json");
    for (const text of ["", "{}", '{"name":"a","about":"b","source":"c","agents":[]}']) {
      writeFileSync(path, text);
      expect(() => readProfile(path)).toThrow(expect.objectContaining({ code: "AGENT_PROFILE_INVALID" }));
    }
  });
});
