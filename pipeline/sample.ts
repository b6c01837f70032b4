/**
 * How much of the inputs is text, measured on the beginnings of a few files of each format: of a web archive it may be a
 * thirtieth or nearly all, so that no constant would do. What cannot be read is left out; the run will report it.
 */
import type { Batch } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { stringAt } from "../formats/index.js";
import type { CompiledRecipe } from "./compile.js";
import { createExtractor, extraction } from "./extraction/index.js";
import type { InputFile, InputFormat } from "./inputs.js";
import type { Plan } from "./plan.js";
import { contentBytes } from "./segment.js";
import { readSource } from "./sources/index.js";

/** Of one byte of an input file, as it lies on disk. */
export interface Rates {
  /** Bytes of pages that have to be extracted. */
  readonly pages: number;
  /** UTF-8 bytes of text, extracted or given. */
  readonly text: number;
  readonly documents: number;
}

/** Bytes of pages or text after which a file's sample is large enough. */
const enough = 4e6;
/** Bytes that come out of a byte of a file that is compressed as one stream, so that no record's place in it is known. */
const inflation = 4;

/** By format; a format of which nothing could be read is not there. */
export async function sampleRates(plan: Plan, recipe: CompiledRecipe): Promise<ReadonlyMap<InputFormat, Rates>> {
  const rates = new Map<InputFormat, Rates>();
  for (const format of new Set(plan.files.map((file) => file.format))) {
    const files = plan.files.filter((file) => file.format === format);
    const picked = new Set([files[0], files[files.length >> 1], files.at(-1)]);
    const samples = await Promise.all(
      [...picked].map((file) => (file === undefined ? undefined : sampleFile(file, plan, recipe))),
    );
    const rate = mean(samples.filter((sample) => sample !== undefined));
    if (rate !== undefined) rates.set(format, rate);
  }
  return rates;
}

interface Sample extends Rates {
  /** Bytes of the file that the sample comes from. */
  readonly fileBytes: number;
}

function mean(samples: readonly Sample[]): Rates | undefined {
  const total = (name: keyof Sample): number => samples.reduce((sum, sample) => sum + sample[name], 0);
  const bytes = total("fileBytes");
  return bytes > 0
    ? { pages: total("pages") / bytes, text: total("text") / bytes, documents: total("documents") / bytes }
    : undefined;
}

async function sampleFile(input: InputFile, plan: Plan, recipe: CompiledRecipe): Promise<Sample | undefined> {
  const stage = recipe.order.find(({ kind }) => kind === "extract");
  const extractor = stage === undefined ? undefined : createExtractor(extraction.parameters.parse(stage.parameters));
  const { bytes } = input.fingerprint;
  const slices = plan.units.filter((unit) => unit.input === input).map(({ slice }) => slice);
  const end = Math.max(0, ...slices.map((slice) => slice.end));
  const slice = { start: 0, end };
  const recordBytes = recipe.loaded.recipe.limits.record_bytes;
  let [pages, text, documents, read, share] = [0, 0, 0, 0, 1];
  try {
    for await (const chunk of readSource({ input, slice, sha256: "", recordBytes, select: () => "read" })) {
      const { batch } = chunk;
      if (batch.rows === 0) continue;
      const found = chunk.kind === "captures" ? extractor?.process(batch).documents : batch;
      if (chunk.kind === "captures") pages += contentBytes(batch);
      text += found === undefined ? 0 : contentBytes(found);
      documents += batch.rows;
      read += contentBytes(batch);
      if (read < enough) continue;
      share = Math.min(1, endOf(batch) / (isInflated(batch) ? bytes * inflation : end));
      // How many rows an Arrow file has is not known, but it is hardly ever compressed.
      if (end === Number.MAX_SAFE_INTEGER) share = Math.min(1, read / bytes);
      break;
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return undefined;
  }
  return { pages, text, documents, fileBytes: bytes * share };
}

/** Behind the last record of a batch, in the units of its locator. */
function endOf(batch: Batch): number {
  const last = batch.rows - 1;
  return batch.numbers("locator_offset").values[last] + batch.numbers("locator_length").values[last];
}

function isInflated(batch: Batch): boolean {
  return stringAt(batch.bytes("locator_unit"), 0) === "inflated";
}
