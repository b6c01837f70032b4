/** metrics.jsonl of a run: a line for each step and each evaluation, appended as they are done, and read for the report. */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { coded, codeOf, replaceFile } from "../../corpus/index.js";

export interface StepMetrics {
  readonly type: "step";
  /** Done by then, counted from 1. */
  readonly step: number;
  /** Nats a label, over the labels that are trained on. */
  readonly loss: number;
  /** Over all labels. */
  readonly loss_all: number;
  readonly learning_rate: number;
  /** Before clipping. */
  readonly gradient_norm: number;
  readonly sequences: number;
  /** Labels of the step, and of the run so far. */
  readonly tokens: number;
  readonly tokens_seen: number;
  /** The part of labels that Goldfish dropped. */
  readonly drop_rate: number;
  readonly tokens_per_second: number;
  /** Wall clock of the run so far. */
  readonly seconds: number;
}

export interface EvaluationMetrics {
  readonly type: "evaluation";
  readonly step: number;
  /** `weights`, or the average beside them. */
  readonly of: "weights" | "average";
  readonly sequences: number;
  readonly labels: number;
  /** UTF-8 text behind those labels. */
  readonly bytes: number;
  /** Nats a label. */
  readonly loss: number;
  readonly bits_per_byte: number;
}

export type Metrics = StepMetrics | EvaluationMetrics;

export function metricsPath(run: string): string {
  return join(run, "metrics.jsonl");
}

export function appendMetrics(run: string, metrics: Metrics): void {
  const path = metricsPath(run);
  try {
    appendFileSync(path, `${JSON.stringify(metrics)}\n`);
  } catch (error) {
    throw coded(path, error);
  }
}

/** Whole lines; a kill may have cut the last one. */
export function readMetrics(run: string): readonly Metrics[] {
  let text: string;
  try {
    text = readFileSync(metricsPath(run), "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      const metrics = parsed(line);
      return metrics === undefined ? [] : [metrics];
    });
}

function parsed(line: string): Metrics | undefined {
  try {
    const value = JSON.parse(line) as Partial<Metrics> | null;
    return (value?.type === "step" || value?.type === "evaluation") && typeof value.step === "number"
      ? (value as Metrics)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Takes away what lies behind a step: a run that goes on from there does it again. */
export function cutMetrics(run: string, step: number): void {
  const kept = readMetrics(run).filter((metrics) => metrics.step <= step);
  replaceFile(metricsPath(run), Buffer.from(kept.map((metrics) => `${JSON.stringify(metrics)}\n`).join("")));
}
