import fc from "fast-check";
import { expect, test } from "vitest";
import { type AddedToken, Bpe } from "../../native/index.js";

/** A vocabulary of the 256 bytes and the given tokens. */
function vocabulary(...tokens: readonly string[]): Uint8Array {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(1, byte));
  const more = tokens.map((token) => Buffer.concat([Uint8Array.of(Buffer.byteLength(token)), Buffer.from(token)]));
  return new Uint8Array(Buffer.concat([...bytes, ...more]));
}

function open(packed: Uint8Array, raw: readonly AddedToken[] = []): Bpe {
  return new Bpe({ packed, order: "derived", wholeFirst: true, stages: [{ known: "tekken" }], raw }, "packed");
}

function encode(tokens: readonly string[], text: string): string[] {
  const bpe = open(vocabulary(...tokens));
  const bytes = new Uint8Array(Buffer.from(text));
  const { values } = bpe.encodeBatch(bytes, Int32Array.of(0, bytes.length), -1, -1, undefined);
  return [...values].map((id) => Buffer.from(bpe.decode(Uint32Array.of(id))).toString());
}

test("the merge of the lowest rank goes first, and of two equal ones the leftmost", () => {
  expect(encode(["bc", "ab"], "abc")).toEqual(["a", "bc"]);
  expect(encode(["ab", "bc"], "abc")).toEqual(["ab", "c"]);
  expect(encode(["aa"], "aaaaa")).toEqual(["aa", "aa", "a"]);
});

test("a pretoken that is a token is that token, even where no merges lead to it", () => {
  expect(encode(["bcd", "abcd"], "abcd")).toEqual(["abcd"]);
  expect(encode(["bcd", "abcd"], "abcde")).toEqual(["a", "b", "c", "d", "e"]);
});

test("a damaged vocabulary is refused", () => {
  const whole = vocabulary("ab");
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [
      new Uint8Array(Buffer.concat([whole, Uint8Array.of(0, 1, 4, 0, 0), new Uint8Array(1025)])),
      "token 257 has more than 1,024 bytes",
    ],
    [whole.subarray(0, -1), "token 256 is empty or cut off"],
    [whole.subarray(2), "byte 0 has no token"],
    [vocabulary("ab", "ab"), "token 257 is given twice"],
    [new Uint8Array(Buffer.concat([whole, Uint8Array.of(0)])), "token 257 is cut off"],
    [new Uint8Array(), "byte 0 has no token"],
  ];
  for (const [packed, message] of cases) expect(() => open(packed)).toThrow(message);
  expect(() => open(whole, [{ text: new Uint8Array(), id: 1000, find: true }])).toThrow("an added token is empty");
});

test("any buffer as a vocabulary is used or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (packed) => {
      try {
        open(new Uint8Array(Buffer.concat([vocabulary(), packed])));
      } catch (fault) {
        expect((fault as Error).message).toMatch(/: token \d+ (is|has)/);
      }
    }),
    { numRuns: 100 },
  );
});

test("offsets that fall or leave the values are refused", () => {
  const bpe = open(vocabulary());
  for (const offsets of [Int32Array.of(-1, 2), Int32Array.of(0, 3), Int32Array.of(2, 1), new Int32Array()]) {
    expect(() => bpe.encodeBatch(new Uint8Array(2), offsets, -1, -1, undefined)).toThrow();
  }
});

test("of several added tokens at one place the longest is taken, and the text between them stands alone", () => {
  const added = ["<a", "<a>", "[b"].map((text, i) => ({ text: new Uint8Array(Buffer.from(text)), id: 1000 + i, find: true }));
  const bpe = open(vocabulary("xy"), added);
  const bytes = new Uint8Array(Buffer.from("xy<a>x[by<a<"));
  const { values } = bpe.encodeBatch(bytes, Int32Array.of(0, bytes.length), -1, -1, undefined);
  expect([...values]).toEqual([256, 1001, 0x78, 1002, 0x79, 1000, 0x3c]);
  expect(Buffer.from(bpe.decode(values)).equals(bytes)).toBe(true);
});
