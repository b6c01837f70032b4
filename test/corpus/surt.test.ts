import { expect, test } from "vitest";
import { hostKey } from "../../corpus/index.js";

test("host keys reverse the labels, keep odd ports and leave addresses alone", () => {
  expect(hostKey("https://WWW.Example.org:443/a?b")).toBe("org,example,www");
  expect(hostKey("http://example.org.:8080/")).toBe("org,example:8080");
  expect(hostKey("http://bücher.example/")).toBe("example,xn--bcher-kva");
  expect(hostKey("http://127.0.0.1/")).toBe("127.0.0.1");
  expect(hostKey("http://[::1]:8/")).toBe("[::1]:8");
  expect(hostKey("not a url")).toBe("");
});

test("an address with characters of Latin-1 keeps its key however often it is asked for", () => {
  // URL.canParse of Node 20 refuses it from some thousand calls on.
  const keys = new Set(Array.from({ length: 100_000 }, () => hostKey("http://b\u00fccher.example/")));
  expect([...keys]).toEqual(["example,xn--bcher-kva"]);
});
