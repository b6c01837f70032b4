import { describe, expect, it } from "vitest";
import { addon } from "../../native/addon.js";
import { instructionSets, seeded } from "./trainer-models.js";

const { multiplyMatrices } = addon as {
  multiplyMatrices: (
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    rows: number,
    columns: number,
    depth: number,
    aTransposed: boolean,
    bTransposed: boolean,
    threads: number,
    half: boolean,
    instructions: string,
    rounds: number,
  ) => number;
};

/** To the nearest bfloat16, ties to even. */
function half(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0] ?? 0;
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(Uint32Array.of(rounded).buffer)[0] ?? 0;
}

/** Largest distance of c + a b from the same in float64, in units of the sum of the products' sizes. */
function distance(
  rows: number,
  columns: number,
  depth: number,
  aTransposed: boolean,
  bTransposed: boolean,
  threads: number,
  rounded: boolean,
  instructions: string,
): number {
  const random = seeded(rows * 7919 + columns * 31 + depth);
  const fill = (count: number) => Float32Array.from({ length: count }, () => 2 * random() - 1);
  const [a, b, c] = [fill(rows * depth), fill(depth * columns), fill(rows * columns)];
  const before = c.slice();
  multiplyMatrices(a, b, c, rows, columns, depth, aTransposed, bTransposed, threads, rounded, instructions, 1);
  const [x, y] = rounded ? [a.map(half), b.map(half)] : [a, b];
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = before[i * columns + j] ?? 0;
      for (let k = 0; k < depth; k++) {
        sum += (x[aTransposed ? k * rows + i : i * depth + k] ?? 0) * (y[bTransposed ? j * depth + k : k * columns + j] ?? 0);
      }
      worst = Math.max(worst, Math.abs(sum - (c[i * columns + j] ?? 0)) / depth);
    }
  }
  return worst;
}

describe.each(instructionSets)("products with %s instructions", (instructions) => {
  it.each([false, true])("are right for every remainder of a tile (bfloat16: %s)", (rounded) => {
    for (let size = 1; size <= 35; size++) {
      for (const aTransposed of [false, true]) {
        for (const bTransposed of [false, true]) {
          expect(
            distance(size, 36 - size, 1 + ((size * 5) % 13), aTransposed, bTransposed, 1, rounded, instructions),
          ).toBeLessThan(3e-7);
        }
      }
    }
  });

  it.each([false, true])("are right beyond one block of each side (bfloat16: %s)", (rounded) => {
    for (const [rows, columns, depth] of [
      [7, 4133, 3],
      [301, 50, 11],
      [20, 33, 1301],
      [1, 1, 700],
      [3, 600, 64],
    ] as const) {
      expect(distance(rows, columns, depth, false, true, 2, rounded, instructions)).toBeLessThan(3e-7);
      expect(distance(rows, columns, depth, true, false, 3, rounded, instructions)).toBeLessThan(3e-7);
    }
  });
});
