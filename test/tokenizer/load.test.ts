import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { binaryColumn, utf8Column } from "../../formats/index.js";
import { type LoadOptions, loadTokenizer, type Tokenizer } from "../../tokenizer/index.js";
import { anyText } from "../any-text.js";

const folder = mkdtempSync(join(tmpdir(), "apertus-data-load-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Record<string, unknown>;
const small = (name: string): string =>
  readFileSync(new URL(`../fixtures/tokenizer/small/${name}.json`, import.meta.url), "utf8");
let files = 0;
function load(content: string | Uint8Array, name = "tokenizer.json", options: LoadOptions = {}): Promise<Tokenizer> {
  const path = join(folder, `${files++}-${name}`);
  writeFileSync(path, content);
  return loadTokenizer(path, options);
}
/** The small vocabulary with something changed. */
function changed(
  change: (root: Json & { model: Json & { vocab: Json; merges: unknown[] }; added_tokens: Json[] }) => unknown,
): string {
  const root = JSON.parse(small("cased"));
  change(root);
  return JSON.stringify(root);
}
const refused = (
  content: string | Uint8Array,
  code: string,
  detail: RegExp,
  name?: string,
  options?: LoadOptions,
): Promise<void> =>
  expect(load(content, name, options)).rejects.toMatchObject({ code, message: expect.stringMatching(detail) });
const plain = { bos: false, eos: false } as const;
const ids = (tokenizer: Tokenizer, text: string): number[] => [...tokenizer.encodeBatch(utf8Column([text]), plain).values];

/** A file of ranks: all bytes, then these tokens. */
const ranks = (...tokens: readonly string[]): string =>
  [...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)), ...tokens.map((token) => Buffer.from(token))]
    .map((bytes, rank) => `${bytes.toString("base64")} ${rank}\n`)
    .join("");

test("special tokens are text, unless they are allowed", async () => {
  const closed = await load(small("cased"));
  expect(closed.special.names).toEqual(
    new Map([
      [0, "<s>"],
      [1, "</s>"],
    ]),
  );
  expect(ids(closed, "<s>a</s>").every((id) => id > 1)).toBe(true);
  const open = await load(small("cased"), undefined, { allowedSpecial: ["</s>"] });
  expect(ids(open, "<s>a</s>").filter((id) => id < 2)).toEqual([1]);
  const all = await load(small("cased"), undefined, { allowedSpecial: "all" });
  expect(ids(all, "<s>a</s>").filter((id) => id < 2)).toEqual([0, 1]);
  expect(new Set([closed, open, all].map(({ digest }) => digest)).size).toBe(3);
  await refused(small("cased"), "TOKENIZER_INVALID", /no special token <x>/, undefined, { allowedSpecial: ["<x>"] });
});

test("added tokens that are not special are found in text, unless that is turned off", async () => {
  const [found, left] = [await load(small("whole")), await load(small("whole"), undefined, { addedTokens: false })];
  const [think] = [...found.special.names].find(([, name]) => name === "<think>") ?? [];
  expect(ids(found, "a<think>b")).toContain(think);
  expect(ids(left, "a<think>b")).not.toContain(think);
});

test("begin and end of document are those of the template, of a usual name, or those that are named", async () => {
  const template = await load(small("whole"));
  expect([template.special.bos, template.special.eos, template.special.pad]).toEqual([0, 1, null]);
  const named = await load(small("whole"), undefined, { eos: "<think>", pad: "</s>", placeholders: { email: "<s>" } });
  expect([named.special.eos, named.special.pad, named.special.placeholders.get("email")]).toEqual([
    [...named.special.names].find(([, name]) => name === "<think>")?.[0],
    1,
    0,
  ]);
  const none = await load(ranks(), "gpt2.tiktoken", { encoding: "gpt2", specialTokens: {} });
  expect(none.encodeBatch(utf8Column(["a"]), { bos: true, eos: true }).values).toEqual(Uint32Array.of(97));
  await refused(small("whole"), "TOKENIZER_INVALID", /no special token <end>/, undefined, { eos: "<end>" });
});

