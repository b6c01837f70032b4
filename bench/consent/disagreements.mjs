/**
 * Where robots-parser (npm) and mode rfc say different things of the real captures: `npm run bench -- consent/disagreements [folder of
 * inputs]`, the folder holding web/robotstxt.warc.gz. Every disagreement is put in a class by what would have to change in the file
 * or in the address for the two to agree; of each class one real case is cut down to the lines without which it goes away. Writes
 * docs/robots-parser.md, and the cases that the tests pin.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import robotsParser from "robots-parser";
import { normalisePath, octetsOfText } from "../../dist/filters/consent/octets.js";
import { robotsCapturesOf } from "../../dist/filters/consent/warc-captures.js";
import { RobotsCompiler } from "../../dist/filters/index.js";
import { pathsFor, seeded } from "./inputs.mjs";

const root = resolve(import.meta.dirname, "../..");
const folder = process.argv[2] ?? process.env.APERTUS_DATA_TEST_INPUTS ?? join(root, "../shared/data");
const { agents } = JSON.parse(readFileSync(join(root, "assets/agents/apertus-2025-01.json"), "utf8"));
const perFile = 50;
const origin = "https://h.example";

const lines = (text) => text.split(/\r\n|\r|\n/);
const mapLines = (text, map) => lines(text).map(map).join("\n");
const keyOf = (line) => /^\s*([A-Za-z-]+)\s*:/.exec(line)?.[1].toLowerCase() ?? "";

/** In the order in which they are tried: the first whose mend makes the two agree. */
const classes = [
  {
    name: "the file itself",
    section: "§2.2.2: `/robots.txt` is always allowed",
    about: "robots-parser applies the rules to the address of robots.txt too",
    mend: (ask) => (ask.path === "/robots.txt" ? { ...ask, path: "/" } : undefined),
    always: (ask) => ask.path === "/robots.txt",
  },
  {
    name: "names that are no product token",
    section: "§2.2.1: a product token has letters, `_` and `-` alone",
    about:
      "robots-parser takes any name before a slash; by the grammar a line with a digit in the name names nobody, and the agent falls to `*` (mode `intent` reads it as its author meant)",
    mend: ({ robots, path, agent }) => {
      const plain = (name) => name.replace(/\/.*$/, "").replaceAll(/[^A-Za-z_*-]/g, "x");
      const text = mapLines(robots, (line) =>
        keyOf(line) === "user-agent" ? line.replace(/:([^#]*)/, (_, name) => `: ${plain(name.trim())}`) : line,
      );
      return { robots: text, path, agent: plain(agent) };
    },
  },
  {
    name: "other records between agents",
    section: "§2.2.4: other records must not interfere with groups",
    about:
      "a line such as `Crawl-delay`, `Sitemap` or a misspelt one between two `User-agent` lines parts them for robots-parser, so that the first agents lose the group's rules",
    mend: ({ robots, path, agent }) => ({
      robots: mapLines(robots, (line) => (["user-agent", "allow", "disallow"].includes(keyOf(line)) ? line : "")),
      path,
      agent,
    }),
  },
  {
    name: "an empty query",
    section: "§2.2.2 with RFC 3986 §6.2.3: `?` with nothing behind it is a query",
    about: "robots-parser compares the address without a `?` at its end, so that a rule that ends in `?` does not match it",
    mend: ({ robots, path, agent }) => {
      const filled = (text) => text.replace(/\?(?=$|#)/, "?x");
      return { robots, path: filled(path), agent };
    },
  },
  {
    name: "dot segments",
    section: "§2.2.2: the path is compared as it stands in the URI",
    about: "robots-parser resolves `.` and `..` in the address first, and leaves them in the rule",
    mend: ({ robots, path, agent }) => ({ robots, path: path.replaceAll(/\/\.\.?(?=\/|$)/g, "/x"), agent }),
  },
  {
    name: "percent-encoding",
    section: "§2.2.2: encoded and plain spellings of an octet are compared as one",
    about: "robots-parser leaves `%7E` and `~`, and what the URL Standard does not encode, apart",
    mend: ({ robots, path, agent }) => {
      const spelt = (value, pattern) =>
        normalisePath(octetsOfText(value), pattern)
          .replaceAll(/%[0-9A-F]{2}/g, "x")
          .replaceAll(/[^!-~]|["'<>^`{|}\\[\]]/g, "x");
      return {
        robots: mapLines(robots, (line) =>
          /allow$/.test(keyOf(line)) ? line.replace(/:\s*([^#]*)/, (_, value) => `: ${spelt(value.trim(), true)}`) : line,
        ),
        path: spelt(path, false),
        agent,
      };
    },
  },
];

function opinions({ robots, path, agent }) {
  const file = new RobotsCompiler([agent]).compile(Buffer.from(robots));
  const ours = file.explain(file.answer(octetsOfText(path)), 0, "rfc").allowed;
  const peer = robotsParser(`${origin}/robots.txt`, robots).isDisallowed(origin + path, agent) !== true;
  return { ours, peer };
}

const differ = (ask) => {
  const { ours, peer } = opinions(ask);
  return ours !== peer;
};

function classOf(ask) {
  for (const kind of classes) {
    if (kind.always?.(ask)) return kind.name;
    const mended = kind.mend(ask);
    if (mended !== undefined && !differ(mended)) return kind.name;
  }
  return "several at once, or none of these";
}

/** Asks for a well-known agent if any will do, takes lines away as long as it stays a case of its class, then octets of the path. */
function shrink(ask) {
  const wanted = classOf(ask);
  const holds = (candidate) => differ(candidate) && classOf(candidate) === wanted;
  let least = holds({ ...ask, agent: "GPTBot" }) ? { ...ask, agent: "GPTBot" } : ask;
  for (let size = lines(ask.robots).length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < lines(least.robots).length; ) {
      const rest = lines(least.robots).toSpliced(at, size).join("\n");
      const candidate = { ...least, robots: rest };
      if (holds(candidate)) least = candidate;
      else at += size;
    }
  }
  for (let end = least.path.length; end > 1; end--) {
    const candidate = { ...least, path: least.path.slice(0, end - 1) };
    if (holds(candidate)) least = candidate;
  }
  return least;
}

const found = new Map();
const random = seeded(2025);
const compiler = new RobotsCompiler(agents);
let decisions = 0;
let captures = 0;
for await (const { url, capturedAt, body: whole } of robotsCapturesOf(join(folder, "web/robotstxt.warc.gz"), "", {
  records: 0,
  faults: 0,
  unreadable: 0,
})) {
  captures++;
  const body = Buffer.from(whole).subarray(0, 500 * 1024);
  const robots = body.toString("utf8");
  const file = compiler.compile(Buffer.from(robots));
  const peer = robotsParser(`${origin}/robots.txt`, robots);
  // Where two agents have the same rules the same thing would be found fifteen times; it is counted so all the same.
  const known = new Map();
  for (const path of [...pathsFor(body, perFile, random), "/robots.txt"]) {
    const answer = file.answer(octetsOfText(path));
    for (const [at, agent] of agents.entries()) {
      decisions++;
      const ours = file.explain(answer, at, "rfc");
      if ((peer.isDisallowed(origin + path, agent) !== true) === ours.allowed) continue;
      const ask = { robots, path, agent };
      const key = `${ours.group} ${ours.rule?.line} ${peer.getMatchingLineNumber(origin + path, agent)} ${path === "/robots.txt"} ${path.endsWith("?")} ${/[^A-Za-z_-]/.test(agent)}`;
      const name = known.get(key) ?? classOf(ask);
      known.set(key, name);
      const entry = found.get(name) ?? { count: 0, files: new Set(), shortest: undefined };
      entry.count++;
      entry.files.add(captures);
      if (entry.shortest === undefined || robots.length < entry.shortest.ask.robots.length)
        entry.shortest = { ask, site: new URL(url).host, day: new Date(capturedAt).toISOString().slice(0, 10) };
      found.set(name, entry);
    }
  }
}

const told = [...classes, { name: "several at once, or none of these", section: "", about: "" }].flatMap((kind) => {
  const entry = found.get(kind.name);
  if (entry === undefined) return [];
  const { ask, site, day } = entry.shortest;
  const least = shrink(ask);
  const { ours, peer } = opinions(least);
  return [{ ...kind, count: entry.count, files: entry.files.size, site, day, least, ours, peer }];
});
const number = (value) => value.toLocaleString("en");
const word = (allowed) => (allowed ? "allowed" : "disallowed");
const total = told.reduce((sum, { count }) => sum + count, 0);
const cases = told.map(({ name, least, ours, peer }) => ({
  class: name,
  ...least,
  rfc: word(ours),
  robots_parser: word(peer),
}));
writeFileSync(join(root, "test/filters/consent/robots-parser-cases.json"), `${JSON.stringify(cases, null, 2)}\n`);
const text = `# Where robots-parser and RFC 9309 part

robots-parser 3.0.1 (npm) is the second opinion of \`audit --explain\` and an oracle of the tests. On ${number(captures)} real captures, with ${perFile} addresses made for each and
the address of robots.txt itself, for the 15 agents of Apertus, it and mode \`rfc\` agree in ${number(decisions - total)} of ${number(decisions)} decisions and differ in ${number(total)} (${((100 * total) / decisions).toFixed(2)} %).
A difference stands in the first class whose mend, in the file or in the address, makes the two agree. Each example is a real case cut down to the lines without which it goes away.

Made by \`npm run bench -- consent/disagreements\`, which also writes the cases that \`test/filters/consent/robots-parser.test.ts\` pins.

| class | decisions | captures | what decides |
|---|---|---|---|
${told.map(({ name, count, files, section }) => `| ${name} | ${number(count)} | ${number(files)} | ${section === "" ? "" : `RFC 9309 ${section}`} |`).join("\n")}
${told
  .map(
    ({ name, about, least, ours, peer, site, day }) => `
## ${name[0].toUpperCase()}${name.slice(1)}

${about === "" ? "" : `${about[0].toUpperCase()}${about.slice(1)}. `}From ${site}, ${day}:

\`\`\`
${least.robots.trim()}
\`\`\`

\`${least.path}\` for ${least.agent}: ${word(ours)} by RFC 9309, ${word(peer)} by robots-parser.
`,
  )
  .join("")}`;
writeFileSync(join(root, "docs/robots-parser.md"), text);
console.log(text);
