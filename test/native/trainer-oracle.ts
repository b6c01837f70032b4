/** An Apertus model's losses in float64, written for reading: the oracle of the trainer's kernels. It knows nothing of tiles or vectors. */
import type { NativeModelShape, TrainingBatch } from "../../native/index.js";

export type Weights = ReadonlyMap<string, Float64Array>;

/** Logits [rows, length, vocabulary] of tokens [rows, length]; `first` as `firstPositions` gives it. */
export function oracleLogits(
  shape: NativeModelShape,
  weights: Weights,
  tokens: ArrayLike<number>,
  rows: number,
  length: number,
  first: ArrayLike<number>,
): Float64Array {
  const { width, heads, kvHeads, headWidth, hidden, layers, vocabulary } = shape;
  const w = (name: string) => weights.get(name) ?? new Float64Array(0);
  const logits = new Float64Array(rows * length * vocabulary);
  for (let row = 0; row < rows; row++) {
    const stream = Array.from({ length }, (_, t) => {
      const id = tokens[row * length + t] ?? 0;
      return w("model.embed_tokens.weight").slice(id * width, (id + 1) * width);
    });
    for (let layer = 0; layer < layers; layer++) {
      const of = (name: string) => w(`model.layers.${layer}.${name}`);
      const heard = stream.map((x) => norm(x, of("attention_layernorm.weight"), shape.normEpsilon));
      const project = (name: string, count: number, normed?: string) =>
        heard.map((x, t) => {
          const y = times(of(`self_attn.${name}_proj.weight`), x, count * headWidth);
          return Array.from({ length: count }, (_, h) => {
            const head = y.slice(h * headWidth, (h + 1) * headWidth);
            return normed === undefined
              ? head
              : turned(norm(head, of(`self_attn.${normed}.weight`), shape.normEpsilon), t, shape);
          });
        });
      const queries = project("q", heads, "q_norm");
      const keys = project("k", kvHeads, "k_norm");
      const values = project("v", kvHeads);
      for (let t = 0; t < length; t++) {
        const attended = new Float64Array(heads * headWidth);
        for (let h = 0; h < heads; h++) {
          const g = Math.floor(h / (heads / kvHeads));
          const from = first[row * length + t] ?? 0;
          const scores = [];
          for (let j = from; j <= t; j++) scores.push(dot(queries[t]?.[h], keys[j]?.[g]) / Math.sqrt(headWidth));
          const most = Math.max(...scores);
          const shares = scores.map((s) => Math.exp(s - most));
          const total = shares.reduce((sum, s) => sum + s, 0);
          for (const [j, share] of shares.entries()) {
            values[from + j]?.[g]?.forEach((v, i) => {
              attended[h * headWidth + i] = (attended[h * headWidth + i] ?? 0) + (share / total) * v;
            });
          }
        }
        addTo(stream[t], times(of("self_attn.o_proj.weight"), attended, width));
      }
      for (const x of stream) {
        const up = times(of("mlp.up_proj.weight"), norm(x, of("feedforward_layernorm.weight"), shape.normEpsilon), hidden);
        const slopes = [softplus(of("mlp.act_fn.alpha_p")[0] ?? 0), 0.5 + softplus(of("mlp.act_fn.alpha_n")[0] ?? 0)] as const;
        addTo(
          x,
          times(
            of("mlp.down_proj.weight"),
            up.map((u) => xielu(u, ...slopes)),
            width,
          ),
        );
      }
    }
    for (const [t, x] of stream.entries()) {
      const y = norm(x, w("model.norm.weight"), shape.normEpsilon);
      logits.set(times(w("lm_head.weight"), y, vocabulary), (row * length + t) * vocabulary);
    }
  }
  return logits;
}

/** -ln(probability) of each next token, [rows, length]. */
export function oracleLosses(shape: NativeModelShape, weights: Weights, batch: TrainingBatch): Float64Array {
  const { tokens, rows, length } = batch;
  const stride = length + 1;
  const inputs = Array.from({ length: rows * length }, (_, i) => tokens[Math.floor(i / length) * stride + (i % length)] ?? 0);
  const logits = oracleLogits(shape, weights, inputs, rows, length, firstPositions(batch));
  return Float64Array.from({ length: rows * length }, (_, i) => {
    const row = logits.subarray(i * shape.vocabulary, (i + 1) * shape.vocabulary);
    const most = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((a, b) => a + Math.exp(b - most), 0);
    return Math.log(sum) + most - (row[tokens[Math.floor(i / length) * stride + (i % length) + 1] ?? 0] ?? 0);
  });
}

/** Where each position's document begins. */
function firstPositions({ rows, length, documents }: TrainingBatch): Int32Array {
  const first = new Int32Array(rows * length);
  if (documents === undefined) return first;
  for (let row = 0; row < rows; row++) {
    const bounds = documents.boundaries.subarray(documents.offsets[row], documents.offsets[row + 1]);
    for (let i = 0; i + 1 < bounds.length; i++) {
      first.fill(bounds[i] ?? 0, row * length + (bounds[i] ?? 0), row * length + (bounds[i + 1] ?? 0));
    }
  }
  return first;
}

const softplus = (x: number): number => Math.log1p(Math.exp(x));

export function xielu(x: number, positive: number, negative: number): number {
  return x > 0 ? positive * x * x + 0.5 * x : negative * (Math.expm1(Math.min(x, -1e-6)) - x) + 0.5 * x;
}

function dot(a: Float64Array = new Float64Array(0), b: Float64Array = new Float64Array(0)): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function times(matrix: Float64Array, x: Float64Array, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => dot(matrix.subarray(r * x.length, (r + 1) * x.length), x));
}

function norm(x: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const inverse = 1 / Math.sqrt(dot(x, x) / x.length + epsilon);
  return x.map((value, i) => value * inverse * (weight[i] ?? 0));
}

function turned(x: Float64Array, position: number, { headWidth, inverseFrequencies }: NativeModelShape): Float64Array {
  const half = headWidth / 2;
  return x.map((value, i) => {
    const angle = position * (inverseFrequencies[i % half] ?? 0);
    const other = i < half ? -(x[i + half] ?? 0) : (x[i - half] ?? 0);
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

function addTo(x: Float64Array | undefined, more: Float64Array): void {
  x?.forEach((value, i) => {
    x[i] = value + (more[i] ?? 0);
  });
}
