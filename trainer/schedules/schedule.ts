/**
 * Learning rates as multiples of their peak. Warm-up, then a base (constant, linear, cosine, 1/sqrt), then a cooldown from wherever the
 * base stands; a constant with a cooldown is WSD. Values are those of Schaipp et al. (2025) and of Hägele et al. (2024), which differ in
 * how a share is rounded and in nothing else, and of Apertus, whose progress is counted in sequences, so that steps that grow cool faster.
 */

export interface CooldownSettings {
  /** Of the run's steps; or a part of them. */
  readonly length: { readonly steps: number } | { readonly share: number };
  /** How the rate falls: 1 - x, or 1 - sqrt(x), which is steep at first. */
  readonly shape: "linear" | "1-sqrt";
}

export interface ScheduleSettings {
  readonly base: "constant" | "linear" | "cosine" | "inverse-sqrt";
  readonly warmup: number;
  /** The multiple at which warm-up begins. */
  readonly warmupFrom: number;
  readonly cooldown: CooldownSettings | null;
  /** The multiple at which linear, cosine and any cooldown end. */
  readonly final: number;
  /**
   * How a share of N steps becomes whole steps: `hagele-2024`: floor(share * N). `schaipp-2025`: floor(share * (N + 1)), at most N, since
   * there a schedule has an entry for the rate behind the last step.
   */
  readonly rounding: "hagele-2024" | "schaipp-2025";
}

export interface Schedule {
  readonly steps: number;
  /** The first step whose rate the cooldown decides (its multiple is still the base's), or `steps`. */
  readonly cooldownFrom: number;
  /** @param step from 0; at `steps` it is the multiple that the run ends at, which no step has */
  factor(step: number): number;
}

export function cooldownSteps(
  cooldown: CooldownSettings | null,
  steps: number,
  rounding: ScheduleSettings["rounding"],
): number {
  if (cooldown === null) return 0;
  const { length } = cooldown;
  if ("steps" in length) return Math.min(steps, length.steps);
  return Math.min(steps, Math.floor(length.share * (rounding === "schaipp-2025" ? steps + 1 : steps)));
}

/** @param progress what is behind a step, in any unit that grows evenly: sequences, say. Left out: steps */
export function openSchedule(
  { base, warmup, warmupFrom, cooldown, final, rounding }: ScheduleSettings,
  steps: number,
  progress: (step: number) => number = (step) => step,
): Schedule {
  const cooldownFrom = steps - cooldownSteps(cooldown, steps, rounding);
  const part = (step: number, from: number, to: number): number =>
    Math.min(1, (progress(step) - progress(from)) / (progress(to) - progress(from)));
  const trunk = (step: number): number => {
    if (step < warmup) return warmupFrom + part(step, 0, warmup) * (1 - warmupFrom);
    switch (base) {
      case "constant":
        return 1;
      case "linear":
        return final + (1 - final) * (1 - part(step, warmup, steps));
      case "cosine":
        return final + ((1 - final) / 2) * (1 + Math.cos(Math.PI * part(step, warmup, steps)));
      case "inverse-sqrt":
        return 1 / Math.sqrt(step - warmup + 1);
    }
  };
  return {
    steps,
    cooldownFrom,
    factor(step) {
      if (cooldown === null || step <= cooldownFrom) return trunk(step);
      const x = part(step, cooldownFrom, steps);
      const left = cooldown.shape === "linear" ? 1 - x : 1 - Math.sqrt(x);
      return final + (trunk(cooldownFrom) - final) * left;
    },
  };
}

/**
 * The schedule of a run that leaves a trunk at one of its steps and cools down at once, while the trunk goes on: the trunk's rates up to
 * there, and from there a cooldown of its own.
 */
export function branchCooldown(
  trunk: Schedule,
  step: number,
  cooldown: { readonly steps: number; readonly shape: CooldownSettings["shape"]; readonly final: number },
  progress: (step: number) => number = (at) => at,
): Schedule {
  const steps = step + cooldown.steps;
  return {
    steps,
    cooldownFrom: step,
    factor(at) {
      if (at <= step) return trunk.factor(at);
      const x = Math.min(1, (progress(at) - progress(step)) / (progress(steps) - progress(step)));
      const left = cooldown.shape === "linear" ? 1 - x : 1 - Math.sqrt(x);
      return cooldown.final + (trunk.factor(step) - cooldown.final) * left;
    },
  };
}
