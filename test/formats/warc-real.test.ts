/**
 * Archives that others wrote. The expected numbers and digests come from an independent reading in Python (its gzip and zlib
 * modules, a regular expression for chunks), done by hand.
 */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseHttpResponse } from "../../formats/index.js";
import { testInput } from "../inputs.js";
import { read, walk } from "./warc-fixtures.js";

/** File, records by type, bytes of all blocks, bytes and SHA-1 of all HTTP response bodies one after the other. */
const whole: readonly (readonly [string, Readonly<Record<string, number>>, number, number, string])[] = [
  [
    "warc/aut/example.docs.warc.gz",
    { warcinfo: 3, response: 9, request: 9 },
    272629,
    265543,
    "6320f5c20594576676bb5bb4ecfbc0f64f29b583",
  ],
  [
    "warc/aut/example.txt.warc.gz",
    { warcinfo: 2, response: 2, request: 2 },
    2333,
    379,
    "412b8e9e60764085a02802649319e0f4810cfc92",
  ],
  // 38 of the responses are of DNS.
  [
    "warc/aut/example.warc.gz",
    { warcinfo: 1, response: 299, request: 261, metadata: 261 },
    10948669,
    7612558,
    "461b39a1596ac18fcf0a2c29f730243efc2b017c",
  ],
  [
    "warc/aut/issue-493.warc",
    { warcinfo: 2, response: 10, request: 15, revisit: 5 },
    42993,
    32474,
    "92fe37f4755fdb55456860a29eccb145c6acf857",
  ],
  [
    "warc/aut/issue-514.warc",
    { warcinfo: 1, request: 2, response: 2, metadata: 1, resource: 2 },
    43459,
    40938,
    "0eb410ff876c5ffca1f08dd252adf145fdb921a3",
  ],
  [
    "warc/commoncrawl-whirlwind/whirlwind.warc.gz",
    { warcinfo: 1, request: 1, response: 1, metadata: 1 },
    75533,
    72848,
    "8e3ef586858351a296bd2ce9057f56f49afbae14",
  ],
  [
    "warc/dolma/sample-0000.warc.gz",
    { warcinfo: 1, request: 22, response: 22, metadata: 1, resource: 2 },
    762509,
    741963,
    "e6646cdd7168ddd395e2bfd213457137c493fef7",
  ],
  [
    "warc/dolma/sample-0001.warc.gz",
    { warcinfo: 1, request: 15, response: 15, metadata: 1, resource: 2 },
    1001092,
    988604,
    "1acb8197a15e1b312815b40fa3d3e16914278129",
  ],
  [
    "warc/node-warc/books.toscrape.warc",
    { request: 30, response: 30 },
    741399,
    725674,
    "0beafb534f886b55e7c9bf2658a7b3201a194bb5",
  ],
  [
    "warc/node-warc/parseMe.warc.gz",
    { warcinfo: 1, metadata: 1, request: 14, response: 14 },
    189350,
    173979,
    "0abe17e7745a0f955c384deb737f00942420b0e3",
  ],
  [
    "warc/resiliparse/clueweb-quirk.warc.gz",
    { warcinfo: 1, response: 29 },
    921046,
    911605,
    "582368c22e992f38584a4b950d98fc13f4f86eae",
  ],
  [
    "warc/resiliparse/warcfile.warc.gz",
    { warcinfo: 1, request: 17, response: 16, metadata: 16 },
    527846,
    513225,
    "f8b3037e704d2c850962cd7319f28b03b8604682",
  ],
  // One member that holds six records.
  [
    "warc/warcio/example-bad.warc.gz.bad",
    { warcinfo: 1, response: 2, request: 2, revisit: 1 },
    3263,
    1471,
    "f60d589a831e5dc0ab7ef51a09fcd1d0b5491c1f",
  ],
  [
    "warc/warcio/example.warc.gz",
    { warcinfo: 2, response: 1, request: 2, revisit: 1 },
    3049,
    1270,
    "0e973b59f476007fd10f87f347c3956065516fc0",
  ],
  ["warc/warcio/post-test.warc.gz", { response: 3, request: 3 }, 2886, 1648, "4a7115558e6ffb35eaa279b49aa0bf593f09d825"],
  [
    "warc/webarchive-commons/IAH-urls-wget.warc",
    { warcinfo: 1, request: 16, response: 16, resource: 3 },
    157350,
    144438,
    "5fae3f50ad58dd42cebb59c0b0b6ace7c912d4a1",
  ],
  [
    "warc/webarchive-commons/IAH-urls-wget.warc.gz",
    { warcinfo: 1, request: 16, response: 16, resource: 3 },
    157350,
    144438,
    "5fae3f50ad58dd42cebb59c0b0b6ace7c912d4a1",
  ],
  ["web/pages.warc.gz", { warcinfo: 1, response: 319 }, 85307705, 85286014, "55324a3a49a1d6847d03d2d724c96b844d9d4881"],
  ["web/robotstxt.warc.gz", { warcinfo: 1, response: 1085 }, 5101483, 5028913, "efad95329bc2cf95d6a260bc8487126ad3aa26d6"],
];

