/** What a plan will cost in disk and time, roughly, and which of its settings do not fit its size. */
import { statSync } from "node:fs";
import { findFiles } from "../formats/index.js";
import type { CompiledRecipe } from "./compile.js";
import type { Plan } from "./plan.js";
import { sampleRates } from "./sample.js";

export interface Estimate {
  /** At most, as nothing is taken to be dropped. */
  readonly disk_bytes: number;
  readonly seconds: number;
  /** What the figures rest on. */
  readonly basis: string;
  readonly advice: readonly string[];
}

// Measured as docs/performance.md says, and rounded up where it is disk, down where it is speed.

/** Disk for a byte of text: token ids, in units and shards; and the text itself, compressed. */
const tokenBytes = 2 * 1.06;
const textBytes = 0.43;
/** Disk for a document's rows in all tables, for a unit's records, and for what every corpus has. */
const documentBytes = 1000;
const unitBytes = 12_000;
const corpusBytes = 100_000;
/** Bytes of the robots archive for a byte of compressed captures. */
const robotsBytes = 3;
/** Bytes that a worker gets through in a second: of pages up to extraction, of text through all other stages. */
const pagesPerSecond = 12e6;
const textPerSecond = 4e6;
/** Seconds for a unit's files, and for starting and ending. */
const unitSeconds = 0.1;
const runSeconds = 3;

export async function estimate(plan: Plan, recipe: CompiledRecipe, workers: number): Promise<Estimate> {
  const rates = await sampleRates(plan, recipe);
  let [pages, text, documents] = [0, 0, 0];
  for (const { format, fingerprint } of plan.files) {
    // Of what cannot be read, all may be text.
    const rate = rates.get(format) ?? { pages: 0, text: 1, documents: 0 };
    pages += fingerprint.bytes * rate.pages;
    text += fingerprint.bytes * rate.text;
    documents += fingerprint.bytes * rate.documents;
  }
  const units = plan.units.length;
  const disk =
    text * (textBytes + (recipe.order.some(({ kind }) => kind === "tokenize") ? tokenBytes : 0)) +
    documents * documentBytes +
    units * unitBytes +
    (await robotsSize(recipe)) * robotsBytes +
    corpusBytes;
  const work = pages / pagesPerSecond + text / textPerSecond + units * unitSeconds;
  const advice: string[] = [];
  if (units > 200_000) advice.push(`${units} units are many files; raise units.bytes in the recipe to 268435456 or more`);
  if (units < workers)
    advice.push(`only ${units} ${units === 1 ? "unit" : "units"} for ${workers} workers; lower units.bytes to use them all`);
  return {
    disk_bytes: Math.round(disk),
    seconds: runSeconds + work / Math.max(1, Math.min(workers, units)),
    basis: "the text in a sample of the inputs; 12 MB of HTML and 4 MB of text a second and worker; nothing dropped",
    advice,
  };
}

/** Bytes of the robots.txt captures that consent names. */
async function robotsSize({ order, loaded }: CompiledRecipe): Promise<number> {
  let bytes = 0;
  for (const { name, parameters } of order) {
    if (name !== "consent" || typeof parameters !== "object" || parameters === null || !("robots" in parameters)) continue;
    for (const pattern of Array.isArray(parameters.robots) ? (parameters.robots as readonly unknown[]) : []) {
      const files = await findFiles(String(pattern), loaded.baseFolder);
      for (const { path } of files) bytes += statSync(path).size;
    }
  }
  return bytes;
}
