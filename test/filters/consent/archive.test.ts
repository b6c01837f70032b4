import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../../errors/index.js";
import { judge } from "../../../filters/consent/capture.js";
import { newestOf, RobotsArchive, splitUrl, writeArchive } from "../../../filters/consent/index.js";
import { anyText } from "../../any-text.js";
import { archiveOf, capture, scratchFolder } from "./captures.js";

const rules = "User-agent: *\nDisallow: /\n";

describe("an authority", () => {
  it.each([
    ["HTTPS://WWW.Example.ORG:443/a?b#c", "https://www.example.org", "/a?b#c"],
    ["http://example.org:80", "http://example.org", "/"],
    ["http://example.org.:8080?q", "http://example.org:8080", "/?q"],
    ["https://bücher.example/ü", "https://xn--bcher-kva.example", "/\xc3\xbc"],
    ["https://user:secret@example.org/", "https://example.org", "/"],
    ["https://[2001:DB8::1]/x", "https://[2001:db8::1]", "/x"],
  ])("of %s is %s", (url, authority, target) => expect(splitUrl(url)).toEqual({ authority, target }));

  it.each(["", "example.org/x", "ftp://example.org/", "https://", "https://a b/", "mailto:a@b", "://x", "javascript://x"])(
    "is not found in %j",
    (url) => expect(splitUrl(url)).toBeUndefined(),
  );

  it("is found or not found in any text, without an exception", () => {
    fc.assert(fc.property(anyText(), (text) => void splitUrl(text)));
    fc.assert(fc.property(fc.webUrl(), (url) => void expect(splitUrl(url)?.authority).toMatch(/^https?:\/\//)));
  });
});

describe("a capture", () => {
  const state = (body: string | Uint8Array, rest = {}): string | undefined =>
    judge(capture("https://h.example/robots.txt", "2024-01-01", body, rest))?.state;

  it("has the state that its status and body say", () => {
    expect(state(rules)).toBe("rules");
    expect(state("# nothing but a comment")).toBe("rules");
    expect(state("\ufeff \r\n")).toBe("empty");
    expect(state("")).toBe("empty");
    expect(state(" <!doctype html><title>Not found</title>")).toBe("not-robots");
    expect(state("<pre>\nUser-agent: *\nDisallow: /</pre>")).toBe("rules");
    expect(state(rules, { truncated: true })).toBe("truncated");
    expect(state(rules + "#".repeat(512_000))).toBe("truncated");
    expect([301, 401, 404, 429, 500, 503, 0, 999].map((status) => state(rules, { status }))).toEqual([
      "redirect-unresolved",
      ...Array(3).fill("unavailable-4xx"),
      ...Array(4).fill("unreachable-5xx"),
    ]);
  });

  it("counts only where it is an authority's own /robots.txt and says something", () => {
    for (const path of ["/robots.txt?x", "/a/robots.txt", "/Robots.txt", "/robots.txt/", "/"]) {
      expect(judge(capture(`https://h.example${path}`, "2024-01-01", rules))).toBeUndefined();
    }
    expect(state("", { status: 304 })).toBeUndefined();
    expect(state("", { capturedAt: Number.NaN })).toBeUndefined();
    expect(state(rules, { url: "https://h.example/robots.txt#x" })).toBe("rules");
  });

  it("loses the line that a cut went through", () => {
    const judged = judge(
      capture("https://h.example/robots.txt", "2024-01-01", "User-agent: *\nDisallow: /pri", { truncated: true }),
    );
    expect(Buffer.from(judged?.body ?? []).toString()).toBe("User-agent: *\n");
  });
});

describe("a robots archive", () => {
  it("gives back every capture and its body, and the newest one not later than a time", async () => {
    const hosts = Array.from({ length: 3000 }, (_, i) => `https://h${i * 7919}.example`);
    const captures = hosts.flatMap((host, i) =>
      Array.from({ length: (i % 4) + 1 }, (_, j) =>
        capture(`${host}/robots.txt`, `202${j}-01-01`, `User-agent: *\nDisallow: /${i % 50}/${j}\n`),
      ),
    );
    const { archive } = await archiveOf(captures.toReversed());
    expect(archive.authorities).toBe(3000);
    expect(archive.about()).toMatchObject({ counts: { captures: captures.length, bodies: 175, left_out: 0 } });
    for (const [i, host] of hosts.entries()) {
      const found = [...archive.captures(host)];
      expect(found.map(({ capturedAt }) => new Date(capturedAt).getUTCFullYear())).toEqual(
        [2020, 2021, 2022, 2023].slice(0, (i % 4) + 1),
      );
      const newest = archive.newest(host, Date.parse("2021-06-01"));
      expect(newest?.capturedAt).toBe(Date.parse(i % 4 === 0 ? "2020-01-01" : "2021-01-01"));
      if (newest !== undefined) expect(Buffer.from(archive.body(newest)).toString()).toContain(`Disallow: /${i % 50}/`);
    }
    expect(archive.newest("https://h0.example", Date.parse("2019-12-31"))).toBeUndefined();
    for (const absent of ["", "https://", "https://h.example", "zzz"]) expect(archive.newest(absent, Infinity)).toBeUndefined();
    archive.close();
  });

  it("keeps where each capture was found", async () => {
    const one = capture("https://h.example/robots.txt", "2024-05-01T10:20:30.123Z", rules, { unit: "inflated" });
    const { archive } = await archiveOf([one]);
    const { offset, length, unit, file, recordId, capturedAt, status } = one;
    expect(archive.newest("https://h.example", Infinity)).toMatchObject({
      ...{ offset, length, unit, file, recordId, capturedAt, status },
      state: "rules",
      sha256: createHash("sha256").update(rules).digest("hex"),
      capturedLength: rules.length,
    });
  });

  it("is the same file for the same captures, stores a body once, and leaves nothing else in its folder", async () => {
    const captures = [..."abcabd"].map((name, i) => capture(`http://${name}.example/robots.txt`, `2024-01-0${i + 1}`, rules));
    const one = await archiveOf(captures);
    const other = await archiveOf(captures);
    expect(other.sha256).toBe(one.sha256);
    expect(one.archive.about()).toMatchObject({ counts: { captures: 6, authorities: 4, bodies: 1 } });
    expect(createHash("sha256").update(readFileSync(one.path)).digest("hex")).toBe(one.sha256);
    expect(readdirSync(dirname(one.path))).toEqual(["robots.archive"]);
  });

  it("is not there at all where its making broke off", async () => {
    const folder = scratchFolder();
    async function* broken(): AsyncGenerator<never> {
      yield* [] as never[];
      throw new Error("cut");
    }
    await expect(writeArchive(join(folder, "x.archive"), broken(), () => ({}))).rejects.toThrow("cut");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("may be empty", async () => {
    const { archive } = await archiveOf([]);
    expect(archive.newest("https://h.example", Infinity)).toBeUndefined();
  });

  it("is refused with a coded error, or answers, wherever a byte of it is changed or its end is cut off", async () => {
    const { path } = await archiveOf([
      capture("https://a.example/robots.txt", "2024-01-01", rules),
      capture("https://b.example/robots.txt", "2024-01-02", "", { status: 302, location: "https://www.b.example/robots.txt" }),
    ]);
    const whole = readFileSync(path);
    const damaged = join(scratchFolder(), "damaged.archive");
    const ask = (bytes: Uint8Array): void => {
      writeFileSync(damaged, bytes);
      try {
        const archive = new RobotsArchive(damaged);
        for (const host of ["https://a.example", "https://b.example"]) {
          for (const found of archive.captures(host)) archive.body(found);
          archive.newest(host, Infinity);
        }
        archive.close();
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as DataError).code).toBe("ROBOTS_ARCHIVE_DAMAGED");
      }
    };
    for (let at = 0; at < whole.length; at++) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      ask(bytes);
    }
    for (let length = 0; length < whole.length; length += 7) ask(whole.subarray(0, length));
  });

  it("follows redirects between robots.txt addresses, at most five, and asks on where one leads nowhere", async () => {
    const redirect = (from: string, to: string): ReturnType<typeof capture> =>
      capture(`${from}/robots.txt`, "2024-01-01", "", { status: 301, location: `${to}/robots.txt` });
    const { archive } = await archiveOf([
      redirect("http://a.example", "https://b.example"),
      redirect("https://b.example", "https://c.example"),
      capture("https://c.example/robots.txt", "2024-01-01", rules),
      redirect("https://loop.example", "https://loop.example"),
      redirect("https://lost.example", "https://nowhere.example"),
      capture("https://www.lost.example/robots.txt", "2023-01-01", rules),
    ]);
    const ask = (...authorities: string[]): unknown => {
      const found = newestOf(
        archive,
        authorities.map((authority) => ({ authority, fallback: "exact" as const })),
        Infinity,
        "first",
      );
      return found === undefined ? undefined : [found.capture.authority, found.capture.state, found.via];
    };
    expect(ask("http://a.example")).toEqual(["https://c.example", "rules", ["http://a.example", "https://b.example"]]);
    expect(ask("https://loop.example")).toEqual(["https://loop.example", "redirect-unresolved", []]);
    expect(ask("https://lost.example", "https://www.lost.example")).toEqual(["https://www.lost.example", "rules", []]);
    expect(ask("https://lost.example")).toEqual(["https://lost.example", "redirect-unresolved", []]);
    expect(ask("https://none.example")).toBeUndefined();
  });
});
