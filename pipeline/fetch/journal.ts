/**
 * What a fetch folder says was done: JSON lines, a file for each start of the program, each line written only after the WARC
 * records that it names are on the disk. So what no line names was not done, and is cut away.
 */
import { existsSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { disk } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { parseJsonObject, readLines } from "../../formats/index.js";

export const purposes = ["robots", "pages"] as const;
export type Purpose = (typeof purposes)[number];

const place = z.object({ file: z.string().regex(/^[\w.-]+$/), offset: z.number(), length: z.number() });
const headLine = z.object({ kind: z.literal("start"), format: z.literal(1), purpose: z.enum(purposes) });
const exchangeLine = z.object({
  kind: z.literal("exchange"),
  url: z.string(),
  at: z.string(),
  /** HTTP status; 0 where there was no answer. */
  status: z.number(),
  state: z.string(),
  location: z.string().optional(),
  bytes: z.number(),
  /** False where the same was asked again. */
  last: z.boolean(),
  warc: place,
});
const targetLine = z.object({
  kind: z.literal("target"),
  target: z.string(),
  state: z.string(),
  /** Of all answers on the way. */
  bytes: z.number(),
  /** Where redirects led, if anywhere. */
  url: z.string().optional(),
  /** Why it was not asked for. */
  because: z.string().optional(),
});
const anyLine = z.discriminatedUnion("kind", [headLine, exchangeLine, targetLine]);

export type JournalLine = Readonly<z.infer<typeof anyLine>>;
export type ExchangeLine = Readonly<z.infer<typeof exchangeLine>>;
export type TargetLine = Readonly<z.infer<typeof targetLine>>;

export interface Journal {
  readonly targets: ReadonlyMap<string, TargetLine>;
  /** By URL, the last answer. */
  readonly exchanges: ReadonlyMap<string, ExchangeLine>;
  /** Times that the program was started on this folder. */
  readonly starts: number;
  /** Names of the WARC files that lines name, sorted. */
  readonly files: readonly string[];
}

export const journalName = (start: number): string => `journal-${String(start).padStart(5, "0")}.jsonl`;

/**
 * Reads the journals of a folder and makes its WARC files end where the journals say.
 * @throws DataError FETCH_FOLDER_OTHER, FETCH_FOLDER_DAMAGED
 */
export async function openJournal(folder: string, purpose: Purpose): Promise<Journal> {
  const targets = new Map<string, TargetLine>();
  const exchanges = new Map<string, ExchangeLine>();
  const ends = new Map<string, number>();
  let starts = 0;
  for (; existsSync(join(folder, journalName(starts))); starts++) {
    for await (const line of linesOf(join(folder, journalName(starts)))) {
      if (line.kind === "start") {
        if (line.purpose === purpose) continue;
        throw new DataError("FETCH_FOLDER_OTHER", { file: folder, detail: `it holds a fetch of ${line.purpose}` });
      }
      if (line.kind === "target") targets.set(line.target, line);
      else {
        if (line.last) exchanges.set(line.url, line);
        const { file, offset, length } = line.warc;
        ends.set(file, Math.max(ends.get(file) ?? 0, offset + length));
      }
    }
  }
  cutTails(folder, ends);
  return { targets, exchanges, starts, files: [...ends.keys()].sort() };
}

const maxLineBytes = 1 << 20;

async function* linesOf(path: string): AsyncGenerator<JournalLine> {
  let end = 0;
  const damaged = (detail: string): DataError => new DataError("FETCH_FOLDER_DAMAGED", { file: path, detail });
  const { size } = statSync(path);
  for await (const line of readLines(path, { maxLineBytes })) {
    end = line.offset + line.length;
    // A line without its end was being written when the program died.
    if (end === size) return;
    const parsed = line.kind === "line" ? anyLine.safeParse(parseJsonObject(line.bytes)) : undefined;
    if (parsed?.success !== true) throw damaged(`byte ${line.offset} begins no line that apertus-data wrote`);
    yield parsed.data;
  }
}

function cutTails(folder: string, ends: ReadonlyMap<string, number>): void {
  const found = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^(?:robots|pages)-\d{5,}\.warc\.gz$/.test(name))
    : [];
  for (const name of found) {
    const path = join(folder, name);
    const end = ends.get(name);
    if (end === undefined) {
      disk.remove(path);
      continue;
    }
    const { size } = statSync(path);
    if (size < end) {
      throw new DataError("FETCH_FOLDER_DAMAGED", { file: path, detail: `${size} bytes, but the journal names ${end}` });
    }
    if (size > end) {
      truncateSync(path, end);
      disk.flushFile(path);
    }
  }
  for (const name of ends.keys()) {
    if (!found.includes(name)) throw new DataError("FETCH_FOLDER_DAMAGED", { file: join(folder, name), detail: "it is gone" });
  }
}
