/**
 * The numbers of one optimiser step. AdEMAMix (Pagliardini et al. 2024) keeps a second, slow mean of the gradients whose weight alpha and
 * decay beta3 are warmed up, beta3 evenly in its half-life; AdamW is Loshchilov and Hutter's (2019). Clipping is by the global norm.
 */
import type { OptimiserStep } from "../../native/index.js";

export interface OptimiserSettings {
  readonly kind: "ademamix" | "adamw";
  readonly beta1: number;
  readonly beta2: number;
  /** Of AdEMAMix alone, as alpha and warmup. */
  readonly beta3: number;
  readonly alpha: number;
  /** Optimiser steps over which alpha and beta3 reach their values. */
  readonly warmup: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** The norm above which gradients are scaled down; null: never. */
  readonly clip: number | null;
}

/** @param step counted from 1 */
export function alphaAt(step: number, { alpha, warmup }: Pick<OptimiserSettings, "alpha" | "warmup">): number {
  return step >= warmup ? alpha : (alpha * step) / warmup;
}

/** @param step counted from 1 */
export function beta3At(step: number, { beta1, beta3, warmup }: Pick<OptimiserSettings, "beta1" | "beta3" | "warmup">): number {
  if (step >= warmup) return beta3;
  const part = step / warmup;
  const half = (1 - part) * halfLife(beta1) + part * halfLife(beta3);
  return 0.5 ** (1 / (half + 1));
}

/** Steps after which a gradient has half its weight in a mean with this decay, less one; the offset keeps the logarithm finite. */
function halfLife(beta: number): number {
  return Math.log(0.5) / Math.log(beta + 1e-8) - 1;
}

/** What gradients are multiplied by; the offset is that of Megatron-LM and of torch's clip_grad_norm_. */
export function clipScale(norm: number, clip: number | null): number {
  return clip === null ? 1 : Math.min(1, clip / (norm + 1e-6));
}

/** @param step counted from 1 */
export function optimiserStep(
  step: number,
  learningRate: number,
  gradientScale: number,
  settings: OptimiserSettings,
): OptimiserStep {
  const { kind, beta1, beta2, epsilon, weightDecay } = settings;
  return {
    kind,
    learningRate,
    beta1,
    beta2,
    beta3: beta3At(step, settings),
    alpha: alphaAt(step, settings),
    correction1: 1 - beta1 ** step,
    correction2: 1 - beta2 ** step,
    epsilon,
    weightDecay,
    gradientScale,
  };
}
