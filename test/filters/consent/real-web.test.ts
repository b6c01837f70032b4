/** The filter on real pages and real robots.txt captures, where those inputs are present. Counts were checked against Protego. */
import { beforeAll, describe, expect, it } from "vitest";
import { Batch } from "../../../corpus/index.js";
import { consent } from "../../../filters/consent/index.js";
import { readWarc, utf8Column, warcTargetUri } from "../../../formats/index.js";
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

  async function dropped(parameters: object): Promise<readonly string[]> {
    const parsed = consent.parameters.parse({ robots: ["robotstxt*.warc.gz"], ...parameters });
    const filter = await consent.open(parsed, await consent.prepare(parsed, { baseFolder: folder ?? "", assetFolder }));
    const { verdicts = [] } = filter.process(
      new Batch([
        ["url", utf8Column(urls)],
        ["captured_at", { type: "timestamp", values: Float64Array.from(dates) }],
      ]),
    );
    filter.close?.();
    return urls.filter((_, row) => verdicts[row]?.keep === false);
  }

  it.each([
    [{ policy: "latest" }, 162, 163, 167, 168],
    [{ as_of: "2025-01-31" }, 140, 141, 147, 148],
    [{ as_of: "2024-01-01" }, 48, 48, 81, 81],
    [{ as_of: "2022-12-31" }, 3, 3, 4, 4],
  ])("%j drops as many as Protego does, and one more by intent", async (policy, protego, both, protegoNewest, bothNewest) => {
    const count = async (parameters: object): Promise<number> => (await dropped({ ...policy, ...parameters })).length;
    expect([await count({ modes: ["protego"] }), await count({})]).toEqual([protego, both]);
    expect([await count({ modes: ["protego"], prefer: "newest" }), await count({ prefer: "newest" })]).toEqual([
      protegoNewest,
      bothNewest,
    ]);
  });

  it("tells two newspapers' change of mind in 2023", async () => {
    const papers = (url: string): boolean => /^https:\/\/www\.(spiegel\.de|theguardian\.com)\//.test(url);
    const all = urls.filter(papers);
    expect(all.length).toBeGreaterThan(2);
    expect((await dropped({ as_of: "2022-12-31" })).filter(papers)).toEqual([]);
    expect((await dropped({ as_of: "2024-01-01" })).filter(papers)).toEqual(all);
  });
});
