/** The training of native/src/fasttext_train.cc in plain numbers: words only, softmax, batches of 16 lines. */

const mask = (1n << 64n) - 1n;
const golden = 0x9e3779b97f4a7c15n;

/** SplitMix64 (Steele et al. 2014). */
class Random {
  constructor(private state: bigint) {
    this.state &= mask;
  }
  next(): bigint {
    this.state = (this.state + golden) & mask;
    let z = this.state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  }
  below(n: number): number {
    return Number(((this.next() >> 32n) * BigInt(n)) >> 32n);
  }
  share(): number {
    return Number(this.next() >> 40n) / 2 ** 24;
  }
}

export interface Example {
  readonly words: readonly number[];
  readonly label: number;
}

/** Weights [row][dimension] of words and labels after training. */
export function trainReference(
  examples: readonly Example[],
  sizes: { readonly words: number; readonly labels: number; readonly dimensions: number },
  { epochs, rate, seed }: { readonly epochs: number; readonly rate: number; readonly seed: number },
): { readonly input: number[][]; readonly output: number[][] } {
  const { words, labels, dimensions } = sizes;
  const input = Array.from({ length: words }, (_, row) => {
    const random = new Random(BigInt(seed) ^ ((BigInt(row) * 0xd6e8feb86659fd93n) & mask));
    return Array.from({ length: dimensions }, () => (random.share() * 2 - 1) / dimensions);
  });
  const output = Array.from({ length: labels }, () => new Array<number>(dimensions).fill(0));
  const total = examples.length * epochs;
  let read = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const random = new Random(BigInt(seed) * golden + BigInt(epoch));
    const order = examples.map((_, i) => i);
    for (let i = order.length; i > 1; i--) {
      const j = random.below(i);
      [order[i - 1], order[j]] = [order[j] ?? 0, order[i - 1] ?? 0];
    }
    for (let at = 0; at < order.length; at += 16) {
      const moves = order.slice(at, at + 16).map((line, i) => {
        const { words: rows, label } = examples[line] ?? { words: [], label: 0 };
        const step = rate * (1 - (read + i) / total);
        const hidden = Array.from(
          { length: dimensions },
          (_, j) => rows.reduce((sum, row) => sum + (input[row]?.[j] ?? 0), 0) / rows.length,
        );
        const scores = output.map((row) => Math.exp(row.reduce((sum, x, j) => sum + x * (hidden[j] ?? 0), 0)));
        const all = scores.reduce((a, b) => a + b, 0);
        const errors = scores.map((score, l) => step * ((l === label ? 1 : 0) - score / all));
        const gradient = hidden.map((_, j) => errors.reduce((sum, e, l) => sum + e * (output[l]?.[j] ?? 0), 0) / rows.length);
        return { rows, hidden, errors, gradient };
      });
      for (const { rows, hidden, errors, gradient } of moves) {
        errors.forEach((e, l) => {
          hidden.forEach((h, j) => {
            const row = output[l];
            if (row !== undefined) row[j] = (row[j] ?? 0) + e * h;
          });
        });
        for (const index of rows) {
          gradient.forEach((g, j) => {
            const row = input[index];
            if (row !== undefined) row[j] = (row[j] ?? 0) + g;
          });
        }
      }
      read += moves.length;
    }
  }
  return { input, output };
}
