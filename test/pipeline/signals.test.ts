import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBlob, findEvidence, findRows } from "../../audit/index.js";
import { CorpusFolder, readVersion, sha256 } from "../../corpus/index.js";
import { conflictsOf, decideSignals, parseSignals, signalsParameters } from "../../filters/index.js";
import { WarcWriter } from "../../formats/index.js";
import { callCli } from "../cli/call.js";
import { type Row, rowsOf, runBuilt, scratchFolder, writeRecipe } from "./corpora.js";

interface Response {
  readonly url: string;
  readonly headers?: readonly string[];
  readonly body: string;
}

async function writeWarc(path: string, responses: readonly Response[]): Promise<void> {
  const parts: Uint8Array[] = [];
  const writer = new WarcWriter({ write: (bytes) => void parts.push(bytes) });
  for (const [i, { url, headers = ["Content-Type: text/html; charset=utf-8"], body }] of responses.entries()) {
    await writer.write({
      type: "response",
      fields: [
        ["WARC-Record-ID", `<urn:uuid:00000000-0000-4000-8000-${String(i).padStart(12, "0")}>`],
        ["WARC-Date", "2025-01-05T00:00:00Z"],
        ["WARC-Target-URI", url],
        ["Content-Type", "application/http; msgtype=response"],
      ],
      block: Buffer.from(["HTTP/1.1 200 OK", ...headers, "", body].join("\r\n")),
    });
  }
  writeFileSync(path, Buffer.concat(parts));
}

const page = (name: string, head = "", foot = ""): string =>
  `<html><head><title>${name}</title>${head}</head><body><p>The page called ${name} says what it says.</p>${foot}</body></html>`;
const html = "Content-Type: text/html";
const robots = (host: string, body: string): Response => ({
  url: `https://${host}/robots.txt`,
  headers: ["Content-Type: text/plain"],
  body,
});
const wellKnown = (host: string, json: unknown): Response => ({
  url: `https://${host}/.well-known/tdmrep.json`,
  headers: ["Content-Type: application/json"],
  body: JSON.stringify(json),
});

const managed =
  "# BEGIN Cloudflare Managed content\nUser-agent: *\nContent-Signal: search=yes\nAllow: /\n# END Cloudflare Managed Content\n\nUser-agent: *\nDisallow: /\n";
const reserved = [
  { location: "/open/", "tdm-reservation": 0 },
  { location: "/", "tdm-reservation": 1, "tdm-policy": "https://file.example/policy" },
];

const pages: readonly Response[] = [
  { url: "https://plain.example/", body: page("plain") },
  { url: "https://signal.example/", body: page("signal") },
  { url: "https://usage.example/closed/", body: page("usage-closed") },
  { url: "https://usage.example/open/", body: page("usage-open") },
  { url: "https://file.example/page", body: page("tdm-file") },
  { url: "https://file.example/open/page", body: page("tdm-file-open") },
  { url: "https://file.example/own", body: page("tdm-own", '<meta name="tdm-reservation" content="0">') },
  {
    url: "https://heads.example/header",
    headers: [html, "TDM-Reservation: 1", "TDM-Policy: https://p.example/"],
    body: page("tdm-header"),
  },
  {
    url: "https://heads.example/comment",
    headers: [html, "TDM-Reservation: 1"],
    body: page("tdm-comment", "", '<template><meta name="tdm-reservation" content="0"></template>'),
  },
  {
    url: "https://heads.example/many",
    body: page("many", Array.from({ length: 300 }, (_, i) => `<link rel="license" href="/terms/${i}">`).join("")),
  },
  { url: "https://heads.example/noai", body: page("noai", '<meta name="robots" content="noai, noimageai">') },
  {
    url: "https://heads.example/x",
    headers: [html, "X-Robots-Tag: noarchive", "X-Robots-Tag: gptbot: noai"],
    body: page("x-robots"),
  },
  { url: "https://heads.example/other", headers: [html, "X-Robots-Tag: otherbot: noai"], body: page("x-other") },
  { url: "https://heads.example/usage", headers: [html, "Content-Usage: train-ai=n"], body: page("usage-header") },
  {
    url: "https://heads.example/csignal",
    headers: [html, "Content-Signal: ai-train=yes, search=yes"],
    body: page("signal-header"),
  },
  {
    url: "https://heads.example/nc",
    headers: [html, 'Link: </a,b>; rel="next", <https://creativecommons.org/licenses/by-nc/4.0/>; rel="license"'],
    body: page("licences", "", '<footer><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a></footer>'),
  },
  { url: "https://managed.example/", body: page("managed") },
];

