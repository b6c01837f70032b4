/** Cases that parsers disagree on, with what each matching mode says; run against every mode, and by the differential oracle. */
import type { MatchingMode } from "../../../filters/consent/index.js";

export interface RobotsCase {
  readonly id: string;
  readonly about: string;
  readonly robots: string;
  readonly path: string;
  readonly agent: string;
  /** A allowed, D disallowed. */
  readonly expected: Readonly<Record<MatchingMode, "A" | "D">>;
}

function row(id: string, about: string, robots: string, path: string, agent: string, expected: string): RobotsCase {
  const [rfc, intent, protego] = expected.split("") as ("A" | "D")[];
  return { id, about, robots, path, agent, expected: { rfc, intent, protego } };
}

const all = "Disallow: /";

/** The last column: rfc, intent, protego. */
export const cases: readonly RobotsCase[] = [
  row("E01", "a digit in the name is no product token", `User-agent: AI2Bot\n${all}`, "/x", "AI2Bot", "ADD"),
  row("E02", "and does not cut the name to another agent's", `User-agent: AI2Bot\n${all}`, "/x", "AI", "AAA"),
  row("E03", "a version in the group's name", `User-agent: CCBot/2.0\n${all}`, "/x", "CCBot", "ADA"),
  row("E04", "a word behind the name", `User-agent: GPTBot crawler\n${all}`, "/x", "GPTBot", "ADA"),
  row("E05", "a Sitemap between agents", `User-agent: GPTBot\nSitemap: /s.xml\nUser-agent: *\n${all}`, "/x", "GPTBot", "DDA"),
  row(
    "E06",
    "a Content-Signal between agents",
    `User-agent: GPTBot\nContent-Signal: ai-train=no\nUser-agent: CCBot\n${all}`,
    "/x",
    "GPTBot",
    "DDA",
  ),
  row(
    "E07",
    "a Crawl-delay between agents",
    `User-agent: GPTBot\nCrawl-delay: 3\nUser-agent: CCBot\n${all}`,
    "/x",
    "GPTBot",
    "DDA",
  ),
  row("E08", "a blank line between agent and rule", `User-agent: GPTBot\n\n${all}`, "/x", "GPTBot", "DDD"),
  row(
    "E09",
    "two groups of one agent",
    `User-agent: GPTBot\nDisallow: /a\n\nUser-agent: GPTBot\nDisallow: /b`,
    "/b",
    "GPTBot",
    "DDD",
  ),
  row("E10", "a host's own group before the site's", `User-agent: *\nAllow: /\n\nUser-agent: *\n${all}`, "/x", "GPTBot", "ADA"),
  row("E11", "an empty Disallow for the agent", `User-agent: CCBot\nDisallow:\n\nUser-agent: *\n${all}`, "/x", "CCBot", "AAA"),
  row("E12", "a group whose name is inside the agent's", `User-agent: bot\n${all}`, "/x", "GPTBot", "AAD"),
  row("E14", "a group whose name begins the agent's", `User-agent: GPTBot\n${all}`, "/x", "GPTBot-user", "AAD"),
  row("E15", "Applebot does not mean Applebot-Extended", `User-agent: Applebot\n${all}`, "/x", "Applebot-Extended", "AAD"),
  row("E16", "/robots.txt itself", `User-agent: *\n${all}`, "/robots.txt", "GPTBot", "AAD"),
  row("E17", "an escaped tilde in the rule", "User-agent: *\nDisallow: /%7Euser/", "/~user/a", "GPTBot", "DDD"),
  row("E18", "an escaped tilde in the URL", "User-agent: *\nDisallow: /~user/", "/%7euser/a", "GPTBot", "DDD"),
  row("E19", "an escaped slash is no slash", "User-agent: *\nDisallow: /a/b", "/a%2Fb", "GPTBot", "AAA"),
  row("E20", "UTF-8 in the rule", "User-agent: *\nDisallow: /über", "/%C3%BCber", "GPTBot", "DDD"),
  row("E21", "lower-case escapes in the rule", "User-agent: *\nDisallow: /%c3%bcber", "/%C3%BCber", "GPTBot", "DDD"),
  row("E22", "a rule without its slash", "User-agent: *\nDisallow: private/", "/private/x", "GPTBot", "ADA"),
  row("E23", "a rule that begins with a star", "User-agent: *\nDisallow: *.gif$", "/a/b.gif", "GPTBot", "DDD"),
  row("E25", "equally long rules", "User-agent: *\nDisallow: /ab*\nAllow: /abc", "/abc", "GPTBot", "AAA"),
  row("E26", "lines that end in CR alone", `User-agent: GPTBot\r${all}\r`, "/x", "GPTBot", "DDD"),
  row("E28", "a misspelt directive", "User-agent: *\nDissallow: /", "/x", "GPTBot", "ADD"),
  row("E29", "another directive that begins like one", "User-agent: *\nDisallow-all: /", "/x", "GPTBot", "AAA"),
  row("E30", "a lost line break", `User-agent: GPTBot ${all}`, "/x", "GPTBot", "ADA"),
  row("E32", "the longer allow", `User-agent: *\n${all}\nAllow: /pub`, "/pub/1", "GPTBot", "AAA"),
  row("E33", "the longer disallow", "User-agent: *\nAllow: /\nDisallow: /private/", "/private/1", "GPTBot", "DDD"),
  row("E34", "a word behind the star", `User-agent: * all\n${all}`, "/x", "GPTBot", "ADA"),
  row(
    "E35",
    "a whole header as the agent",
    `User-agent: CCBot\n${all}`,
    "/x",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    "DDD",
  ),
  row("E36", "parameters in the path", "User-agent: *\nDisallow: /a;s=1", "/a;s=1/b", "GPTBot", "DDA"),
  row("I01", "several agents on one line", `User-agent: GPTBot, CCBot\n${all}`, "/x", "CCBot", "ADA"),
  row("I02", "a missing colon, in lower case", "User-agent: *\ndisallow /", "/x", "GPTBot", "ADD"),
  row("I03", "a missing colon", "User-agent: *\nDisallow /", "/x", "GPTBot", "ADA"),
  row("I04", "a whole file on one line", "User-agent: * Disallow: /a Allow: /a/b", "/a/c", "GPTBot", "ADA"),
  row("I05", "line breaks spelt out", "User-agent: GPTBot\\nDisallow: /", "/x", "GPTBot", "ADA"),
  row("I06", "a whole URL as the rule", "User-agent: *\nDisallow: https://example.org/a", "/a", "GPTBot", "ADA"),
  row("I07", "a star behind the name", `User-agent: GPTBot*\n${all}`, "/x", "GPTBot", "ADD"),
  row("I08", "a name in quotation marks", `User-agent: "GPTBot"\n${all}`, "/x", "GPTBot", "ADA"),
  row(
    "I09",
    "a header in place of the name",
    `User-agent: Mozilla/5.0 (compatible; GPTBot/1.0; +https://openai.com/gptbot)\n${all}`,
    "/x",
    "GPTBot",
    "ADA",
  ),
  row(
    "I10",
    "an invalid name does not lend its rules to the group before",
    `User-agent: CCBot\nDisallow: /a\nUser-agent: AI2Bot\n${all}`,
    "/x",
    "CCBot",
    "AAA",
  ),
  row("I11", "a joiner in front of the agent line", `\u200dUser-agent: GPTBot\n${all}`, "/x", "GPTBot", "ADA"),
  row("I12", "a byte-order mark in mid-file", `# cdn\n\ufeffUser-agent: GPTBot\n${all}`, "/x", "GPTBot", "ADA"),
  row("I13", "a joiner in a broken encoding", `# a\n\u00e2\u0080\u008dUser-agent: GPTBot\n${all}`, "/x", "GPTBot", "ADA"),
  row("I14", "no-break spaces", `User-agent\u00a0:\u00a0GPTBot\u00a0\nDisallow:\u00a0/\u00a0`, "/x", "AI2Bot", "AAA"),
  row(
    "I15",
    "no-break spaces around name and path",
    `User-agent\u00a0:\u00a0GPTBot\u00a0\nDisallow:\u00a0/\u00a0`,
    "/x",
    "GPTBot",
    "ADD",
  ),
  row("I16", "Disallows", "User-agent: *\nDisallows: /", "/x", "GPTBot", "ADA"),
  row("I17", "words behind the slash", "User-agent: *\nDisallow: / all of it", "/x", "GPTBot", "ADA"),
  row("I18", "two paths", "User-agent: *\nDisallow: /a /b", "/b/x", "GPTBot", "ADA"),
  row("I19", "two paths with a comma", "User-agent: *\nDisallow: /a, /b", "/a/x", "GPTBot", "ADA"),
  row("I20", "a blank inside a path", "User-agent: *\nDisallow: /a b/", "/ab", "GPTBot", "AAA"),
  row("I21", "a prohibition in prose", `User-agent: AI2Bot\n${all}\n/ We do not allow: /`, "/x", "AI2Bot", "ADD"),
  row("I22", "a prohibition behind a rule", `User-agent: AI2Bot\n${all} We do not allow: /`, "/x", "AI2Bot", "ADA"),
  row("I23", "Dis allow", "User-agent: *\nDis allow: /", "/x", "GPTBot", "ADA"),
  row("I24", "a prohibition in another script", `User-agent: AI2Bot\n${all}\n禁止 allow: /`, "/x", "AI2Bot", "ADD"),
  row("P01", "a byte-order mark", `\ufeffUser-agent: GPTBot\n${all}`, "/x", "GPTBot", "DDA"),
  row("P02", "= in the path, escaped on one side only", "User-agent: *\nDisallow: /a=b", "/a=b", "GPTBot", "DDA"),
  row("P03", "$ behind a query", "User-agent: *\nDisallow: /a?b=c$", "/a?b=c", "GPTBot", "DDA"),
  row("P04", "an allowed index page allows its folder", `User-agent: *\n${all}\nAllow: /d/index.html`, "/d/", "GPTBot", "DDA"),
  row(
    "P05",
    "an agent line without a name joins two groups",
    `User-agent: CCBot\nDisallow: /a\nUser-agent:\nUser-agent: GPTBot\nDisallow: /b`,
    "/b",
    "CCBot",
    "AAD",
  ),
];
