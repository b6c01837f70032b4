// Matrix products of the shapes that training asks for, against the peak that this machine reaches with multiplications and additions
// that wait for nothing. Both are taken in turns and the best of each counts, so that other work on the machine weighs little.
import { createRequire } from "node:module";

const { multiplyMatrices, peakRate } = createRequire(import.meta.url)("#addon");

/** Rows are tokens; weights are [out, in]. */
const layers = [
  { name: "256 to 1024", tokens: 2048, input: 256, output: 1024 },
  { name: "1024 to 256", tokens: 2048, input: 1024, output: 256 },
  { name: "256 to 8192", tokens: 1024, input: 256, output: 8192 },
  { name: "768 to 3072", tokens: 1024, input: 768, output: 3072 },
  { name: "3072 to 768", tokens: 1024, input: 3072, output: 768 },
];
/** The three products of a layer, as rows, columns, depth and whether the left and the right matrix lie with contiguous columns. */
const products = {
  forward: ({ tokens, input, output }) => [tokens, output, input, false, true],
  "gradient of the input": ({ tokens, input, output }) => [tokens, input, output, false, false],
  "gradient of the weight": ({ tokens, input, output }) => [output, input, tokens, true, false],
};
const rounds = 12;

export function measureProducts(threads) {
  for (const count of new Set([1, threads])) {
    let peak = 0;
    const rows = [];
    for (const layer of layers) {
      for (const [name, sidesOf] of Object.entries(products)) {
        const [m, n, k, aTransposed, bTransposed] = sidesOf(layer);
        const [a, b, c] = [m * k, k * n, m * n].map((size) => new Float32Array(size).fill(0.01));
        const best = { single: Number.POSITIVE_INFINITY, half: Number.POSITIVE_INFINITY };
        for (let round = 0; round < rounds; round++) {
          peak = Math.max(peak, peakRate(count, "", 20_000));
          for (const half of [false, true]) {
            const seconds = multiplyMatrices(a, b, c, m, n, k, aTransposed, bTransposed, count, half, "", 1);
            const kind = half ? "half" : "single";
            best[kind] = Math.min(best[kind], seconds);
          }
        }
        rows.push({
          product: `${layer.name}, ${name}`,
          single: (2 * m * n * k) / best.single,
          half: (2 * m * n * k) / best.half,
        });
      }
    }
    console.log(`${count} thread${count === 1 ? "" : "s"}: peak ${(peak / 1e9).toFixed(0)} GFLOP/s float32`);
    for (const { product, single, half } of rows) {
      console.log(
        `  ${product.padEnd(40)} ${(single / 1e9).toFixed(0).padStart(5)} GFLOP/s, ${((100 * single) / peak).toFixed(0)} % of the peak; bfloat16 ${(half / 1e9).toFixed(0)}`,
      );
    }
    const mean = rows.reduce((sum, { single }) => sum + 1 / single, 0) / rows.length;
    console.log(
      `  all (harmonic mean)${" ".repeat(22)} ${(1e-9 / mean).toFixed(0).padStart(5)} GFLOP/s, ${(100 / mean / peak).toFixed(0)} % of the peak\n`,
    );
  }
}
