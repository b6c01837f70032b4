// `npm run bench -- trainer [--python python3] [--case NAME]`: float32 matrix products against this machine's measured peak, and tokens a
// second of whole training steps (forward, backward, AdamW) beside PyTorch on the same weights, tokens, number format and threads.
// Losses of the first steps are compared before times. Needs the compiled project; the peer needs a Python with torch and transformers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { NativeModel } from "../../dist/native/index.js";
import { measureProducts } from "./products.mjs";

const option = (name, standard) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? standard : process.argv[at + 1];
};
const python = option("--python", "python3");
const only = option("--case", "");
const threads = Number(option("--threads", availableParallelism()));
const base = 500_000;

const cases = [
  {
    name: "8.5M",
    shape: { vocabulary: 8192, width: 256, layers: 6, heads: 4, kvHeads: 2, headWidth: 64, hidden: 1024 },
    rows: 8,
    length: 256,
    steps: 4,
  },
  {
    name: "125.8M",
    shape: { vocabulary: 32768, width: 768, layers: 12, heads: 12, kvHeads: 4, headWidth: 64, hidden: 3072 },
    rows: 2,
    length: 512,
    steps: 3,
  },
];

if (only === "") measureProducts(threads);

for (const { name, shape, rows, length, steps } of cases) {
  for (const dtype of ["float32", "bfloat16"]) {
    if (only !== "" && !`${name} ${dtype}`.includes(only)) continue;
    const inverseFrequencies = Float64Array.from(
      { length: shape.headWidth / 2 },
      (_, i) => base ** ((-2 * i) / shape.headWidth),
    );
    const model = new NativeModel({ ...shape, normEpsilon: 1e-5, inverseFrequencies }, { threads, dtype });
    model.initialise(1, 0.02);
    const tokens = Int32Array.from(
      { length: rows * (length + 1) },
      (_, i) => (Math.imul(i + 1, 2654435761) >>> 7) % shape.vocabulary,
    );
    const rate = 1e-4;
    const peer = askPyTorch(model, { shape, rows, length, tokens: [...tokens], steps, dtype, threads, base, rate });
    const losses = [];
    const seconds = [];
    for (let t = 1; t <= steps; t++) {
      const start = performance.now();
      model.zeroGradients();
      const { loss } = await model.accumulate({ tokens, rows, length, scale: 1 / (rows * length) });
      await model.step({
        kind: "adamw",
        learningRate: rate,
        beta1: 0.9,
        beta2: 0.95,
        beta3: 0,
        alpha: 0,
        correction1: 1 - 0.9 ** t,
        correction2: 1 - 0.95 ** t,
        epsilon: 1e-8,
        weightDecay: 0,
        gradientScale: 1,
      });
      seconds.push((performance.now() - start) / 1000);
      losses.push(loss / (rows * length));
    }
    const ours = (rows * length) / Math.min(...seconds);
    const text = `${name} ${dtype}, ${model.backend}: ${ours.toFixed(0)} tokens/s, losses ${losses
      .slice(0, 3)
      .map((x) => x.toFixed(5))
      .join(" ")}`;
    if (peer === undefined) {
      console.log(`${text}; no PyTorch here`);
      continue;
    }
    const theirs = (rows * length) / Math.min(...peer.seconds);
    const apart = Math.max(...losses.map((loss, i) => Math.abs(loss - peer.losses[i]) / loss));
    console.log(
      `${text}; PyTorch ${peer.version}: ${theirs.toFixed(0)} tokens/s, losses apart by ${apart.toExponential(1)}; ratio ${(ours / theirs).toFixed(2)}`,
    );
  }
}

/** The same steps in PyTorch; undefined where there is none. Both run alone: first the peer, then we. */
function askPyTorch(model, settings) {
  const folder = mkdtempSync(join(tmpdir(), "apertus-bench-"));
  try {
    const weights = join(folder, "weights");
    writeFileSync(weights, Buffer.concat(model.tensors.map(({ name }) => Buffer.from(model.read("weight", name).buffer))));
    const input = JSON.stringify({ ...settings, weights, names: model.tensors.map(({ name }) => name) });
    const run = spawnSync(python, [join(import.meta.dirname, "step-pytorch.py")], {
      input,
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    if (run.status !== 0) {
      if (only !== "") console.error(run.stderr);
      return undefined;
    }
    return JSON.parse(run.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
