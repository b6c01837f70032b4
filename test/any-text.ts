/** Strings of any code points, lone surrogates too. fast-check's own `unit: "binary"` builds a table of all of them first. */
import fc from "fast-check";

export function anyText(maxLength = 10): fc.Arbitrary<string> {
  return fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength }).map((points) => String.fromCodePoint(...points));
}