/** The documents table has no titles. */
const titleOf = (url: string): string =>
  /<title>(.*)<\/title>/.exec(pages.find((each) => each.url === url)?.body ?? "")?.[1] ?? "";

const scratch = scratchFolder("signals");
const corpus = join(scratch.folder, "corpus");
const titles = new Map<string, Row>();
const dropped = new Map<string, Row>();

beforeAll(async () => {
  await writeWarc(join(scratch.folder, "pages.warc.gz"), pages);
  await writeWarc(join(scratch.folder, "robots.warc.gz"), [
    robots(
      "signal.example",
      "User-agent: *\nContent-Signal: search=yes,ai-train=no\nAllow: /\nLicense: https://signal.example/l.xml\n",
    ),
    robots("usage.example", "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y\n"),
    robots("managed.example", managed),
  ]);
  await writeWarc(join(scratch.folder, "known.warc.gz"), [
    wellKnown("file.example", reserved),
    robots("file.example", "ignored"),
  ]);
  const parameters = { robots: ["robots.warc.gz"], tdmrep_files: ["known.warc.gz"] };
  const recipe = writeRecipe(join(scratch.folder, "recipe.yaml"), {
    name: "signals",
    inputs: [{ path: "pages.warc.gz", source: "web" }],
    stages: ["extract", { signals: parameters }, "tokenize"],
  });
  await runBuilt(recipe, corpus);
  for (const row of await rowsOf(corpus, "documents/*.parquet")) titles.set(titleOf(String(row.url)), row);
  const evidence = new Map((await rowsOf(corpus, "evidence/evidence-*.parquet")).map((row) => [String(row.id), row.evidence]));
  for (const row of await rowsOf(corpus, "ledger/*.parquet")) {
    dropped.set(String(row.url), { ...row, evidence: evidence.get(String(row.evidence)) });
  }
});

afterAll(scratch.remove);

const statementsOf = (title: string): readonly string[] =>
  parseSignals(String(titles.get(title)?.signals))?.statements.map(
    ({ signal, location, category, value }) => `${signal} ${location} ${category}=${value}`,
  ) ?? [];

describe("a run with a stage signals", () => {
  it("drops by each signal, under its own rule", () => {
    expect([...dropped].map(([url, { rule }]) => `${url} ${rule}`).sort()).toEqual([
      "https://file.example/page tdm-reserved",
      "https://heads.example/comment tdm-reserved",
      "https://heads.example/header tdm-reserved",
      "https://heads.example/noai robots-noai",
      "https://heads.example/usage content-usage-train",
      "https://heads.example/x robots-noai",
      "https://signal.example/ content-signal-train",
      "https://usage.example/closed/ content-usage-train",
    ]);
  });

  it("keeps what is not denied, with all that is stated", () => {
    expect(statementsOf("plain")).toEqual([]);
    expect(statementsOf("usage-open")).toEqual(["content-usage robots.txt train=allow"]);
    expect(statementsOf("tdm-file-open")).toEqual(["tdmrep tdmrep.json mine=allow"]);
    expect(statementsOf("tdm-own")).toEqual([
      "tdmrep tdmrep.json mine=deny",
      "tdmrep tdmrep.json mine=unknown",
      "tdmrep meta mine=allow",
    ]);
    expect(statementsOf("x-other")).toEqual(["robots-meta header train=deny"]);
    expect(statementsOf("signal-header")).toEqual(["content-signal header train=allow", "content-signal header search=allow"]);
    expect(statementsOf("licences")).toEqual(["licence header commercial=deny", "licence link reuse=allow"]);
  });

  it("flags where statements contradict each other", () => {
    expect(titles.get("licences")?.signals_conflict).toBe("licence");
    expect(titles.get("managed")?.signals_conflict).toBe("crawl managed");
    expect(titles.get("plain")?.signals_conflict).toBe("");
  });

  it("keeps the line, the capture and the bytes that a drop rests on", async () => {
    const evidence = JSON.parse(String(dropped.get("https://signal.example/")?.evidence));
    const raw = "Content-Signal: search=yes,ai-train=no";
    expect(evidence.denied_by).toMatchObject([{ where: "line 2", raw, value: "deny", location: "robots.txt" }]);
    expect(evidence.others).toMatchObject([{ category: "search", value: "allow" }, { signal: "rsl" }]);
    expect(evidence.files).toMatchObject([{ state: "rules", robots: { status: 200, warc_file: "robots.warc.gz" } }]);
    const blobs = new Set((await rowsOf(corpus, "evidence/blobs-*.parquet")).map((row) => row.sha256));
    expect(blobs).toContain(evidence.files[0].robots.sha256);
    expect(blobs).toContain(sha256(JSON.stringify(reserved)));
  });

  it("stores enough to decide again without the pages", () => {
    const policy = { ...signalsParameters.parse({}), agents: ["GPTBot"] };
    const decide = (title: string, changes: object): string | undefined => {
      const { statements = [] } = parseSignals(String(titles.get(title)?.signals)) ?? {};
      expect(decideSignals(statements, policy)).toBeUndefined();
      expect(conflictsOf(statements).join(" ")).toBe(titles.get(title)?.signals_conflict);
      return decideSignals(statements, { ...policy, ...changes })?.rule;
    };
    expect([...titles.keys()].map((title) => decide(title, {}))).toEqual([...titles.keys()].map(() => undefined));
    expect(decide("licences", { creative_commons: "drop" })).toBe("licence-nc");
    expect(decide("x-other", { agents: ["OtherBot"] })).toBe("robots-noai");
  });
});

