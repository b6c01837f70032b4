import { randomBytes } from "node:crypto";
import { constants, deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import { compress } from "@bokuweb/zstd-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import { loadZstd, openBytes } from "../../formats/index.js";
import { scratchFile } from "./scratch.js";

interface Outcome {
  readonly bytes: Buffer;
  readonly code: string | undefined;
}

async function readAll(path: string, limits?: Parameters<typeof openBytes>[1]): Promise<Outcome> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of openBytes(path, limits)) {
      expect(chunk.length).toBeGreaterThan(0);
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), code: undefined };
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    return { bytes: Buffer.concat(chunks), code: cause.code };
  }
}

/** Random letters out of four: compresses about four times, so that large members stay large. */
function prose(size: number): Buffer {
  const text = randomBytes(size);
  for (let i = 0; i < size; i++) text[i] = 97 + (text[i] & 3);
  return text;
}

beforeAll(loadZstd);

describe("openBytes", () => {
  test("reads a plain file, one gzip member, many members and zstd frames by content", async () => {
    const text = prose(300_000);
    expect((await readAll(scratchFile(text))).bytes.equals(text)).toBe(true);
    expect((await readAll(scratchFile(gzipSync(text)))).bytes.equals(text)).toBe(true);
    const members = Array.from({ length: 100 }, (_, i) => gzipSync(text.subarray(i * 3000, (i + 1) * 3000)));
    expect((await readAll(scratchFile(...members))).bytes.equals(text)).toBe(true);
    const frames = [0, 1, 2].map((i) => compress(text.subarray(i * 100_000, (i + 1) * 100_000)));
    expect((await readAll(scratchFile(...frames))).bytes.equals(text)).toBe(true);
    expect(await readAll(scratchFile())).toEqual({ bytes: Buffer.alloc(0), code: undefined });
  });

  test("reads members far larger than its window and members of nothing", async () => {
    const text = Buffer.concat([prose(9_000_000), randomBytes(2_000_000)]);
    const { bytes, code } = await readAll(
      scratchFile(gzipSync(""), gzipSync(text, { level: 1, strategy: constants.Z_HUFFMAN_ONLY }), gzipSync("end")),
    );
    expect(code).toBeUndefined();
    expect(bytes.equals(Buffer.concat([text, Buffer.from("end")]))).toBe(true);
  });

  test("finds a member's end wherever it falls between two pieces", async () => {
    // Stored blocks of random bytes: too long for one call, and of a length that can be chosen to the byte.
    const text = randomBytes(2 ** 20 + 2 ** 16);
    const pieces = 2 ** 15;
    const over = (gzipSync(text, { level: 0 }).length - 18) % pieces;
    for (let more = -10; more <= 10; more++) {
      const part = text.subarray(0, text.length - over + more);
      const { bytes, code } = await readAll(scratchFile(gzipSync(part, { level: 0 }), gzipSync("end")));
      expect([bytes.length, bytes.subarray(-3).toString(), code]).toEqual([part.length + 3, "end", undefined]);
    }
  });

  test("a folder, an absent file and a device are refused", async () => {
    expect((await readAll(import.meta.dirname)).code).toBe("INPUT_UNREADABLE");
    expect((await readAll(`${import.meta.dirname}/absent`)).code).toBe("INPUT_NOT_FOUND");
    if (process.platform === "linux") expect((await readAll("/dev/zero")).code).toBe("INPUT_UNREADABLE");
  });

  test("reads the header's optional fields (RFC 1952 section 2.3.1)", async () => {
    const plain = gzipSync("hello");
    const fields = [
      plain.subarray(0, 3),
      "\x1c", // FEXTRA, FNAME, FCOMMENT
      plain.subarray(4, 10),
      "\x04\x00sl\x00\x00",
      "name\x00",
      "comment\x00",
      plain.subarray(10),
    ];
    expect((await readAll(scratchFile(...fields))).bytes.toString()).toBe("hello");
    for (let cut = 1; cut < 30; cut++) {
      const whole = Buffer.concat(fields.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
      // Two bytes may be anything; from three on it is gzip.
      const expected = cut < 3 ? undefined : "COMPRESSED_CORRUPT";
      expect((await readAll(scratchFile(whole.subarray(0, cut)))).code).toBe(expected);
    }
  });

  test.each([
    ["small", 50_000],
    ["large", 5_000_000],
  ])(
    "a cut %s gzip member gives what came before the cut, the same bytes each time, then COMPRESSED_CORRUPT",
    async (_, size) => {
      const text = prose(size);
      const whole = gzipSync(text, { level: 1, strategy: constants.Z_HUFFMAN_ONLY });
      for (const cut of [20, whole.length >> 1, whole.length - 8, whole.length - 1]) {
        const path = scratchFile(gzipSync("first"), whole.subarray(0, cut));
        const first = await readAll(path);
        expect(first.code).toBe("COMPRESSED_CORRUPT");
        const good = inflateRawSync(whole.subarray(10, cut), { finishFlush: 2 });
        expect(first.bytes.equals(Buffer.concat([Buffer.from("first"), good]))).toBe(true);
      }
    },
  );

  test("a corrupt gzip member gives the same bytes each time", async () => {
    const whole = gzipSync(prose(6_000_000), { level: 1, strategy: constants.Z_HUFFMAN_ONLY });
    whole.fill(0xff, whole.length - 100_000, whole.length - 99_000);
    const path = scratchFile(whole);
    const runs = await Promise.all(Array.from({ length: 8 }, () => readAll(path)));
    expect(new Set(runs.map((run) => run.bytes.length)).size).toBe(1);
    expect(runs[0].bytes.length).toBeGreaterThan(5_000_000);
    expect(runs.every((run) => run.code === "COMPRESSED_CORRUPT")).toBe(true);
  });

  test("a wrong checksum and a wrong length in the trailer are damage", async () => {
    for (const fromEnd of [8, 4]) {
      const member = gzipSync("hello");
      member[member.length - fromEnd] ^= 1;
      expect(await readAll(scratchFile(member))).toEqual({ bytes: Buffer.from("hello"), code: "COMPRESSED_CORRUPT" });
    }
  });

  test("a decompression bomb stops at its bound", async () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 24));
    const limits = { inflatedSlack: 2 ** 20, inflatedRatio: 64 };
    expect((await readAll(scratchFile(bomb), limits)).code).toBe("COMPRESSED_TOO_LARGE");
    expect((await readAll(scratchFile(bomb))).code).toBeUndefined();
    const many = Array.from({ length: 50 }, () => gzipSync(Buffer.alloc(100_000)));
    expect((await readAll(scratchFile(...many), limits)).code).toBe("COMPRESSED_TOO_LARGE");
  });

  test("other compressions are refused by name", async () => {
    for (const magic of ["\x04\x22\x4d\x18", "BZh91AY&SY", "\xfd7zXZ\x00"]) {
      expect((await readAll(scratchFile(magic, "rest"))).code).toBe("COMPRESSION_UNSUPPORTED");
    }
  });

  test("a zstd frame that is cut, damaged, above the limit or wants a dictionary is refused", async () => {
    const frame = compress(prose(300_000));
    expect((await readAll(scratchFile(frame.subarray(0, frame.length - 1)))).code).toBe("COMPRESSED_CORRUPT");
    // A frame of run-length blocks that claims no size: 1,100 blocks of 128 KiB in 4.4 KB.
    const block = [2, 0, 0x10, 0x41];
    const bomb = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...Array.from({ length: 1100 }, () => block).flat(), 3, 0, 0, 0];
    expect((await readAll(scratchFile(Uint8Array.from(bomb)))).code).toBe("COMPRESSED_TOO_LARGE");
    expect((await readAll(scratchFile(Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x58, 7, 1, 0, 0])))).code).toBe(
      "COMPRESSION_UNSUPPORTED",
    );
  });

  test("any damage to a compressed file ends in bytes or a coded error", async () => {
    const originals = [gzipSync(prose(3000)), Buffer.from(compress(prose(3000))), deflateRawSync(prose(300))];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }),
        fc.nat(),
        async (original, changes, cut) => {
          const bytes = Buffer.from(original);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const { code } = await readAll(scratchFile(bytes.subarray(0, bytes.length - (cut % 50))));
          expect([undefined, "COMPRESSED_CORRUPT", "COMPRESSED_TOO_LARGE", "COMPRESSION_UNSUPPORTED"]).toContain(code);
        },
      ),
      { numRuns: 200 },
    );
  });
});
