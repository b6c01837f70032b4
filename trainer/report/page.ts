/** A run as one HTML file: what it learnt, in curves, on what and with which settings. It loads nothing, sends nothing, runs nothing. */
import { page } from "../../audit/index.js";
import type { EvaluationMetrics, Metrics, StepMetrics } from "../run/metrics.js";
import { curve, type Point } from "./curve.js";
import type { ReportedRun } from "./model.js";
import { settings, shape } from "./settings.js";

const { column, count, counted, duration, facts, html, numberColumn, plainPage, section, table } = page;

export function renderTrainingPage(run: ReportedRun, metrics: readonly Metrics[]): string {
  const steps = metrics.filter((one) => one.type === "step");
  const evaluations = metrics.filter((one) => one.type === "evaluation");
  return plainPage({
    title: `${run.name}: training`,
    brand: html`<b>Training report</b> <span class="aside">on ${run.name}</span>`,
    answer: answer(run, steps, evaluations),
    sections: [
      ["curves", "Curves", curves(run, steps, evaluations)],
      ["held-out", "Held out", heldOut(evaluations)],
      ["data", "Data", data(run)],
      ["model", "Model", shape(run)],
      ["settings", "Settings", settings(run)],
    ],
    foot: "Made by apertus-data. This file loads nothing, sends nothing and runs nothing.",
    style: "training.css",
  });
}

function ofWeights(evaluations: readonly EvaluationMetrics[]): readonly EvaluationMetrics[] {
  return evaluations.filter(({ of }) => of === "weights");
}

function answer(run: ReportedRun, steps: readonly StepMetrics[], evaluations: readonly EvaluationMetrics[]): page.Markup {
  const [first, last] = [ofWeights(evaluations)[0], ofWeights(evaluations).at(-1)];
  const final = steps.at(-1);
  const at = last?.step ?? run.step;
  const ended = at >= run.steps ? `After ${counted(at, "step")}` : `After ${count(at)} of ${counted(run.steps, "step")}`;
  const headline =
    last === undefined || first === undefined
      ? html`${ended} the loss is <b>${(final?.loss ?? Number.NaN).toFixed(3)}</b>.`
      : html`${ended} held-out text costs <b>${last.bits_per_byte.toFixed(3)} bits a byte</b>${first === last ? null : html`, from ${first.bits_per_byte.toFixed(3)} at step ${count(first.step)}`}.`;
  const dropped = steps.reduce((sum, { drop_rate, tokens }) => sum + drop_rate * tokens, 0);
  const tokens = steps.reduce((sum, one) => sum + one.tokens, 0);
  return html`<section id="answer" class="answer" aria-labelledby="answer-title">
<h1 id="answer-title">${headline}</h1>
${run.branch === null ? null : html`<p class="lead">A cooldown of ${counted(run.branch.steps, "step")} that leaves its trunk at step ${count(run.branch.step)}.</p>`}
${facts(
  [
    { term: "Parameters", value: count(run.parameters) },
    {
      term: "Tokens",
      value: html`${count(final?.tokens_seen ?? 0)}${tokens === 0 ? null : html` <span class="aside">(${((100 * dropped) / tokens).toFixed(2)}% without loss by Goldfish)</span>`}`,
    },
    { term: "Time", value: duration(final?.seconds ?? 0) },
    { term: "Computed by", value: run.backend },
  ],
  "key-facts",
)}
</section>
`;
}

