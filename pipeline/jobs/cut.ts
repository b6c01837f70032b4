/**
 * Cuts an input file into units. Boundaries come from walking the file's own records, never from searching for magic bytes,
 * which a page can forge. What belongs to one capture (request, response, metadata) stays together.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { z } from "zod";
import { hashFile } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { compressionOf, openParquet, walkWarc } from "../../formats/index.js";
import type { InputFile, InputFormat } from "../inputs.js";
import { checkTextColumn } from "../sources/tables.js";
import type { Slice } from "../unit.js";

const whole = z.number().int().nonnegative();

export const cutsSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  extent: z.enum(["bytes", "row"]),
  slices: z.array(z.strictObject({ start: whole, end: whole })).readonly(),
});

export type Cuts = Readonly<z.output<typeof cutsSchema>>;

export async function cutFile(input: Pick<InputFile, "path" | "format" | "columns">, unitBytes: number): Promise<Cuts> {
  const { path, format } = input;
  await checkTextColumn(input);
  const hash = createHash("sha256");
  hashFile(path, hash);
  const { size } = statSync(path);
  const whole: Slice = { start: 0, end: size };
  const slices = size <= unitBytes ? [] : await boundaries(path, format, unitBytes);
  return { sha256: hash.digest("hex"), ...(await wholeOrCut(path, format, whole, slices)) };
}

async function wholeOrCut(
  path: string,
  format: InputFormat,
  whole: Slice,
  starts: readonly number[],
): Promise<Pick<Cuts, "extent" | "slices">> {
  const extent = format === "parquet" || format === "arrow" ? "row" : "bytes";
  const end = extent === "row" ? await rowsOf(path, format) : whole.end;
  const edges = [0, ...starts, end];
  return { extent, slices: edges.slice(0, -1).map((start, i) => ({ start, end: edges[i + 1] ?? end })) };
}

/** Rows of a table; 0 where its footer cannot be read, which reading it will report. */
async function rowsOf(path: string, format: InputFormat): Promise<number> {
  if (format === "arrow") return Number.MAX_SAFE_INTEGER;
  try {
    const file = await openParquet(path);
    await file.close();
    return file.rows;
  } catch (error) {
    if (error instanceof DataError && error.code === "PARQUET_CORRUPT") return 0;
    throw error;
  }
}

/** Places, besides the start, where a unit may begin. */
async function boundaries(path: string, format: InputFormat, unitBytes: number): Promise<readonly number[]> {
  const starts: number[] = [];
  let last = 0;
  if (format === "warc") {
    let previous: string | undefined;
    for await (const record of walkWarc(path)) {
      if (record.kind === "fault") continue;
      // Ranges of such a file could not name its records.
      if (!record.cut) return [];
      const sameCapture = record.targetUri !== undefined && record.targetUri === previous;
      if (record.offset - last >= unitBytes && !sameCapture) {
        starts.push(record.offset);
        last = record.offset;
      }
      previous = record.targetUri;
    }
  } else if (format === "jsonl" && compressionOf(path) === "none") {
    const { size } = statSync(path);
    for (let at = unitBytes; at < size; at += unitBytes) starts.push(at);
  } else if (format === "parquet") {
    try {
      const file = await openParquet(path);
      let bytes = 0;
      for (const group of file.rowGroups) {
        if (bytes >= unitBytes) {
          starts.push(group.firstRow);
          bytes = 0;
        }
        bytes += group.bytes;
      }
      await file.close();
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  return starts;
}
