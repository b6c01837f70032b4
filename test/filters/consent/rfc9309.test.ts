/** RFC 9309 in cases (rfc9309-cases.ts), each asked of both engines. */
import { describe, expect, it } from "vitest";
import { RobotsCompiler, RobotsFile } from "../../../filters/consent/index.js";
import { octetsOfText } from "../../../filters/consent/octets.js";
import { rfcCases } from "./rfc9309-cases.js";

describe.each([...new Set(rfcCases.map(({ section }) => section))])("RFC 9309 §%s", (wanted) => {
  const titled = rfcCases
    .filter(({ section }) => section === wanted)
    .map((one) => ({
      ...one,
      shown: one.path.length > 60 ? `${one.path.slice(0, 60)}…` : one.path,
      says: one.allowed ? "may" : "may not",
    }));
  it.each(titled)("$about: $agent $says read $shown", ({ robots, path, agent, allowed }) => {
    const bytes = Buffer.from(robots);
    const target = octetsOfText(path);
    const reference = new RobotsFile(bytes, [agent]);
    const native = new RobotsCompiler([agent]).compile(bytes);
    const expected = { reference: allowed, native: allowed };
    expect({
      reference: reference.explain(reference.answer(target), 0, "rfc").allowed,
      native: native.explain(native.answer(target), 0, "rfc").allowed,
    }).toEqual(expected);
  });
});

it("these are at least 200 decisions", () => expect(rfcCases.length).toBeGreaterThanOrEqual(200));
