/** `fetch pages`: robots.txt first, and what it disallows is left alone. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fetchPages } from "../../../pipeline/index.js";
import { codeOf, scratchFolder } from "../corpora.js";
import { MisbehavingServer, type Site } from "./server.js";
import { archiveOf, optionsFor, recordsOf } from "./setting.js";

const { folder, remove } = scratchFolder("fetch-pages");
const server = new MisbehavingServer();
const at = (host: string, path: string) => `http://${host}.test:${server.port}${path}`;

/** A site with this robots.txt, whose pages say where they lie. */
const siteWith =
  (robots: string | number, page?: Site): Site =>
  (asked) => {
    const { path, reply, host } = asked;
    if (path !== "/robots.txt") (page ?? (() => reply(200, { "Content-Type": "text/html" }, `<p>${host}${path}</p>`)))(asked);
    else if (typeof robots === "number") reply(robots, {}, "");
    else reply(200, {}, robots);
  };

beforeAll(async () => {
  await server.start();
  const sites: Readonly<Record<string, Site>> = {
    open: siteWith("User-agent: *\nDisallow: /private\nAllow: /private/shown\n"),
    named: siteWith("User-agent: *\nAllow: /\n\nUser-agent: Apertus-Data\nDisallow: /\n"),
    gpt: siteWith("User-agent: GPTBot\nDisallow: /news\n"),
    intended: siteWith("User-agent: apertus-data/1.0\nDissallow: /\n"),
    missing: siteWith(404),
    failing: siteWith(503),
    busy: siteWith(429),
    silent: ({ socket, path, reply }) => (path === "/robots.txt" ? socket.resetAndDestroy() : reply(200, {}, "here")),
    half: ({ socket, path, reply }) => {
      if (path !== "/robots.txt") reply(200, {}, "here");
      else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nUser-agent: *\nAllow: /\n");
    },
    elsewhere: ({ path, reply }) => {
      if (path === "/robots.txt") reply(301, { Location: at("open", "/robots.txt") }, "");
      else reply(200, {}, "here");
    },
    leading: siteWith("", ({ path, reply }) => reply(302, { Location: at("open", path) }, "")),
    bomb: siteWith("", ({ reply }) => reply(200, { "Content-Encoding": "gzip" }, gzipSync(Buffer.alloc(70e6), { level: 1 }))),
    tired: siteWith("", ({ reply }) => reply(429, { "Retry-After": "3600" }, "")),
  };
  for (const [host, site] of Object.entries(sites)) server.sites.set(host, site);
});
afterAll(() => {
  server.stop();
  remove();
});
beforeEach(() => server.forget());

let runs = 0;
async function fetchAll(urls: readonly string[], more: Partial<Parameters<typeof fetchPages>[0]> = {}) {
  const out = join(folder, String(runs++));
  const result = await fetchPages({ ...optionsFor(out, urls), profiles: [], ...more });
  const counts = Object.fromEntries(Object.entries(result.states).map(([state, { targets }]) => [state, targets]));
  return { out, result, counts };
}

describe("what robots.txt says", () => {
  it("a page is asked for after robots.txt, once a site, and a disallowed one is not, for the line that says so", async () => {
    const { out, result, counts } = await fetchAll([
      at("open", "/a"),
      at("open", "/private/x"),
      at("open", "/private/shown?q"),
      at("open", "/b#part"),
    ]);
    expect(counts).toEqual({ fetched: 3, disallowed: 1 });
    expect(result.refused).toEqual([
      { target: at("open", "/private/x"), because: "line 2: Disallow: /private (apertus-data in group *, rfc)" },
    ]);
    expect(server.log[0]).toBe("open /robots.txt");
    expect(server.log.sort()).toEqual(["open /a", "open /b", "open /private/shown?q", "open /robots.txt"]);
    const journal = readFileSync(join(out, "journal-00000.jsonl"), "utf8");
    expect(journal).toContain('"because":"line 2: Disallow: /private (apertus-data in group *, rfc)"');
    const bodies = (await recordsOf(out, result.files))
      .filter(({ type }) => type === "response")
      .map(({ block }) => Buffer.from(block).toString());
    expect(bodies.filter((body) => body.includes("<p>open/a</p>"))).toHaveLength(1);
  });

  it("our own name counts, also as it was meant, and so do the crawlers of a profile", async () => {
    const urls = [at("named", "/a"), at("intended", "/a"), at("gpt", "/news/1"), at("gpt", "/other")];
    expect((await fetchAll(urls)).counts).toEqual({ disallowed: 2, fetched: 2 });
    const { counts, result } = await fetchAll(urls, { profiles: ["apertus-2025-01"] });
    expect(counts).toEqual({ disallowed: 3, fetched: 1 });
    expect(result.refused.map(({ because }) => because)).toContain("line 2: Disallow: /news (GPTBot in group GPTBot, rfc)");
    expect((await fetchAll([at("named", "/a")], { agentToken: "somebody-else" })).counts).toEqual({ fetched: 1 });
  });

  it.each([
    ["missing", "fetched"],
    ["failing", "robots-unreachable"],
    ["busy", "robots-unreachable"],
    ["silent", "robots-unreachable"],
    ["half", "robots-unreachable"],
    ["elsewhere", "fetched"],
  ])("%s: %s", async (host, state) => {
    const { counts } = await fetchAll([at(host, "/a")]);
    expect(counts).toEqual({ [state]: 1 });
    expect(server.log.includes(`${host} /a`)).toBe(state === "fetched");
  });

  it("rules that a redirect leads to hold for the site that was asked", async () => {
    const { counts } = await fetchAll([at("elsewhere", "/a"), at("elsewhere", "/private/x"), at("open", "/private/y")]);
    expect(counts).toEqual({ fetched: 1, disallowed: 2 });
    // Both hosts begin at the same time, and still one answer serves both.
    expect(server.log.filter((entry) => entry === "open /robots.txt").length).toBeLessThanOrEqual(2);
  });

  it("a redirect is followed where the site that it leads to allows it", async () => {
    const { counts, result } = await fetchAll([at("leading", "/a"), at("leading", "/private/x")]);
    expect(counts).toEqual({ fetched: 1, "redirect-disallowed": 1 });
    expect(result.refused[0]?.because).toBe(
      `${at("open", "/private/x")}: line 2: Disallow: /private (apertus-data in group *, rfc)`,
    );
    expect(server.log).not.toContain("open /private/x");
    expect(server.log.indexOf("open /robots.txt")).toBeLessThan(server.log.indexOf("open /a"));
  });
});

