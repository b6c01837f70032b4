/** The Goldfish loss: Apertus's table and keys, bit for bit (vectors made with torch 2.13.0), the hash mode, and what is masked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyGoldfish, goldfishTable } from "../../trainer/objective/goldfish.js";
import { lossMask } from "../../trainer/objective/mask.js";
import { mersenneTwister } from "../../trainer/objective/mersenne-twister.js";
import { tableSize, windowKeys } from "../../trainer/objective/window-products.js";

const labels = Int32Array.from({ length: 200 }, (_, i) => 1000 + 7 * i);

function dropped(values: Int32Array, settings: Parameters<typeof applyGoldfish>[2]): readonly number[] {
  const mask = new Uint8Array(values.length).fill(1);
  const count = applyGoldfish(values, mask, settings);
  const places = [...mask.keys()].filter((i) => mask[i] === 0);
  expect(count).toBe(places.length);
  return places;
}

/** Ids that repeat nowhere near. */
function randomIds(count: number, least: number, seed = 1): Int32Array {
  const words = mersenneTwister(seed);
  return Int32Array.from({ length: count }, () => least + (words() % (131_072 - least)));
}

describe("the table of Apertus", () => {
  test("its generator draws as torch's does: torch.manual_seed(0); torch.rand(4)", () => {
    const words = mersenneTwister(0);
    const drawn = Array.from({ length: 4 }, () => (words() & 0xff_ffff) / 2 ** 24);
    expect(drawn.map((value) => Number(value.toFixed(4)))).toEqual([0.4963, 0.7682, 0.0885, 0.132]);
  });

  test("its numbers are those of the seed 2971215073", () => {
    const table = goldfishTable();
    expect(table).toHaveLength(1_000_003);
    expect([...table.subarray(0, 5)].map((value) => value * 2 ** 24)).toEqual([3920565, 7403182, 12434395, 15255051, 11934008]);
    const small = [...table.keys()].filter((i) => table[i] < 0.02);
    expect(small.slice(0, 12)).toEqual([5, 11, 16, 36, 57, 92, 102, 140, 171, 191, 348, 552]);
    expect(small.length / table.length).toBeCloseTo(0.019901, 6);
  });

  test.each([
    [50, [106436, 511224, 544672, 372829]],
    [4, [930389, 992440, 805536, 774525]],
  ])("windows of %i have torch's keys", (h, keys) => {
    expect([...windowKeys(labels, h).subarray(h - 1, h + 3)]).toEqual(keys);
  });

  test.each([
    [50, 50, [76, 80, 99, 101, 180, 183, 195]],
    [4, 4, [3, 19, 28, 55, 65, 76, 78, 85, 87, 92]],
  ])("k = %i and h = %i drop what torch drops", (k, h, places) => {
    expect(dropped(labels, { k, h, mode: "table" }).slice(0, places.length)).toEqual(places);
  });

  test("keys are those of products in wrapping 64-bit integers, for any ids and windows", () => {
    const id = fc.oneof(fc.constantFrom(0, 1, 2, 4, 65_536, 131_071, 2 ** 31 - 1), fc.nat({ max: 2 ** 31 - 1 }));
    fc.assert(
      fc.property(fc.array(id, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (ids, h) => {
        const keys = windowKeys(Int32Array.from(ids), h);
        const size = BigInt(tableSize);
        for (let i = h - 1; i < ids.length; i++) {
          const product = ids.slice(i - h + 1, i + 1).reduce((all, value) => BigInt.asIntN(64, all * BigInt(value)), 1n);
          expect(keys[i]).toBe(Number(((product % size) + size) % size));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("with windows of 50, one in ten is a product of 0, and fewer labels than one in 50 are dropped", () => {
    const ids = randomIds(200_000, 1000);
    const zeros =
      windowKeys(ids, 50)
        .subarray(49)
        .filter((key) => key === 0).length / ids.length;
    expect(zeros).toBeGreaterThan(0.085);
    expect(zeros).toBeLessThan(0.105);
    expect(dropped(ids, { k: 50, h: 50, mode: "table" }).length / ids.length).toBeLessThan(0.0182);
  });
});

describe("the hash", () => {
  test.each([4, 50])("drops one label in %i, whatever the window", (k) => {
    const ids = randomIds(200_000, 1000);
    for (const h of [4, 13, 50]) {
      const share = dropped(ids, { k, h, mode: "hash" }).length / ids.length;
      // Four deviations of a binomial.
      expect(Math.abs(share - 1 / k)).toBeLessThan(4 * Math.sqrt(((1 / k) * (1 - 1 / k)) / ids.length) + 50 / ids.length / k);
    }
  });

  test("drops as often where all ids are even, which is where products of the table fail", () => {
    const ids = randomIds(100_000, 1000).map((id) => id & ~1);
    expect(Math.abs(dropped(ids, { k: 50, h: 50, mode: "hash" }).length / ids.length - 0.02)).toBeLessThan(0.002);
    expect(dropped(ids, { k: 50, h: 50, mode: "table" }).length / ids.length).toBeLessThan(0.001);
  });
});

describe.each(["table", "hash"] as const)("both ways to drop: %s", (mode) => {
  test("a passage that comes again has its holes in the same places, wherever it stands", () => {
    const [h, k] = [13, 4];
    const passage = randomIds(400, 1000, 7);
    const around = (seed: number, before: number): readonly number[] => {
      const ids = Int32Array.from([...randomIds(before, 1000, seed), ...passage]);
      return dropped(ids, { k, h, mode })
        .map((i) => i - before)
        .filter((i) => i >= h - 1);
    };
    expect(around(8, 50)).toEqual(around(9, 321));
  });

  test("the first h - 1 labels stay, and a sequence shorter than a window loses none", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 131_071 }), { maxLength: 80 }), fc.integer({ min: 1, max: 90 }), (ids, h) => {
        expect(dropped(Int32Array.from(ids), { k: 2, h, mode }).every((i) => i >= h - 1)).toBe(true);
      }),
    );
  });
});

test("what follows the end of a document has no loss; the end itself has one", () => {
  const tokens = Int32Array.of(1, 9, 2, 1, 8, 7, 2);
  const { mask, counted, dropped: none } = lossMask(tokens, 1, 6, { eod: 2 });
  expect([...mask]).toEqual([1, 1, 0, 1, 1, 1]);
  expect([counted, none]).toEqual([5, 0]);
});

test("each row of a batch is masked by itself", () => {
  const rows = [labels.subarray(0, 101), labels.subarray(50, 151)];
  const goldfish = { k: 4, h: 4, mode: "table" } as const;
  const { mask } = lossMask(Int32Array.from(rows.flatMap((row) => [...row])), 2, 100, { goldfish });
  for (const [i, row] of rows.entries()) {
    const alone = new Uint8Array(100).fill(1);
    applyGoldfish(row.subarray(1), alone, goldfish);
    expect(mask.subarray(i * 100, (i + 1) * 100)).toEqual(alone);
  }
});
