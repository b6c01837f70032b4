// Accuracy, macro-F1 and thresholds, on labelled lines that the model was not trained on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { normalise } from "./training-text.mjs";

const groups = JSON.parse(readFileSync(join(import.meta.dirname, "groups.json"), "utf8"));
const groupOf = new Map(Object.entries(groups).flatMap(([group, { labels }]) => labels.split(" ").map((label) => [label, group])));
/** The label's group of near-identical standards, or the label. */
export const groupOrLabel = (label) => groupOf.get(label) ?? label;

/** The model's answer for each [label, text]; `confidence` is that of the group, which the filter compares with its thresholds. */
export function answers(model, lines) {
  const k = 5;
  const { values, offsets } = normalise(lines.map(([, text]) => text));
  const { labels, probabilities } = model.predict(values, offsets, k);
  const name = (i) => (labels[i] < 0 ? "und" : model.labels[labels[i]].replace(/^__label__/, ""));
  return lines.map(([label, text], row) => {
    const guess = name(row * k);
    let confidence = 0;
    for (let i = row * k; i < (row + 1) * k; i++) {
      if (groupOrLabel(name(i)) === groupOrLabel(guess)) confidence += Math.round(probabilities[i] * 1e4) / 1e4;
    }
    return { label, length: [...text].length, guess, confidence };
  });
}

export const right = ({ label, guess }) => label === guess;
export const rightGroup = ({ label, guess }) => groupOrLabel(label) === groupOrLabel(guess);

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
  const f1 = new Map(
    [...counts].filter(([, c]) => c.named > 0).map(([label, c]) => [label, (2 * c.right) / (c.named + c.guessed)]),
  );
  return {
    lines: found.length,
    labels: f1.size,
    accuracy: share(found, right),
    macroF1: mean([...f1.values()]),
    groupAccuracy: share(found, rightGroup),
    f1,
  };
}

/** The highest confidence, in steps of 0.01, that at least 98 of 100 right answers reach. */
export function threshold(found) {
  const confidences = found.filter(right).map(({ confidence }) => confidence);
  let best = 0;
  for (let t = 0.01; t < 1; t += 0.01) {
    if (confidences.filter((confidence) => confidence >= t).length >= confidences.length * 0.98) best = t;
  }
  return round(best);
}

/** For labels whose name is wrong more often than right at `least`: the lowest of these steps from which it is not. */
export function labelThresholds(found, least) {
  const byGuess = new Map();
  for (const answer of found) byGuess.set(answer.guess, [...(byGuess.get(answer.guess) ?? []), answer]);
  const raised = {};
  for (const [label, list] of [...byGuess].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const precise = (t) => {
      const above = list.filter(({ confidence }) => confidence >= t);
      return above.length === 0 || share(above, rightGroup) >= 0.5;
    };
    if (list.length < 20 || precise(least)) continue;
    raised[label] = [0.5, 0.6, 0.7, 0.8, 0.9].find((t) => t > least && precise(t)) ?? 0.95;
  }
  return raised;
}

export function share(list, test) {
  return list.length === 0 ? 0 : round(list.filter(test).length / list.length);
}

export function mean(numbers) {
  return numbers.length === 0 ? 0 : round(numbers.reduce((a, b) => a + b, 0) / numbers.length);
}

export const round = (x) => Math.round(x * 1e4) / 1e4;
