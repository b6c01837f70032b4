/** Page headers and contents that would send the general reader round in circles, or out of memory, are refused before it sees them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkContent, checkLevels, Encoding, type Page, PageType, readPage, walkPages } from "../../formats/parquet/pages.js";

const zigzag = (value: number): number[] => varint(((value << 1) ^ (value >> 31)) >>> 0);

function varint(value: number): number[] {
  const octets: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...octets, rest];
    octets.push((rest % 128) | 0x80);
  }
}

type Field = readonly [field: number, value: number | boolean | readonly Field[]];

/** A struct of Thrift's compact protocol; fields are written in the order in which they come. */
function struct(fields: readonly Field[]): number[] {
  const octets: number[] = [];
  for (const [field, value] of fields) {
    const type = typeof value === "number" ? 5 : typeof value === "boolean" ? (value ? 1 : 2) : 12;
    octets.push(type, ...zigzag(field));
    if (typeof value === "number") octets.push(...zigzag(value));
    else if (typeof value !== "boolean") octets.push(...struct(value));
  }
  return [...octets, 0];
}

const version1: readonly Field[] = [
  [1, 0],
  [2, 4],
  [3, 4],
  [
    5,
    [
      [1, 1],
      [2, 0],
      [3, 3],
      [4, 3],
    ],
  ],
];
const inner2: readonly Field[] = [
  [1, 8],
  [2, 0],
  [3, 8],
  [4, 0],
  [5, 2],
  [6, 0],
  [7, false],
];
const version2 = (fields: readonly Field[]): readonly Field[] => [
  [1, 3],
  [2, 4],
  [3, 4],
  [8, fields],
];

const chunkOf = (fields: readonly Field[]): Uint8Array => Uint8Array.from([...struct(fields), 0, 0, 0, 0]);
const without = (fields: readonly Field[], gone: number): readonly Field[] => fields.filter(([field]) => field !== gone);

test("whole headers of both versions are read", () => {
  expect(readPage(chunkOf(version1), 0)).toMatchObject({
    type: PageType.data,
    compressed: 4,
    values: 1,
    encoding: Encoding.plain,
  });
  expect(readPage(chunkOf(version2(inner2)), 0)).toMatchObject({
    type: PageType.dataV2,
    levels: 2,
    values: 8,
    isCompressed: false,
  });
});

test.each([1, 2, 3, 5])("a header without its field %i is refused", (field) => {
  expect(() => readPage(chunkOf(without(version1, field)), 0)).toThrow(RangeError);
});

test.each([1, 2, 3, 4, 5, 6])("a header of version 2 without field %i of its part is refused", (field) => {
  expect(() => readPage(chunkOf(version2(without(inner2, field))), 0)).toThrow(RangeError);
});

test.each<[string, readonly Field[]]>([
  [
    "a size below zero",
    [
      [1, 0],
      [2, 4],
      [3, -4],
      [
        5,
        [
          [1, 1],
          [2, 0],
        ],
      ],
    ],
  ],
  [
    "a size beyond the chunk",
    [
      [1, 0],
      [2, 4],
      [3, 5],
      [
        5,
        [
          [1, 1],
          [2, 0],
        ],
      ],
    ],
  ],
  [
    "a field that stands twice",
    [
      [1, 0],
      [2, 4],
      [3, 4],
      [3, 4],
      [
        5,
        [
          [1, 1],
          [2, 0],
        ],
      ],
    ],
  ],
  [
    "a size that is a truth value of another size",
    [
      [1, 0],
      [2, true],
      [3, 2],
      [
        5,
        [
          [1, -1],
          [2, 0],
        ],
      ],
    ],
  ],
  [
    "more values than a page can have",
    [
      [1, 0],
      [2, 4],
      [3, 4],
      [
        5,
        [
          [1, 2 ** 30],
          [2, 0],
        ],
      ],
    ],
  ],
  [
    "levels longer than the page",
    version2([
      [1, 8],
      [2, 0],
      [3, 8],
      [4, 0],
      [5, 5],
      [6, 0],
    ]),
  ],
  [
    "more nulls than values",
    version2([
      [1, 8],
      [2, 9],
      [3, 8],
      [4, 0],
      [5, 2],
      [6, 0],
    ]),
  ],
])("%s is refused", (_what, fields) => {
  expect(() => readPage(chunkOf(fields), 0)).toThrow(RangeError);
});

