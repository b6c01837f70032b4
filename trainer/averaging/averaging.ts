/**
 * Averages of weights beside the training itself (Hägele et al. 2024): uniform means of samples taken inside windows that do not overlap
 * (LAWA), each kept when its window ends, or an exponential mean. They are evaluated and saved; training never sees them.
 */

export type AveragingSettings =
  | { readonly kind: "none" }
  /** A sample every `every` steps; a window ends after each `window` steps, which is a multiple of `every`. */
  | { readonly kind: "uniform"; readonly every: number; readonly window: number }
  /** After each `every` steps: decay * average + (1 - decay) * weights, from the first sample on. */
  | { readonly kind: "ema"; readonly every: number; readonly decay: number };

export interface AveragingStep {
  /** average <- average + rate * (weights - average); 1 copies. */
  readonly rate: number;
  /** A window is full with this sample. */
  readonly full: boolean;
}

/** What is done after a step. @param steps done by then, from 1 */
export function averagingAfter(steps: number, settings: AveragingSettings): AveragingStep | undefined {
  if (settings.kind === "none" || steps % settings.every !== 0) return undefined;
  if (settings.kind === "ema") return { rate: steps === settings.every ? 1 : 1 - settings.decay, full: false };
  const sample = ((steps - 1) % settings.window) + 1;
  return { rate: settings.every / sample, full: sample === settings.window };
}

/** Whether there is an average after so many steps. */
export function hasAverage(steps: number, settings: AveragingSettings): boolean {
  return settings.kind !== "none" && steps >= settings.every;
}
