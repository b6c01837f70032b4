/** How a corpus was made, from the journals of its runs. They are no part of the corpus, so a damaged one is passed over. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type CorpusFolder, codeOf } from "../../corpus/index.js";
import type { RunSummary } from "./model.js";

const journal = z.object({
  ended: z.string(),
  seconds: z.number(),
  workers: z.number(),
  peak_memory_bytes: z.number(),
  unchanged: z.boolean(),
  times: z.record(z.string(), z.object({ seconds: z.number() })),
  energy_joules: z.number().nullable().default(null),
});

/** Runs that did something, the oldest first. */
export function runSummaries(corpus: CorpusFolder): readonly RunSummary[] {
  return namesIn(corpus.runs()).flatMap((name): readonly RunSummary[] => {
    const parsed = journal.safeParse(parse(join(corpus.runs(), name)));
    if (!parsed.success || parsed.data.unchanged) return [];
    const { ended, seconds, workers, peak_memory_bytes, times, energy_joules } = parsed.data;
    const seconds_by_stage = Object.fromEntries(Object.entries(times).map(([stage, time]) => [stage, time.seconds]));
    return [{ ended, seconds, workers, peak_memory_bytes, seconds_by_stage, energy_joules }];
  });
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