test("pages that hold more rows than the group are refused", () => {
  const chunk = Uint8Array.from([...chunkOf(version1), ...chunkOf(version1)]);
  expect(walkPages(chunk, 2)).toHaveLength(2);
  expect(() => walkPages(chunkOf(version2(inner2)), 7)).toThrow(/more values/);
});

const page = (change: Partial<Page>): Page => ({
  type: PageType.data,
  at: 0,
  compressed: 0,
  uncompressed: 0,
  values: 100,
  nulls: 0,
  encoding: Encoding.plain,
  levels: 0,
  isCompressed: true,
  ...change,
});
const required = { optional: false, boolean: false };
const sized = (octets: readonly number[]): number[] => [octets.length, 0, 0, 0, ...octets];

test("a run that is longer than its page is refused, wherever it stands", () => {
  const long = [...varint(2 * (2 ** 31 - 1)), 1];
  const whole = [...varint(2 * 100), 1];
  const bytes = (octets: readonly number[]): Uint8Array => Uint8Array.from(octets);
  const optional = { optional: true, boolean: false };
  expect(() => checkLevels(page({ type: PageType.dataV2 }), optional, bytes(long))).toThrow(/longer/);
  expect(() => checkLevels(page({ type: PageType.dataV2 }), optional, bytes(whole))).not.toThrow();
  expect(() => checkContent(page({}), optional, bytes(sized(long)))).toThrow(/longer/);
  expect(() => checkContent(page({}), optional, bytes(sized(whole)))).not.toThrow();
  for (const encoding of [Encoding.plainDictionary, Encoding.rleDictionary]) {
    expect(() => checkContent(page({ encoding }), required, bytes([1, ...long]))).toThrow(/longer/);
    expect(() => checkContent(page({ encoding }), required, bytes([1, ...whole]))).not.toThrow();
  }
  for (const type of [PageType.data, PageType.dataV2]) {
    const truth = page({ encoding: Encoding.rle, type });
    expect(() => checkContent(truth, { optional: false, boolean: true }, bytes(sized(long)))).toThrow(/longer/);
    expect(() => checkContent(truth, { optional: false, boolean: true }, bytes(sized(whole)))).not.toThrow();
  }
  expect(() => checkContent(page({ encoding: Encoding.rleDictionary }), required, bytes([33, ...whole]))).toThrow(/33 bits/);
});

test("groups of packed values beyond the page's are refused", () => {
  const groups = Uint8Array.from([1, ...varint(2 ** 31 + 1), 0]);
  expect(() => checkContent(page({ encoding: Encoding.rleDictionary }), required, groups)).toThrow(/more than their page/);
});

test("prefixes longer than the value before, and values that grow into a bomb, are refused", () => {
  const differences = (first: number, each: number, values: number): number[] => [
    ...[...varint(128), ...varint(4), ...varint(values), ...zigzag(first)],
    ...Array.from({ length: Math.ceil((values - 1) / 128) }, () => [...zigzag(each), 0, 0, 0, 0]).flat(),
  ];
  const refused = (values: number, prefixes: number[], suffixes: number[], why: RegExp): void =>
    expect(() =>
      checkContent(page({ values, encoding: Encoding.deltaByteArray }), required, Uint8Array.from([...prefixes, ...suffixes])),
    ).toThrow(why);
  refused(10, differences(2 ** 30, 0, 10), differences(1, 0, 10), /shares more/);
  refused(100_000, differences(0, 1, 100_000), differences(1, 0, 100_000), /a page of more than/);
  expect(() =>
    checkContent(
      page({ values: 1000, encoding: Encoding.deltaByteArray }),
      required,
      Uint8Array.from([...differences(0, 1, 1000), ...differences(1, 0, 1000)]),
    ),
  ).not.toThrow();
});

test("whatever stands in a page, the answer is yes or a RangeError", () => {
  const octets = fc.uint8Array({ maxLength: 200 });
  const any = fc.record({
    type: fc.constantFrom(0, 2, 3),
    values: fc.nat(3000),
    nulls: fc.constant(0),
    encoding: fc.nat(9),
  });
  fc.assert(
    fc.property(octets, any, fc.boolean(), fc.boolean(), (content, change, optional, boolean) => {
      for (const work of [
        () => checkContent(page(change), { optional, boolean }, content),
        () => checkLevels(page(change), { optional, boolean }, content),
        () => walkPages(content, 1000),
      ]) {
        try {
          work();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
