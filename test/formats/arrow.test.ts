import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Dictionary,
  Int32,
  makeVector,
  Table,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import { ArrowShardWriter, binaryColumn, isBytes, readArrow, stringAt, utf8Column } from "../../formats/index.js";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "apertus-arrow-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

const fields = [
  { name: "id", type: "binary" },
  { name: "tokens", type: "list<uint32>" },
  { name: "language", type: "utf8" },
  { name: "text_bytes", type: "uint32" },
] as const;

function writeShard(batches: readonly (readonly (readonly number[])[])[]) {
  const parts: Uint8Array[] = [];
  const writer = new ArrowShardWriter({ write: (bytes) => void parts.push(bytes) }, fields);
  const extents = batches.map((lists) => {
    const offsets = new Int32Array(lists.length + 1);
    lists.forEach((list, i) => {
      offsets[i + 1] = offsets[i] + list.length;
    });
    return writer.write({
      id: binaryColumn(lists.map((_, i) => Uint8Array.of(i, 255))),
      tokens: { type: "list<uint32>", values: Uint32Array.from(lists.flat()), offsets },
      language: utf8Column(lists.map((_, i) => (i % 2 === 0 ? "deu_Latn" : ""))),
      text_bytes: { type: "uint32", values: Uint32Array.from(lists, (list) => list.length * 4) },
    });
  });
  writer.finish();
  return { bytes: Buffer.concat(parts), extents };
}

const batches = [
  [
    [1, 5, 2],
    [1, 2],
  ],
  [[1, 4_000_000_000, 2]],
  [[], [7]],
];

test("apache-arrow reads a shard as it stands", () => {
  const table = tableFromIPC(writeShard(batches).bytes);
  expect(table.numRows).toBe(5);
  expect(table.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
    "id: Binary",
    "tokens: List<Uint32>",
    "language: Utf8",
    "text_bytes: Uint32",
  ]);
  expect(Array.from(table.getChild("tokens") ?? [], (list: { toArray(): Uint32Array }) => [...list.toArray()])).toEqual(
    batches.flat(),
  );
});

test("every message and every buffer begins at a multiple of 64 bytes, and the extents say where", () => {
  const { bytes, extents } = writeShard(batches);
  expect(8 + bytes.readInt32LE(4)).toBe(extents[0]?.offset);
  for (const { offset, metadataBytes, bodyBytes } of extents) {
    expect([offset % 64, metadataBytes % 64, bodyBytes % 64, bytes.readInt32LE(offset)]).toEqual([0, 0, 0, -1]);
    expect(bytes.readInt32LE(offset + 4)).toBe(metadataBytes - 8);
  }
  const last = extents.at(-1);
  expect(bytes.subarray((last?.offset ?? 0) + (last?.metadataBytes ?? 0) + (last?.bodyBytes ?? 0)).toString("hex")).toBe(
    "ffffffff00000000",
  );
  const body = (extents[0]?.offset ?? 0) + (extents[0]?.metadataBytes ?? 0);
  // id offsets, id values, token offsets, then the tokens: each padded to 64.
  expect([bytes.readUInt32LE(body + 192), bytes.readUInt32LE(body + 196)]).toEqual([1, 5]);
});

test("a shard is read back, batch by batch", async () => {
  const path = join(folder, "shard.arrow");
  writeFileSync(path, writeShard(batches).bytes);
  const found = [];
  for await (const { tokens, language } of readArrow(path)) {
    if (tokens.type !== "list<uint32>" || language.type !== "utf8") throw new Error("wrong columns");
    for (let row = 0; row + 1 < tokens.offsets.length; row++)
      found.push([...tokens.values.subarray(tokens.offsets[row], tokens.offsets[row + 1])]);
  }
  expect(found).toEqual(batches.flat());
});

test.each(["file", "stream"] as const)("reads texts, dictionaries, dates and sliced batches from an Arrow %s", async (kind) => {
  const path = join(folder, `${kind}.arrow`);
  const table = new Table({
    text: vectorFromArray(["ä", null, "c"], new Utf8()),
    language: vectorFromArray(["de", "fr", "de"], new Dictionary(new Utf8(), new Int32())),
    date: vectorFromArray([new Date(0), null, new Date(86_400_000)]),
    n: makeVector(Int32Array.of(1, 2, 3)),
  }).slice(1);
  writeFileSync(path, tableToIPC(table, kind));
  for await (const { text, language, date, n } of readArrow(path)) {
    if (text.type !== "utf8" || language.type !== "utf8" || date.type !== "timestamp") throw new Error("wrong columns");
    expect([stringAt(text, 0), stringAt(text, 1), stringAt(language, 0), stringAt(language, 1)]).toEqual(["", "c", "fr", "de"]);
    expect([...n.values, ...date.values]).toEqual([2, 3, Number.NaN, 86_400_000]);
  }
});

test("a damaged file is read or refused with ARROW_CORRUPT, never a crash", async () => {
  const whole = Buffer.from(tableToIPC(tableFromArrays({ text: ["one", "two"], n: Int32Array.of(1, 2) }), "stream"));
  const path = join(folder, "damaged.arrow");
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(damage, fc.option(fc.nat(whole.length)), async (changes, cut) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      writeFileSync(path, bytes.subarray(0, cut ?? bytes.length));
      try {
        for await (const batch of readArrow(path))
          for (const column of Object.values(batch)) if (column.type !== "list<uint32>") isBytes(column);
      } catch (error) {
        expect(error instanceof DataError ? error.code : String(error)).toBe("ARROW_CORRUPT");
      }
    }),
    { numRuns: 200 },
  );
});
