/** Each hostile input is what it claims to be, as seen by Node's own zlib and a search for bytes. */
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  all,
  bombMember,
  brokenLines,
  cutFooter,
  forgedHeader,
  forgedMember,
  longFooter,
  truncatedGzip,
  wrongChecksum,
} from "./make.mjs";

describe("hostile inputs", () => {
  it("are small, except where a long line is the point, and have names of their own", () => {
    const made = all.map((make) => make());
    expect(new Set(made.map(({ name }) => name)).size).toBe(made.length);
    for (const { name, bytes } of made) expect(bytes.length, name).toBeLessThan(name === "broken.jsonl" ? 2_300_000 : 200_000);
  });

  it("are the same bytes each time", () => {
    for (const make of all) expect(Buffer.compare(make().bytes, make().bytes), make.name).toBe(0);
  });

  it("break gzip where they say so", () => {
    expect(() => gunzipSync(truncatedGzip().bytes)).toThrow(/unexpected end/);
    expect(() => gunzipSync(wrongChecksum().bytes)).toThrow(/incorrect data check/);
  });

  it("forge records that a search for magic bytes would find and a walk over the records does not", () => {
    const member = Buffer.from(forgedMember().bytes);
    const magic = Buffer.from([0x1f, 0x8b, 0x08]);
    const starts = [];
    for (let at = member.indexOf(magic); at >= 0; at = member.indexOf(magic, at + 1)) starts.push(at);
    expect(starts).toHaveLength(3);
    expect(gunzipSync(member).includes("https://forged.example/")).toBe(false);
    expect(Buffer.from(forgedHeader().bytes).includes("\r\n\r\nWARC/1.0\r\n")).toBe(true);
  });

  it("inflate a thousandfold", () => {
    const { bytes, expects } = bombMember();
    expect(expects.inflatesTo).toBeGreaterThan(bytes.length * 800);
  });

  it("hold lines that JSON.parse refuses beside lines that it takes", () => {
    const { bytes, expects } = brokenLines();
    const texts = Buffer.from(bytes)
      .toString("utf8")
      .split("\n")
      .flatMap((line) => {
        try {
          const row: unknown = JSON.parse(line);
          return [typeof row === "object" && row !== null && "text" in row ? row.text : undefined];
        } catch {
          return [];
        }
      });
    expect(texts).toEqual(expect.arrayContaining([...expects.intact]));
  });

  it("end in a footer that cannot be true", () => {
    const [cut, long] = [Buffer.from(cutFooter().bytes), Buffer.from(longFooter().bytes)];
    expect(cut.toString("latin1", cut.length - 4)).not.toBe("PAR1");
    expect(long.toString("latin1", long.length - 4)).toBe("PAR1");
    expect(long.readUInt32LE(long.length - 8)).toBeGreaterThan(long.length);
  });
});
