/** The two ways to octet strings, Node's and the browser's, are one. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { latin1, portableLatin1 } from "../../../filters/consent/latin1.js";

test("bytes become the same octets with and without Node's Buffer, and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const octets = portableLatin1.decode(bytes);
      expect(octets).toBe(latin1.decode(bytes));
      expect([...portableLatin1.encode(octets)]).toEqual([...bytes]);
      expect([...latin1.encode(octets)]).toEqual([...bytes]);
    }),
  );
});

test("texts become the same octets, lone surrogates and long texts included", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(portableLatin1.decodeText(text)).toBe(latin1.decodeText(text));
    }),
  );
  for (const text of ["\ud800", "a\udfffb", "ü".repeat(100_000), ""]) {
    expect(portableLatin1.decodeText(text)).toBe(latin1.decodeText(text));
  }
});
