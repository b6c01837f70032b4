/** `fetch robots` against a server that misbehaves: what is written, and what the consent filter makes of it. */
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RobotsArchive } from "../../../filters/consent/archive.js";
import { parseHttpResponse, type WarcRecord } from "../../../formats/index.js";
import { type FetchResult, fetchRobots, isPublicAddress } from "../../../pipeline/index.js";
import { codeOf, scratchFolder } from "../corpora.js";
import { MisbehavingServer, type Site } from "./server.js";
import { archiveOf, localhost, optionsFor, recordsOf } from "./setting.js";

const { folder, remove } = scratchFolder("fetch-robots");
const server = new MisbehavingServer();
const rules = "User-agent: *\nDisallow: /private\n";
const redirect =
  (location: string): Site =>
  ({ reply }) =>
    reply(301, { Location: location }, "moved");
const at = (host: string, path = "/robots.txt") => `http://${host}.test:${server.port}${path}`;
const targets = (...hosts: readonly string[]) => hosts.map((host) => at(host));

beforeAll(async () => {
  await server.start();
  const sites: Readonly<Record<string, Site>> = {
    plain: ({ reply }) => reply(200, { "Content-Type": "text/plain" }, rules),
    charset: ({ reply }) =>
      reply(
        200,
        { "Content-Type": "text/plain; charset=utf-16" },
        Buffer.from("User-agent: *\nDisallow: /caf\xe9\n", "latin1"),
      ),
    empty: ({ reply }) => reply(200, {}, ""),
    page: ({ reply }) => reply(200, { "Content-Type": "text/html" }, "<!doctype html><title>Not here</title>"),
    missing: ({ reply }) => reply(404, {}, "no"),
    failing: ({ reply }) => reply(500, {}, "oh"),
    garbage: ({ socket }) => socket.end("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "huge-head": ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n${"X-Fill: 0123456789\r\n".repeat(8000)}\r\n`),
    "no-head": () => undefined,
    "slow-body": ({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${rules}`);
      const timer = setInterval(() => socket.write("#"), 30);
      socket.on("close", () => clearInterval(timer));
    },
    endless: ({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${rules}`);
      const more = (): void => {
        while (!socket.destroyed && socket.write("Disallow: /and-on-and-on\n".repeat(4096)));
      };
      socket.on("drain", more);
      more();
    },
    "endless-chunks": ({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      const more = (): void => {
        while (!socket.destroyed && socket.write("19\r\nDisallow: /and-on-and-on\n\r\n".repeat(4096)));
      };
      socket.on("drain", more);
      more();
    },
    bomb: ({ reply }) => reply(200, { "Content-Encoding": "gzip" }, bomb),
    coded: ({ reply }) => reply(200, { "Content-Encoding": "br" }, brotliCompressSync(rules)),
    chunked: ({ socket }) => {
      const body = gzipSync(rules);
      socket.write(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
      );
      for (const byte of body) socket.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]));
      socket.end("0\r\n\r\n");
    },
    excess: ({ socket }) =>
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${rules.length}\r\n\r\n${rules}Disallow: /smuggled\n`),
    "bad-length": ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${rules}`),
    reset: ({ socket }) => socket.resetAndDestroy(),
    "reset-body": ({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${rules}`);
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
    "reset-once": ({ socket, earlier, reply }) => (earlier === 0 ? socket.resetAndDestroy() : reply(200, {}, rules)),
    busy: ({ reply, earlier }) => (earlier === 0 ? reply(429, { "Retry-After": "1" }, "later") : reply(200, {}, rules)),
    patience: ({ reply }) => reply(503, { "Retry-After": "3600" }, "later"),
    loop: redirect("/robots.txt"),
    nowhere: redirect("ftp://plain.test/robots.txt"),
    page2: redirect("/"),
    five: ({ path, reply }) => {
      const hop = Number(/^\/hop(\d)$/.exec(path)?.[1] ?? 0);
      if (hop === 5) reply(200, {}, rules);
      else reply(302, { Location: `/hop${hop + 1}` }, "");
    },
    six: ({ path, reply }) => {
      const hop = Number(/^\/hop(\d)$/.exec(path)?.[1] ?? 0);
      if (hop === 6) reply(200, {}, rules);
      else reply(302, { Location: `/hop${hop + 1}` }, "");
    },
    moved: redirect(at("plain")),
    inward: redirect("http://metadata.test/robots.txt"),
    literal: redirect("http://127.0.0.2:1/robots.txt"),
    octal: redirect("http://0177.2:1/robots.txt"),
    mapped: redirect("http://[::ffff:10.0.0.1]/robots.txt"),
  };
  for (const [host, site] of Object.entries(sites)) server.sites.set(host, site);
});
afterAll(() => {
  server.stop();
  remove();
});
beforeEach(() => server.forget());

const bomb = gzipSync(Buffer.alloc(70e6), { level: 1 });

describe("what a site does, and what is made of it", () => {
  /** Host, state in the result, state in the archive, octets that the archive keeps. */
  const cases = [
    ["plain", "rules", "rules"],
    ["charset", "rules", "rules"],
    ["coded", "rules", "rules"],
    ["chunked", "rules", "rules"],
    ["excess", "rules", "rules"],
    ["empty", "empty", "empty"],
    ["page", "not-robots", "not-robots"],
    ["missing", "unavailable-4xx", "unavailable-4xx"],
    ["failing", "unreachable-5xx", "unreachable-5xx"],
    ["patience", "unreachable-5xx", "unreachable-5xx"],
    ["garbage", "unreachable-protocol", "unreachable"],
    ["huge-head", "unreachable-protocol", "unreachable"],
    ["no-head", "unreachable-timeout", "unreachable"],
    ["reset", "unreachable-reset", "unreachable"],
    ["slow-body", "unreachable-time", "truncated"],
    ["bad-length", "unreachable-disconnect", "truncated"],
    ["reset-body", "unreachable-disconnect", "truncated"],
    ["reset-once", "rules", "rules"],
    ["busy", "rules", "rules"],
    ["endless", "truncated", "truncated"],
    ["endless-chunks", "truncated", "truncated"],
    ["bomb", "unreadable", undefined],
    ["loop", "redirect-unresolved", "redirect-unresolved"],
    ["nowhere", "redirect-unresolved", "redirect-unresolved"],
    ["five", "rules", "redirect-unresolved"],
    ["six", "redirect-unresolved", "redirect-unresolved"],
    ["moved", "rules", "redirect-unresolved"],
  ] as const;
  const timed: readonly string[] = ["no-head", "slow-body"];
  const out = join(folder, "all");
  let result: FetchResult;
  let archive: RobotsArchive;
  let records: readonly WarcRecord[];
  let asked: readonly string[];
  let most: ReadonlyMap<string, number>;

  beforeAll(async () => {
    const secure = [
      `https://secure.test:${server.tlsPort}`,
      `https://plain.test:${server.port}`,
      "https://nobody.invalid",
      "http://down.test:1",
    ];
    const untimed = cases.map(([host]) => host).filter((host) => !timed.includes(host));
    result = await fetchRobots(optionsFor(out, [...targets(...untimed), ...secure]));
    // Into the same folder: who is to be cut short for time must not be asked together with those that keep this process busy.
    const limits = { connect: 20_000, headers: 800, total: 1500, bytes: 1 << 20 };
    const { files } = await fetchRobots(optionsFor(out, targets(...timed), { limits }));
    asked = [...server.log];
    most = new Map(server.most);
    records = await recordsOf(out, files);
    archive = await archiveOf(out);
  });
  afterAll(() => archive.close());

  const of = (url: string, type: string) =>
    records.filter(({ fields, type: own }) => own === type && fields.get("warc-target-uri") === url);
  const stateOf = (target: string) => {
    const journal = ["journal-00000.jsonl", "journal-00001.jsonl"]
      .flatMap((name) => readFileSync(join(out, name), "utf8").trim().split("\n"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return journal.find(({ target: own }) => own === target)?.state;
  };

  it.each(cases)("%s: %s, in the archive %s", (host, state, archived) => {
    const authority = `http://${host}.test:${server.port}`;
    expect(stateOf(authority)).toBe(state);
    expect(archive.newest(authority, Number.POSITIVE_INFINITY)?.state).toBe(archived);
  });

  it("counts the targets by state", () => {
    expect(Object.values(result.states).reduce((sum, { targets: count }) => sum + count, 0)).toBe(cases.length + 2);
    expect(result).toMatchObject({ targets: cases.length + 2, before: 0, rejected: 0 });
  });

  it("tells what is wrong with TLS, names and connections apart", () => {
    expect(stateOf(`https://secure.test:${server.tlsPort}`)).toBe("unreachable-tls");
    expect(stateOf(`https://plain.test:${server.port}`)).toBe("unreachable-tls");
    expect(stateOf("https://nobody.invalid")).toBe("unreachable-dns");
    expect(stateOf("http://down.test:1")).toBe("unreachable-connect");
    const [failure] = of("https://nobody.invalid/robots.txt", "metadata");
    expect(Buffer.from(failure?.block ?? []).toString()).toMatch(/^fetchFailure: dns\r$/m);
    expect(archive.newest("https://nobody.invalid", Number.POSITIVE_INFINITY)).toMatchObject({
      state: "unreachable",
      status: 0,
    });
  });

  it("keeps what came as it came: chunks, interim answers, content coding, and not what follows a whole body", () => {
    const block = (host: string) => of(at(host), "response")[0]?.block ?? new Uint8Array(0);
    const chunked = Buffer.from(block("chunked")).toString("latin1");
    expect(chunked).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n/);
    expect(chunked).toMatch(/\r\n1\r\n.\r\n0\r\n\r\n$/s);
    const read = parseHttpResponse(block("chunked"));
    expect(read.kind === "response" && Buffer.from(read.body).toString()).toBe(rules);
    expect(Buffer.from(block("coded")).includes(brotliCompressSync(rules))).toBe(true);
    expect(Buffer.from(block("excess")).toString().endsWith(rules)).toBe(true);
    expect(Buffer.from(block("charset")).includes(Buffer.from("/caf\xe9\n", "latin1"))).toBe(true);
  });

  it("names the file, the software and whom to turn to, in each file and each request", () => {
    const [info] = records;
    expect(info?.type).toBe("warcinfo");
    expect(Buffer.from(info?.block ?? []).toString()).toContain("operator: crawl@example.org\r\n");
    const [request] = of(at("plain"), "request");
    expect(Buffer.from(request?.block ?? []).toString()).toMatch(
      /^GET \/robots\.txt HTTP\/1\.1\r\n.*user-agent: apertus-data\/\d+\.\d+\.\d+ \(\+mailto:crawl@example\.org\)\r\n/s,
    );
    const [response] = of(at("plain"), "response");
    expect(request?.fields.get("warc-concurrent-to")).toBe(response?.fields.get("warc-record-id"));
    expect(response?.fields.get("warc-ip-address")).toBe("127.0.0.1");
  });

  it("says why an answer is cut, and keeps no more of it than it may", () => {
    const cut = (host: string) => of(at(host), "response")[0];
    expect(cut("slow-body")?.fields.get("warc-truncated")).toBe("time");
    expect(cut("reset-body")?.fields.get("warc-truncated")).toBe("disconnect");
    for (const host of ["endless", "endless-chunks"]) {
      expect(cut(host)?.fields.get("warc-truncated")).toBe("length");
      expect(cut(host)?.block.length).toBe(1 << 20);
    }
    expect(cut("plain")?.fields.has("warc-truncated")).toBe(false);
  });

  it("asks again after failures that may pass, as often as it may, and not where it is told to wait for an hour", () => {
    const times = (host: string) => asked.filter((entry) => entry === `${host} /robots.txt`).length;
    expect(["reset", "no-head", "failing", "reset-body", "busy", "reset-once"].map(times)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(["missing", "garbage", "slow-body", "patience", "bomb"].map(times)).toEqual([1, 1, 1, 1, 1]);
    expect(of(at("busy"), "response").map(({ block }) => Buffer.from(block.subarray(9, 12)).toString())).toEqual([
      "429",
      "200",
    ]);
    const [first, second] = of(at("busy"), "response").map(({ fields }) => Date.parse(fields.get("warc-date") ?? ""));
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it("follows five redirects, each its own record, and asks for no URL twice", () => {
    expect(asked.filter((entry) => entry.startsWith("five "))).toHaveLength(6);
    expect(asked.filter((entry) => entry.startsWith("six "))).toHaveLength(6);
    expect(asked.filter((entry) => entry.startsWith("loop "))).toHaveLength(1);
    expect(asked.filter((entry) => entry.startsWith("plain "))).toHaveLength(1);
    expect(of(at("five", "/hop5"), "response")).toHaveLength(1);
    const [hop] = of(at("five", "/hop5"), "metadata");
    expect(Buffer.from(hop?.block ?? []).toString()).toContain(`via: ${at("five", "/hop4")}\r\n`);
    expect(archive.newest(`http://moved.test:${server.port}`, Number.POSITIVE_INFINITY)?.redirect).toBe(
      `http://plain.test:${server.port}`,
    );
  });

  it("asks a host for one thing at a time", () => {
    expect([...most.values()].every((count) => count === 1)).toBe(true);
  });
});

describe("addresses", () => {
  const permits = (address: string): boolean => address === "127.0.0.1" || isPublicAddress(address);
  const resolve = async (name: string) =>
    name === "metadata.test" ? [{ address: "169.254.169.254", family: 4 }] : localhost(name);
  const run = (name: string, hosts: readonly string[], more = {}) =>
    fetchRobots(optionsFor(join(folder, name), hosts, { permits, resolve, ...more }));

  it.each(["inward", "literal", "octal", "mapped"])(
    "a redirect to an address that is not public is not followed (%s)",
    async (host) => {
      const { states, files } = await run(`refused-${host}`, targets(host));
      expect(Object.keys(states)).toEqual(["refused-address"]);
      const refused = (await recordsOf(join(folder, `refused-${host}`), files)).at(-1);
      expect(refused?.type).toBe("metadata");
      expect(Buffer.from(refused?.block ?? []).toString()).toContain("fetchRefused: address-not-public");
      // Nobody knows what the site would have said.
      const archive = await archiveOf(join(folder, `refused-${host}`));
      expect(archive.newest("http://metadata.test", Number.POSITIVE_INFINITY)).toBeUndefined();
      archive.close();
    },
  );

  it("a name is connected to at those of its addresses that are public, whatever else it has", async () => {
    const mixed = async () => [
      { address: "10.0.0.1", family: 4 },
      { address: "127.0.0.1", family: 4 },
      { address: "fe80::1", family: 6 },
    ];
    const { states, requests } = await run("mixed", targets("plain"), { resolve: mixed });
    expect([Object.keys(states), requests]).toEqual([["rules"], 1]);
  });

  it("a name that points inward is refused each time it is asked for, since each time it is looked up and looked at", async () => {
    let times = 0;
    const rebinding = async () => [{ address: ++times === 1 ? "127.0.0.1" : "127.0.0.3", family: 4 }];
    const { states } = await run("rebinding", targets("page2"), { resolve: rebinding });
    expect([Object.keys(states), times]).toEqual([["refused-address"], 2]);
  });

  it("only public ones by default: nothing of this machine is asked", async () => {
    const own = [
      `http://127.0.0.1:${server.port}`,
      `http://[::1]:${server.port}`,
      `http://0.0.0.0:${server.port}`,
      `http://2130706433:${server.port}`,
    ];
    const { states } = await run("own", [...own, ...targets("plain")], { permits: isPublicAddress });
    expect(states).toEqual({ "refused-address": { targets: 4, bytes: 0 } });
    expect(server.log).toEqual([]);
  });
});

describe("the folder", () => {
  it("goes on where it stopped: what is done is not asked for again, and tails without a line are cut", async () => {
    const out = join(folder, "again");
    const first = await fetchRobots(optionsFor(out, targets("plain", "missing")));
    appendFileSync(join(out, "robots-00000.warc.gz"), "torn");
    appendFileSync(join(out, "journal-00000.jsonl"), '{"kind":"target","tar');
    writeFileSync(join(out, "robots-00001.warc.gz"), "never named");
    server.forget();
    const second = await fetchRobots(optionsFor(out, targets("plain", "missing", "coded", "moved")));
    expect(second).toMatchObject({ targets: 4, before: 2, requests: 2 });
    expect(server.log.sort()).toEqual(["coded /robots.txt", "moved /robots.txt"]);
    expect(second.files).toEqual(["robots-00000.warc.gz", "robots-00001.warc.gz"]);
    expect((await recordsOf(out, first.files)).filter(({ type }) => type === "response")).toHaveLength(2);
    const third = await fetchRobots(optionsFor(out, targets("plain", "missing", "coded", "moved")));
    expect(third).toMatchObject({ before: 4, requests: 0, states: second.states, files: second.files });
    expect(readdirSync(out).sort()).toEqual(["journal-00000.jsonl", "journal-00001.jsonl", ...second.files]);
  });

  it("is split into files of about the size asked for", async () => {
    const out = join(folder, "split");
    const { files } = await fetchRobots(
      optionsFor(out, targets("plain", "coded", "missing"), { fileBytes: 500, concurrency: 1 }),
    );
    expect(files).toHaveLength(3);
    const records = await recordsOf(out, files);
    expect(records.filter(({ type }) => type === "warcinfo")).toHaveLength(3);
    expect(records.filter(({ type }) => type === "response")).toHaveLength(3);
  });

  it("refuses another kind of fetch, and files that are not what was written", async () => {
    const out = join(folder, "damaged");
    await fetchRobots(optionsFor(out, targets("plain")));
    const again = () => codeOf(fetchRobots(optionsFor(out, targets("plain"))));
    const warc = join(out, "robots-00000.warc.gz");
    truncateSync(warc, statSync(warc).size - 1);
    expect(await again()).toBe("FETCH_FOLDER_DAMAGED");
    const journal = join(out, "journal-00000.jsonl");
    const lines = readFileSync(journal, "utf8");
    writeFileSync(journal, `nonsense\n${lines}`);
    expect(await again()).toBe("FETCH_FOLDER_DAMAGED");
    writeFileSync(journal, lines.replace('"purpose":"robots"', '"purpose":"pages"'));
    expect(await again()).toBe("FETCH_FOLDER_OTHER");
  });

  it.each([undefined, "", "somebody", "a@b", "javascript:alert(1)", "https://example.org/\r\nX-Evil: 1", "a@example.org) (b"])(
    "without an address to turn to nothing is asked (%j)",
    async (contact) => {
      expect(await codeOf(fetchRobots(optionsFor(join(folder, "nobody"), targets("plain"), { contact })))).toBe(
        "FETCH_CONTACT_MISSING",
      );
      expect(server.log).toEqual([]);
    },
  );
});
