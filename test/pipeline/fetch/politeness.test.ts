/** One request at a time a host, pauses, and what Retry-After says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backOff, HostGate, retryAfter } from "../../../pipeline/fetch/politeness.js";

const now = Date.UTC(2026, 0, 1);

describe("retryAfter", () => {
  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Thu, 01 Jan 1998 00:00:30 GMT", 0],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["99999999999999", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %j", (value, expected) => {
    expect(retryAfter(value, now)).toBe(expected);
  });

  it("takes any text", () => {
    fc.assert(fc.property(fc.string(), (text) => (retryAfter(text, now) ?? 0) >= 0));
  });
});

describe("backOff", () => {
  it("doubles, differs by at most a quarter, and is the same for the same URL and attempt", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 8 }), (url, attempt) => {
        const pause = backOff(url, attempt, 1000);
        expect(pause).toBe(backOff(url, attempt, 1000));
        expect(pause / (1000 * 2 ** (attempt - 1))).toBeGreaterThanOrEqual(0.75);
        expect(pause / (1000 * 2 ** (attempt - 1))).toBeLessThanOrEqual(1.25);
      }),
    );
    expect(backOff("https://a.example/", 1, 1000)).not.toBe(backOff("https://b.example/", 1, 1000));
  });
});

describe("HostGate", () => {
  it("lets one request at a time through to a host, with the pause between two, and hosts side by side", async () => {
    const gate = new HostGate(40, new AbortController().signal);
    const spans: { host: string; from: number; to: number }[] = [];
    const ask = (host: string) =>
      gate.run(host, async () => {
        const from = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
        spans.push({ host, from, to: performance.now() });
      });
    const began = performance.now();
    await Promise.all(["a", "b", "a", "b", "a", "b"].map(ask));
    expect(performance.now() - began).toBeLessThan(6 * 60);
    for (const host of ["a", "b"]) {
      const own = spans.filter((span) => span.host === host);
      for (const [i, { from }] of own.entries()) if (i > 0) expect(from - (own[i - 1]?.to ?? 0)).toBeGreaterThanOrEqual(38);
    }
  });

  it("goes on after a request that failed, and waits where it was told to", async () => {
    const gate = new HostGate(0, new AbortController().signal);
    await expect(gate.run("a", () => Promise.reject(new Error("reset")))).rejects.toThrow("reset");
    gate.postpone("a", 60);
    expect(gate.waitOf("a")).toBeGreaterThan(50);
    const slow = new HostGate(10_000, new AbortController().signal);
    await slow.run("a", async () => undefined);
    expect(slow.waitOf("a")).toBe(0);
    const began = performance.now();
    await gate.run("a", async () => undefined);
    expect(performance.now() - began).toBeGreaterThan(50);
  });

  it("stops waiting when it is aborted", async () => {
    const stop = new AbortController();
    const gate = new HostGate(10_000, stop.signal);
    await gate.run("a", async () => undefined);
    const waiting = gate.run("a", async () => undefined);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow();
  });
});
