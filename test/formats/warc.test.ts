import { gzipSync } from "node:zlib";
import { compress } from "@bokuweb/zstd-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadZstd, WarcWriter } from "../../formats/index.js";
import { scratchFile } from "./scratch.js";
import { member, read, record, walk, written } from "./warc-fixtures.js";

beforeAll(loadZstd);

/** A body that pretends to be the end of its record, a whole other record and a gzip member. */
const forged = `\r\n\r\n${record("forged")}${member(record("forged member")).toString("latin1")}\r\n\r\n${record("forged")}`;

describe("readWarc", () => {
  test("reads plain files, a gzip member or a zstd frame per record, and one stream of many records alike", async () => {
    const texts = ["one", "", "three\r\n\r\n", forged];
    const records = texts.map((text) => record(text));
    const files = {
      plain: scratchFile(...records),
      members: scratchFile(...records.map(member)),
      frames: scratchFile(...records.map((text) => compress(Buffer.from(text, "latin1")))),
      stream: scratchFile(member(records.join(""))),
      pairs: scratchFile(member(records.slice(0, 2).join("")), member(records.slice(2).join(""))),
      // The second record begins in one member and ends in the next.
      crossing: scratchFile(member(records.join("").slice(0, 250)), member(records.join("").slice(250))),
      mixed: scratchFile(member(records[0]), member(records.slice(1).join(""))),
    };
    for (const [name, path] of Object.entries(files)) {
      const { story, items, code } = await read(path);
      expect([name, story, code]).toEqual([name, texts, undefined]);
      expect(items.map((item) => item.index)).toEqual([0, 1, 2, 3]);
      const whole = ["plain", "members", "frames"].includes(name);
      expect(items.map((item) => item.unit)).toEqual(
        items.map((_, i) => (whole || (name === "mixed" && i === 0) ? "bytes" : "inflated")),
      );
    }
    const inflated = (await read(files.pairs)).items;
    for (const [i, { offset, length }] of inflated.entries()) {
      expect(records.join("").slice(offset, offset + length)).toBe(records[i]);
    }
  });

  test("gives fields in lower case, folds them, lets the last of a repeated field win, and accepts bare line feeds", async () => {
    const header =
      "WARC/1.0\nWARC-TYPE: Response\nA: 1\nno field\nA : 2\n  and\tmore\nB: \xc3\xa9 \xff\nContent-Length: 2\n\nok\n\n";
    const { items } = await read(scratchFile(header));
    const [first] = items;
    if (first.kind !== "record") throw new Error(first.detail);
    expect(first.type).toBe("response");
    expect(first.fields.get("a")).toBe("2 and\tmore");
    expect(first.fields.get("b")).toBe("é \ufffd");
    expect(Buffer.from(first.block).toString()).toBe("ok");
  });

  test("a header of nothing but folded lines is read in linear time", async () => {
    const type = `WARC-Type: response\r\n${" x\n".repeat(20_000)}`;
    const path = scratchFile(...Array.from({ length: 20 }, () => record("a", { type })));
    const started = performance.now();
    expect((await read(path)).story).toHaveLength(20);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("an empty file, plain or compressed, holds nothing", async () => {
    for (const path of [scratchFile(), scratchFile(member("")), scratchFile(member(""), member(""))]) {
      expect(await read(path)).toEqual({ items: [], story: [], code: undefined });
    }
  });

  test("files of other formats are refused by what they are", async () => {
    const arc = "filedesc://x.arc 0.0.0.0 20080430204825 text/plain 76\n1 0 InternetArchive\n";
    const cases: readonly (readonly [string | Uint8Array, string])[] = [
      [arc, "ARC_UNSUPPORTED"],
      [member(arc), "ARC_UNSUPPORTED"],
      ["<html>", "INPUT_NOT_WARC"],
      ["\r\n\r\n", "INPUT_NOT_WARC"],
      [member('{"a":1}'), "INPUT_NOT_WARC"],
      ["\x04\x22\x4d\x18....", "COMPRESSION_UNSUPPORTED"],
      // A frame that wants a dictionary, as some .warc.zst files do.
      [Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x58, 7, 1, 0, 0]), "COMPRESSION_UNSUPPORTED"],
    ];
    for (const [content, code] of cases) expect((await read(scratchFile(content))).code).toBe(code);
    expect((await read(`${scratchFile()}-absent`)).code).toBe("INPUT_NOT_FOUND");
  });

  test.each(["none", "-1", "1e3", "0x10", "12 ", "99999999999999999999"])("Content-Length %s", async (length) => {
    const bad = length === "none" ? record("b").replace(/Content-Length.*\r\n/, "") : record("block", { length });
    const plain = await read(scratchFile(record("a"), bad, record("c")));
    const members = await read(scratchFile(...[record("a"), bad, record("c")].map(member)));
    // "12 " is a number, but not this block's length.
    expect(plain.story).toEqual(["a", "bad-length*"]);
    expect(members.story).toEqual(["a", "bad-length", "c"]);
  });

  test("two Content-Lengths that differ are a fault, two equal ones are not", async () => {
    const twice = (second: string) => record("block").replace("\r\n\r\n", `\r\nContent-Length: ${second}\r\n\r\n`);
    expect((await read(scratchFile(twice("5")))).story).toEqual(["block"]);
    expect((await read(scratchFile(twice("6"), record("b")))).story).toEqual(["bad-length*"]);
  });

  test("a Content-Length beyond the file is a lost tail, beyond its member a fault of that record", async () => {
    const bad = record("block", { length: "1000" });
    expect((await read(scratchFile(record("a"), bad))).story).toEqual(["a", "truncated*"]);
    expect((await read(scratchFile(member(record("a")), member(bad), member(record("c"))))).story).toEqual([
      "a",
      "bad-length",
      "c",
    ]);
  });

  test("a Content-Length that is too small never lets the rest of the block become a record", async () => {
    const bad = record(`block${forged}`, { length: "3" });
    const plain = await read(scratchFile(record("a"), bad, record("c")));
    expect(plain.story).toEqual(["a", "bad-length*"]);
    const second = plain.items[1];
    expect(second.offset).toBe(record("a").length);
    expect(second.length).toBe(bad.length + record("c").length);
    expect((await read(scratchFile(member(record("a")), member(bad), member(record("c"))))).story).toEqual([
      "a",
      "bad-length",
      "c",
    ]);
  });

  test("a wrong version line or a missing type is a fault; in a plain file only the latter's extent is certain", async () => {
    for (const line of ["WARC/2.0", "WARC/x", "HTTP/1.1 200 OK", ""]) {
      const bad = record("b").replace("WARC/1.1", line);
      expect((await read(scratchFile(record("a"), `x${bad}`))).story).toEqual(["a", "bad-version*"]);
      if (line === "") continue;
      expect((await read(scratchFile(record("a"), bad, record("c")))).story).toEqual(["a", "bad-version*"]);
      expect((await read(scratchFile(...[record("a"), bad, record("c")].map(member)))).story).toEqual([
        "a",
        "bad-version",
        "c",
      ]);
    }
    const untyped = record("b", { type: "" });
    expect((await read(scratchFile(record("a"), untyped, record("c")))).story).toEqual(["a", "bad-header", "c"]);
  });

  test("records and headers above their limit are faults and the reader goes on where it can", async () => {
    const limits = { blockBytes: 10, headerBytes: 200 };
    const long = record("longer than ten");
    const wide = record("b", { type: `X: ${"x".repeat(300)}\r\n` });
    expect((await read(scratchFile(record("a"), long, record("c")), { limits })).story).toEqual(["a", "too-large", "c"]);
    for (const bad of [long, wide]) {
      const path = scratchFile(...[record("a"), bad, record("c")].map(member));
      expect((await read(path, { limits })).story).toEqual(["a", "too-large", "c"]);
    }
    expect((await read(scratchFile(record("a"), wide, record("c")), { limits })).story).toEqual(["a", "too-large*"]);
    expect((await read(scratchFile(member(record("a") + long + record("c"))), { limits })).story).toEqual([
      "a",
      "too-large",
      "c",
    ]);
  });

  test("a decompression bomb ends the walk at its bound", async () => {
    const size = 2 ** 26;
    const head = record("", { length: String(size), end: "" });
    const bomb = gzipSync(Buffer.concat([Buffer.from(head), Buffer.alloc(size), Buffer.from("\r\n\r\n")]), { level: 1 });
    const path = scratchFile(member(record("a")), bomb, member(record("c")));
    const limits = { blockBytes: 2 ** 20, inflatedSlack: 2 ** 24, inflatedRatio: 20 };
    expect((await read(path, { limits })).story).toEqual(["a", "too-large*"]);
    // Within the bound it is inflated only to find its end.
    expect((await read(path, { limits: { blockBytes: 2 ** 20 } })).story).toEqual(["a", "too-large", "c"]);
  });

  test("a wrong checksum, a cut member and bytes that are no member lose the tail and nothing before it", async () => {
    const [a, b, c] = ["a", forged, "c"].map((text) => member(record(text)));
    const wrong = Buffer.from(b);
    wrong[b.length - 8] ^= 1;
    const damaged = Buffer.from(b);
    damaged[12] ^= 0xff;
    for (const [bad, fault] of [
      [wrong, "corrupt-member*"],
      [damaged, "corrupt-member*"],
      [Buffer.from("garbage between"), "corrupt-member*"],
      [Buffer.alloc(512), "corrupt-member*"],
    ] as const) {
      const { story, items } = await read(scratchFile(a, bad, c));
      expect(story).toEqual(["a", fault]);
      expect(items[1]).toMatchObject({ offset: a.length, length: bad.length + c.length, unit: "bytes" });
    }
    const length = Buffer.from(b);
    length[b.length - 1] ^= 1;
    expect((await read(scratchFile(a, length, c))).story).toEqual(["a", "corrupt-member", "c"]);
    for (let cut = 1; cut < b.length; cut++) {
      expect((await read(scratchFile(a, b.subarray(0, cut)))).story).toEqual(["a", "truncated*"]);
    }
  });

  test("damage inside one stream of many records comes after the records before it", async () => {
    const whole = member(["a", "b", "c"].map((text) => record(text)).join(""));
    whole[whole.length - 8] ^= 1;
    expect((await read(scratchFile(whole))).story).toEqual(["a", "b", "c", "corrupt-member*"]);
    const length = member(record("a") + record("b"));
    length[length.length - 1] ^= 1;
    expect((await read(scratchFile(length, member(record("c"))))).story).toEqual(["a", "b", "corrupt-member*"]);
    const stored = gzipSync(Buffer.from(["a", "b", "c"].map((text) => record(text)).join("")), { level: 0 });
    expect((await read(scratchFile(stored.subarray(0, stored.length - 30)))).story).toEqual(["a", "b", "truncated*"]);
  });

  test("a plain file cut anywhere gives the whole records and one lost tail", async () => {
    const text = record("a") + record("bb");
    for (let cut = 5; cut < text.length; cut++) {
      const { story, items } = await read(scratchFile(text.slice(0, cut)));
      const whole = cut >= record("a").length - 4 ? ["a"] : [];
      const atEnd = cut >= record("a").length - 4 && cut <= record("a").length;
      if (atEnd || cut >= text.length - 4) continue;
      // A version line cut short may be one that no archive has.
      expect(story.slice(0, -1)).toEqual(whole);
      expect(["truncated*", "bad-version*"]).toContain(story.at(-1));
      expect(items.at(-1)?.length).toBe(cut - whole.length * record("a").length);
    }
  });
});

