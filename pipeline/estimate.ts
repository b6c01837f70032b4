/** What a plan will cost in disk and time, roughly, and which of its settings do not fit its size. */
import type { Plan } from "./plan.js";

export interface Estimate {
  readonly disk_bytes: number;
  readonly seconds: number;
  /** What the figures rest on. */
  readonly basis: string;
  readonly advice: readonly string[];
}

/** Content that a worker gets through in a second; docs/performance.md has the measurement. */
const bytesPerSecond = { warc: 12e6, parquet: 8e6, jsonl: 8e6, arrow: 8e6 } as const;
/** Bytes of disk that a byte of text takes at most, in token ids (twice: in units and shards) and compressed text. */
const diskPerTextByte = 0.91 * 2 + 0.4;
/** Text in a byte of HTML. */
const textShare = { warc: 0.1, parquet: 1, jsonl: 1, arrow: 1 } as const;

export function estimate(plan: Plan, workers: number): Estimate {
  let disk = 0;
  let work = 0;
  for (const { format, fingerprint, path } of plan.files) {
    const compressed = /\.(gz|zst)$/i.test(path) || format === "parquet";
    const content = fingerprint.bytes * (format === "warc" ? (compressed ? 5 : 1) : compressed ? 2.5 : 1);
    disk += content * textShare[format] * diskPerTextByte;
    work += content / bytesPerSecond[format];
  }
  const advice: string[] = [];
  if (plan.units.length > 200_000) {
    advice.push(`${plan.units.length} units are many files; raise units.bytes in the recipe to 268435456 or more`);
  }
  if (plan.units.length < workers)
    advice.push(`only ${plan.units.length} units for ${workers} workers; lower units.bytes to use them all`);
  const basis = "the inputs' sizes, at 12 MB/s of HTML and 8 MB/s of text a worker, nothing dropped";
  return { disk_bytes: Math.round(disk), seconds: work / Math.max(1, Math.min(workers, plan.units.length)), basis, advice };
}
