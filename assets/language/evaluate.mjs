// Accuracy, macro-F1 and the threshold, on labelled lines that the model was not trained on.
import { normalise } from "./training-text.mjs";

/** The model's answer for each [label, text]: { label, guess, confidence, length in characters }. */
export function answers(model, lines) {
  const { values, offsets } = normalise(lines.map(([, text]) => text));
  const { labels, probabilities } = model.predict(values, offsets, 1);
  return lines.map(([label, text], i) => ({
    label,
    length: [...text].length,
    guess: labels[i] < 0 ? "und" : model.labels[labels[i]].replace(/^__label__/, ""),
    confidence: probabilities[i],
  }));
}

/** Over the labels that the set names; guesses are free over all labels of the model. */
export function score(found) {
  const counts = new Map();
  const of = (label) => {
    if (!counts.has(label)) counts.set(label, { right: 0, named: 0, guessed: 0 });
    return counts.get(label);
  };
  for (const { label, guess } of found) {
    of(label).named++;
    of(guess).guessed++;
    if (label === guess) of(label).right++;
  }
  const f1 = new Map([...counts].filter(([, c]) => c.named > 0).map(([label, c]) => [label, (2 * c.right) / (c.named + c.guessed)]));
  const right = found.filter(({ label, guess }) => label === guess).length;
  return {
    lines: found.length,
    labels: f1.size,
    accuracy: round(right / found.length),
    macroF1: round([...f1.values()].reduce((a, b) => a + b, 0) / f1.size),
    f1,
  };
}

/** The highest confidence, in steps of 0.01, that at least 98 of 100 right answers reach. */
export function threshold(found) {
  const right = found.filter(({ label, guess }) => label === guess).map(({ confidence }) => confidence);
  let best = 0;
  for (let t = 0.01; t < 1; t += 0.01) {
    if (right.filter((confidence) => confidence >= t).length >= right.length * 0.98) best = t;
  }
  return round(best);
}

export const round = (x) => Math.round(x * 1e4) / 1e4;
