/**
 * What RFC 9309 says, sentence by sentence, as files, paths and agents. Written from the text of the RFC and from what is known of
 * other parsers' faults, with its errata 7124 (the URI of §5.2) and 7128 (the octets of §2.2.2's table): each case stands where at least one parser in use has been wrong, or where the RFC is explicit.
 */
export interface RfcCase {
  readonly section: string;
  readonly about: string;
  readonly robots: string;
  readonly path: string;
  readonly agent: string;
  readonly allowed: boolean;
}

const cases: RfcCase[] = [];
let section = "";

/** `paths`: those that the file allows the agent, and behind ` | ` those that it does not. */
function say(about: string, robots: string, agent: string, paths: string): void {
  const [allowed = "", disallowed = ""] = paths.split("|");
  for (const [list, answer] of [[allowed, true] as const, [disallowed, false] as const]) {
    for (const path of list.split(" ").filter(Boolean)) cases.push({ section, about, robots, path, agent, allowed: answer });
  }
}

const all = "Disallow: /";

section = "2.1";
say("a file without groups allows everything", "", "a", "/ /x");
say("a file of comments allows everything", "# Disallow: /\n#User-agent: *", "a", "/x");
say("a group is one or more agents and its rules", `User-agent: a\nUser-agent: b\n${all}`, "a", "| /x");
say("the last of several agents has the rules too", `User-agent: a\nUser-agent: b\n${all}`, "b", "| /x");
say("and nobody else", `User-agent: a\nUser-agent: b\n${all}`, "c", "/x");
say("an agent behind a rule opens a group", "User-agent: a\nDisallow: /a\nUser-agent: b\nDisallow: /b", "a", "/b | /a");
say("whose rules are its own", "User-agent: a\nDisallow: /a\nUser-agent: b\nDisallow: /b", "b", "/a | /b");
say("blank lines do not end a group of agents", `User-agent: a\n\n\nUser-agent: b\n${all}`, "a", "| /x");
say("nor of rules", "User-agent: a\nDisallow: /a\n\n\nDisallow: /b", "a", "/c | /a /b");
say("nor part agents from their rules", `User-agent: a\n\n${all}`, "a", "| /x");
say("a last group without rules allows everything", `User-agent: *\n${all}\nUser-agent: a`, "a", "/x");
say("though everyone else is disallowed", `User-agent: *\n${all}\nUser-agent: a`, "b", "| /x");
say("agents without a rule between them share the next rules", `User-agent: a\n# c\nUser-agent: *\n${all}`, "a", "| /x");

section = "2.2";
for (const [name, end] of [
  ["LF", "\n"],
  ["CR", "\r"],
  ["CRLF", "\r\n"],
] as const) {
  say(`lines end in ${name}`, ["User-agent: a", all, ""].join(end), "a", "| /x");
  say(`the last line needs no ${name}`, ["User-agent: a", "Allow: /p", all].join(end), "a", "/p | /x");
}
say("and in each of them in one file", "User-agent: a\rDisallow: /a\nDisallow: /b\r\nDisallow: /c", "a", "/d | /a /b /c");
say("white space stands anywhere around the parts", " \t User-agent \t : \t a \t \n\t Disallow\t:/x \t", "a", "/y | /x");
say("or nowhere", "User-agent:a\nDisallow:/x", "a", "/y | /x");
say("a comment stands behind a record", "User-agent: a # all\nDisallow: /x # why\nDisallow: /y#z", "a", "/z | /x /y");
say("or in front of it, and it is none", "User-agent: a\n# Disallow: /", "a", "/x");
say("keys are compared in any case", "USER-AGENT: a\ndIsAlLoW: /x\nALLOW: /x/y", "a", "/x/y | /x");
say("a byte-order mark is skipped", `\ufeffUser-agent: a\n${all}`, "a", "| /x");
say("but not in the middle of a file", `User-agent: a\n\ufeff${all}`, "a", "/x");
say("a vertical tab is no end of line and no white space", `User-agent: a\n\v${all}`, "a", "/x");
say("nor is U+2028, which text has for one", `User-agent: a\nDisallow: /x\u2028Allow: /x`, "a", "/x /y");
say("nor is NUL", `User-agent: a\nDisallow: /x\0Allow: /`, "a", "/x");

