/** Sequences of each step. A run may begin with small steps and go on with larger ones, as Apertus did, which doubled them half-way. */

export interface BatchStages {
  readonly sequences: number;
  /** From which step on, counted from 0, how many; ascending. */
  readonly stages: readonly { readonly step: number; readonly sequences: number }[];
}

/** Sequences of one step, counted from 0. */
export function sequencesAt(step: number, { sequences, stages }: BatchStages): number {
  return stages.findLast((stage) => stage.step <= step)?.sequences ?? sequences;
}

/** Sequences of all steps before one. */
export function sequencesBefore(step: number, { sequences, stages }: BatchStages): number {
  let [sum, from, size] = [0, 0, sequences];
  for (const stage of stages) {
    if (stage.step >= step) break;
    sum += (stage.step - from) * size;
    [from, size] = [stage.step, stage.sequences];
  }
  return sum + (step - from) * size;
}
