/** What a job has at hand in its process: the corpus, the recipe, and the stages of each segment, opened once. */
import type { CorpusFolder } from "../../corpus/index.js";
import type { CompiledRecipe, Segment } from "../compile.js";
import { SegmentRunner, type StageTally } from "../segment.js";

/** How far a job is, for people: added up by whoever listens. */
export interface JobProgress {
  readonly records: number;
  readonly documents: number;
  readonly kept: number;
  /** UTF-8 bytes of text, or bytes of payload before extraction. */
  readonly bytes: number;
}

export class JobContext {
  readonly #runners = new Map<number, Promise<SegmentRunner>>();

  constructor(
    readonly corpus: CorpusFolder,
    readonly recipe: CompiledRecipe,
    readonly progress: (progress: JobProgress) => void = () => undefined,
  ) {}

  segment(index: number): Segment {
    const segment = this.recipe.segments[index];
    if (segment === undefined) throw new RangeError(`no segment ${index}`);
    return segment;
  }

  runner(index: number): Promise<SegmentRunner> {
    let runner = this.#runners.get(index);
    if (runner === undefined) {
      runner = SegmentRunner.open(this.recipe, this.segment(index));
      this.#runners.set(index, runner);
    }
    return runner;
  }
}

/** What one stage took and saw; for people, and no part of the corpus. */
export interface StageTime {
  readonly seconds: number;
  readonly documents: number;
  readonly bytes: number;
}

/** Times by stage; reading and writing, which are no stages of the recipe, come with the whole job's documents and bytes. */
export function timesOf(tallies: readonly StageTally[], outside: Readonly<Record<string, number>>): Record<string, StageTime> {
  const times: Record<string, StageTime> = {};
  for (const { name, seconds, documentsIn, bytesIn } of tallies)
    times[name] = { seconds, documents: documentsIn, bytes: bytesIn };
  const [first] = tallies;
  for (const [name, seconds] of Object.entries(outside)) {
    times[name] = { seconds, documents: first?.documentsIn ?? 0, bytes: first?.bytesIn ?? 0 };
  }
  return times;
}