describe("pages", () => {
  it("the files hold what the consent filter reads of robots.txt too", async () => {
    const { out } = await fetchAll([at("open", "/a"), at("silent", "/a")]);
    const archive = await archiveOf(out);
    expect(archive.newest(`http://open.test:${server.port}`, Number.POSITIVE_INFINITY)?.state).toBe("rules");
    expect(archive.newest(`http://silent.test:${server.port}`, Number.POSITIVE_INFINITY)?.state).toBe("unreachable");
    archive.close();
  });

  it("a body that decodes to more than is read is kept as it came, and said to be unreadable", async () => {
    const { out, result, counts } = await fetchAll([at("bomb", "/a")]);
    expect(counts).toEqual({ unreadable: 1 });
    expect(result.bytes).toBeLessThan(1e6);
    expect((await recordsOf(out, result.files)).filter(({ type }) => type === "response")).toHaveLength(2);
  });

  it("a host that asks for an hour is left alone: the rest of its pages waits for the next start", async () => {
    const urls = ["/a", "/b", "/c"].map((path) => at("tired", path));
    const { out, counts, result } = await fetchAll(urls);
    expect(counts).toEqual({ "status-4xx": 1, postponed: 2 });
    expect(result.requests).toBe(2);
    const again = await fetchPages({ ...optionsFor(out, urls), profiles: [] });
    expect(again).toMatchObject({ before: 1, requests: 2 });
  });

  it("of one host one thing at a time is asked, whatever the scheme, the port and the list's order, and with the pause between", async () => {
    server.sites.set(
      "gentle",
      siteWith("", ({ reply }) => setTimeout(() => reply(200, {}, "here"), 20)),
    );
    const urls = Array.from({ length: 4 }, (_, i) => [
      at("gentle", `/${i}`),
      at("leading", `/${i}`),
      at("open", `/x${i}`),
    ]).flat();
    const began = performance.now();
    const { counts } = await fetchAll(urls, { delay: 60, profiles: [] });
    expect(counts).toEqual({ fetched: 12 });
    expect([...server.most.values()].every((most) => most === 1)).toBe(true);
    // open: robots.txt, four pages of its own and the four that leading leads to.
    expect(performance.now() - began).toBeGreaterThan(8 * 60);
  });

  it("lists are read line by line; what is no URL is counted and passed over", async () => {
    const list = join(folder, "list.txt");
    writeFileSync(
      list,
      `\ufeff# pages\r\n${at("open", "/a")}\r\n\r\n  ${at("open", "/a")}#top\nftp://x/\nnonsense\n${"x".repeat(70_000)}\n`,
    );
    const { result } = await fetchAll([], { sources: { arguments: [], lists: [list], corpora: [] } });
    expect(result).toMatchObject({ targets: 1, hosts: 1, rejected: 3 });
    expect(result.rejectedExamples).toContain("ftp://x/");
    expect(await codeOf(fetchAll([], { sources: { arguments: [], lists: [join(folder, "none.txt")], corpora: [] } }))).toBe(
      "INPUT_NOT_FOUND",
    );
  });

  it("an abort ends it at once, and what was done stays done", async () => {
    server.sites.set(
      "endless",
      siteWith("", ({ path, reply }) => path !== "/b" && reply(200, {}, "here")),
    );
    const stop = new AbortController();
    const out = join(folder, "aborted");
    const urls = [at("endless", "/a"), at("endless", "/b"), at("endless", "/c")];
    const limits = { connect: 60_000, headers: 60_000, total: 60_000, bytes: 1 << 20 };
    const run = fetchPages({
      ...optionsFor(out, urls, { signal: stop.signal, limits }),
      profiles: [],
      onEvent: ({ type }) => type === "target" && stop.abort(),
    });
    await expect(run).rejects.toThrow();
    server.sites.set("endless", siteWith(""));
    server.forget();
    const { before, states } = await fetchPages({ ...optionsFor(out, urls), profiles: [] });
    expect([before, states.fetched?.targets]).toEqual([1, 3]);
    expect(server.log.sort()).toEqual(["endless /b", "endless /c", "endless /robots.txt"]);
  });
});