/** File, and what a walk tells: types of records, names of faults, a lost tail with a star. */
const odd: readonly (readonly [string, readonly string[]])[] = [
  ["warc/resiliparse/clipped.warc.gz", ["truncated*"]],
  // Its last response says 973 bytes and has 975.
  ["warc/warcio/example-trunc.warc", ["warcinfo", "warcinfo", "bad-length*"]],
  // A record's header and its body in two members: neither is a record.
  ["warc/warcio/example-wrong-chunks.warc.gz", ["bad-length", "bad-version", "request"]],
  ["warc/commoncrawl-whirlwind/whirlwind.warc.wet.gz", ["warcinfo", "conversion"]],
  ["warc/commoncrawl-whirlwind/whirlwind.warc.wat", ["warcinfo", "metadata"]],
  ["warc/warcio/example-digest.warc", ["request", "request", "request", "request"]],
  ["warc/warcio/example-wget-bad-target-uri.warc.gz", ["warcinfo", "request", "response", "metadata", "resource", "resource"]],
];

const refused: readonly (readonly [string, string])[] = [
  ["warc/aut/example.arc.gz", "ARC_UNSUPPORTED"],
  ["warc/webarchive-commons/IAH-20080430204825-00000-blackbook-truncated.arc", "ARC_UNSUPPORTED"],
  ["warc/resiliparse/warcfile.warc.lz4", "COMPRESSION_UNSUPPORTED"],
  ["warc/commoncrawl-whirlwind/CC-MAIN-2024-22.warc.paths.gz", "INPUT_NOT_WARC"],
];

describe("real archives", () => {
  for (const [name, types, blockBytes, bodyBytes, digest] of whole) {
    const path = testInput(name);
    test.skipIf(path === undefined)(
      `${name} gives every record and every body${path === undefined ? " (input absent)" : ""}`,
      async () => {
        const { items } = await read(path ?? "");
        const found: Record<string, number> = {};
        const hash = createHash("sha1");
        let blocks = 0;
        let bodies = 0;
        for (const item of items) {
          if (item.kind === "fault") throw new Error(item.detail);
          found[item.type] = (found[item.type] ?? 0) + 1;
          blocks += item.block.length;
          if (item.type !== "response" || !item.fields.get("content-type")?.includes("http")) continue;
          const response = parseHttpResponse(item.block);
          if (response.kind === "fault") throw new Error(response.detail);
          hash.update(response.body);
          bodies += response.body.length;
        }
        expect([found, blocks, bodies, hash.digest("hex")]).toEqual([types, blockBytes, bodyBytes, digest]);
        const entries = await walk(path ?? "");
        expect(entries.map(({ offset, length }) => [offset, length])).toEqual(
          items.map(({ offset, length }) => [offset, length]),
        );
      },
    );
  }

  for (const [name, expected] of odd) {
    const path = testInput(name);
    test.skipIf(path === undefined)(
      `${name}: ${expected.join(", ")}${path === undefined ? " (input absent)" : ""}`,
      async () => {
        const items = await walk(path ?? "");
        expect(items.map((item) => (item.kind === "entry" ? item.type : `${item.fault}${item.tail ? "*" : ""}`))).toEqual(
          expected,
        );
      },
    );
  }

  for (const [name, code] of refused) {
    const path = testInput(name);
    test.skipIf(path === undefined)(`${name} is refused: ${code}${path === undefined ? " (input absent)" : ""}`, async () => {
      expect((await read(path ?? "")).code).toBe(code);
    });
  }
});
