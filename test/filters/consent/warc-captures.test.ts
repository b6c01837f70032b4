import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { consent, RobotsArchive } from "../../../filters/consent/index.js";
import type { Asset } from "../../../filters/filter.js";
import { WarcWriter } from "../../../formats/index.js";
import { scratchFolder } from "./captures.js";

interface Entry {
  readonly type?: string;
  readonly url: string;
  readonly date?: string;
  readonly http: string | Uint8Array;
  readonly truncated?: boolean;
}

async function warcOf(entries: readonly Entry[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const writer = new WarcWriter({ write: (bytes) => void parts.push(bytes) });
  await writer.write({
    type: "warcinfo",
    fields: [["WARC-Date", "2024-01-01T00:00:00Z"]],
    block: Buffer.from("software: test"),
  });
  for (const [i, { type = "response", url, date = "2024-01-01T00:00:00Z", http, truncated }] of entries.entries()) {
    const fields: [string, string][] = [
      ["WARC-Record-ID", `<urn:uuid:${i}>`],
      ["WARC-Date", date],
      ["WARC-Target-URI", url],
      ...(truncated === true ? [["WARC-Truncated", "length"] as [string, string]] : []),
    ];
    await writer.write({ type, fields, block: Buffer.from(http) });
  }
  return Buffer.concat(parts);
}

const ok = (body: string, more = ""): string => `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${more}\r\n${body}`;
const rules = "User-agent: *\nDisallow: /\n";

async function prepared(
  files: Readonly<Record<string, Uint8Array>>,
  robots: string[],
  assetFolder = scratchFolder(),
  more: Readonly<Record<string, unknown>> = {},
): Promise<Asset | undefined> {
  const baseFolder = scratchFolder();
  mkdirSync(join(baseFolder, "robots"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(baseFolder, "robots", name), bytes);
  const assets = await consent.prepare(consent.parameters.parse({ robots, ...more }), { baseFolder, assetFolder });
  return assets.find(({ name }) => name === "robots-archive");
}

describe("robots.txt captures of WARC files", () => {
  it("are the responses of /robots.txt, in Common Crawl's files and in mixed ones", async () => {
    const gzipped = Buffer.concat([Buffer.from(ok("", "Content-Encoding: gzip\r\n")), gzipSync(rules)]);
    const asset = await prepared(
      {
        "b.warc.gz": await warcOf([
          { type: "request", url: "https://a.example/robots.txt", http: "GET /robots.txt HTTP/1.1\r\n\r\n" },
          { url: "https://a.example/robots.txt", http: ok(rules), date: "2024-01-01T12:00:00Z" },
          { type: "metadata", url: "https://a.example/robots.txt", http: "fetchTimeMs: 3" },
          { url: "https://a.example/", http: ok("<html>") },
          { url: "https://a.example/robots.txt?x=1", http: ok(rules) },
          {
            url: "https://moved.example/robots.txt",
            http: "HTTP/1.1 301 Moved\r\nLocation: //www.moved.example/robots.txt\r\n\r\n",
          },
          { url: "https://elsewhere.example/index.html", http: ok("<html>what a redirect of robots.txt led to") },
        ]),
        "a.warc.gz": await warcOf([
          { url: "https://gzip.example/robots.txt", http: gzipped },
          {
            url: "http://chunked.example/robots.txt",
            http: ok("4\r\nUser\r\n18\r\n-agent: a\nDisallow: /bc\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
          },
          { url: "https://cut.example/robots.txt", http: ok(rules), truncated: true },
          { url: "https://broken.example/robots.txt", http: "not HTTP" },
          { url: "https://undated.example/robots.txt", http: ok(rules), date: "yesterday" },
        ]),
      },
      ["robots/*.warc.gz"],
    );
    const archive = new RobotsArchive(asset?.path ?? "");
    expect(asset?.provenance).toMatchObject({
      sources: [{ file: "a.warc.gz" }, { file: "b.warc.gz" }],
      reading: { records: 14, faults: 0, unreadable: 2 },
      counts: { captures: 5, left_out: 0, states: { rules: 3, truncated: 1, "redirect-unresolved": 1 } },
    });
    const newest = (authority: string): ReturnType<RobotsArchive["newest"]> => archive.newest(authority, Infinity);
    expect(newest("https://a.example")).toMatchObject({
      file: "b.warc.gz",
      recordId: "urn:uuid:1",
      capturedAt: Date.parse("2024-01-01T12:00:00Z"),
    });
    expect(newest("https://moved.example")).toMatchObject({ status: 301, redirect: "https://www.moved.example" });
    expect(newest("https://elsewhere.example")).toBeUndefined();
    const bodyOf = (authority: string): string => {
      const capture = newest(authority);
      return capture === undefined ? "" : Buffer.from(archive.body(capture)).toString();
    };
    expect(bodyOf("https://gzip.example")).toBe(rules);
    expect(bodyOf("http://chunked.example")).toContain("User-agent: a\nDisallow: /b");
    archive.close();
  });

  it("of a damaged file are refused, unless the recipe accepts that opt-outs are missing", async () => {
    const whole = await warcOf([
      { url: "https://a.example/robots.txt", http: ok(rules) },
      { url: "https://b.example/robots.txt", http: ok(rules) },
    ]);
    const damaged = { "a.warc.gz": whole.subarray(0, whole.length - 20) };
    await expect(prepared(damaged, ["robots/a.warc.gz"])).rejects.toMatchObject({ code: "ROBOTS_WARC_DAMAGED" });
    const asset = await prepared(damaged, ["robots/a.warc.gz"], scratchFolder(), { accept_damaged: true });
    expect(asset?.provenance).toMatchObject({ reading: { faults: 1 }, counts: { captures: 1 } });
  });

  it("are archived once: the same files give the same archive, other files another", async () => {
    const assetFolder = scratchFolder();
    const file = async (path: string): Promise<Uint8Array> => warcOf([{ url: `https://a.example${path}`, http: ok(rules) }]);
    const one = await prepared({ "a.warc.gz": await file("/robots.txt") }, ["robots/*"], assetFolder);
    const same = await prepared({ "a.warc.gz": await file("/robots.txt") }, ["robots/a.warc.gz", "robots/*"], assetFolder);
    const other = await prepared({ "a.warc.gz": await file("/other") }, ["robots/*"], assetFolder);
    expect(same).toEqual(one);
    expect(other?.path).not.toBe(one?.path);
    expect(readdirSync(assetFolder).length).toBe(2);
  });

  it("that are nowhere to be found are a coded error", async () => {
    for (const robots of ["robots/none.warc.gz", "robots/*.warc"]) {
      await expect(prepared({}, [robots])).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
    }
  });
});
