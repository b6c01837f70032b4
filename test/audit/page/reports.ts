/** The reports that the page is tested with, and looked at. */
import type { OwnerReport, Page } from "../../../audit/owner/model.js";
import {
  capturedFile,
  dayAfter,
  leftOut,
  otherDecision,
  page,
  pageCaptures,
  place,
  report,
  robotsDecision,
  sha256,
  site,
  siteCapture,
} from "./fixtures.js";

const words = ["glacier", "rösti", "bahn", "signal", "archive", "letters", "market", "forest", "harbour", "weather"];
const languages = ["deu_Latn", "fra_Latn", "ita_Latn", "roh_Latn", "eng_Latn"];

function address(host: string, i: number): string {
  return `https://${host}/${2015 + (i % 10)}/${words[i % 10]}/${words[(i * 7) % 10]}-and-${words[(i * 3) % 10]}-${i}.html`;
}

const openRobots = "User-agent: *\nDisallow: /admin/\nSitemap: https://example.org/sitemap.xml\n";

/** All pages in; one capture. */
export function kept(): OwnerReport {
  const host = "example.org";
  const pages = Array.from({ length: 64 }, (_, i) =>
    page(address(host, i), { captured_at: dayAfter((i * 11) % 300), language: languages[i % 5] ?? null }),
  );
  return report({
    host,
    pages,
    files: [capturedFile(openRobots)],
    sites: [site(`https://${host}`, pages, [siteCapture(`https://${host}`, dayAfter(146), openRobots, { decided: true })])],
  });
}

/** A few pages, all in. */
export function few(): OwnerReport {
  return report({ host: "example.org", pages: kept().pages.slice(0, 20) });
}

export const longRobots = [
  "# robots.txt of press.example",
  "# Please ask before you crawl: robots@press.example",
  "",
  ...Array.from({ length: 24 }, (_, i) => [`User-agent: OldBot${i}`, `Disallow: /archive/${i}/`]).flat(),
  "",
  "User-agent: GPTBot",
  "User-agent: CCBot",
  "User-agent: Google-Extended",
  "Disallow: /",
  "",
  "User-agent: Bytespider",
  "Crawl-delay: 120",
  "Disallow: /",
  "",
  "User-agent: *",
  "Allow: /",
  "Disallow: /search",
  "Disallow: /cart/",
  ...Array.from({ length: 40 }, (_, i) => `Disallow: /tmp/${i}`),
].join("\n");

/** Left out by robots.txt, a few by other rules, some retracted, some unreadable. */
export function dropped(): OwnerReport {
  const host = "press.example";
  const origin = `https://${host}`;
  const capture = siteCapture(origin, "2024-05-26T04:27:00.000Z", longRobots, { decided: true, pages_disallowed: 148 });
  const urls = Array.from({ length: 171 }, (_, i) => address(host, i));
  const robots = robotsDecision(capture, longRobots, urls[0] ?? "", 148, urls.slice(0, 3));
  const duplicates = Array.from({ length: 6 }, (_, i) =>
    otherDecision("exact-duplicate", "duplicates", 1, urls.slice(150 + i, 151 + i), {
      kept_url: address("mirror.example", i),
      kept_id: sha256(`kept ${i}`).slice(0, 32),
      kept_captured_at: dayAfter(i * 3),
      text_sha256: sha256(`text ${i}`),
    }),
  );
  const short = otherDecision("too-few-words", "quality", 2, urls.slice(148, 150), {
    words: 12,
    fewest: 50,
    longest_line: null,
  });
  const decisions = [robots, short, ...duplicates];
  const pages = urls.map((url, i): Page => {
    const captured_at = dayAfter((i * 13) % 420, "2023-11-01");
    if (i < 148) return leftOut(url, 0, robots, { captured_at });
    if (i < 150) return leftOut(url, 1, short, { captured_at });
    if (i < 156) return leftOut(url, i - 148, { stage: "duplicates", rule: "exact-duplicate" }, { captured_at });
    return page(url, { captured_at, language: languages[i % 5] ?? null, ...(i > 168 ? { status: "retracted" } : {}) });
  });
  const base = report({
    host,
    pages,
    decisions,
    files: [capturedFile(longRobots)],
    sites: [site(origin, pages, [siteCapture(origin, "2023-09-02T08:00:00.000Z", openRobots), capture])],
    rest: {
      unreadable: [
        {
          url: `${origin}/broken.html`,
          reason: "gzip-damaged",
          detail: "The member's checksum differs.",
          place: place(7),
          count_known: true,
        },
        { url: "", reason: "tail-lost", detail: "The file ends inside a record.", place: place(8), count_known: false },
      ],
      what_if: {
        file: capturedFile(openRobots),
        allowed: 171,
        disallowed: 0,
        lines: [],
        changes: urls.slice(0, 3).map((url) => ({ url, from: "out", to: "in" }) as const),
        changes_total: 148,
      },
    },
  });
  return { ...base, corpus: { ...base.corpus, version: 2, version_created_at: "2025-05-03T09:00:00.000Z" } };
}

