/**
 * The robots.txt captures of the example's hosts, in time, and what each host is there to show. RFC 9309 section numbers name the
 * rule at work. The example asks what each host said as of 31 January 2025.
 */

const everyone = "User-agent: *\nDisallow:\n";
const text = { "Content-Type": "text/plain" };
const html = { "Content-Type": "text/html; charset=utf-8" };
const ok = (date, body, headers = text) => ({ date, status: "200 OK", headers, body });

/** host → captures, oldest first, of https://host/robots.txt. */
export const robots = {
  // Always allowed; a stranger's group changes nothing.
  "rights.example": [
    ok("2023-02-03T04:10:00Z", everyone),
    ok("2024-02-05T10:40:13Z", everyone),
    ok("2025-01-12T22:01:44Z", everyone),
  ],
  "novels.example": [
    ok("2023-03-01T00:20:00Z", "User-agent: BadBot\nDisallow: /\n\nSitemap: https://novels.example/sitemap.xml\n"),
  ],
  "mirror.example": [ok("2024-01-20T12:00:00Z", "# we copy, and we do not mind\nUser-agent: *\nAllow: /\n")],
  "contact.example": [ok("2023-05-05T05:05:05Z", ""), ok("2024-12-24T18:00:00Z", everyone)],
  "signals.example": [ok("2024-08-08T08:08:08Z", everyone)],
  // The opt-out came in 2024; pages captured before it are dropped all the same: consent with hindsight.
  "press.example": [
    ok("2023-02-10T09:00:00Z", everyone),
    ok(
      "2024-07-02T09:00:00Z",
      "User-agent: GPTBot\nDisallow: /\n\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /search\n",
    ),
    ok("2025-01-10T09:00:00Z", "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /search\n"),
  ],
  // A rule for everyone counts for the agents that have no group of their own (section 2.2.1).
  "library.example": [ok("2023-04-04T04:04:04Z", "User-agent: *\nCrawl-delay: 10\nDisallow: /private/\n")],
  // Changed its mind, and back again.
  "change.example": [
    ok("2023-03-03T03:00:00Z", everyone),
    ok("2023-09-12T03:00:00Z", "User-agent: GPTBot\nDisallow: /\n"),
    ok("2024-11-20T03:00:00Z", "User-agent: GPTBot\nAllow: /\n"),
  ],
  // Opted out after the date that the example asks for.
  "late.example": [ok("2024-05-01T06:00:00Z", everyone), ok("2025-04-01T06:00:00Z", "User-agent: GPTBot\nDisallow: /\n")],
  "first.example": [ok("2025-03-05T06:00:00Z", "User-agent: GPTBot\nDisallow: /\n")],
  // No rules to be had: 4xx is "unavailable" (2.3.1.3), 5xx "unreachable" (2.3.1.4), and a page in HTML is no robots.txt at all.
  "nofile.example": [{ date: "2024-03-09T01:00:00Z", status: "404 Not Found", headers: html, body: "<h1>Not Found</h1>\n" }],
  "broken.example": [
    { date: "2024-03-10T01:00:00Z", status: "503 Service Unavailable", headers: html, body: "<h1>Try later</h1>\n" },
  ],
  "soft404.example": [
    ok("2024-03-11T01:00:00Z", "<!DOCTYPE html><html><body><p>This page has moved.</p></body></html>\n", html),
  ],
  // One robots.txt for each authority (2.3): www is another host, 8080 another port.
  "split.example": [ok("2024-06-01T00:00:00Z", everyone)],
  "www.split.example": [ok("2024-06-01T00:00:05Z", "User-agent: CCBot\nDisallow: /\n")],
  "port.example:8080": [ok("2024-06-02T00:00:00Z", "User-agent: Diffbot\nDisallow: /\n")],
  "port.example": [ok("2024-06-02T00:00:07Z", everyone)],
  // Names that are no product tokens by section 2.2.1 (letters, "_" and "-" only); what was meant is plain.
  "ai2.example": [ok("2024-09-01T00:00:00Z", "User-agent: AI2Bot\nDisallow: /\n")],
  "slash.example": [ok("2024-09-02T00:00:00Z", "User-agent: CCBot/2.0\nDisallow: /\n")],
  // Paths: the longest match wins (2.2.2), "*" and "$" (2.2.3), percent-encoding is undone before comparing (2.2.2).
  "paths.example": [ok("2024-10-01T00:00:00Z", "User-agent: GPTBot\nDisallow: /archive/\nAllow: /archive/open/\n")],
  "anchor.example": [ok("2024-10-02T00:00:00Z", "User-agent: Google-Extended\nDisallow: /*.html$\n")],
  "bytes.example": [ok("2024-10-03T00:00:00Z", "User-agent: ClaudeBot\nDisallow: /über/\nDisallow: /%7Eanna/\n")],
  // Two groups for one agent are one group (2.2.1); byte order mark, CRLF, odd case and comments do not matter.
  "groups.example": [
    ok(
      "2024-10-04T00:00:00Z",
      "\ufeffUSER-AGENT: claudebot # theirs\r\ndisallow: /a/\r\n\r\nUser-agent: *\r\n\r\nUser-agent: ClaudeBot\r\nDisallow: /b/\r\n",
    ),
  ],
  // One agent is welcome, the others are not: dropped, since the example asks for all of them.
  "allowone.example": [ok("2024-10-05T00:00:00Z", "User-agent: GPTBot\nAllow: /\n\nUser-agent: *\nDisallow: /\n")],
  // A content-delivery network's managed file.
  "managed.example": [
    ok(
      "2024-12-01T00:00:00Z",
      "User-agent: *\nContent-Signal: search=yes,ai-train=no\nAllow: /\n\nUser-agent: Bytespider\nDisallow: /\n",
    ),
  ],
  // The answer is a redirect to another authority; its rules count for the first one (2.3.1.2).
  "moved.example": [
    {
      date: "2024-12-02T00:00:00Z",
      status: "301 Moved Permanently",
      headers: { Location: "https://www.moved.example/robots.txt" },
      body: "",
    },
  ],
  "www.moved.example": [ok("2024-12-02T00:00:02Z", "User-agent: GPTBot\nDisallow: /\n")],
};

/** The scheme under which a host's pages and robots.txt were captured. */
export const schemeOf = (host) => (host.includes(":") ? "http" : "https");