test("both spellings of merges give the same tokens", async () => {
  const pairs = await load(small("cased"));
  const lines = await load(
    changed(({ model }) => {
      model.merges = ["#version: 0.2", ...model.merges.map((pair) => (pair as string[]).join(" "))];
    }),
  );
  expect(ids(lines, "Emma Woodhouse, handsome, clever, and rich")).toEqual(
    ids(pairs, "Emma Woodhouse, handsome, clever, and rich"),
  );
});

test("ranks decide by the token that is made and the place, lists of merges by the list", async () => {
  // "aaaaa": for ranks the leftmost pair of the lowest token; tokens 256 aa, 257 aaa.
  const tiktoken = await load(ranks("aa", "aaa", "aab"), "x.tiktoken", { encoding: "gpt2" });
  expect(ids(tiktoken, "aaaaa")).toEqual([256, 257]);
  expect(ids(tiktoken, "aab")).toEqual([258]);
  const listed = await load(
    changed(({ model }) => {
      model.merges = [
        ["a", "n"],
        ["n", "d"],
      ];
      model.vocab = Object.fromEntries([
        ...Object.entries(model.vocab).filter(([token]) => token.length === 1 || token.startsWith("<")),
        ["an", 300],
        ["nd", 301],
      ]);
    }),
  );
  expect(ids(listed, "and").map((id) => Buffer.from(listed.decode(Uint32Array.of(id))).toString())).toEqual(["an", "d"]);
});

test("a tekken.json has its special ids in front, and tiktoken's order of merges", async () => {
  const vocab = ranks("th", "the")
    .trim()
    .split("\n")
    .map((line, rank) => ({ rank, token_bytes: line.split(" ")[0], token_str: null }));
  const config = { pattern: "[^\\s]+|\\s+", default_vocab_size: 268, default_num_special_tokens: 10 };
  const tekken = await load(JSON.stringify({ config, vocab }), "tekken.json");
  expect(ids(tekken, "the th")).toEqual([267, 10 + 32, 266]);
  expect([tekken.special.bos, tekken.special.eos, tekken.vocabularySize]).toEqual([1, 2, 268]);
  await refused(JSON.stringify({ config: { ...config, default_vocab_size: 300 }, vocab }), "TOKENIZER_INVALID", /258 tokens/);
  await refused(JSON.stringify({ config, vocab: [...vocab].reverse() }), "TOKENIZER_INVALID", /vocab\[0\]/);
});

test("a file of ranks goes by its name, by an encoding, or with a pattern of its own", async () => {
  const path = join(folder, "cl100k_base.tiktoken");
  writeFileSync(path, ranks("12", "123", " \n "));
  const named = await loadTokenizer(path);
  expect(ids(named, "12345")).toEqual([257, 52, 53]);
  // White space at the end is one pretoken for tiktoken's cl100k, with its line ends.
  expect(ids(named, "x \n ")).toEqual([120, 258]);
  expect(named.special.eos).toBe(100257);
  const own = await load(ranks("12"), "own.tiktoken", {
    pattern: "\\d|\\D+",
    specialTokens: { "<end>": 256 + 9 },
    eos: "<end>",
  });
  expect(ids(own, "12")).toEqual([49, 50]);
  expect(own.special.eos).toBe(265);
  expect(() => own.decode(Uint32Array.of(260))).toThrow(expect.objectContaining({ code: "TOKEN_UNKNOWN" }));
  await refused(ranks("12"), "TOKENIZER_UNKNOWN", /none is known/, "own.tiktoken");
});

