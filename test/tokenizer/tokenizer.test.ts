import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Redactions } from "../../corpus/index.js";
import { binaryColumn, utf8Column } from "../../formats/index.js";
import { checkGolden, openTokenizer } from "../../tokenizer/index.js";
import { anyText } from "../any-text.js";

const tokenizer = await openTokenizer("apertus");
const bytes = (text: string) => new TextEncoder().encode(text);
const plain = { bos: false, eos: false } as const;
const ids = (text: string, options: Parameters<typeof tokenizer.encodeBatch>[1] = plain) => [
  ...tokenizer.encodeBatch(utf8Column([text]), options).values,
];

/** Spans of one row: [start, length, kind]. */
function spans(...list: readonly (readonly [number, number, string])[]): Redactions {
  const kinds = [...new Set(list.map(([, , kind]) => kind))];
  return {
    rows: Int32Array.of(0, list.length),
    start: Int32Array.from(list, ([start]) => start),
    length: Int32Array.from(list, ([, length]) => length),
    kind: Uint8Array.from(list, ([, , kind]) => kinds.indexOf(kind)),
    kinds,
  };
}

test("the vocabulary is that of Apertus: 131,072 ids, of which 1,000 are special", () => {
  expect(tokenizer.vocabularySize).toBe(131072);
  expect([...tokenizer.special.names.keys()]).toEqual(Array.from({ length: 1000 }, (_, id) => id));
  expect(new Set(tokenizer.special.names.values()).size).toBe(1000);
  const { names } = tokenizer.special;
  expect([0, 1, 2, 3, 36, 37, 38, 68, 72, 73, 999].map((id) => names.get(id))).toEqual(
    ["<unk>", "<s>", "</s>", "<pad>", "<iban-pii>", "<email-pii>", "<ip-pii>"].concat([
      "<|assistant_end|>",
      "<|tools_suffix|>",
      "<SPECIAL_73>",
      "<SPECIAL_999>",
    ]),
  );
  expect(ids("Hello world!")).toEqual([22177, 4304, 1033]);
});

test("the digest is pinned: it changes only with the tokens of some text", async () => {
  expect(tokenizer.digest).toBe("3951af929268d57eb1333b7ead3b61df7745c7daa3db834afee960f24fde5fbe");
  expect((await openTokenizer("apertus", { mathematicsTokens: false })).digest).not.toBe(tokenizer.digest);
});

test("begin and end of document stand around each row, the empty one too", () => {
  const { values, offsets } = tokenizer.encodeBatch(utf8Column(["Hello", "", " world"]), { bos: true, eos: true });
  expect([...offsets]).toEqual([0, 3, 5, 8]);
  expect([...values]).toEqual([1, ...ids("Hello"), 2, 1, 2, 1, ...ids(" world"), 2]);
});

test("no special token comes from text, whatever the text says", () => {
  for (const [id, name] of tokenizer.special.names) {
    if (tokenizer.special.inText.includes(id)) continue;
    expect(ids(`a ${name}${name} b`).every((id) => id >= 1000)).toBe(true);
  }
});

test("the mathematics tokens are found in text before anything else, and only where asked for", async () => {
  expect(ids("x\\begin{align}\\boxed{1}\\begin")).toEqual([
    ...ids("x"),
    14,
    ...ids("align"),
    ...ids("}"),
    17,
    ...ids("1"),
    ...ids("}\\begin"),
  ]);
  expect(ids("\\\\text{\\end{")).toEqual([...ids("\\"), 16, 15]);
  const ordinary = await openTokenizer("apertus", { mathematicsTokens: false });
  const found = ordinary.encodeBatch(utf8Column(["x\\begin{align}"]), plain).values;
  expect(found.every((id) => id >= 1000)).toBe(true);
  expect(Buffer.from(ordinary.decode(Uint32Array.of(14, ...found))).toString()).toBe("\\begin{x\\begin{align}");
});

test("a redacted span becomes its placeholder, and the text on both sides is tokenised as if it stood alone", () => {
  const text = "Write to me@example.org or 10.0.0.1, account CH93 0076 2011 6238 5295 7.";
  const at = (part: string, kind: string) => [text.indexOf(part), part.length, kind] as const;
  const redactions = spans(at("me@example.org", "email"), at("10.0.0.1", "ip"), at("CH93 0076 2011 6238 5295 7", "iban"));
  expect(ids(text, { ...plain, redactions })).toEqual([
    ...ids("Write to "),
    37,
    ...ids(" or "),
    38,
    ...ids(", account "),
    36,
    ...ids("."),
  ]);
});

test("spans may touch each other and the ends, and may cut characters", () => {
  expect(ids("abcd", { ...plain, redactions: spans([0, 2, "email"], [2, 2, "ip"]) })).toEqual([37, 38]);
  expect(ids("é", { ...plain, redactions: spans([1, 1, "ip"]) })).toEqual([1000 + 0xc3, 38]);
  expect(ids("", { bos: true, eos: true, redactions: spans() })).toEqual([1, 2]);
});

test("rows have their own spans", () => {
  const redactions = { ...spans([0, 1, "email"], [1, 1, "ip"]), rows: Int32Array.of(0, 1, 1, 2) };
  const { values, offsets } = tokenizer.encodeBatch(utf8Column(["ab", "ab", "ab"]), { ...plain, redactions });
  expect([...offsets]).toEqual([0, 2, 3, 5]);
  expect([...values]).toEqual([37, ...ids("b"), ...ids("ab"), ...ids("a"), 38]);
});