/** One that opened and closed, with captures that got no answer. */
export function changedItsMind(captures = 40): OwnerReport {
  const host = "diary.example";
  const origin = `https://${host}`;
  const texts = [
    openRobots,
    "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /admin/\n",
    "User-agent: *\nDisallow: /\n",
    "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow:\n",
  ];
  const history = Array.from({ length: captures }, (_, i) => {
    const phase = Math.floor((i / captures) * 7);
    const at = dayAfter(Math.round((i * 2200) / captures), "2019-06-01");
    if (i % 11 === 7) {
      return siteCapture(origin, at, null, {
        state: i % 2 === 0 ? "unreachable-5xx" : "not-robots",
        status: i % 2 === 0 ? 503 : 200,
      });
    }
    return siteCapture(origin, at, texts[[0, 0, 1, 2, 0, 3, 1][phase] ?? 0] ?? null, { decided: i === captures - 3 });
  });
  const deciding = history.at(-3);
  const urls = Array.from({ length: 420 }, (_, i) => address(host, i));
  const decision =
    deciding === undefined ? undefined : robotsDecision(deciding, texts[1] ?? "", urls[0] ?? "", 260, urls.slice(0, 3));
  const pages = urls.map((url, i): Page => {
    const captured_at = dayAfter((i * i * 7) % 2100, "2019-07-01");
    return i < 260 && decision !== undefined ? leftOut(url, 0, decision, { captured_at }) : page(url, { captured_at });
  });
  return report({
    host,
    pages,
    decisions: decision === undefined ? [] : [decision],
    files: texts.map(capturedFile),
    sites: [
      site(origin, pages, history),
      { ...site(`http://www.${host}`, [], history.slice(0, 1)), pages: 0, page_captures: pageCaptures(pages.slice(0, 9)) },
    ],
  });
}

export const evilTexts = [
  "</script><script>alert(1)</script>",
  "<!--<script>",
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)",
  "\u202egpj.exe\u202c",
  "a\u200bb\u2066c\u2069\ufeff",
  "\u001b[31mred\u001b[0m \u0000 \u0007",
  "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b",
  "javascript:alert(4)",
  "]]>&lt;b&gt;&amp;",
  "\u2028\u2029 \ud800 \u3164",
  "`$(touch x)`'; rm -rf $HOME #",
];