test("parts that are not implemented are refused by name", async () => {
  for (const [change, name] of [
    [(root: Json) => Object.assign(root.model as Json, { type: "WordPiece" }), /the model WordPiece/],
    [(root: Json) => Object.assign(root.model as Json, { type: "Unigram" }), /the model Unigram/],
    [(root: Json) => Object.assign(root.model as Json, { dropout: 0.1 }), /dropout/],
    [(root: Json) => Object.assign(root.model as Json, { end_of_word_suffix: "</w>" }), /end_of_word_suffix/],
    [(root: Json) => Object.assign(root, { pre_tokenizer: { type: "Metaspace" } }), /the pre-tokenizer Metaspace/],
    [(root: Json) => Object.assign(root, { pre_tokenizer: null }), /without the pre-tokenizer ByteLevel/],
    [(root: Json) => Object.assign(root, { normalizer: { type: "Lowercase" } }), /the normalizer Lowercase/],
    [(root: Json) => Object.assign(root, { post_processor: { type: "BertProcessing" } }), /the post-processor BertProcessing/],
    [(root: Json) => Object.assign(root, { decoder: { type: "WordPiece" } }), /the decoder WordPiece/],
  ] as const)
    await refused(
      changed((root) => void change(root)),
      "TOKENIZER_UNSUPPORTED",
      name,
    );
  for (const [pattern, name] of [
    ["a++|.", /a possessive quantifier/],
    ["a+?", /a lazy quantifier/],
    ["\\bx", /the escape \\b/],
    ["(?<=a)b", /the group \(\?<=/],
    ["(?!ab)c", /look ahead at more than one/],
    ["\\p{Greek}+", /\\p\{Greek\}/],
    ["a*", /matches the empty text/],
    ["(a*)*b", /a quantifier of what may be empty/],
    ["^a", /a \^ in this place/],
    ["(?i:ss)", /fold to one/],
    ["(((a{1000}){1000}){1000})", /more than 2,000 steps/],
  ] as const)
    await refused(ranks(), "TOKENIZER_UNSUPPORTED", name, undefined, { pattern });
  for (const pattern of ["(a", "a)", "[a", "[b-a]", "\\x{110000}", "a{2,1}"])
    await refused(ranks(), "TOKENIZER_INVALID", /the pattern/, undefined, { pattern });
});

test("broken files and files made to do harm are refused", async () => {
  const broken = (content: string | Uint8Array, detail: RegExp): Promise<void> => refused(content, "TOKENIZER_INVALID", detail);
  await broken("{", /JSON/);
  await broken(Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xff), Buffer.from('"}')]), /encoded data was not valid/);
  await broken("{}", /model is no object/);
  await broken(
    changed(({ model }) => Object.assign(model.vocab, { zz: 5 })),
    /have the id 5/,
  );
  await broken(
    changed(({ model }) => Object.assign(model.vocab, { zz: -1 })),
    /zz has no id/,
  );
  await broken(
    changed(({ model }) => Object.assign(model.vocab, { zz: 2 ** 40 })),
    /has the id 1099511627776/,
  );
  await broken(
    changed(({ model }) => model.merges.push(["qq", "x"])),
    /needs the token qq/,
  );
  await broken(
    changed(({ model }) => model.merges.push("a b c")),
    /not of two tokens/,
  );
  await broken(
    changed(({ model }) => model.merges.push(["a", "ÿ"])),
    /needs the token aÿ/,
  );
  await broken(
    changed(({ model }) => Reflect.deleteProperty(model.vocab, "!")),
    /needs the token !|byte 33 has no token/,
  );
  await broken(
    changed(({ added_tokens }) => Object.assign(added_tokens[0] ?? {}, { id: 77 })),
    /its place gives it 0/,
  );
  await broken(
    changed(({ added_tokens }) => added_tokens.push({ content: "", id: 600 })),
    /has no content/,
  );
  await broken(
    changed(({ added_tokens }) => added_tokens.push({ content: "x".repeat(2000), id: 600 })),
    /more than 1,000 bytes/,
  );
  await broken(`${ranks()}AA= 256\n`, /no Base64/);
  await broken(`${ranks()}QUE= 7\n`, /two tokens have the rank 7/);
  await broken(`${ranks()}QUE= x\n`, /line 257/);
  await refused(ranks().replace("Cg== 10\n", ""), "TOKENIZER_INVALID", /byte 10 has no token/, undefined, { encoding: "gpt2" });
  await refused(ranks("x".repeat(1025)), "TOKENIZER_INVALID", /more than 1,024 bytes/, undefined, { encoding: "gpt2" });
  await refused(ranks("ab", "ab"), "TOKENIZER_INVALID", /given twice/, undefined, { encoding: "gpt2" });
  await refused(`{"a":${"[".repeat(1e6)}`, "TOKENIZER_TOO_LARGE", /nested too deep/);
  await refused(`{"a":[${"0,".repeat(9e6)}0]}`, "TOKENIZER_TOO_LARGE", /values/);
  await expect(loadTokenizer(join(folder, "nowhere.json"))).rejects.toMatchObject({ code: "TOKENIZER_UNKNOWN" });
});