function curves(run: ReportedRun, steps: readonly StepMetrics[], evaluations: readonly EvaluationMetrics[]): page.Markup {
  if (steps.length === 0) return section({ id: "curves", title: "Curves", body: html`<p class="empty">No step is done.</p>` });
  const held = ofWeights(evaluations);
  const first = run.branch?.step ?? 0;
  const last = Math.max(first + 1, run.step);
  const of = (key: "loss" | "learning_rate" | "gradient_norm" | "tokens_per_second"): readonly Point[] =>
    steps.map((one) => ({ step: one.step, value: one[key] }));
  const cooled = run.cooldownFrom > first && run.cooldownFrom < last;
  const events = cooled ? [{ step: run.cooldownFrom, words: "cooldown" }] : [];
  const [start, end] = [steps[0], steps.at(-1)];
  const spoken = (what: string, from: string, to: string): string =>
    `${what} from ${from} to ${to} over ${count(steps.length)} steps`;
  const clip = run.recipe.optimiser.clip;
  return section({
    id: "curves",
    title: "Curves",
    wide: true,
    lead: "Over optimiser steps. Where there are many, the line is their mean and the band goes from the least to the greatest.",
    body: html`<div class="curves">${curve({
      title: "Loss, nats a token",
      spoken: spoken("Training loss", fixed3(start?.loss), fixed3(end?.loss)),
      line: of("loss"),
      dots: held.map(({ step, loss }) => ({ step, value: loss })),
      legend: [{ kind: "line", words: "training" }, ...(held.length > 0 ? [{ kind: "dots", words: "held out" } as const] : [])],
      ...{ first, last, fromZero: false, write: written, events },
    })}
${
  held.length < 2
    ? null
    : curve({
        title: "Held out, bits a byte",
        spoken: spoken("Bits a byte", fixed3(held[0]?.bits_per_byte), fixed3(held.at(-1)?.bits_per_byte)),
        line: [],
        dots: held.map(({ step, bits_per_byte }) => ({ step, value: bits_per_byte })),
        ...{ first, last, fromZero: false, write: written, events },
      })
}
${curve({
  title: "Learning rate",
  spoken: spoken("Learning rate", String(start?.learning_rate), String(end?.learning_rate)),
  line: of("learning_rate"),
  ...{ first, last, fromZero: true, write: small, events },
})}
${curve({
  title: clip === null ? "Norm of the gradients" : `Norm of the gradients, before it is cut to ${clip}`,
  spoken: spoken("Norm of the gradients", fixed3(start?.gradient_norm), fixed3(end?.gradient_norm)),
  line: of("gradient_norm"),
  ...{ first, last, fromZero: true, write: small },
})}
${curve({
  title: "Tokens a second",
  spoken: spoken(
    "Tokens a second",
    count(Math.round(start?.tokens_per_second ?? 0)),
    count(Math.round(end?.tokens_per_second ?? 0)),
  ),
  line: of("tokens_per_second"),
  ...{ first, last, fromZero: true, write: (value: number) => count(Math.round(value)) },
})}</div>`,
  });
}

function heldOut(evaluations: readonly EvaluationMetrics[]): page.Markup {
  const [first] = evaluations;
  if (first === undefined)
    return section({ id: "held-out", title: "Held out", body: html`<p class="empty">Nothing is held out.</p>` });
  return section({
    id: "held-out",
    title: "Held out",
    lead: html`${counted(first.sequences, "sequence")} with ${counted(first.labels, "token")} of ${page.bytes(first.bytes)} of text, which are never trained on. A document that is cut by the border of a sequence may be in both parts.`,
    body: table(
      "Evaluations",
      [column("Step"), column("Of"), numberColumn("Loss, nats a token"), numberColumn("Bits a byte")],
      evaluations.map(
        ({ step, of, loss, bits_per_byte }) =>
          html`<tr><th scope="row">${count(step)}</th><td>${of}</td><td class="number">${loss.toFixed(4)}</td><td class="number">${bits_per_byte.toFixed(4)}</td></tr>`,
      ),
    ),
  });
}

function data({ sources, recipe, heldOut: held }: ReportedRun): page.Markup {
  return section({
    id: "data",
    title: "Data",
    lead: html`Sequences of ${counted(recipe.data.length, "token")}, in an order that the seed ${count(recipe.data.seed)} gives; the first ${count(held)} of it are held out.`,
    body: table(
      "Sources",
      [column("Source"), numberColumn("Version"), numberColumn("Documents"), numberColumn("Tokens"), numberColumn("Sequences")],
      sources.map(
        ({ name, version, documents, tokens, sequences }) =>
          html`<tr><th scope="row">${name}</th><td class="number">${count(version)}</td><td class="number">${count(documents)}</td><td class="number">${count(tokens)}</td><td class="number">${count(sequences)}</td></tr>`,
      ),
    ),
  });
}

function fixed3(value: number | undefined): string {
  return (value ?? Number.NaN).toFixed(3);
}

/** Three places at most, and none that say nothing. */
function written(value: number): string {
  return String(Number(value.toFixed(3)));
}

/** Two digits, with an exponent where it is far below 1. */
function small(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) < 0.01 ? value.toExponential(1).replace(/\.0e/, "e") : String(Number(value.toPrecision(3)));
}
