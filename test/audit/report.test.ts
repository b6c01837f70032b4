/** The owner's report over the bundled example, held against the corpus' own tables, and over hosts that mean harm. */
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainPage, makeOwnerReport, type OwnerReport, type ReportedPage, robotsDecider } from "../../audit/index.js";
import { Batch, CorpusFolder, openManifest, sha256, writeDeletions } from "../../corpus/index.js";
import { consent } from "../../filters/index.js";
import { stringAt, utf8Column } from "../../formats/index.js";
import { codeOf, type Row, root, rowsOf, runBuilt, scratchFolder } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("audit");
const example = new CorpusFolder(join(folder, "example"));
let documents: readonly Row[];
let ledger: readonly Row[];

beforeAll(async () => {
  await runBuilt(join(root, "examples/quickstart/recipe.yaml"), example.root);
  documents = await rowsOf(example.root, "documents/*.parquet", "url, host_key, tokens, shard, row, language, redactions");
  ledger = await rowsOf(example.root, "ledger/*.parquet", "url, host_key, stage, rule, evidence");
});

afterAll(remove);

const ask = (asked: string, more: object = {}, corpus = example): Promise<OwnerReport> =>
  makeOwnerReport(corpus, { asked, limit: 10_000, ...more });

/** A copy of the example that may be harmed. */
function copy(name: string): CorpusFolder {
  const corpus = new CorpusFolder(join(folder, name));
  rmSync(corpus.root, { recursive: true, force: true });
  cpSync(example.root, corpus.root, { recursive: true });
  return corpus;
}

const below = (row: Row, key: string): boolean =>
  row.host_key === key || String(row.host_key).startsWith(`${key},`) || String(row.host_key).startsWith(`${key}:`);

