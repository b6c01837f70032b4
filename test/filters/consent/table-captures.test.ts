/** robots.txt captures out of tables: what each column may hold, and that what cannot be read is told by its row. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { DataError } from "../../../errors/index.js";
import {
  consent,
  judge,
  RobotsArchive,
  type RobotsCapture,
  tableCapturesOf,
  type WarcTally,
} from "../../../filters/consent/index.js";
import { literal, openSql } from "../../../formats/index.js";
import { scratchFolder } from "./captures.js";

const folder = scratchFolder();
const newTally = (): WarcTally => ({ records: 0, faults: 0, unreadable: 0 });

async function read(path: string, format: "parquet" | "jsonl", tally = newTally()): Promise<RobotsCapture[]> {
  const found: RobotsCapture[] = [];
  for await (const capture of tableCapturesOf(path, "t", format, tally)) found.push(capture);
  return found;
}

async function readJson(rows: readonly unknown[], tally = newTally()): Promise<RobotsCapture[]> {
  const path = join(folder, "t.jsonl");
  writeFileSync(path, rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join(""));
  return read(path, "jsonl", tally);
}

const date = "2024-05-01";

it.each([
  ["Example.ORG", "https://example.org"],
  ["example.org.", "https://example.org"],
  ["example.org/", "https://example.org"],
  ["example.org:443", "https://example.org"],
  ["example.org:80", "http://example.org"],
  ["http://Example.org", "http://example.org"],
  ["HTTPS://example.org:8443", "https://example.org:8443"],
  ["BÜCHER.example", "https://xn--bcher-kva.example"],
  ["[::1]:8080", "https://[::1]:8080"],
])("the host %s is the authority %s", async (host, authority) => {
  const [capture] = await readJson([{ host, date, body: "a" }]);
  expect(capture === undefined ? undefined : judge(capture)?.authority).toBe(authority);
});

it.each(["", "a b", "x.example/path", "https://u@x.example", "ftp://x.example", "::", "x.example?q", 7, null, {}])(
  "the host %j is none, and its row is told",
  async (host) => {
    const tally = newTally();
    expect(
      await readJson(
        [
          { host: "a.example", date, status: 200 },
          { host, date },
        ],
        tally,
      ),
    ).toHaveLength(1);
    expect(tally).toMatchObject({ records: 2, faults: 1, first: "t, row 1: no host or address" });
  },
);

it.each([
  [{ status: 200, body: "User-agent: *\nDisallow: /" }, "rules"],
  [{ body: "User-agent: *" }, "rules"],
  [{ status: "200", body: " \n" }, "empty"],
  [{ status: 200, body: null }, "empty"],
  [{ status: 404, body: "gone" }, "unavailable-4xx"],
  [{ status: 503 }, "unreachable-5xx"],
  [{ status: null, body: null }, "unreachable"],
  [{}, "unreachable"],
  [{ status: "" }, "unreachable"],
  [{ status: 301, location: "https://b.example/robots.txt" }, "redirect-unresolved"],
  [{ status: 200, body: "<html>" }, "not-robots"],
  [{ status: 200, body: "User-agent: *\nDis", truncated: true }, "truncated"],
  [{ status: 200, body: "User-agent: *\nDis", truncated: "length" }, "truncated"],
  [{ status: 200, body: "User-agent: *", truncated: "false" }, "rules"],
])("%j is in the state %s", async (row, state) => {
  const [capture] = await readJson([{ host: "a.example", date, ...row }]);
  const judged = capture === undefined ? undefined : judge(capture);
  expect(judged?.state).toBe(state);
  expect(judged?.redirect).toBe("location" in row ? "https://b.example" : "");
});

it.each([
  [{ date: "soon" }, "no date"],
  [{}, "no date"],
  [{ date, status: "ok" }, "a status that is no number"],
  [{ date, status: {} }, "a status that is no number"],
  [{ date, status: -1 }, "a status that is no number"],
  [{ date, body: 7 }, "a body that is neither text nor bytes"],
])("%j cannot be read: %s", async (row, why) => {
  const tally = newTally();
  expect(await readJson([{ host: "a.example", ...row }], tally)).toEqual([]);
  expect(tally.first).toBe(`t, row 0: ${why}`);
});

it("dates are days, ISO 8601, 14 digits, seconds and milliseconds", async () => {
  const dates = ["2024-05-01", "2024-05-01T00:00:00Z", "2024-05-01 00:00:00", "20240501000000", 1714521600, 1714521600000];
  const found = await readJson(dates.map((written) => ({ host: "a.example", date: written })));
  expect(found.map(({ capturedAt }) => capturedAt)).toEqual(dates.map(() => Date.UTC(2024, 4, 1)));
});

it("of whole addresses only those of a robots.txt are captures", async () => {
  const urls = [
    "https://a.example/robots.txt",
    "http://A.example:80/robots.txt#x",
    "a.example/robots.txt",
    "https://a.example/",
    "https://a.example/robots.txt?x",
  ];
  const found = await readJson(urls.map((url) => ({ url, date, status: 200, body: "User-agent: *" })));
  expect(found.map((capture) => judge(capture)?.authority)).toEqual([
    "https://a.example",
    "http://a.example",
    "https://a.example",
    undefined,
    undefined,
  ]);
});

it("lines that are none are told by their number, empty ones are passed over, and a cut file ends with a fault", async () => {
  const tally = newTally();
  const good = JSON.stringify({ host: "a.example", date, status: 404 });
  const found = await readJson([good, "", "[1]", "{", good], tally);
  expect(found.map(({ offset, length, unit, file }) => [offset, length, unit, file])).toEqual(
    [0, 4].map((row) => [row, 1, "row", "t"]),
  );
  expect(tally).toMatchObject({ records: 4, faults: 2, first: "t, row 2: it is no JSON object in UTF-8" });
  const whole = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => good.replace("a.", `a${i * 7919}.`)).join("\n")));
  writeFileSync(join(folder, "cut.jsonl.gz"), whole.subarray(0, whole.length >> 1));
  const cut = newTally();
  expect((await read(join(folder, "cut.jsonl.gz"), "jsonl", cut)).length).toBeGreaterThan(100);
  expect(cut.faults).toBeGreaterThan(0);
});

async function parquetOf(select: string, name: string): Promise<string> {
  const path = join(folder, name);
  const sql = await openSql({ memoryBytes: 1e8, spillFolder: folder });
  await sql.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)`);
  sql.close();
  return path;
}

it("Parquet gives the same, with times, numbers and bytes of its own", async () => {
  const path = await parquetOf(
    `SELECT * FROM (VALUES
      ('a.example', TIMESTAMPTZ '2024-05-01 00:00:00Z', 200, 'User-agent: *'::BLOB, false),
      ('b.example', TIMESTAMPTZ '2024-05-02 00:00:00Z', NULL, NULL, NULL),
      ('c.example', TIMESTAMPTZ '2024-05-02 00:00:00Z', 200, '\\xFF\\xFE'::BLOB, true)) AS t(domain, timestamp, fetch_status, content, truncated)`,
    "p.parquet",
  );
  const found = await read(path, "parquet");
  expect(found.map((capture) => [judge(capture)?.authority, judge(capture)?.state, capture.capturedAt])).toEqual([
    ["https://a.example", "rules", Date.UTC(2024, 4, 1)],
    ["https://b.example", "unreachable", Date.UTC(2024, 4, 2)],
    ["https://c.example", "truncated", Date.UTC(2024, 4, 2)],
  ]);
  expect([...(found[2]?.body ?? [])]).toEqual([0xff, 0xfe]);
});

it("Parquet with days and text, and without the columns that are needed", async () => {
  const path = await parquetOf(
    "SELECT 'a.example' AS host, DATE '2024-05-01' AS date, '404' AS status, NULL::VARCHAR AS body",
    "d.parquet",
  );
  expect((await read(path, "parquet")).map(({ capturedAt, status }) => [capturedAt, status])).toEqual([
    [Date.UTC(2024, 4, 1), 404],
  ]);
  for (const select of ["SELECT 'a.example' AS host", "SELECT DATE '2024-05-01' AS date, 'x' AS body"]) {
    await expect(read(await parquetOf(select, "n.parquet"), "parquet")).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
  }
});

it("a damaged row group is one fault, and the next one is read", async () => {
  const path = await parquetOf(
    "SELECT 'a' || i || '.example' AS host, '2024-05-01' AS date, 200 AS status, md5(i::VARCHAR) AS body FROM range(6000) AS r(i)",
    "g.parquet",
  );
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 2000, 3000);
  writeFileSync(path, bytes);
  const tally = newTally();
  const found = await read(path, "parquet", tally);
  expect(tally.faults).toBeGreaterThan(0);
  expect(found.length).toBeGreaterThan(1000);
});

it("any bytes of a table give captures or faults, and never anything else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.json(), fc.string(), fc.constant('{"host":"a.example","date":1,"body":"x"}'))),
      async (lines) => {
        const tally = newTally();
        const found = await readJson(
          lines.map((line) => line.replaceAll("\n", " ")),
          tally,
        );
        expect(found.length + tally.faults).toBe(tally.records);
        for (const capture of found) judge(capture);
      },
    ),
    { numRuns: 150 },
  );
});

it("a recipe's sources may be of all kinds, told by content; evidence names file and row; bad rows are refused unless accepted", async () => {
  mkdirSync(join(folder, "robots"), { recursive: true });
  writeFileSync(
    join(folder, "robots/t"),
    gzipSync(`${JSON.stringify({ host: "a.example", date, status: 200, body: "User-agent: *\nDisallow: /" })}\n`),
  );
  await parquetOf("SELECT 'b.example' AS host, '2024-05-01' AS date, NULL AS status", "robots/p");
  const parameters = consent.parameters.parse({ robots: ["robots/*"] });
  const context = { baseFolder: folder, assetFolder: join(folder, "assets") };
  const prepared = await consent.prepare(parameters, context);
  const asset = prepared.find(({ name }) => name === "robots-archive");
  const archive = new RobotsArchive(asset?.path ?? "");
  expect(archive.newest("https://a.example", Number.POSITIVE_INFINITY)).toMatchObject({ file: "t", offset: 0, unit: "row" });
  expect(archive.newest("https://b.example", Number.POSITIVE_INFINITY)).toMatchObject({
    file: "p",
    state: "unreachable",
    status: 0,
  });
  archive.close();
  writeFileSync(join(folder, "robots/bad.jsonl"), '{"host":"a.example"}\n');
  const refused = await consent.prepare(parameters, context).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DataError);
  expect(refused).toMatchObject({
    code: "ROBOTS_WARC_DAMAGED",
    site: { detail: expect.stringContaining("bad.jsonl, row 0: no date") },
  });
  expect(await consent.prepare({ ...parameters, accept_damaged: true }, context)).toHaveLength(2);
});
