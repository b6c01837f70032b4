/** safetensors: what is written is read back, and bytes that are none of it are refused with a code. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "../../errors/index.js";
import { openSafetensors, type StoredTensor, safetensorsHeader, tensorBytes, toBfloat16 } from "../../formats/index.js";
import { scratchFolder } from "../pipeline/corpora.js";

const { folder, remove } = scratchFolder("safetensors");
afterAll(remove);
mkdirSync(folder, { recursive: true });
const path = join(folder, "file.safetensors");

function write(
  tensors: readonly StoredTensor[],
  fill: (name: string) => Uint8Array,
  metadata?: Record<string, string>,
): Buffer {
  const bytes = Buffer.concat([safetensorsHeader(tensors, metadata), ...tensors.map(({ name }) => fill(name))]);
  writeFileSync(path, bytes);
  return bytes;
}

/** A file of any header. */
function header(value: unknown, body = 0): void {
  const json = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(body)]));
}

function codeOfOpening(): string {
  try {
    openSafetensors(path).close();
    return "none";
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return error.code;
  }
}

test("tensors of any type and shape come back, with their metadata", () => {
  const type = fc.constantFrom("F32" as const, "BF16" as const, "I64" as const, "U8" as const);
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const tensors = fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), type, shape }), {
    selector: ({ name }) => name,
    maxLength: 6,
  });
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (given, metadata) => {
      const names = given.filter(({ name }) => name !== "__metadata__" && name !== "__proto__" && !/^\d+$/.test(name));
      const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== "__proto__"));
      const bytes = new Map(names.map((tensor, i) => [tensor.name, new Uint8Array(tensorBytes(tensor)).fill(i + 1)]));
      write(names, (name) => bytes.get(name) ?? new Uint8Array(), kept);
      const file = openSafetensors(path);
      expect(file.metadata).toEqual(kept);
      expect(new Set(file.tensors.map(({ name }) => name))).toEqual(new Set(names.map(({ name }) => name)));
      for (const { name } of names) expect(new Uint8Array(file.read(name))).toEqual(bytes.get(name));
      file.close();
    }),
    { numRuns: 60 },
  );
});

test("a header is padded, so that the tensors behind it are aligned", () => {
  const bytes = write([{ name: "a", type: "F32", shape: [3] }], () => new Uint8Array(12));
  const length = Number(bytes.readBigUInt64LE());
  expect(length % 8).toBe(0);
  expect(bytes.length).toBe(8 + length + 12);
});

test("float16 and bfloat16 are read as the numbers that they are; bfloat16 is rounded to even", () => {
  const halves = { F16: [0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555], BF16: [0x3f80, 0xc000, 0x0001, 0x7f80, 0x3eab] };
  const wanted = {
    F16: [1, -2, 2 ** -24, Number.POSITIVE_INFINITY, 0.333251953125],
    BF16: [1, -2, 2 ** -133, Number.POSITIVE_INFINITY, 0.333984375],
  };
  for (const type of ["F16", "BF16"] as const) {
    write([{ name: "a", type, shape: [5] }], () => new Uint8Array(Uint16Array.from(halves[type]).buffer));
    const file = openSafetensors(path);
    expect([...file.readFloats("a")]).toEqual(wanted[type]);
    file.close();
  }
  const values = Float32Array.of(1, -2, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -1e-6, Number.NaN, 3.4e38, 0.2033823);
  const rounded = new Float32Array(Uint32Array.from(toBfloat16(values), (half) => half << 16).buffer);
  const wantedRounded = [1, -2, 1, 1 + 2 ** -6, -9.98377799987793e-7, Number.NaN, Number.POSITIVE_INFINITY, 0.203125];
  expect([...rounded]).toEqual(wantedRounded.map((value) => (Number.isFinite(value) ? Math.fround(value) : value)));
});

describe("a file that is not one", () => {
  test.each([
    ["is empty", () => writeFileSync(path, "")],
    ["has a header longer than itself", () => writeFileSync(path, Buffer.from("ff00000000000000", "hex"))],
    ["has a header of 2^64 - 1 bytes", () => writeFileSync(path, Buffer.from("ffffffffffffffff00", "hex"))],
    ["has a header that is no JSON", () => header("{")],
    ["has a header that is a list", () => header("[]")],
    ["has a tensor of an unknown type", () => header({ a: { dtype: "F8", shape: [1], data_offsets: [0, 1] } }, 1)],
    ["has a tensor of other bytes than its shape", () => header({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4)],
    ["has a tensor that ends before it begins", () => header({ a: { dtype: "F32", shape: [1], data_offsets: [8, 4] } }, 8)],
    [
      "has a size that no number holds",
      () => header({ a: { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } }, 4),
    ],
    ["has a hole", () => header({ a: { dtype: "U8", shape: [1], data_offsets: [1, 2] } }, 2)],
    ["has more than its tensors", () => header({ a: { dtype: "U8", shape: [1], data_offsets: [0, 1] } }, 2)],
    ["is cut off", () => header({ a: { dtype: "U8", shape: [4], data_offsets: [0, 4] } }, 3)],
    ["has metadata that are no texts", () => header({ __metadata__: { a: 1 } })],
  ])("%s", (_, make) => {
    make();
    expect(codeOfOpening()).toBe("SAFETENSORS_CORRUPT");
  });

  test("any bytes are refused or read, and nothing else happens", () => {
    const whole = write([{ name: "a", type: "F32", shape: [2, 2] }], () => new Uint8Array(16), { format: "pt" });
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: whole.length }), (at, value, end) => {
        const bytes = Buffer.from(whole);
        bytes[at] = value;
        writeFileSync(path, bytes.subarray(0, end));
        expect(["none", "SAFETENSORS_CORRUPT"]).toContain(codeOfOpening());
      }),
      { numRuns: 200 },
    );
  });

  test("a tensor that is not there, or of no numbers, is an error with the file's name", () => {
    write([{ name: "a", type: "I64", shape: [1] }], () => new Uint8Array(8));
    const file = openSafetensors(path);
    expect(() => file.read("b")).toThrow("no tensor b");
    expect(() => file.readFloats("a")).toThrow("a is of I64");
    file.close();
    expect(readFileSync(path).length).toBeGreaterThan(8);
  });
});