/** Whatever came from the web is made to break the page. */
export function hostile(): OwnerReport {
  const host = "xn--80ak6aa92e.example";
  const origin = `https://${host}`;
  const text = ["User-agent: *", ...evilTexts.map((evil) => `Disallow: /${evil}`), "Disallow: /", "x".repeat(100_000)].join(
    "\n",
  );
  const capture = siteCapture(origin, "2024-05-26T04:27:00.000Z", text, {
    decided: true,
    place: place(3, { file: evilTexts.join("/") }),
  });
  const urls = [
    ...evilTexts.map((evil) => `${origin}/${evil}`),
    ...evilTexts,
    `${origin}/${"a".repeat(100_000)}`,
    "https://example.org\u2044evil.example/",
    "https://аррӏе.example/",
    "https://user:password@xn--80ak6aa92e.example/x",
  ];
  const robots = { ...robotsDecision(capture, text, `${origin}/x`, 9, urls), evidence: null };
  const odd = otherDecision(
    evilTexts[0] ?? "",
    evilTexts[2] ?? "",
    9,
    urls,
    Object.fromEntries(evilTexts.map((evil) => [evil, [evil, { evil }]])),
  );
  const decisions = [robots, odd];
  const pages = urls.map((url, i) =>
    i % 3 === 0
      ? page(url, { language: evilTexts[i % evilTexts.length] ?? null, shard: evilTexts[0] ?? null })
      : leftOut(url, i % 3 === 1 ? 0 : 1, i % 3 === 1 ? robots : odd, {
          source: evilTexts[1] ?? "",
          place: place(i, { file: evilTexts[2] ?? "", record_id: evilTexts[3] ?? "" }),
        }),
  );
  const base = report({
    host,
    pages,
    decisions,
    files: [capturedFile(text)],
    sites: [site(origin, pages, [capture]), site(`https://${evilTexts[0]}`, [], [])],
    rest: {
      unreadable: evilTexts.map((evil, i) => ({
        url: evil,
        reason: evil,
        detail: evil,
        place: place(i, { file: evil }),
        count_known: false,
      })),
      redactions: evilTexts.map((kind) => ({ kind, pages: 1, redactions: 1 })),
      languages: evilTexts.map((label) => ({ label, pages: 1, tokens: 5 })),
      what_if: {
        file: capturedFile(text),
        allowed: 0,
        disallowed: urls.length,
        lines: robots.robots?.lines ?? [],
        changes: evilTexts.map((url) => ({ url, from: "in", to: "out" }) as const),
        changes_total: 99,
      },
    },
  });
  return {
    ...base,
    subject: { ...base.subject, asked: evilTexts.join(" ") },
    corpus: {
      ...base.corpus,
      name: evilTexts[0] ?? "",
      inputs: evilTexts.map((input) => ({ input, source: input, sha256: input })),
      policy: {
        ...base.corpus.policy,
        policy: "latest",
        as_of: null,
        robots_captures: null,
        modes: ["rfc"],
        profile: evilTexts[2] ?? "",
        agents: evilTexts,
      },
    },
  };
}

/** The corpus knows nothing of the site. */
export function empty(): OwnerReport {
  return report({ host: "nowhere.example", pages: [] });
}

/** Fifty thousand pages. */
export function large(rows = 50_000): OwnerReport {
  const host = "forum.example";
  const origin = `https://${host}`;
  const text = "User-agent: CCBot\nDisallow: /2016/\nDisallow: /2019/\n\nUser-agent: *\nDisallow: /admin/\n";
  const capture = siteCapture(origin, "2024-11-26T04:27:00.000Z", text, { decided: true });
  const decided: number[] = [0, 0];
  const urls = Array.from({ length: rows }, (_, i) => address(host, i)).sort();
  const pages = urls.map((url, i): Page => {
    const captured_at = dayAfter((i * 17) % 700);
    const decision = url.includes("/2016/") ? 0 : url.includes("/2019/") ? 1 : -1;
    if (decision < 0) return page(url, { captured_at, language: languages[i % 5] ?? null });
    decided[decision] = (decided[decision] ?? 0) + 1;
    return leftOut(url, decision, { stage: "consent", rule: "robots-disallow" }, { captured_at });
  });
  const decisions = ["/2016/", "/2019/"].map((folder, i) => {
    const examples = urls.filter((url) => url.includes(folder)).slice(0, 3);
    return robotsDecision(capture, text, `${origin}${folder}x`, decided[i] ?? 0, examples);
  });
  return report({ host, pages, decisions, files: [capturedFile(text)], sites: [site(origin, pages, [capture])] });
}
