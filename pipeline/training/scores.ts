/** Accuracy and macro-F1 of a classifier's guesses, which are free over all labels of the model. */

export interface Answer {
  readonly label: string;
  /** "" where the text has no feature that the model knows. */
  readonly guess: string;
  /** Characters of the text as it was given. */
  readonly length: number;
}

export interface Scores {
  readonly lines: number;
  /** Labels that the lines name: macro-F1 is over these. */
  readonly labels: number;
  /** 0 to 1, 4 decimals, as are the others. */
  readonly accuracy: number;
  readonly macro_f1: number;
  /** Accuracy by the length of the text in characters. */
  readonly by_length: Readonly<Record<string, { readonly lines: number; readonly accuracy: number }>>;
}

const lengths: readonly (readonly [string, number])[] = [
  ["below 30", 30],
  ["30 to 59", 60],
  ["60 to 119", 120],
  ["120 and more", Number.POSITIVE_INFINITY],
];

interface Count {
  right: number;
  named: number;
  guessed: number;
}

export function scoresOf(answers: Iterable<Answer>): Scores {
  const counts = new Map<string, Count>();
  const of = (label: string): Count => {
    const count = counts.get(label) ?? { right: 0, named: 0, guessed: 0 };
    counts.set(label, count);
    return count;
  };
  const byLength = lengths.map(() => ({ lines: 0, right: 0 }));
  let lines = 0;
  let right = 0;
  for (const { label, guess, length } of answers) {
    const isRight = label === guess ? 1 : 0;
    const bucket = byLength[lengths.findIndex(([, end]) => length < end)];
    if (bucket !== undefined) {
      bucket.lines++;
      bucket.right += isRight;
    }
    of(label).named++;
    of(label).right += isRight;
    of(guess).guessed++;
    lines++;
    right += isRight;
  }
  const named = [...counts.values()].filter((count) => count.named > 0);
  const f1 = named.reduce((sum, count) => sum + (2 * count.right) / (count.named + count.guessed), 0);
  return {
    lines,
    labels: named.length,
    accuracy: share(right, lines),
    macro_f1: share(f1, named.length),
    by_length: Object.fromEntries(
      lengths.flatMap(([name], i) => {
        const bucket = byLength[i];
        return bucket === undefined || bucket.lines === 0
          ? []
          : [[name, { lines: bucket.lines, accuracy: share(bucket.right, bucket.lines) }]];
      }),
    ),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1e4) / 1e4;
}
