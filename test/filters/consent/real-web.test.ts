/** The filter on real pages and real robots.txt captures, where those inputs are present. Counts were checked against Protego. */
import { beforeAll, describe, expect, it } from "vitest";
import { Batch } from "../../../corpus/index.js";
import { consent, type MatchingMode, matchingModes, parseVector } from "../../../filters/consent/index.js";
import { readWarc, stringAt, utf8Column, warcTargetUri } from "../../../formats/index.js";
import { testInput } from "../../inputs.js";
import { scratchFolder } from "./captures.js";

const pagesFile = testInput("web/pages.warc.gz");
const folder = testInput("web");

describe.skipIf(pagesFile === undefined)("319 pages and 1,085 robots.txt captures (needs the test inputs)", () => {
  const urls: string[] = [];
  const dates: number[] = [];
  const assetFolder = scratchFolder();

  beforeAll(async () => {
    for await (const record of readWarc(pagesFile ?? "")) {
      if (record.kind === "fault" || record.type !== "response") continue;
      urls.push(warcTargetUri(record.fields) ?? "");
      dates.push(Date.parse(record.fields.get("warc-date") ?? ""));
    }
  });

  /** For each page the modes that disallow it, as the stored vector says, and whether the filter dropped it. */
  async function decide(
    parameters: object,
  ): Promise<readonly { url: string; modes: readonly MatchingMode[]; dropped: boolean }[]> {
    const parsed = consent.parameters.parse({ robots: ["robotstxt*.warc.gz"], ...parameters });
    const filter = await consent.open(parsed, await consent.prepare(parsed, { baseFolder: folder ?? "", assetFolder }));
    const { verdicts = [], columns = {} } = filter.process(
      new Batch([
        ["url", utf8Column(urls)],
        ["captured_at", { type: "timestamp", values: Float64Array.from(dates) }],
      ]),
    );
    filter.close?.();
    const vectors = columns.consent_vector;
    if (vectors?.type !== "utf8") throw new Error("no vectors");
    return urls.map((url, row) => {
      const bits = parseVector(stringAt(vectors, row))?.bits;
      const modes = matchingModes.filter((mode) => /[^0]/.test(bits?.[mode] ?? ""));
      return { url, modes, dropped: verdicts[row]?.keep === false };
    });
  }

  // The counts with `newest` are those of an outside script around Protego that takes the newest capture of either www variant.
  it.each([
    [{ policy: "latest" }, { protego: 162, dropped: 163 }, { protego: 167, dropped: 168 }],
    [{ as_of: "2025-01-31" }, { protego: 140, dropped: 141 }, { protego: 147, dropped: 148 }],
    [{ as_of: "2024-01-01" }, { protego: 48, dropped: 48 }, { protego: 81, dropped: 81 }],
    [{ as_of: "2022-12-31" }, { protego: 3, dropped: 3 }, { protego: 4, dropped: 4 }],
  ])("%j drops the pages that Protego disallows, and one more by intent", async (policy, first, newest) => {
    for (const [prefer, expected] of [["first", first] as const, ["newest", newest] as const]) {
      const pages = await decide({ ...policy, prefer });
      const protego = pages.filter(({ modes }) => modes.includes("protego")).length;
      expect({ protego, dropped: pages.filter((page) => page.dropped).length }).toEqual(expected);
      // `User-agent: Diffbot/0.1` in one file: a strict parser takes it for nobody's name.
      const byIntent = pages.filter(({ modes }) => modes.includes("intent") && !modes.includes("rfc"));
      expect(byIntent.every(({ url }) => url.startsWith("https://www.pluralsight.com/"))).toBe(true);
    }
  });

  it("tells two newspapers' change of mind in 2023", async () => {
    const papers = (url: string): boolean => /^https:\/\/www\.(spiegel\.de|theguardian\.com)\//.test(url);
    const all = urls.filter(papers);
    expect(all.length).toBeGreaterThan(2);
    const dropped = async (as_of: string): Promise<readonly string[]> =>
      (await decide({ as_of })).filter((page) => page.dropped && papers(page.url)).map(({ url }) => url);
    expect(await dropped("2022-12-31")).toEqual([]);
    expect(await dropped("2024-01-01")).toEqual(all);
  });
});