test("spans that overlap, fall, are empty or leave their text are refused, and so is a kind without a token", () => {
  const bad = [
    spans([0, 2, "ip"], [1, 1, "ip"]),
    spans([2, 1, "ip"], [0, 1, "ip"]),
    spans([1, 0, "ip"]),
    spans([-1, 1, "ip"]),
    spans([0, -1, "ip"]),
    spans([3, 2, "ip"]),
    spans([2147483647, 2147483647, "ip"]),
    { ...spans([0, 1, "ip"]), rows: Int32Array.of(0, 2) },
    { ...spans([0, 1, "ip"]), rows: Int32Array.of(-1, 1) },
    { ...spans([0, 1, "ip"]), rows: Int32Array.of(1, 0) },
    { ...spans([0, 1, "ip"]), rows: Int32Array.of(0, 1, 1) },
    { ...spans([0, 1, "ip"]), kind: Uint8Array.of(1) },
  ];
  for (const redactions of bad) expect(() => ids("abcd", { ...plain, redactions })).toThrow(RangeError);
  expect(() => ids("abcd", { ...plain, redactions: spans([0, 1, "phone"]) })).toThrow(
    expect.objectContaining({ code: "PLACEHOLDER_UNKNOWN" }),
  );
});

test("decoding gives back any bytes", () => {
  const any = fc.oneof(fc.uint8Array({ maxLength: 120 }), anyText(20).map(bytes));
  fc.assert(
    fc.property(any, (raw) => {
      const { values } = tokenizer.encodeBatch(binaryColumn([raw]), { bos: true, eos: true });
      expect(Buffer.from(tokenizer.decode(values)).equals(raw)).toBe(true);
      expect(tokenizer.count(raw)).toBe(values.length - 2);
    }),
    { numRuns: 200 },
  );
});

test("special tokens are nothing in decoded text, or their names where asked for", () => {
  const all = Uint32Array.of(1, ...ids("Hi \\text{"), 37, 999, 2);
  expect(Buffer.from(tokenizer.decode(all)).toString()).toBe("Hi \\text{");
  expect(Buffer.from(tokenizer.decode(all, { special: "names" })).toString()).toBe("<s>Hi \\text{<email-pii><SPECIAL_999></s>");
});

test("an id outside the vocabulary is refused by its place", () => {
  expect(() => tokenizer.decode(Uint32Array.of(1, 131072))).toThrow(
    expect.objectContaining({ code: "TOKEN_UNKNOWN", site: { record: 1, detail: "131072" } }),
  );
});

test("golden encodings pass where they were made and fail where a token differs", () => {
  const { golden } = tokenizer;
  checkGolden(tokenizer, JSON.parse(JSON.stringify(golden)));
  const changed = golden.map((entry, i) => (i === 1 ? { ...entry, ids: [...entry.ids.slice(0, -1), 1034] } : entry));
  const mismatch = expect.objectContaining({ code: "TOKENIZER_MISMATCH" });
  expect(() => checkGolden(tokenizer, changed)).toThrow(mismatch);
  expect(() => checkGolden(tokenizer, [])).toThrow(mismatch);
});

test("an unknown tokenizer is refused by name", async () => {
  await expect(openTokenizer("gpt-2" as "apertus")).rejects.toMatchObject({ code: "TOKENIZER_UNKNOWN" });
});

test("a megabyte without a break takes time in proportion to its length", () => {
  for (const unit of ["a", " ", "=", "A", "aA", "\n", "漢", "\u0301", "x\u0301", " \n", "\u00aaAAAAAAA", "9"]) {
    const text = bytes(unit.repeat(Math.ceil(1e6 / unit.length)).slice(0, 1e6));
    const began = performance.now();
    const { values } = tokenizer.encodeBatch(binaryColumn([text]), plain);
    expect(performance.now() - began, JSON.stringify(unit)).toBeLessThan(10_000);
    expect(Buffer.from(tokenizer.decode(values)).equals(text)).toBe(true);
  }
}, 120_000);

test("two worker threads, each with a tokenizer of its own, give the same tokens", async () => {
  const text = "The quick brown fox — Grüezi, 世界! ".repeat(2000);
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { Bpe } = require(workerData.addon);
    const none = new Uint32Array(0);
    const lists = { stages: [{ known: "tekken" }], raw: [], normalised: [] };
    const bpe = new Bpe({ packed: workerData.packed, order: 1, merges: none, ids: none, firstId: 0, wholeFirst: true, ...lists });
    for (let i = 0; i < 20; i++) bpe.encodeBatch(workerData.text, Int32Array.of(0, workerData.text.length), -1, -1, undefined);
    parentPort.postMessage(bpe.encodeBatch(workerData.text, Int32Array.of(0, workerData.text.length), -1, -1, undefined).values);`;
  const packed = Buffer.concat(
    Array.from({ length: 256 }, (_, byte) => Uint8Array.of(1, byte)).concat([Uint8Array.of(2, 0x74, 0x68)]),
  );
  const workerData = {
    addon: new URL("../../native/build/Release/apertus_native.node", import.meta.url).pathname,
    packed,
    text: bytes(text),
  };
  const results = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<Uint32Array>((resolve, reject) => {
          const worker = new Worker(program, { eval: true, workerData });
          worker.once("message", resolve).once("error", reject);
        }),
    ),
  );
  expect(results[0].length).toBe(Buffer.byteLength(text));
  expect(results[1]).toEqual(results[0]);
});
