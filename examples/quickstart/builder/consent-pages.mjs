/**
 * Pages of hosts that have something to say about their use, with what follows from it on 31 January 2025 for the agents of the
 * Apertus list: a page is dropped if any of them may not fetch it. See builder/robots.mjs for the captures.
 */
import { halves } from "./sources.mjs";

const kept = { outcome: "kept" };

/** Dropped by consent: an agent that may not, the rule, and the capture it stands in. */
const refused = (agent, rule, robots_captured_at) => ({
  outcome: "dropped",
  stage: "consent",
  agent,
  rule,
  robots_captured_at,
});

const open = {
  unreachable: "RFC 9309 2.3.1.4 would have a crawler stay away; Apertus keeps pages whose robots.txt could not be had",
  first: "the only capture is younger than the date asked for",
  moved: "needs the redirect of the robots.txt to be followed inside the archive",
  signals: "signals on the page, recorded in any case; whether they drop it is the policy's choice",
};

/** [host, path, expectation, why it is open, further changes of the page] */
const cases = [
  ["press.example", "/2023/story", refused("GPTBot", "Disallow: /", "2025-01-10T09:00:00Z"), undefined, { year: 2023 }],
  ["press.example", "/2024/story", refused("CCBot", "Disallow: /", "2025-01-10T09:00:00Z"), undefined, { year: 2024 }],
  ["PRESS.example", "/2025/story", refused("GPTBot", "Disallow: /", "2025-01-10T09:00:00Z"), undefined, { year: 2025 }],
  ["library.example", "/private/letters", refused("*", "Disallow: /private/", "2023-04-04T04:04:04Z")],
  ["library.example", "/private/diary", refused("*", "Disallow: /private/", "2023-04-04T04:04:04Z")],
  ["library.example", "/public/catalogue", kept],
  ["library.example", "/privateer", kept],
  ["change.example", "/story", kept],
  ["late.example", "/story", kept, undefined, { year: 2025 }],
  ["first.example", "/story", kept, open.first, { year: 2025 }],
  ["nofile.example", "/story", kept],
  ["broken.example", "/story", kept, open.unreachable],
  ["soft404.example", "/story", kept],
  ["silent.example", "/story", kept],
  // The newest capture of the two addresses decides for both.
  ["split.example", "/story", refused("CCBot", "Disallow: /", "2024-06-01T00:00:05Z")],
  ["www.split.example", "/other-story", refused("CCBot", "Disallow: /", "2024-06-01T00:00:05Z")],
  ["port.example:8080", "/story", refused("Diffbot", "Disallow: /", "2024-06-02T00:00:00Z")],
  ["ai2.example", "/story", refused("AI2Bot", "Disallow: /", "2024-09-01T00:00:00Z")],
  ["slash.example", "/story", refused("CCBot", "Disallow: /", "2024-09-02T00:00:00Z")],
  ["paths.example", "/archive/1812", refused("GPTBot", "Disallow: /archive/", "2024-10-01T00:00:00Z")],
  ["paths.example", "/archive/open/1813", kept],
  ["paths.example", "/today", kept],
  ["anchor.example", "/story.html", refused("Google-Extended", "Disallow: /*.html$", "2024-10-02T00:00:00Z")],
  ["anchor.example", "/story.html?print=1", kept],
  ["bytes.example", "/%C3%BCber/uns", refused("ClaudeBot", "Disallow: /über/", "2024-10-03T00:00:00Z")],
  ["bytes.example", "/~anna/", refused("ClaudeBot", "Disallow: /%7Eanna/", "2024-10-03T00:00:00Z")],
  ["groups.example", "/a/story", refused("ClaudeBot", "disallow: /a/", "2024-10-04T00:00:00Z")],
  ["groups.example", "/b/story", refused("ClaudeBot", "Disallow: /b/", "2024-10-04T00:00:00Z")],
  ["groups.example", "/c/story", kept],
  ["allowone.example", "/story", refused("CCBot", "Disallow: /", "2024-10-05T00:00:00Z")],
  ["managed.example", "/story", refused("Bytespider", "Disallow: /", "2024-12-01T00:00:00Z")],
  ["moved.example", "/story", refused("GPTBot", "Disallow: /", "2024-12-02T00:00:02Z"), open.moved],
  [
    "signals.example",
    "/noai",
    kept,
    open.signals,
    { template: "article", headMeta: '<meta name="robots" content="noai, noimageai">' },
  ],
  [
    "signals.example",
    "/tdm",
    kept,
    open.signals,
    { headers: { "tdm-reservation": "1", "tdm-policy": "https://signals.example/tdm" } },
  ],
  ["signals.example", "/header", kept, open.signals, { headers: { "X-Robots-Tag": "noai", "Content-Usage": "train-ai=n" } }],
];

/** Every third page is half a Declaration in a language that the rest of the crawl has not, the others are chapters. */
const declarations = ["glg", "cos", "gla", "bre", "afr", "tgl", "jav"];
const labels = {
  glg: "glg_Latn",
  cos: "cos_Latn",
  gla: "gla_Latn",
  bre: "bre_Latn",
  afr: "afr_Latn",
  tgl: "fil_Latn",
  jav: "jav_Latn",
};
const tags = { glg: "gl", cos: "co", gla: "gd", bre: "br", afr: "af", tgl: "fil", jav: "jv" };

export function consentPages(sources, nextChapter) {
  const texts = declarations.flatMap((code) => {
    const { first, second } = halves(sources.declaration(code));
    return [first, second].map((text) => ({ text, lang: tags[code], label: labels[code] }));
  });
  return cases.map(([host, path, expect, why, changes], index) => {
    const content = index % 3 === 2 && texts.length > 0 ? texts.shift() : { text: nextChapter() };
    const scheme = host.includes(":") ? "http" : "https";
    return { url: `${scheme}://${host}${path}`, ...content, expect, ...(why === undefined ? {} : { open: why }), ...changes };
  });
}