describe("retract --signals", () => {
  const retract = async (...flags: readonly string[]) => {
    const { stdout, stderr, status } = await callCli(scratch.folder, ["retract", "--corpus", corpus, "--json", ...flags]);
    return { status, stderr, ...(JSON.parse(stdout) as object) };
  };

  it("decides again on what was stated, and takes out what a stricter policy does not keep", async () => {
    expect(await retract("--signals", "content_signal=drop", "--dry-run")).toMatchObject({
      removed: { documents: 0 },
      unsure: { partial: 1, unread: 0 },
    });
    expect(await retract("--signals", "creative_commons=drop", "--signals", "categories=[train, archive]")).toMatchObject({
      version: 1,
      by_rule: { "licence-nc": { documents: 1 } },
      removed: { documents: 1 },
    });
    const folder = new CorpusFolder(corpus);
    const [row] = await findRows(folder, "ledger", { site: "https://heads.example/nc", limit: 1 });
    expect(row).toMatchObject({ stage: "retract", rule: "licence-nc" });
    const said = { signal: "licence", location: "header", terms: "by-nc/4.0", raw: expect.stringContaining("by-nc/4.0") };
    expect(await findEvidence(folder, String(row?.evidence))).toMatchObject({ denied_by: [said], denied_by_more: 0 });
    expect(readVersion(folder).reasons).toMatchObject([{ by: "signals", creative_commons: "drop", documents: 1 }]);
  });

  it("with newer robots.txt captures, what they state beside Disallow counts as in a fresh run", async () => {
    const later = "User-agent: *\nAllow: /\nContent-Signal: search=yes, ai-train=no\n";
    await writeWarc(join(scratch.folder, "later.warc.gz"), [robots("plain.example", later)]);
    expect(await retract("--robots", "later.warc.gz")).toMatchObject({
      by_rule: { "content-signal-train": { documents: 1 } },
      removed: { documents: 1 },
      hosts: [{ host_key: "example,plain" }],
    });
    const folder = new CorpusFolder(corpus);
    const [row] = await findRows(folder, "ledger", { site: "plain.example", limit: 1 });
    const evidence = (await findEvidence(folder, String(row?.evidence))) as {
      readonly files: readonly { readonly robots: { readonly sha256: string } }[];
    };
    expect(evidence).toMatchObject({ denied_by: [{ where: "line 3" }], files: [{ robots: { warc_file: "later.warc.gz" } }] });
    expect(Buffer.from((await findBlob(folder, evidence.files[0]?.robots.sha256 ?? "")) ?? []).toString()).toBe(later);
  });

  it.each([
    ["creative_commons", 2, "write key=value"],
    ["creative_commons=burn", 2, "creative_commons"],
    ["robots=[x]", 2, "robots"],
  ])("%s is wrong usage", async (setting, status, text) => {
    expect(await retract("--signals", setting)).toMatchObject({ status, stderr: expect.stringContaining(text) });
  });
});