describe("the report of every host of the example", () => {
  let all: OwnerReport;
  beforeAll(async () => {
    // `example` is no suffix that the list knows, so all of it can be asked about at once.
    all = await ask("example");
  });

  it("has each page of the tables once, in the order of the tables, with its place and its tokens", () => {
    const wanted = [...documents, ...ledger].filter((row) => below(row, "example")).map(({ url }) => String(url));
    expect(all.pages.map(({ url }) => url).sort()).toEqual(wanted.sort());
    const { read, in: kept, out, unreadable, tokens } = all.summary;
    expect(read).toBe(kept + out + unreadable);
    expect(kept).toBe(documents.filter((row) => below(row, "example")).length);
    expect(tokens).toBe(documents.filter((row) => below(row, "example")).reduce((sum, row) => sum + Number(row.tokens), 0));
    for (const { place, shard, status } of all.pages) {
      expect(place.length).toBeGreaterThan(0);
      expect(shard === null).toBe(status !== "in");
    }
  });

  it("counts rules as the ledger does", () => {
    const counts: Record<string, number> = {};
    for (const row of ledger.filter((dropped) => below(dropped, "example"))) {
      counts[`${row.stage}/${row.rule}`] = (counts[`${row.stage}/${row.rule}`] ?? 0) + 1;
    }
    expect(Object.fromEntries(all.summary.by_rule.map(({ stage, rule, pages }) => [`${stage}/${rule}`, pages]))).toEqual(
      counts,
    );
    expect(all.decisions.reduce((sum, { pages }) => sum + pages, 0)).toBe(all.summary.out);
    for (const { meaning } of all.summary.by_rule) expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  it("gives each page out the decision with its stage, rule and evidence, and a page in none", () => {
    const evidence = new Map(ledger.map((row) => [String(row.url), String(row.evidence)]));
    for (const page of all.pages) {
      const decision = page.decision === null ? undefined : all.decisions[page.decision];
      expect([decision?.stage ?? null, decision?.rule ?? null]).toEqual([page.stage, page.rule]);
      if (decision?.evidence_id != null) expect(decision.evidences).toBe(1);
      if (decision?.robots != null) expect(decision.evidence_id).toBe(evidence.get(page.url));
    }
  });

  it("decides under the policy in force just as the run did, and names it once", () => {
    const inForce = all.policies.filter(({ in_force }) => in_force);
    const optedOut = all.summary.by_rule.filter(({ stage }) => stage === "consent").reduce((sum, { pages }) => sum + pages, 0);
    expect(inForce).toMatchObject([{ policy: "as-of", as_of: "2025-01-31", disallowed: optedOut }]);
    for (const { allowed, disallowed } of all.policies) expect(allowed + disallowed).toBe(all.pages_total);
    const names = all.policies.map(({ policy, as_of }) => `${policy} ${as_of}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["latest null", "as-of 2023-12-31", "as-of 2024-12-31", "at-capture null", "ever null"]),
    );
  });

  it("counts under every policy what the filter itself decides", async () => {
    const stage = openManifest(example).stages.find(({ name }) => name === "consent");
    const [archive = ""] = readdirSync(example.assets());
    const provenance = {};
    const assets = [
      { name: "robots-archive", path: join(example.assets(), archive), sha256: "", provenance },
      { name: "agent-profile", path: join(root, "assets/agents/apertus-2025-01.json"), sha256: "", provenance },
    ];
    const batch = new Batch([
      ["url", utf8Column(all.pages.map(({ url }) => url))],
      [
        "captured_at",
        { type: "timestamp", values: Float64Array.from(all.pages, ({ captured_at }) => Date.parse(captured_at ?? "")) },
      ],
    ]);
    for (const { policy, as_of, allowed, disallowed, without_capture } of all.policies) {
      const dated = as_of === null ? {} : { as_of };
      const parameters = consent.parameters.parse({ ...(stage?.parameters as object), policy, ...dated });
      const filter = await consent.open(parameters, assets);
      const { verdicts = [], columns } = filter.process(batch);
      const robots = columns?.consent_robots;
      const silent = verdicts.filter(
        ({ keep }, row) => keep && robots?.type === "utf8" && ["no-capture", "no-url"].includes(stringAt(robots, row)),
      );
      const kept = verdicts.filter(({ keep }) => keep).length;
      expect([allowed, disallowed, without_capture], `${policy} ${as_of}`).toEqual([
        kept,
        verdicts.length - kept,
        silent.length,
      ]);
      filter.close?.();
    }
  });

  it("carries every robots.txt it rests on, with bytes that have their digest", () => {
    const named = [
      ...all.decisions.map(({ robots }) => robots?.capture.sha256),
      ...all.sites.flatMap(({ captures }) => captures.map(({ sha256: digest }) => digest)),
    ].filter((digest) => digest != null);
    expect(named.length).toBeGreaterThan(20);
    for (const digest of named) {
      const file = all.files[digest];
      expect(sha256(Buffer.from(file?.base64 ?? "", "base64"))).toBe(digest);
    }
  });

  it("quotes lines of robots.txt that stand there, with all the agents that they shut out", () => {
    const shown = all.decisions.flatMap(({ robots }) => (robots === null ? [] : [robots]));
    expect(shown.length).toBeGreaterThan(5);
    for (const { lines, capture } of shown) {
      const text = all.files[capture.sha256 ?? ""]?.text.split(/\r\n|\r|\n/) ?? [];
      expect(lines.length).toBeGreaterThan(0);
      for (const { line, raw, agents } of lines) {
        expect(text[line - 1]).toBe(raw);
        expect(agents.length).toBeGreaterThan(0);
      }
    }
  });

  it("has the pages of its sites by day, and captures from the oldest to the newest", () => {
    expect(all.sites.reduce((sum, { pages }) => sum + pages, 0)).toBe(all.pages_total);
    expect(all.sites_total).toBe(all.sites.length);
    for (const { pages, in: kept, page_captures, captures } of all.sites) {
      expect(page_captures.reduce((sum, day) => sum + day.pages, 0)).toBe(pages);
      expect(page_captures.reduce((sum, day) => sum + day.in, 0)).toBe(kept);
      const times = captures.map(({ captured_at }) => captured_at);
      expect(times).toEqual([...times].sort());
      for (const { pages_disallowed } of captures) expect(pages_disallowed).toBeLessThanOrEqual(pages);
    }
  });

  it("adds up over the hosts that it is made of", async () => {
    const hosts = [...new Set(all.sites.map(({ authority }) => new URL(authority).hostname))];
    const reports = [];
    for (const host of hosts.slice(0, 8)) reports.push(await ask(host, { exact: true }));
    for (const [i, { summary }] of reports.entries()) {
      const own = all.sites.filter(({ authority }) => new URL(authority).hostname === hosts[i]);
      expect(summary.in + summary.out).toBe(own.reduce((sum, { pages }) => sum + pages, 0));
    }
  });
});

describe("a report", () => {
  it("shows an opt-out that came after the pages did: kept as of 2023, left out in force", async () => {
    const { summary, policies, sites, decisions } = await ask("press.example");
    expect(summary).toMatchObject({ read: 6, in: 0, out: 6 });
    const outcome = (policy: string, as_of: string | null) =>
      policies.find((entry) => entry.policy === policy && entry.as_of === as_of);
    expect(outcome("as-of", "2023-12-31")).toMatchObject({ allowed: 6, disallowed: 0, in_force: false });
    expect(outcome("as-of", "2025-01-31")).toMatchObject({ allowed: 0, disallowed: 6, in_force: true });
    const [site] = sites;
    expect(site?.captures.map(({ decided }) => decided)).toEqual([false, false, true]);
    expect(site?.captures.map(({ pages_disallowed }) => pages_disallowed)).toEqual([0, 6, 6]);
    expect(site?.captures.at(-1)?.disallowed_at_root).toEqual(["CCBot", "CCBot/2.0", "CCBot/1.0", "GPTBot"]);
    expect(decisions[0]?.robots?.lines).toEqual([
      {
        line: 3,
        raw: "Disallow: /",
        groups: ["CCBot", "GPTBot"],
        agents: ["CCBot", "CCBot/2.0", "CCBot/1.0", "GPTBot"],
        modes: ["rfc", "intent"],
      },
    ]);
  });

  it("says plainly that nothing was read", async () => {
    const report = await ask("nowhere.example");
    expect(report.summary).toMatchObject({ read: 0, in: 0, out: 0, unreadable: 0, first_capture: null, by_rule: [] });
    expect([report.pages, report.decisions, report.sites]).toEqual([[], [], []]);
  });

  it("lists as many pages as it is told, counts them all and hands on every one", async () => {
    const pages: ReportedPage[] = [];
    const { pages: listed, pages_total } = await ask("press.example", {
      limit: 2,
      onPage: (page: ReportedPage) => pages.push(page),
    });
    expect([listed.length, pages_total, pages.length]).toEqual([2, 6, 6]);
  });

  it("takes an address for the page, in any of its spellings", async () => {
    for (const asked of [
      "https://press.example/2023/story",
      "http://PRESS.example:80/2023/story#x",
      "press.example/x/../2023/story",
    ]) {
      const { summary, subject, pages } = await ask(asked);
      expect([subject.scope, summary.read, pages[0]?.url]).toEqual(["url", 1, "https://press.example/2023/story"]);
    }
    expect((await ask("https://press.example/2023/stor")).summary.read).toBe(0);
  });

  it("tries another robots.txt on the pages", async () => {
    const path = join(folder, "robots.txt");
    writeFileSync(path, "User-agent: *\nDisallow: /2023/\n");
    const { what_if, pages } = await ask("press.example", { whatIf: path });
    const old = pages.filter(({ url }) => new URL(url).pathname.startsWith("/2023/")).length;
    expect(what_if).toMatchObject({ disallowed: old, allowed: 6 - old, changes_total: 6 - old });
    // Every agent without a group of its own follows `*`.
    expect(what_if?.lines).toMatchObject([{ line: 2, raw: "Disallow: /2023/", groups: ["*"] }]);
    expect(what_if?.lines[0]?.agents).toHaveLength(15);
    for (const change of what_if?.changes ?? []) expect(change).toMatchObject({ from: "out", to: "in" });
    expect(await codeOf(ask("press.example", { whatIf: join(folder, "none") }))).toBe("INPUT_NOT_FOUND");
    writeFileSync(path, Buffer.alloc(2e6));
    expect(await codeOf(ask("press.example", { whatIf: path }))).toBe("USAGE");
  });

  it("shows what a later version took away, and why; an earlier version has it still", async () => {
    const corpus = copy("retracted");
    const kept = documents.filter((row) => below(row, "example"));
    const [first, second] = kept;
    const at = (row: Row | undefined, reason: string, day: string) =>
      writeDeletions(
        corpus,
        openManifest(corpus),
        new Map([[String(row?.shard), [Number(row?.row)]]]),
        [{ reason }],
        new Date(day),
      );
    await at(first, "asked by the owner", "2025-03-01");
    await at(second, "a court's order", "2025-04-01");
    const report = await ask("example", {}, corpus);
    expect(report.summary).toMatchObject({ retracted: 2, in: kept.length - 2 });
    expect(report.summary.by_rule).toContainEqual(expect.objectContaining({ stage: "retract", rule: "retracted", pages: 2 }));
    const page = report.pages.find(({ status, url }) => status === "retracted" && url === first?.url);
    expect(report.decisions[page?.decision ?? -1]?.evidence).toEqual({
      version: 1,
      created_at: "2025-03-01T00:00:00.000Z",
      reasons: [{ reason: "asked by the owner" }],
    });
    expect((await ask("example", { version: 1 }, corpus)).summary.retracted).toBe(1);
    expect((await ask("example", { version: 0 }, corpus)).summary.retracted).toBe(0);
    expect(await codeOf(ask("example", { version: 7 }, corpus))).toBe("VERSION_NOT_FOUND");
  });

  it("does without the robots archive where the corpus keeps none: decisions stay proved, policies are not asked", async () => {
    const corpus = copy("bare");
    rmSync(corpus.assets(), { recursive: true });
    const report = await ask("press.example", {}, corpus);
    expect(report.policies).toEqual([]);
    expect(report.decisions[0]?.robots?.lines).toHaveLength(1);
    expect(Object.keys(report.files)).toHaveLength(1);
  });
});

describe("a corpus that is not what was written", () => {
  it("is refused where a table is missing, cut or overwritten", async () => {
    const corpus = copy("damaged");
    const [ledgerFile] = openManifest(corpus).tables.ledger;
    const path = corpus.resolve(ledgerFile?.path ?? "");
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.alloc(bytes.length, 0x41));
    expect(await codeOf(ask("press.example", {}, corpus))).toBe("CORPUS_DAMAGED");
    truncateSync(path, 10);
    expect(await codeOf(ask("press.example", {}, corpus))).toBe("CORPUS_DAMAGED");
    rmSync(path);
    expect(await codeOf(ask("press.example", {}, corpus))).toBe("CORPUS_DAMAGED");
  });

  it("is found out where its parameters would have decided otherwise", async () => {
    const corpus = copy("altered");
    const text = readFileSync(corpus.manifest(), "utf8");
    const altered = JSON.parse(text) as { stages: { name: string; parameters: { as_of: string } }[] };
    for (const stage of altered.stages) if (stage.name === "consent") stage.parameters.as_of = "2023-12-31";
    writeFileSync(corpus.manifest(), JSON.stringify(altered));
    expect(await codeOf(ask("press.example", {}, corpus))).toBe("DECISION_DIFFERS");
    expect(await codeOf(explainPage(corpus, { url: "https://press.example/2023/story" }))).toBe("DECISION_DIFFERS");
  });
});

describe("a corpus of an older version of the consent filter", () => {
  const made = (name: string, change: (stage: { version: number; parameters: { as_of: string } }) => void): CorpusFolder => {
    const corpus = copy(name);
    const manifest = JSON.parse(readFileSync(corpus.manifest(), "utf8")) as {
      stages: { name: string; version: number; parameters: { as_of: string } }[];
    };
    for (const stage of manifest.stages) if (stage.name === "consent") change(stage);
    writeFileSync(corpus.manifest(), JSON.stringify(manifest));
    return corpus;
  };
  it("is reported, with what this version would decide otherwise", async () => {
    const { version } = consent;
    const same = made("older", (stage) => stage.version--);
    const { corpus, summary } = await ask("press.example", {}, same);
    expect(corpus.rereading).toEqual({ made_with: version - 1, read_with: version, differing: 0 });
    const other = made("older-differing", (stage) => {
      stage.version--;
      stage.parameters.as_of = "2023-12-31";
    });
    const report = await ask("press.example", {}, other);
    expect(report.corpus.rereading?.differing).toBeGreaterThan(0);
    expect(report.summary).toEqual(summary);
    const [page] = await explainPage(other, { url: "https://press.example/2023/story" });
    expect(page).toMatchObject({ page: { status: "out" }, robots: { allowed: true, as_recorded: false } });
  });

  it("can be decided on again; one of a newer version cannot", async () => {
    const older = made("older-retract", (stage) => stage.version--);
    const manifest = openManifest(older);
    const choice = { robots: [], parameters: {}, baseFolder: ".", assetFolder: older.assets() };
    expect((await robotsDecider(older, manifest, choice)).reason).toMatchObject({ by: "robots.txt", policy: "latest" });
    const newer = made("newer", (stage) => stage.version++);
    expect(await codeOf(ask("press.example", {}, newer))).toBe("DECISION_DIFFERS");
  });
});

describe("an explanation", () => {
  it("follows a page from its address to the lines, with a second opinion", async () => {
    const [found, ...more] = await explainPage(example, { url: "https://press.example/2023/story" });
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      page: { status: "out", rule: "robots-disallow" },
      policy: { policy: "as-of", as_of: "2025-01-31" },
      robots: { authority: "https://press.example", target: "/2023/story", allowed: false },
    });
    expect(found?.robots?.captures.map(({ spoke }) => spoke)).toEqual([false, false, true]);
    const denied = found?.robots?.agents
      .filter(({ counts }) => counts.some(({ allowed }) => !allowed))
      .map(({ agent }) => agent);
    expect(found?.robots?.second_opinion?.filter(({ allowed }) => !allowed).map(({ agent }) => agent)).toEqual(denied);
    expect(await explainPage(example, { url: "https://press.example/none" })).toEqual([]);
  });
});
