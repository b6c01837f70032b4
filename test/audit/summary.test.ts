/** A corpus as a whole, against counts made the plain way from the same tables. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CorpusSummary,
  findEvidence,
  findRows,
  holdings,
  hostDecider,
  makeSummary,
  queryCorpus,
  retract,
  sampleCorpus,
} from "../../audit/index.js";
import { CorpusFolder } from "../../corpus/index.js";
import { bitAt, parseVector } from "../../filters/index.js";
import { type Row, root, rowsOf, runBuilt, scratchFolder, texts, writeLines, writeRecipe } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("summary");
const corpus = join(folder, "corpus");
let summary: CorpusSummary;
let documents: readonly Row[];
let ledger: readonly Row[];

beforeAll(async () => {
  const page = (url: string, date: string) => ({ text: `This is the page ${url}, written by hand.`, url, date });
  writeLines(join(folder, "a.jsonl"), [
    ...texts(9),
    page("https://press.example/1", "2023-05-01"),
    page("https://press.example/2", "2023-05-02"),
    page("https://www.press.example:8443/3", "2023-06-01"),
    page("https://a.b.co.uk/", "2024-02-01"),
    page("https://b.co.uk/", "2024-02-01"),
    page("https://b+c.co.uk/", "2024-02-01"),
    page("https://c.co.uk/", "2024-02-01"),
    page("http://192.0.2.1/", "2024-02-01"),
    { text: "Nobody knows where this comes from." },
    { text: "Nobody knows where this comes from." },
  ]);
  writeLines(join(folder, "b.jsonl"), []);
  const recipe = writeRecipe(join(folder, "recipe.yaml"), {
    inputs: [{ path: "*.jsonl" }],
    stages: [
      { consent: { robots: [join(root, "examples/quickstart/robots.warc.gz")] } },
      "extract",
      "language",
      "duplicates",
      "tokenize",
    ],
  });
  await runBuilt(recipe, corpus);
  summary = await makeSummary(new CorpusFolder(corpus));
  documents = await rowsOf(corpus, "documents/*.parquet");
  ledger = await rowsOf(corpus, "ledger/*.parquet");
});

afterAll(remove);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

it("totals balance and are the manifest's", () => {
  const { totals, stages } = summary;
  expect(totals.documents).toBe(19);
  expect(totals.documents).toBe(totals.kept + totals.dropped + totals.quarantined);
  expect(sum(stages.flatMap(({ dropped }) => dropped.map((rule) => rule.documents)))).toBe(totals.dropped);
  expect(stages.flatMap(({ dropped }) => dropped).every(({ meaning }) => meaning.length > 20)).toBe(true);
});

it("hosts of one registrable domain are one domain, whatever port they have, and domains add up", () => {
  const { domains, domains_total, domain_sizes, totals } = summary;
  const of = (name: string) => domains.find(({ domain }) => domain === name);
  expect(of("press.example")).toMatchObject({ kept: 1, dropped: 2, opted_out: 2 });
  expect(of("b.co.uk")).toMatchObject({ kept: 2, dropped: 0 });
  expect(of("b+c.co.uk") ?? of("c.co.uk")).toBeDefined();
  expect(of("192.0.2.1")).toMatchObject({ kept: 1 });
  expect(of("")).toMatchObject({ kept: 1, dropped: 1, opted_out: 0 });
  expect(domains).toHaveLength(domains_total);
  expect(new Set(domains.map(({ domain }) => domain)).size).toBe(domains_total);
  expect(sum(domains.map(({ kept }) => kept))).toBe(totals.kept);
  expect(sum(domains.map(({ dropped }) => dropped))).toBe(totals.dropped);
  expect(sum(domains.map(({ tokens }) => tokens))).toBe(totals.tokens);
  expect(sum(domain_sizes.map((size) => size.documents))).toBe(totals.kept + totals.dropped);
  expect(sum(domain_sizes.map((size) => size.domains))).toBe(domains_total);
});

it("domains that opted out stand in the order of what they took away, however few tokens they have", () => {
  const { domains, domains_opted_out: optedOut, domains_opted_out_total } = summary;
  expect(optedOut.map(({ domain, opted_out }) => [domain, opted_out])).toEqual([["press.example", 2]]);
  expect(domains_opted_out_total).toBe(domains.filter(({ opted_out }) => opted_out > 0).length);
});

it("only the largest domains are listed where a limit is given, and none is lost from the counts", async () => {
  const short = await makeSummary(new CorpusFolder(corpus), { domains: 2 });
  expect(short.domains).toEqual(summary.domains.slice(0, 2));
  expect(short.domains_total).toBe(summary.domains_total);
});

it("languages, scripts and months add up", () => {
  const { languages, scripts, months, totals } = summary;
  for (const shares of [languages, scripts]) {
    expect(sum(shares.map((share) => share.documents))).toBe(totals.kept);
    expect(sum(shares.map(({ tokens }) => tokens))).toBe(totals.tokens);
  }
  expect(sum(months.map(({ kept }) => kept))).toBe(totals.kept);
  expect(sum(months.flatMap(({ dropped }) => Object.values(dropped)))).toBe(totals.dropped);
  expect(months.map(({ month }) => month)).toEqual(["2023-05", "2023-06", "2024-01", "2024-02", null]);
});

it("agents are counted as the vectors of documents and evidence say", async () => {
  const evidence = await rowsOf(corpus, "evidence/evidence-*.parquet");
  const vectors = [
    ...documents.map(({ consent_vector }) => parseVector(String(consent_vector))?.bits),
    ...ledger
      .filter(({ stage }) => stage === "consent")
      .map((row) => JSON.parse(String(evidence.find(({ id }) => id === row.evidence)?.evidence)).vector),
  ];
  const { consent } = summary;
  expect(consent?.pages).toBe(vectors.length);
  expect(consent?.any).toBe(2);
  expect(consent?.agents.map(({ agent }) => agent)).toHaveLength(15);
  consent?.agents.forEach(({ agent, pages, by_mode }, index) => {
    const has = (mode: "rfc" | "intent" | "protego") => vectors.map((bits) => bits !== undefined && bitAt(bits[mode], index));
    expect([agent, by_mode.protego]).toEqual([agent, has("protego").filter(Boolean).length]);
    const either = has("rfc").map((rfc, i) => rfc || has("intent")[i]);
    expect([agent, pages]).toEqual([agent, either.filter(Boolean).length]);
  });
});

describe("after a retraction", () => {
  const place = new CorpusFolder(corpus);
  let later: CorpusSummary;

  beforeAll(async () => {
    const decider = hostDecider(["site0.example", "a.b.co.uk"], false);
    await retract(place, { deciders: [decider], dryRun: false, now: new Date(0), hosts: 1 });
    later = await makeSummary(place);
  });

  it("counts tokens, languages, months and domains of what is in, and the rest by the rule that took it", async () => {
    const gone = documents.filter(({ url }) => /site0|a\.b\.co/.test(String(url)));
    expect(gone.length).toBeGreaterThan(3);
    const tokens = sum(gone.map((row) => Number(row.tokens)));
    const { totals } = summary;
    expect(later.totals).toEqual({
      ...totals,
      retracted: gone.length,
      tokens: totals.tokens - tokens,
      text_bytes: totals.text_bytes - sum(gone.map((row) => Number(row.text_bytes))),
      retracted_tokens: tokens,
    });
    expect(later.retractions).toMatchObject([{ rule: "host-request", documents: gone.length }]);
    for (const shares of [later.languages, later.scripts]) {
      expect(sum(shares.map((share) => share.documents))).toBe(totals.kept - gone.length);
      expect(sum(shares.map((share) => share.tokens))).toBe(later.totals.tokens);
    }
    expect(sum(later.months.map(({ kept }) => kept))).toBe(totals.kept - gone.length);
    expect(sum(later.months.map(({ dropped }) => dropped["retract/host-request"] ?? 0))).toBe(gone.length);
    expect(sum(later.domains.map((domain) => domain.tokens))).toBe(later.totals.tokens);
    expect(later.domains.find(({ domain }) => domain === "b.co.uk")).toMatchObject({ kept: 1, dropped: 1, opted_out: 1 });
    // Whom robots.txt refused when the run decided does not change with what was taken out since.
    expect(later.consent).toEqual(summary.consent);
    expect(await makeSummary(place, { version: 0 })).toEqual(summary);
  });

  it("SQL and inspect see what is in, or what was in at a version", async () => {
    const left = summary.totals.kept - later.totals.retracted;
    expect(await holdings(place)).toMatchObject({ version: 1, documents: left, tokens: later.totals.tokens });
    expect(await holdings(place, 0)).toMatchObject({ version: 0, documents: summary.totals.kept, retracted: 0 });
    const one = async (statement: string, version?: number): Promise<unknown> => {
      for await (const row of queryCorpus(place, statement, version === undefined ? {} : { version })) return row.n;
      return undefined;
    };
    const counted = "SELECT count(*)::INTEGER AS n FROM documents";
    expect([await one(counted), await one(counted, 0)]).toEqual([left, summary.totals.kept]);
    expect(await one("SELECT count(*)::INTEGER AS n FROM ledger WHERE stage = 'retract'")).toBe(later.totals.retracted);
    const look = { site: "a.b.co.uk", limit: 9 };
    expect(await findRows(place, "documents", look)).toEqual([]);
    const [row] = await findRows(place, "ledger", { ...look, rule: "retract/host-request" });
    expect(await findEvidence(place, String(row?.evidence))).toMatchObject({ asked: "a.b.co.uk" });
    expect(await findRows(place, "documents", { ...look, version: 0 })).toHaveLength(1);
    const groups = await sampleCorpus(place, { each: 1, seed: "0" });
    expect(groups.map(({ group, documents }) => [group, documents])).toEqual([
      ["kept", left],
      ...summary.stages.flatMap(({ name, dropped }) => dropped.map(({ rule, documents }) => [`${name}/${rule}`, documents])),
      ["retract/host-request", later.totals.retracted],
    ]);
  });
});

it("the run is told with its time", () => {
  expect(summary.runs).toHaveLength(1);
  expect(summary.runs[0]).toMatchObject({ workers: 1 });
  expect(summary.runs[0]?.seconds).toBeGreaterThan(0);
});