section = "2.2.1";
say("tokens are compared in any case", `User-agent: ExampleBot\n${all}`, "EXAMPLEBOT", "| /x");
say("as a whole: a beginning is not enough", `User-agent: Example\n${all}`, "ExampleBot", "/x");
say("nor is an end", `User-agent: Bot\n${all}`, "ExampleBot", "/x");
say("nor a longer name", `User-agent: ExampleBot-Images\n${all}`, "ExampleBot", "/x");
say("hyphens and underscores belong to tokens", `User-agent: Foo-Bar_baz\n${all}`, "foo-bar_BAZ", "| /x");
say("digits do not: the line names nobody", `User-agent: Foo2\n${all}`, "Foo2", "/x");
say("and not the letters in front of them", `User-agent: Foo2\n${all}`, "Foo", "/x");
say("a version is no part of a token in a file", `User-agent: Foo/1.0\n${all}`, "Foo", "/x");
say("a second word neither", `User-agent: Foo Bar\n${all}`, "Foo", "/x");
say("a crawler that gives its version asks for its token", `User-agent: Foo\n${all}`, "Foo/1.2", "| /x");
say("or its whole header", `User-agent: Foo\n${all}`, "Foo/1.2 (+https://foo.example)", "| /x");
say(
  "groups of one token are merged",
  `User-agent: a\nDisallow: /a\n\nUser-agent: b\n${all}\n\nUser-agent: A\nDisallow: /c`,
  "a",
  "/b | /a /c",
);
say(
  "also where they are the star's",
  "User-agent: *\nDisallow: /a\nUser-agent: b\nAllow: /\nUser-agent: *\nDisallow: /c",
  "z",
  "/b | /a /c",
);
say(
  "the longest match counts across merged groups",
  `User-agent: a\n${all}\nUser-agent: b\n${all}\nUser-agent: a\nAllow: /p`,
  "a",
  "/p | /x",
);
say("without a group of its own a crawler obeys the star", `User-agent: *\n${all}`, "a", "| /x");
say("wherever it stands", `User-agent: b\nAllow: /\n\nUser-agent: *\n${all}\n\nUser-agent: c\nAllow: /`, "a", "| /x");
say("its own group replaces the star's and adds nothing", `User-agent: *\n${all}\nUser-agent: a\nDisallow: /a`, "a", "/x | /a");
say("even an empty one", `User-agent: *\n${all}\nUser-agent: a\nDisallow:`, "a", "/x");
say("no group and no star: no rules apply", `User-agent: b\n${all}`, "a", "/x");
say("a star with a word behind it is no star", `User-agent: * all\n${all}`, "a", "/x");
say("nor is a star at the end of a name", `User-agent: ex*\n${all}`, "example", "/x");
say("a group that names the crawler and the star counts once", `User-agent: *\nUser-agent: a\nDisallow: /x`, "a", "/y | /x");
say("an agent line without a value names nobody", `User-agent:\n${all}`, "a", "/x");
say("and still stands among the agents", `User-agent: a\nUser-agent:\n${all}`, "a", "| /x");