describe("walkWarc", () => {
  test("ranges cut at any entry give together what the whole file gives", async () => {
    const blocks = Array.from({ length: 12 }, (_, i) => Buffer.from("x".repeat(i * 999)));
    for (const gzip of [true, false]) {
      const path = scratchFile(await written(blocks, gzip));
      const entries = await walk(path);
      const whole = await read(path);
      expect(entries.map(({ offset, length }) => [offset, length])).toEqual(
        whole.items.map(({ offset, length }) => [offset, length]),
      );
      for (const entry of entries) {
        if (entry.kind !== "entry") throw new Error(entry.detail);
        expect(entry.cut).toBe(true);
        expect(entry.targetUri).toBe(`http://example.com/${entry.index}`);
        const head = await read(path, { end: entry.offset });
        const tail = await read(path, { start: entry.offset });
        expect([...head.story, ...tail.story]).toEqual(whole.story);
        expect(tail.items[0].offset).toBe(entry.offset);
        const one = await read(path, { start: entry.offset, end: entry.offset + entry.length });
        expect(one.story).toEqual([whole.story[entry.index]]);
      }
    }
  });

  test("a file whose records share a member is not cut, and a range of it is refused", async () => {
    const first = member(record("a"));
    const path = scratchFile(first, member(record("b") + record("c")));
    expect((await walk(path)).map((item) => item.kind === "entry" && item.cut)).toEqual([true, false, false]);
    expect((await read(path, { start: first.length })).code).toBe("WARC_NOT_CUTTABLE");
  });

  test("tells the same faults as the reader", async () => {
    const path = scratchFile(...[record("a"), record("b", { type: "" }), record("c", { length: "7" })].map(member), "end");
    const faults = (await read(path)).items.filter((item) => item.kind === "fault");
    expect((await walk(path)).filter((item) => item.kind === "fault")).toEqual(faults);
    expect(faults.map((item) => item.kind === "fault" && item.fault)).toEqual(["bad-header", "bad-length", "corrupt-member"]);
  });
});

