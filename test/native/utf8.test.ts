import fc from "fast-check";
import { expect, test } from "vitest";
import { repairUtf8 } from "../../native/index.js";
import { anyText } from "../any-text.js";

test("repairs ill-formed UTF-8 exactly as the WHATWG decoder does", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    anyText(8).map((text) => new TextEncoder().encode(text)),
    fc
      .constantFrom([0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xe0, 0x80], [0xf4, 0x90], [0xc0, 0xaf])
      .map((b) => Uint8Array.from(b)),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const bytes = Uint8Array.from(pieces.flatMap((p) => [...p]));
      expect(decoder.decode(repairUtf8(bytes))).toBe(decoder.decode(bytes));
      expect(Buffer.from(decoder.decode(repairUtf8(bytes))).equals(repairUtf8(bytes))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
