/** Real newspapers, real captures: examples/web.yaml as of another day. Needs the data set that the repository does not carry. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOwnerReport } from "../../audit/index.js";
import { openConsentStage } from "../../audit/owner/consent-stage.js";
import { CorpusFolder, openManifest } from "../../corpus/index.js";
import { choosePolicy, Hindsight } from "../../filters/index.js";
import { testInput } from "../inputs.js";
import { rowsOf, runBuilt, scratchFolder, writeRecipe } from "../pipeline/corpora.js";

const pages = testInput("web/pages.warc.gz");
const robots = testInput("web/robotstxt.warc.gz");

describe.skipIf(pages === undefined || robots === undefined)("a corpus of real pages, with consent as of 2024-01-01", () => {
  const { folder, remove } = scratchFolder("audit-web");
  const corpus = new CorpusFolder(join(folder, "corpus"));

  beforeAll(async () => {
    const consent = { robots: [robots], policy: "as-of", as_of: "2024-01-01" };
    const inputs = [{ path: pages, source: "web" }];
    await runBuilt(writeRecipe(join(folder, "recipe.yaml"), { inputs, stages: [{ consent }, "extract"] }), corpus.root);
    rmSync(join(corpus.root, "text"), { recursive: true, force: true });
  });
  afterAll(remove);

  it.each(["www.theguardian.com", "www.spiegel.de"])(
    "%s is left out by robots.txt, and was not at the end of 2022",
    async (asked) => {
      const { summary, policies, decisions, sites } = await makeOwnerReport(corpus, { asked, limit: 100 });
      expect(summary.read).toBeGreaterThan(0);
      expect(summary).toMatchObject({ in: 0, out: summary.read, unreadable: 0 });
      expect(decisions.map(({ rule }) => rule)).toEqual(["robots-disallow"]);
      const of = (as_of: string) => policies.find((entry) => entry.as_of === as_of);
      expect(of("2024-01-01")).toMatchObject({ in_force: true, disallowed: summary.read });
      const before = policies.filter(({ as_of }) => as_of !== null && as_of < "2023");
      for (const outcome of before) expect(outcome).toMatchObject({ allowed: summary.read, disallowed: 0 });
      const decided = sites.flatMap(({ captures }) => captures.filter((capture) => capture.decided));
      expect(decided.length).toBeGreaterThan(0);
      for (const { captured_at, disallowed_at_root } of decided) {
        expect(captured_at < "2024-01-02").toBe(true);
        expect(disallowed_at_root).toEqual(expect.arrayContaining(["CCBot"]));
      }
      const first = sites[0]?.captures.find(({ disallowed_at_root }) => disallowed_at_root.includes("GPTBot"));
      expect(first?.captured_at.slice(0, 4)).toBe("2023");
    },
  );

  it("has every page decided again as the run decided it, and the totals with them", async () => {
    const consent = openConsentStage(corpus, openManifest(corpus));
    if (consent?.archive === undefined) throw new Error("no archive");
    const hindsight = new Hindsight(consent.archive, consent.agents, consent.parameters);
    const kept = await rowsOf(corpus.root, "documents/*.parquet", "url, epoch_ms(captured_at)::DOUBLE AS at");
    const dropped = await rowsOf(corpus.root, "ledger/*.parquet", "url, epoch_ms(captured_at)::DOUBLE AS at");
    const allowed = (rows: typeof kept, choice = consent.choice): number =>
      rows.filter(({ url, at }) => hindsight.page(String(url), Number(at)).answer(choice).allowed).length;
    expect([allowed(kept), allowed(dropped)]).toEqual([kept.length, 0]);
    // What examples/web.yaml says, as of 2025-01-31.
    expect(allowed([...kept, ...dropped], choosePolicy("as-of", "2025-01-31"))).toBe(171);
    consent.archive.close();
  });
});
