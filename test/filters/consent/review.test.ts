/** Consent asked again in bulk: the same verdicts as the filter's, and columns split as single addresses are. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Batch } from "../../../corpus/index.js";
import { AuthorityIndex, stride } from "../../../filters/consent/authority-index.js";
import { BoundedCache } from "../../../filters/consent/bounded-cache.js";
import { type Authority, ConsentReview, consent, splitUrl } from "../../../filters/consent/index.js";
import { octetsOf } from "../../../filters/consent/octets.js";
import { splitColumn } from "../../../filters/consent/split-column.js";
import { bytesAt, utf8Column } from "../../../formats/index.js";
import { archiveOf, capture, scratchFolder } from "./captures.js";

const origins = [
  "https://a.example",
  "https://www.a.example",
  "http://a.example",
  "https://b.example:8443",
  "HTTPS://A.Example.",
];
const address = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom(...origins), fc.constantFrom("", "/", "/a", "/a/b?c=1", "?q", "#f", "\\x", "/é ")),
  },
  { weight: 1, arbitrary: fc.tuple(fc.string({ unit: "grapheme" }), fc.constantFrom("", " ", "\u00a0", "/\ufeff")) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(" ", "\ufeff", "https://", "http:/", "ftp://x"), fc.webUrl()) },
);
const addresses = fc.array(
  address.map((parts) => parts.join("").toWellFormed()),
  { maxLength: 40 },
);

it("a column is split as each of its addresses is", () => {
  fc.assert(
    fc.property(addresses, (urls) => {
      const { authorities, authorityOf, targets } = splitColumn(utf8Column(urls));
      const found = urls.map((_, row) => {
        const authority = authorities[authorityOf[row] ?? -1];
        return authority === undefined ? undefined : { authority, target: octetsOf(bytesAt(targets, row)) };
      });
      expect(found).toEqual(urls.map((url) => splitUrl(url)));
    }),
    { numRuns: 500 },
  );
});

const bodies = ["User-agent: *\nDisallow: /a", "User-agent: GPTBot\nDisallow: /\n", "User-agent: *\nAllow: /", "<html>", ""];
const captures = fc.array(
  fc.record({
    origin: fc.constantFrom("https://a.example", "http://a.example", "https://www.a.example", "https://b.example:8443"),
    day: fc.constantFrom("2023-05-01", "2024-05-01", "2026-05-01"),
    status: fc.constantFrom(200, 200, 200, 404, 503, 301, null),
    body: fc.constantFrom(...bodies),
    location: fc.constantFrom(undefined, "https://a.example/robots.txt", "https://b.example:8443/robots.txt"),
    truncated: fc.boolean(),
  }),
  { maxLength: 8 },
);
const settings = fc.record({
  policy: fc.constantFrom("latest", "as-of", "at-capture"),
  states: fc.constantFrom("apertus", "rfc-live", { "no-capture": "deny" }, { truncated: "deny", "unavailable-4xx": "deny" }),
  modes: fc.constantFrom(["rfc"], ["protego"], ["rfc", "intent"]),
  prefer: fc.constantFrom("first", "newest"),
  on_no_url: fc.constantFrom("allow", "deny"),
  agents: fc.constantFrom("apertus-2025-01", ["GPTBot"], ["Bär"]),
});

it("every verdict is the filter's, with its evidence and the files that it rests on", async () => {
  await fc.assert(
    fc.asyncProperty(
      captures,
      settings,
      addresses,
      fc.infiniteStream(fc.constantFrom(Number.NaN, 1.7e12, 1.75e12)),
      async (made, given, urls, dates) => {
        const { path, sha256, archive } = await archiveOf(
          made.map(({ origin, day, body, location, ...rest }) =>
            capture(`${origin}/robots.txt`, day, body, { ...rest, ...(location === undefined ? {} : { location }) }),
          ),
        );
        archive.close();
        const parameters = consent.parameters.parse(given);
        const profile = await consent.prepare(parameters, { baseFolder: scratchFolder(), assetFolder: scratchFolder() });
        const assets = [...profile, { name: "robots-archive", path, sha256, provenance: {} }];
        const url = utf8Column(urls);
        const captured_at = { type: "timestamp", values: Float64Array.from(urls, () => dates.next().value) } as const;
        const filter = await consent.open(parameters, assets);
        const { verdicts = [], blobs = [] } = filter.process(new Batch(Object.entries({ url, captured_at })));
        filter.close?.();
        const review = new ConsentReview(parameters, assets);
        const found = review.review(url, captured_at);
        review.close();
        expect(found.dropped).toEqual(verdicts.flatMap((verdict, row) => (verdict.keep ? [] : [{ row, verdict }])));
        for (const blob of found.blobs) expect(blobs).toContainEqual(blob);
        for (const { verdict } of found.dropped) {
          const robots = verdict.evidence.robots as { sha256: string | null } | undefined;
          if (robots?.sha256 != null && verdict.evidence.vector !== undefined)
            expect(found.blobs.map(({ sha256 }) => sha256)).toContain(robots.sha256);
        }
      },
    ),
    { numRuns: 120 },
  );
}, 30_000);

it("the index of authorities says no of none that is there, and begins the search within its stride", () => {
  const names = Array.from({ length: 5000 }, (_, i) => `https://h${i * 7}.example`).sort();
  const index = new AuthorityIndex(names.length, names);
  names.forEach((name, i) => {
    expect(index.mayHold(name)).toBe(true);
    const start = index.start(name);
    expect(start <= i && i < start + stride).toBe(true);
  });
  const others = Array.from({ length: 20_000 }, (_, i) => `http://other${i}.example`).filter((name) => index.mayHold(name));
  expect(others.length).toBeLessThan(400);
});

it("an archive that is asked often answers as one that is asked once", async () => {
  const hosts = Array.from({ length: 300 }, (_, i) => `https://h${i}.example`);
  const { path, archive } = await archiveOf(hosts.map((host) => capture(`${host}/robots.txt`, "2024-01-01", `# ${host}`)));
  const asked: (Authority | undefined)[] = [];
  for (let i = 0; i < 5000; i++) {
    const host = `https://h${(i * 7) % 600}.example`;
    asked.push(archive.newest(host, Number.POSITIVE_INFINITY)?.authority);
    expect(asked.at(-1)).toBe(hosts.includes(host) ? host : undefined);
  }
  archive.close();
  expect(path).not.toBe("");
});

it("a bounded cache keeps what is asked for and stays within its capacity", () => {
  const cache = new BoundedCache<number, string>(10);
  cache.set(0, "always");
  for (let i = 1; i < 1000; i++) {
    cache.set(i, `${i}`);
    expect(cache.get(0)).toBe("always");
  }
  expect(Array.from({ length: 1000 }, (_, i) => cache.get(i)).filter((value) => value !== undefined).length).toBeLessThan(11);
  cache.set(5000, "dear", 100);
  expect(cache.get(5000)).toBe("dear");
});