describe("WarcWriter", () => {
  test("writes the same bytes each time, which the reader gives back, and says where", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 2000 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (blocks, gzip) => {
          const bytes = await written(blocks, gzip);
          expect(bytes.equals(await written(blocks, gzip))).toBe(true);
          const { items } = await read(scratchFile(bytes));
          expect(items.map((item) => item.kind === "record" && Buffer.from(item.block))).toEqual(
            blocks.map((block) => Buffer.from(block)),
          );
        },
      ),
      { numRuns: 50 },
    );
    const parts: Uint8Array[] = [];
    const writer = new WarcWriter({ write: async (bytes) => void parts.push(bytes) }, { gzip: false });
    const fields = [["WARC-Date", "2026-01-01T00:00:00Z"]] as const;
    await writer.write({ type: "warcinfo", fields, block: Buffer.from("a: b\r\n") });
    expect(Buffer.concat(parts).toString()).toBe(
      "WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: 6\r\n\r\na: b\r\n\r\n\r\n",
    );
    const second = await writer.write({ type: "metadata", fields: [], block: new Uint8Array(0) });
    expect(second).toEqual({ offset: parts[0].length, length: parts[1].length, unit: "bytes" });
  });

  test("refuses fields that would forge a header", async () => {
    const writer = new WarcWriter({ write: () => {} });
    for (const field of [
      ["A", "b\r\nC: d"],
      ["A b", "c"],
      ["", "c"],
      ["Content-Length", "1"],
      ["warc-type", "x"],
    ] as const) {
      await expect(writer.write({ type: "response", fields: [field], block: new Uint8Array(0) })).rejects.toThrow(RangeError);
    }
  });
});

