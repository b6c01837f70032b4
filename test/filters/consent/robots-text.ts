/** robots.txt files as people write them and as nobody should, and paths that lie near their rules; for differential tests. */
import fc from "fast-check";

/** Pieces at the edges of what the readings tell apart: white space of three kinds, line breaks of Python, marks of the grammar. */
const dirt = fc.constantFrom(
  "\0", "\t", "\v", "\f", "\x1c", "\x1e", "\x1f", "\x7f", "\x80", "\x85", "\xa0", "\xff", "\xc3", "\xe2\x80\xa8", "\xe2\x80\xa9",
  "\xc2\x85", "\xc2\xa0", "\xe3\x80\x80", "\xe1\x9a\x80", "\xef\xbb\xbf", "\xef\xbb", "\xf0\x9f\x98\x80", "\xed\xa0\x80", "\xe2\x84\xaa",
  "\xc4\xb0", "\xc3\x9c", "\\n", "\\r", "\\", "#", ":", ";", "|", ",", "*", "$", "%", "%2", "%2f", "%24", "%2A", "%C3%BC", "%c3", "%ff", "'", '"',
); // biome-ignore format: a table

/** Octet strings: each char code is one octet. */
const octets = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "ab", "/", "//", "*", "**", "$", "?", "=", "&", "+", ";", ".", "-", "_", "~", "@", "(", "http://x/", "https://") },
  { weight: 2, arbitrary: fc.constantFrom("index.html", "/index.html", "%41", "%7E", "%3D", "%3f", "%25", "private", "aaaaaaaaaaaaaaab") },
  { weight: 1, arbitrary: dirt },
); // biome-ignore format: a table

const joined = (piece: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(piece, { maxLength }).map((pieces) => pieces.join(""));

export const path = fc.oneof(
  joined(octets, 8).map((rest) => `/${rest}`),
  fc.constantFrom("/robots.txt", "/%72obots.txt", "/robots.txt?", "/robots.txt#a", "/", "", "*", "a"),
);

const pattern = fc
  .tuple(fc.constantFrom("/", "/", "*", "", "http://h/", "HTTPS://h", "//"), joined(octets, 7), fc.constantFrom("", "$", "?", "*", "/index.html"))
  .map((parts) => parts.join("")); // biome-ignore format: one line says it

const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("*", "GPTBot", "gptbot", "CCBot", "CCBot/2.0", "AI2Bot", "Applebot", "Applebot-Extended", "bot", "b", "cc"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "GPTBot, CCBot", "GPTBot CCBot", "* all", '"GPTBot"', "'*'", ",*,", "gptbot*", "*gpt*bot*", "GPTBot v1.2", "GPTBot 2", "G\xe2\x84\xaaBot",
      "Mozilla/5.0 (compatible; GPTBot/1.0; +https://openai.com/gptbot)", "GPTBot Disallow: /", "", "\xc3\x9cnibot", "-GPTBot-", "Perplexity Bot",
    ),
  },
  { weight: 1, arbitrary: joined(octets, 4) },
); // biome-ignore format: a table

const agentKey = fc.constantFrom(
  "User-agent",
  "User-agent",
  "user-agent",
  "USER-AGENT",
  "useragent",
  "user agent",
  "user_agent",
  "User-agents",
);
const ruleKey = fc.constantFrom(
  "Disallow", "Disallow", "Allow", "disallow", "ALLOW", "Dissallow", "disalow", "dis-allow", "Disallow-all", "diasllow", "disallaw", "dissalow",
); // biome-ignore format: a table
const otherKey = fc.constantFrom(
  "Sitemap",
  "sitemap",
  "Crawl-delay",
  "crawl delay",
  "Content-Signal",
  "host",
  "request rate",
  "Foo",
  "",
);
const colon = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(":", ": ", ": ", " : ", ":\t") },
  { weight: 1, arbitrary: fc.constantFrom(" ", "  ", "", ":\xa0", "\xa0:", "::", ":\xc2\xa0") },
);
const edge = fc.oneof(
  { weight: 9, arbitrary: fc.constant("") },
  { weight: 2, arbitrary: fc.constantFrom(" ", "\t", " # c", "#a: b") },
  { weight: 1, arbitrary: dirt },
);

const record = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(edge, agentKey, colon, name, edge) },
  { weight: 8, arbitrary: fc.tuple(edge, ruleKey, colon, pattern, edge) },
  { weight: 1, arbitrary: fc.tuple(edge, otherKey, colon, pattern, edge) },
);
const line = fc.oneof(
  { weight: 12, arbitrary: record.map((parts) => parts.join("")) },
  // Two records that lost their line break.
  {
    weight: 1,
    arbitrary: fc.tuple(record, fc.constantFrom(" ", "\\n", "\t", ""), record).map((parts) => parts.flat().join("")),
  },
  { weight: 1, arbitrary: joined(octets, 6) },
  { weight: 1, arbitrary: fc.constant("") },
);

/** A whole file, as an octet string. */
export const robotsText = fc
  .tuple(
    fc.constantFrom("", "", "", "\xef\xbb\xbf", "\xef\xbb", "\xef"),
    fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\n", "\r\n", "\r", "\n\r", "\n\n")), { maxLength: 24 }),
  )
  .map(([mark, lines]) => mark + lines.flat().join(""));

/** A small generator of numbers below n, the same on every machine (Numerical Recipes' linear congruence). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words = [
  "a",
  "news",
  "2024",
  "index.html",
  "wp-admin",
  "search",
  "shop",
  "\xc3\xa4",
  "%7e",
  "x;y=1",
  "private",
  "data.json",
  "%",
];

/** Paths that a file's rules may match: its own patterns with their stars filled in, cut short or gone on, and others. */
export function pathsNear(octets: string, count: number, random: (below: number) => number): readonly string[] {
  const patterns = octets.split(/[\r\n]+/).flatMap((text) => /^\s*(?:dis)?allow\s*:\s*([^#\s]+)/i.exec(text)?.[1] ?? []);
  const word = (): string => `${words[random(words.length)]}${random(2) === 0 ? random(1000) : ""}`;
  return Array.from({ length: count }, () => {
    let found = "";
    if (patterns.length > 0 && random(4) > 0) {
      found = (patterns[random(patterns.length)] ?? "").replaceAll("*", word).replace(/\$$/, random(2) === 0 ? "" : "$");
      if (random(2) === 0) found += word();
      if (random(8) === 0) found += `?q=${word()}`;
      if (random(9) === 0) found = found.slice(0, random(found.length) + 1);
    } else {
      for (let n = 1 + random(4); n > 0; n--) found += `/${word()}`;
      if (random(3) === 0) found += `?id=${random(1e5)}&s=${word()}`;
      if (random(20) === 0) found += `#${word()}`;
    }
    return found.startsWith("/") ? found : `/${found}`;
  });
}
