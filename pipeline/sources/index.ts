/** Sources by format: files in, chunks of captures or texts out. */
import type { InputFormat } from "../inputs.js";
import { readJsonlSource } from "./jsonl.js";
import type { Chunk, SourceOptions } from "./source.js";
import { readTableSource } from "./tables.js";
import { readWarcSource } from "./warc.js";

export type { Chunk, Quarantined, SourceOptions } from "./source.js";

const readers: Readonly<Record<InputFormat, (options: SourceOptions) => AsyncGenerator<Chunk>>> = {
  warc: readWarcSource,
  parquet: readTableSource,
  arrow: readTableSource,
  jsonl: readJsonlSource,
};

export function readSource(options: SourceOptions): AsyncGenerator<Chunk> {
  return readers[options.input.format](options);
}