test("whatever a file holds, it is a tokenizer or an error with a code", async () => {
  const whole = Buffer.from(small("parts"));
  const cut = fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 6 }), fc.nat(12));
  await fc.assert(
    fc.asyncProperty(cut, async ([at, bytes, gone]) => {
      const content = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + gone)]);
      await load(content).catch((error) => expect(String(error.code)).toMatch(/^TOKENIZER_/));
    }),
    { numRuns: 150 },
  );
});

test("decoding gives back any bytes, and offsets say where each token begins in them", async () => {
  const pattern = "[a-z]+|\\p{N}{1,3}| ?\\p{Lu}|\\s+(?!\\S)";
  for (const tokenizer of [await load(small("cased")), await load(ranks("th", "the"), undefined, { pattern })]) {
    expect(tokenizer.lossless).toBe(true);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 120 }),
          anyText(20).map((text) => new Uint8Array(Buffer.from(text))),
        ),
        (raw) => {
          const { values } = tokenizer.encodeBatch(binaryColumn([raw]), plain);
          expect(Buffer.from(tokenizer.decode(values)).equals(raw)).toBe(true);
          expect(tokenizer.count(raw)).toBe(values.length);
          const offsets = tokenizer.offsets(values);
          expect(offsets.at(-1)).toBe(raw.length);
          for (const [i, id] of values.entries()) {
            expect(tokenizer.decode(Uint32Array.of(id))).toEqual(new Uint8Array(raw.subarray(offsets[i], offsets[i + 1])));
          }
        },
      ),
      { numRuns: 150 },
    );
  }
});

test("ill-formed bytes pass a normaliser unchanged, and spans keep their places", async () => {
  const tokenizer = await load(small("whole"), undefined, { placeholders: { email: "<s>" } });
  const text = Buffer.concat([Buffer.of(0xff), Buffer.from("e\u0301"), Buffer.of(0xc3), Buffer.from("me@x <think>e\u0301")]);
  const redactions = {
    rows: Int32Array.of(0, 1),
    start: Int32Array.of(5),
    length: Int32Array.of(4),
    kind: Uint8Array.of(0),
    kinds: ["email"],
  };
  const { values } = tokenizer.encodeBatch(binaryColumn([text]), { ...plain, redactions });
  expect(Buffer.from(tokenizer.decode(values, { special: "names" }))).toEqual(
    Buffer.concat([Buffer.of(0xff), Buffer.from("é"), Buffer.of(0xc3), Buffer.from("<s> <think>é")]),
  );
  const bad = { ...redactions, length: Int32Array.of(99) };
  expect(() => tokenizer.encodeBatch(binaryColumn([text]), { ...plain, redactions: bad })).toThrow(RangeError);
});

test("a megabyte without a break takes time in proportion to its length, for each pattern", async () => {
  const patterns = [
    ...["gpt2", "cl100k_base", "o200k_base", "llama3", "qwen"].map((encoding) => ({ encoding })),
    {
      pattern:
        "\\p{N}{1,3}|[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    },
  ];
  for (const options of patterns) {
    const tokenizer = await load(ranks("aa", "  ", "==", "aaaa"), undefined, options);
    for (const unit of ["a", " ", "=", "\n", "漢", "\u0301", "'s", "9", " \n", "\u00ff"]) {
      const milliseconds = (bytes: number): number => {
        const text = Buffer.from(unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))));
        const began = performance.now();
        tokenizer.count(text);
        return performance.now() - began;
      };
      // Ten times the text: quadratic would be a hundred times the time.
      const tenth = milliseconds(1e5);
      expect(milliseconds(1e6), `${JSON.stringify(options)} ${JSON.stringify(unit)}`).toBeLessThan(50 * (tenth + 20));
    }
  }
}, 120_000);

test("a pattern that is not linear on a text ends with an error", async () => {
  const tokenizer = await load(ranks(), undefined, { pattern: "a+b|a" });
  expect(tokenizer.count(Buffer.from("aaab".repeat(1000)))).toBe(4000);
  expect(() => tokenizer.count(Buffer.from("a".repeat(200_000)))).toThrow(
    expect.objectContaining({ code: "TOKENIZER_TOO_SLOW" }),
  );
}, 240_000);