section = "2.2.2";
{
  const of = (...rules: string[]): string => ["User-agent: *", ...rules].join("\n");
  say("a path is compared from its first octet on", of("Disallow: /b"), "a", "/a/b /ab | /b /bc /b/c");
  say("with case", of("Disallow: /Abc"), "a", "/abc /ABC | /Abc");
  say(
    "the rule with most octets decides",
    of("Disallow: /a", "Allow: /a/b", "Disallow: /a/b/c"),
    "a",
    "/a/b /a/b/x /z | /a /a/x /a/b/c",
  );
  say("in any order of lines", of("Disallow: /a/b/c", "Allow: /a/b", "Disallow: /a"), "a", "/a/b /a/b/x | /a /a/b/cc");
  say("the first match does not decide", of(all, "Allow: /p"), "a", "/p /page | /x");
  say("nor does the last", of("Allow: /p", all), "a", "/p | /x");
  say("equivalent rules: allow", of("Disallow: /x", "Allow: /x"), "a", "/x /xy");
  say("in either order", of("Allow: /x", "Disallow: /x"), "a", "/x");
  say("rules of equal length are taken for equivalent", of("Disallow: /a*", "Allow: /ab"), "a", "/ab | /ac");
  say("no rule matches: allowed", of("Disallow: /x"), "a", "/ /y");
  say("an empty disallow is no rule", of("Disallow:", "Disallow: /x"), "a", "/ | /x");
  say("nor is an empty allow", of("Allow:", all), "a", "| /");
  say(
    "/robots.txt is allowed whatever the rules",
    of(all, "Disallow: /robots.txt"),
    "a",
    "/robots.txt | /robots.txt.bak /robots.txt?a=b /a/robots.txt",
  );
  say("rules before the first group are nobody's", `${all}\nAllow: /x\nUser-agent: b\nDisallow: /y`, "b", "/x | /y");
  say("the query belongs to the path", of("Disallow: /a?b"), "a", "/a /a?c | /a?b /a?bc");
  say("a rule without a query holds with one", of("Disallow: /a"), "a", "| /a?b=c");
  say("a path without its slash is no path", of("Disallow: a", "Disallow: private/"), "a", "/a /private/");
  say("the table's first line", of("Disallow: /foo/bar?baz=quz"), "a", "/foo/bar | /foo/bar?baz=quz");
  say(
    "the second: reserved octets in a query, plain or escaped",
    of("Disallow: /foo/bar?baz=https://foo.bar"),
    "a",
    "| /foo/bar?baz=https%3A%2F%2Ffoo.bar /foo/bar?baz=https://foo.bar",
  );
  say("and the rule escaped", of("Disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar"), "a", "| /foo/bar?baz=https://foo.bar");
  say("the third: UTF-8 in the file", of("Disallow: /foo/bar/ツ"), "a", "/foo/bar/%E3%83%85 | /foo/bar/%E3%83%84 /foo/bar/ツ");
  say(
    "the fourth: escaped in the file",
    of("Disallow: /foo/bar/%E3%83%84"),
    "a",
    "| /foo/bar/%E3%83%84 /foo/bar/ツ /foo/bar/%e3%83%84",
  );
  say(
    "the fifth: unreserved octets are decoded",
    of("Disallow: /foo/bar/%62%61%7A"),
    "a",
    "/foo/bar/ba | /foo/bar/baz /foo/bar/%62az",
  );
  say("on the side of the URI too", of("Disallow: /foo/bar/baz"), "a", "| /foo/bar/%62%61%7A /foo/bar/%62%61z");
  say("all four marks are unreserved", of("Disallow: /%7E%2D%2E%5Fx"), "a", "| /~-._x");
  say("escapes are compared in any case", of("Disallow: /%c3%bc"), "a", "| /%C3%BC /ü /%C3%bC");
  say("an escaped slash is not a slash", of("Disallow: /a/b"), "a", "/a%2Fb | /a/b");
  say("in a rule neither", of("Disallow: /a%2fb"), "a", "/a/b | /a%2Fb");
  say("an escaped question mark is not one", of("Disallow: /a?b"), "a", "/a%3Fb | /a?b");
  say("octets that are no UTF-8 are octets", of("Disallow: /%FF%fe"), "a", "/%FF | /%ff%FE");
  say("a percent sign without digits is itself", of("Disallow: /100%"), "a", "/100 | /100%25 /100%");
  say("lengths are counted in octets", of("Disallow: /ü*", "Allow: /%C3%BCa"), "a", "| /üb");
  say("a space in a rule matches its escape", of("Disallow: /a b"), "a", "/a+b | /a%20b");
  say("dot segments are not resolved", of("Disallow: /a/../b"), "a", "/b | /a/../b");
  say("two slashes are not one", of("Disallow: /a//b"), "a", "/a/b | /a//b");
  say("a fragment is no part of what is compared", of("Disallow: /a$"), "a", "/ab#a | /a#b");
}

section = "2.2.3";
{
  const of = (...rules: string[]): string => ["User-agent: *", ...rules].join("\n");
  say("a star is any octets, none too", of("Disallow: /a*c"), "a", "/a /b/ac | /ac /abc /a/b/cd");
  say("several stars", of("Disallow: /*/b/*c"), "a", "/b/c /a/bc | /a/b/c /a/x/b/xxc");
  say("stars next to each other are one", of("Disallow: /a**c"), "a", "/ab | /ac /abbc");
  say("a star at the end changes nothing", of("Disallow: /a*"), "a", "/b | /a /ab");
  say("but its octet counts", of("Allow: /a", "Disallow: /a*"), "a", "| /a /ab");
  say("a star in front stands for the slash, as in §5.1", of("Disallow: *.gif$"), "a", "/a.gifs /a.gif?b | /a.gif /b/c.gif");
  say("a star alone is everything", of("Disallow: *"), "a", "| / /x");
  say("a dollar sign at the end is the end of the path", of("Disallow: /a$"), "a", "/ab /a/ /a?b | /a");
  say("also behind a star", of("Disallow: /*.php$"), "a", "/a.php5 /a.php?b | /a.php /a.php.php");
  say("also of a query", of("Disallow: /*?b$"), "a", "/a?bc | /a?b");
  say("anywhere else it is itself", of("Disallow: /a$b"), "a", "/a | /a$b /a%24b");
  say("the root alone", of("Disallow: /$"), "a", "/x | /");
  say("the longer of two with an anchor", of(all, "Allow: /$"), "a", "/ | /x");
  say("an escaped dollar sign is itself", of("Disallow: /a%24"), "a", "/a | /a$ /a%24b");
  say("an escaped star is itself", of("Disallow: /a%2Ab"), "a", "/axb | /a*b /a%2ab");
  say("an escaped number sign is itself", of("Disallow: /a%23b"), "a", "/a | /a%23b");
  say("a number sign begins a comment without a blank too", of("Disallow: /a#b"), "a", "/b | /a /ac");
  say("the leftmost place of a piece is good enough", of("Disallow: /*ab*b$"), "a", "/ab | /abb /abab");
  say("but the last piece has to end the path", of("Disallow: /*a*a$"), "a", "/aab /a | /aa /aba");
  say("pieces do not overlap", of("Disallow: /ab*bc"), "a", "/abc | /abbc");
  say(
    "long pieces, with a false start",
    of(`Disallow: /*${"ab".repeat(20)}c`),
    "a",
    `/${"ab".repeat(25)} | /x${"ab".repeat(25)}c`,
  );
}

