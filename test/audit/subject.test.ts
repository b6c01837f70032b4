/** What may be asked about, and what it is taken for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isThePage, parseSubject } from "../../audit/owner/subject.js";
import { hostKey } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof DataError ? error.code : error;
  }
};

describe("what is asked about", () => {
  it.each([
    ["www.theguardian.com", "domain", "www.theguardian.com", "theguardian.com", "com,theguardian,www"],
    ["WWW.Spiegel.DE.", "domain", "www.spiegel.de", "spiegel.de", "de,spiegel,www"],
    ["https://www.spiegel.de/", "domain", "www.spiegel.de", "spiegel.de", "de,spiegel,www"],
    ["https://www.spiegel.de", "domain", "www.spiegel.de", "spiegel.de", "de,spiegel,www"],
    ["//example.org", "domain", "example.org", "example.org", "org,example"],
    ["example.org:8080", "domain", "example.org:8080", "example.org", "org,example"],
    ["example.org:443", "domain", "example.org", "example.org", "org,example"],
    ["http://example.org:80/#top", "domain", "example.org", "example.org", "org,example"],
    [
      "bücher.example",
      "domain",
      "xn--bcher-kva.example",
      "bcher-kva.example".replace("bcher", "xn--bcher"),
      "example,xn--bcher-kva",
    ],
    ["alice.github.io", "domain", "alice.github.io", "alice.github.io", "io,github,alice"],
    ["192.168.0.1", "host", "192.168.0.1", null, "192.168.0.1"],
    ["0x7f.1", "host", "127.0.0.1", null, "127.0.0.1"],
    ["[2001:DB8::1]:8080", "host", "[2001:db8::1]:8080", null, "[2001:db8::1]"],
    ["localhost:3000", "domain", "localhost:3000", null, "localhost"],
    ["https://example.org/a?b#c", "url", "example.org", "example.org", "org,example"],
    ["example.org/a", "url", "example.org", "example.org", "org,example"],
    ["https://example.org/?a", "url", "example.org", "example.org", "org,example"],
    ["https://user:secret@example.org/a", "url", "example.org", "example.org", "org,example"],
  ])("%s is a %s", (asked, scope, host, domain, key) => {
    const parsed = parseSubject(asked);
    expect(parsed.subject).toMatchObject({ asked, scope, host, registrable_domain: domain });
    expect(parsed.key).toBe(key);
    expect(parsed.subject.url ?? "").not.toContain("secret");
  });

  it("is the host alone with exact", () => {
    expect(parseSubject("example.org", true).subject.scope).toBe("host");
    expect(parseSubject("https://example.org/", true).subject.scope).toBe("host");
  });

  it.each(["co.uk", "com", "github.io", "https://co.uk/", "CO.UK.", "foo.kawasaki.jp"])(
    "%s belongs to many owners and is refused, but for exact",
    (asked) => {
      expect(codeOf(() => parseSubject(asked))).toBe("SUBJECT_IS_SUFFIX");
      expect(parseSubject(asked, true).subject.scope).toBe("host");
    },
  );

  it.each([
    "",
    " ",
    ".",
    "...",
    "a b",
    "me@example.org",
    "*.example.org",
    "ftp://example.org/",
    "mailto:x",
    "http://",
    "http://[::1",
    "x".repeat(9000),
  ])("%j is nothing that can be asked about", (asked) => {
    expect(codeOf(() => parseSubject(asked))).toBe("SUBJECT_INVALID");
  });

  it("has an answer or a coded error for any text", () => {
    const part = fc.constantFrom(
      "http://",
      "https:",
      "//",
      "example",
      ".",
      "org",
      ":",
      "80",
      "/",
      "a",
      "?",
      "#",
      "@",
      "%",
      "é",
      "\u0000",
      " ",
      "[",
      "]",
      "\\",
      "'",
      "xn--",
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.array(part, { maxLength: 10 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (asked, exact) => {
        const parsed = codeOf(() => parseSubject(asked, exact));
        if (typeof parsed === "string") expect(["SUBJECT_INVALID", "SUBJECT_IS_SUFFIX"]).toContain(parsed);
        else {
          const { subject, key, port } = parsed as ReturnType<typeof parseSubject>;
          expect(hostKey(`http://${subject.host}/`)).toBe(key + (port === ":80" ? "" : port));
          // What is reported can be asked again and is the same.
          expect(parseSubject(subject.url ?? subject.host, true).key).toBe(key);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a page", () => {
  const asked = parseSubject("https://Example.org/A%20b/../c?q=ü");

  it.each([
    "https://example.org/c?q=ü",
    "http://example.org/c?q=%C3%BC",
    "HTTPS://EXAMPLE.ORG:443/c?q=ü#part",
    "http://example.org:80/x/../c?q=ü",
    "https://example.org./c?q=ü",
  ])("is found as %s", (url) => {
    expect(isThePage(asked, url)).toBe(true);
  });

  it.each([
    "https://example.org/c",
    "https://example.org/C?q=ü",
    "https://example.org:8080/c?q=ü",
    "https://www.example.org/c?q=ü",
    "https://example.org.evil.example/c?q=ü",
    "no url",
    "",
  ])("is not %s", (url) => {
    expect(isThePage(asked, url)).toBe(false);
  });
});