test("whatever is done to a WARC file, it ends in records, faults or a coded error, and extents never overlap", async () => {
  const blocks = ["one", forged, "x".repeat(3000)].map((text) => Buffer.from(text, "latin1"));
  const plain = await written(blocks, false);
  const originals = [plain, await written(blocks, true), member(plain), Buffer.from(compress(plain))];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 3 })), { maxLength: 6 }),
      async (original, edits) => {
        let bytes = Buffer.from(original);
        for (const [place, value, action] of edits) {
          const at = place % (bytes.length + 1);
          if (action === 0) bytes[at] = value;
          else if (action === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);
          else if (action === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(0, value), bytes.subarray(at)]);
          else bytes = bytes.subarray(0, Math.max(1, bytes.length - value));
        }
        const path = scratchFile(bytes);
        const { items, code } = await read(path);
        let end = 0;
        let unit = "bytes";
        for (const [i, item] of items.entries()) {
          if (item.unit !== unit) [end, unit] = [0, item.unit];
          expect(item.offset).toBeGreaterThanOrEqual(end);
          end = item.offset + item.length;
          if (unit === "bytes") expect(end).toBeLessThanOrEqual(bytes.length);
          if (item.kind === "fault" && item.tail) expect(i).toBe(items.length - 1);
        }
        if (code === undefined) {
          const entries = await walk(path);
          expect(entries.map(({ offset, length }) => [offset, length])).toEqual(
            items.map(({ offset, length }) => [offset, length]),
          );
        }
      },
    ),
    { numRuns: 250 },
  );
});