section = "2.2.4";
say("a Sitemap ends no list of agents", `User-agent: a\nSitemap: https://h/s.xml\nUser-agent: b\n${all}`, "a", "| /x");
say("a Crawl-delay neither", `User-agent: a\nCrawl-delay: 5\nUser-agent: b\n${all}`, "a", "| /x");
say("nor any record that nobody knows", `User-agent: a\nFoo: /bar\nUser-agent: b\n${all}`, "a", "| /x");
say("nor one that is no record", `User-agent: a\nwhatever\nUser-agent: b\n${all}`, "a", "| /x");
say("and none ends a group", "User-agent: a\nDisallow: /a\nSitemap: https://h/s.xml\nDisallow: /b", "a", "/c | /a /b");
say("a record that only begins like a rule is none", "User-agent: a\nDisallow-all: /\nAllowed: /\nDisallows: /x", "a", "/ /x");
say("a misspelt rule is another record", "User-agent: a\nDissallow: /x", "a", "/x");
say("a misspelt agent too", `User agent: a\nUseragent: a\n${all}`, "a", "/x");
say("a rule without its colon is no record", "User-agent: a\nDisallow /x", "a", "/x");

section = "2.3.1.5";
say("lines that cannot be read do not stop the others", `\u0001\u0002\n<html>\nUser-agent: a\n::::\n\xff\n${all}`, "a", "| /x");
say("two records on a line are one", `User-agent: a Disallow: /`, "a", "/x");
say("a rule's value goes on to the end of its line", "User-agent: a\nDisallow: /a Allow: /b", "a", "/a /b | /a%20Allow:%20/b");

section = "2.5";
{
  const filler = `# ${"x".repeat(97)}\n`;
  say("what lies within 500 KiB is read", `${filler.repeat(5000)}User-agent: a\n${all}`, "a", "| /x");
  say("long lines too", `User-agent: a\nDisallow: /${"x".repeat(20_000)}\nDisallow: /y`, "a", `/x | /y /${"x".repeat(20_001)}`);
}

section = "5.1";
{
  const example = [
    "User-Agent: *",
    "Disallow: *.gif$",
    "Disallow: /example/",
    "Allow: /publications/",
    "",
    "User-Agent: foobot",
    "Disallow:/",
    "Allow:/example/page.html",
    "Allow:/example/allowed.gif",
    "",
    "User-Agent: barbot",
    "User-Agent: bazbot",
    "Disallow: /example/page.html",
    "",
    "User-Agent: quxbot",
    "",
    "EOF",
  ].join("\n");
  say("everyone", example, "anybot", "/ /publications/a /a.gifx | /a.gif /example/ /example/x");
  say("foobot", example, "foobot", "/example/page.html /example/allowed.gif | / /publications/ /example/page.htm");
  say("barbot", example, "barbot", "/ /example/page.htm /a.gif | /example/page.html");
  say("bazbot", example, "bazbot", "/example/allowed.gif | /example/page.html");
  say("quxbot", example, "quxbot", "/ /example/page.html /a.gif");
}

section = "5.2";
{
  const example = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif";
  say(
    "the longest match",
    example,
    "foobot",
    "/example/page/ /example/page/disallowed.jpg /example | /example/page/disallowed.gif",
  );
}

export const rfcCases: readonly RfcCase[] = cases;
