/** Retraction: which documents go, by what evidence, and that everything else stays as it was. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { diffVersions, makeOwnerReport, verifyCorpus } from "../../audit/index.js";
import { Changes } from "../../audit/retract/changes.js";
import { openDecider } from "../../audit/retract/open-decider.js";
import { CorpusFolder, openManifest, readVersion, sha256 } from "../../corpus/index.js";
import { signalsParameters } from "../../filters/index.js";
import { openParquet, utf8Column } from "../../formats/index.js";
import { callCli } from "../cli/call.js";
import { differences, fingerprint } from "../durability/harness.mjs";
import { root, rowsOf, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("retract");
const whole = join(folder, "whole");

beforeAll(async () => {
  const page = (url: string) => ({ text: `This is the page ${url}, written by hand.`, url, date: "2023-05-01" });
  writeLines(join(folder, "a.jsonl"), [
    ...texts(9),
    page("https://press.example/1"),
    page("https://press.example/2"),
    page("https://www.other.example/a?b=1"),
    page("https://other.example:8443/"),
    page("https://notother.example/"),
  ]);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    // As of the end of 2023 nobody had opted out.
    stages: [
      { consent: { robots: [join(root, "examples/quickstart/robots.warc.gz")], as_of: "2023-12-31" } },
      "extract",
      "tokenize",
    ],
  });
  await runBuilt(recipe, whole);
});

afterAll(remove);

let copies = 0;
function copy(): CorpusFolder {
  const place = join(folder, `copy-${copies++}`);
  cpSync(whole, place, { recursive: true });
  return new CorpusFolder(place);
}

async function retract(corpus: CorpusFolder, ...flags: readonly string[]) {
  const { status, stdout, stderr } = await callCli(folder, ["retract", "--corpus", corpus.root, "--json", ...flags]);
  return { status, stderr, ...(stdout === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>)) } as Record<
    string,
    unknown
  >;
}

it("pages whose robots.txt forbids them by now go, with the line as evidence, and no file of the corpus changes", async () => {
  const corpus = copy();
  const before = fingerprint(corpus.root);
  expect(await retract(corpus, "--policy", "latest", "--note", "first")).toMatchObject({
    status: 0,
    version: 1,
    documents: 14,
    removed: { documents: 2 },
    by_rule: { "robots-disallow": { documents: 2 } },
    hosts: [{ host_key: "example,press", documents: 2 }],
  });
  const after = fingerprint(corpus.root);
  expect(differences(before, after).filter((path) => !path.startsWith("versions/"))).toEqual([]);
  expect((await verifyCorpus(corpus)).faults).toEqual([]);
  const { reasons, tables } = readVersion(corpus, 1);
  expect(reasons).toMatchObject([{ by: "robots.txt", policy: "latest", documents: 2, note: "first" }]);
  const ledger = await rowsOf(corpus.root, tables.ledger?.[0]?.path ?? "");
  expect(ledger.map(({ url, stage, rule }) => [url, stage, rule])).toEqual([
    ["https://press.example/1", "retract", "robots-disallow"],
    ["https://press.example/2", "retract", "robots-disallow"],
  ]);
  const evidence = await rowsOf(corpus.root, tables.evidence?.[0]?.path ?? "");
  expect(evidence.map(({ id }) => id)).toEqual([...new Set(ledger.map((row) => row.evidence))]);
  const told = JSON.parse(String(evidence[0]?.evidence));
  expect(told.disallowed[0]).toMatchObject({ raw: "Disallow: /" });
  const blobs = await rowsOf(corpus.root, tables.blobs?.[0]?.path ?? "", "sha256");
  expect(blobs).toEqual([{ sha256: told.robots.sha256 }]);
  // The owner is shown the line, and all agents that it shuts out.
  const report = await makeOwnerReport(corpus, { asked: "press.example", limit: 10 });
  expect(report.summary).toMatchObject({ in: 0, out: 2, retracted: 2 });
  expect(report.decisions).toMatchObject([
    {
      stage: "retract",
      rule: "robots-disallow",
      evidence_id: ledger[0]?.evidence,
      robots: { policy: "latest", lines: [{ raw: "Disallow: /" }] },
    },
  ]);
  expect(report.files[told.robots.sha256]?.text).toContain("Disallow: /");
  expect(report.pages.map(({ status, decision }) => [status, decision])).toEqual([
    ["retracted", 0],
    ["retracted", 0],
  ]);
  const before0 = await makeOwnerReport(corpus, { asked: "press.example", limit: 10, version: 0 });
  expect(before0.summary).toMatchObject({ in: 2, out: 0, retracted: 0 });
});

it("threads take away what one would, and their errors keep code and place", async () => {
  const built = (await import(join(root, "dist/audit/index.js"))) as typeof import("../../audit/index.js");
  const corpora = [copy(), copy()];
  const found = [];
  for (const [i, corpus] of corpora.entries()) {
    const manifest = openManifest(corpus);
    const choice = { robots: [], parameters: {}, baseFolder: folder, assetFolder: corpus.assets() };
    const deciders = [built.hostDecider(["other.example"], false), await built.robotsDecider(corpus, manifest, choice)];
    found.push(await built.retract(corpus, { deciders, dryRun: false, now: new Date(0), hosts: 10, threads: 2 * i }));
  }
  expect(found[1]).toEqual(found[0]);
  expect(found[0]).toMatchObject({
    removed: { documents: 4 },
    by_rule: { "host-request": { documents: 2 }, "robots-disallow": { documents: 2 } },
  });
  const [one, other] = corpora.map((corpus) => readVersion(corpus, 1));
  expect(other).toEqual(one);
  const [corpus] = corpora;
  for (const name of readdirSync(join(corpus?.root ?? "", "documents")))
    writeFileSync(join(corpus?.root ?? "", "documents", name), "PAR1");
  const deciders = [built.hostDecider(["press.example"], false)];
  const group = { file: 0, path: join(corpus?.root ?? "", "documents", "none.parquet"), start: 0, end: 1 };
  const { decideGroups } = (await import(
    join(root, "dist/audit/retract/threads.js")
  )) as typeof import("../../audit/retract/threads.js");
  await expect(
    decideGroups(
      deciders.map(({ spec }) => spec),
      [group],
      2,
      async () => undefined,
    ),
  ).rejects.toMatchObject({
    code: "INPUT_NOT_FOUND",
    site: { file: group.path },
  });
});

it("a profile of one's own is taken from the manifest, which says what stood in it", async () => {
  const profile = { name: "mine", about: "A list of a test.", source: "this test", agents: ["GPTBot", "SomeBot"] };
  writeFileSync(join(folder, "mine.json"), JSON.stringify(profile));
  const stages = (agents: unknown) => [
    { consent: { robots: [join(root, "examples/quickstart/robots.warc.gz")], as_of: "2023-12-31", agents } },
    "extract",
    "tokenize",
  ];
  const own = join(folder, "own-profile");
  await runBuilt(writeRecipe(join(folder, "own.yaml"), { inputs: [{ path: "*.jsonl" }], stages: stages("mine.json") }), own);
  const corpus = new CorpusFolder(own);
  expect(await retract(corpus, "--policy", "latest")).toMatchObject({ status: 0, removed: { documents: 2 } });
  const { reasons, tables } = readVersion(corpus, 1);
  const [recorded] = openManifest(corpus).stages[0]?.assets ?? [];
  expect(reasons[0]).toMatchObject({ agents: "mine.json", assets: [{ name: "agent-profile", sha256: recorded?.sha256 }, {}] });
  const [row] = await rowsOf(own, tables.evidence?.[0]?.path ?? "");
  expect(JSON.parse(String(row?.evidence))).toMatchObject({
    profile_sha256: recorded?.sha256,
    disallowed: [{ agent: "GPTBot" }, {}],
  });
  // A manifest that does not say is no reason to guess.
  const path = join(own, "manifest.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"SomeBot"', "7"));
  expect((await retract(corpus, "--policy", "ever")).stderr).toContain("AGENT_PROFILE_INVALID");
  expect(await retract(corpus, "--policy", "ever", "--agents", "star-only", "--dry-run")).toMatchObject({ status: 0 });
});

it("a preset decides as a whole, what stands beside it wins, and the version says what came of it", async () => {
  const corpus = copy();
  expect(await retract(corpus, "--preset", "rfc-live", "--mode", "protego")).toMatchObject({ removed: { documents: 2 } });
  expect(readVersion(corpus, 1).reasons).toMatchObject([
    { preset: "rfc-live", policy: "latest", modes: ["protego"], fallback: ["exact"], states: { "unreachable-5xx": "deny" } },
  ]);
  expect((await retract(corpus, "--preset", "none.yaml")).stderr).toContain("POLICY_INVALID");
});

it("what robots.txt means where nothing was captured is the rule that the version names", async () => {
  const corpus = copy();
  writeFileSync(
    join(folder, "strict.yaml"),
    readFileSync(join(root, "assets/policies/rfc-live.yaml"), "utf8").replace("no-capture: allow", "no-capture: deny"),
  );
  const strict = ["--preset", join(folder, "strict.yaml"), "--dry-run"];
  const { by_rule } = (await retract(corpus, ...strict)) as { by_rule: Record<string, { documents: number }> };
  expect(by_rule).toMatchObject({ "robots-disallow": { documents: 2 }, "robots-no-capture": { documents: 12 } });
  // Sites that newer captures do not hold keep what was decided.
  expect(await retract(corpus, ...strict, "--robots", join(root, "examples/quickstart/robots.warc.gz"))).toMatchObject({
    by_rule: { "robots-disallow": { documents: 2 } },
    removed: { documents: 2 },
  });
});

it("a dry run says the same and leaves nothing behind", async () => {
  const corpus = copy();
  const before = fingerprint(corpus.root);
  const robots = ["--robots", join(root, "examples/quickstart/robots.warc.gz")];
  expect(await retract(corpus, ...robots, "--dry-run")).toMatchObject({
    dry_run: true,
    version: null,
    removed: { documents: 2 },
  });
  expect(differences(before, fingerprint(corpus.root))).toEqual([]);
});

it("with a policy of its own day, what was allowed on that day stays", async () => {
  expect(await retract(copy(), "--as-of", "2023-12-31")).toMatchObject({ version: null, removed: { documents: 0 } });
});

it("a body is kept even where an earlier decider took all documents of the group that it came with", async () => {
  const at = join(folder, "changes");
  mkdirSync(at);
  const changes = new Changes(at);
  const group = { file: 0, path: "documents.parquet", start: 0, end: 10 };
  const blob = { sha256: sha256("robots"), media_type: "text/plain", bytes: Buffer.from("robots") };
  const by = (decider: number, row: number, blobs: readonly (typeof blob)[]) => ({
    ...{ decider, gone: [{ at: row, rule: "r", evidence: "e" }], unsure: [{ at: 9, why: "partial" as const }] },
    ...{ evidence: new Map([["e", "{}"]]), blobs },
  });
  changes.add(group, [by(0, 5, []), by(1, 5, [blob])]);
  changes.add(group, [by(1, 6, [])]);
  changes.close();
  expect([changes.documents, changes.doubted]).toEqual([2, 2]);
  const kept = await openParquet(changes.blobs.path);
  expect(kept.rows).toBe(1);
  await kept.close();
});

it("documents whose statements are not all kept, or cannot be read, are told apart from those that state nothing", async () => {
  const policy = { ...signalsParameters.parse({}), agents: ["GPTBot"] };
  const decider = await openDecider({ kind: "signals", policy });
  const denial = '{"signal":"tdmrep","location":"meta","category":"mine","value":"deny","where":"meta","raw":"1"}';
  const cells = [
    "",
    '{"statements":[],"truncated":true}',
    "{",
    `{"statements":[${denial}],"truncated":true}`,
    '{"statements":[]}',
  ];
  const { gone, unsure } = decider.decide({
    url: utf8Column(cells.map(() => "https://a.example/")),
    signals: utf8Column(cells),
  });
  expect(gone.map(({ row, reason }) => [row, reason.rule])).toEqual([[3, "tdm-reserved"]]);
  expect(unsure).toEqual([
    { row: 1, why: "partial" },
    { row: 2, why: "unread" },
  ]);
});

it("a site goes with its sub-domains and ports, and nothing that only looks like it", async () => {
  const corpus = copy();
  expect(await retract(corpus, "--host", "other.example", "--dry-run")).toMatchObject({
    removed: { documents: 2 },
    hosts_total: 2,
  });
  expect(await retract(corpus, "--host", "www.other.example", "--exact")).toMatchObject({ removed: { documents: 1 } });
});

it("addresses of a list go, however they are spelled, and each line that is none is named", async () => {
  const corpus = copy();
  const list = join(folder, "list.txt");
  writeFileSync(
    list,
    "# letter\n\nHTTP://WWW.OTHER.example:80/a?b=1#part\r\nhttps://other.example:8443/\nhttps://press.example/3\n",
  );
  expect(await retract(corpus, "--url-list", list)).toMatchObject({
    removed: { documents: 2 },
    by_rule: { "url-request": { documents: 2 } },
  });
  writeFileSync(list, "https://press.example/1\nftp://x.example/\n");
  const wrong = await retract(corpus, "--url-list", list);
  expect(wrong.stderr).toContain("list.txt, line 2");
  expect(wrong.status).toBe(2);
});

it("versions build on each other: what is out is not decided again, and the owner's report says so", async () => {
  const corpus = copy();
  await retract(corpus, "--host", "press.example");
  expect(await retract(corpus, "--policy", "latest", "--host", "other.example")).toMatchObject({
    version: 2,
    parent: 1,
    documents: 12,
    removed: { documents: 2 },
    by_rule: { "host-request": { documents: 2 } },
  });
  expect((await diffVersions(corpus, 0, 2)).removed.documents).toBe(4);
  const { summary, decisions } = await makeOwnerReport(corpus, { asked: "press.example", limit: 10 });
  expect(summary).toMatchObject({ read: 2, in: 0, out: 2, retracted: 2 });
  expect(decisions).toMatchObject([
    { stage: "retract", rule: "host-request", pages: 2, evidence: { asked: "press.example" }, robots: null },
  ]);
  expect(decisions[0]?.meaning).toContain("owner of the site asked");
  expect(await retract(corpus, "--policy", "latest")).toMatchObject({ version: null, parent: 2, removed: { documents: 0 } });
});

it.each([
  [[], "nothing says which documents are to go"],
  [["--policy", "as-of"], "--policy as-of without --as-of"],
  [["--policy", "ever", "--as-of", "2024-01-01"], "--as-of and --policy ever"],
  [["--host", "https://press.example/1"], "is a page and no site"],
  [["--host", "co.uk"], "co.uk"],
])("%j is wrong usage", async (flags, message) => {
  const { status, stderr } = await retract(copy(), ...flags);
  expect([status, String(stderr).includes(message)]).toEqual([2, true]);
});

it("of a corpus that another process holds nothing is taken", async () => {
  const corpus = copy();
  mkdirSync(corpus.root, { recursive: true });
  writeFileSync(corpus.lock(), JSON.stringify({ pid: 1, host: "elsewhere", started: "" }));
  const { status, stderr } = await retract(corpus, "--policy", "latest");
  expect([status, String(stderr).includes("CORPUS_LOCKED")]).toEqual([1, true]);
  expect(readdirSync(join(corpus.root, "versions"))).toEqual(["000000.json"]);
  expect(openManifest(corpus).totals.kept).toBe(14);
});
