/**
 * Builds a robots archive out of captures in one pass: bodies go straight to the file, the index is kept in memory, sorted, and
 * written behind them. The file is made under a name of this attempt's own, flushed and then renamed, so it is there whole or not at all.
 */
import { createHash, randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { type DiskFile, disk } from "../../corpus/index.js";
import {
  type CaptureRecord,
  encodeCapture,
  encodeKey,
  encodeTrailer,
  magic,
  type TextReference,
  trailerSize,
} from "./archive-layout.js";
import { type ArchivedState, archivedStates, judge, type RobotsCapture } from "./capture.js";

export interface ArchiveCounts {
  readonly captures: number;
  readonly authorities: number;
  readonly bodies: number;
  /** Captures of another address than /robots.txt, or whose answer says nothing (304, 1xx). */
  readonly left_out: number;
  readonly states: Readonly<Record<ArchivedState, number>>;
}

interface Entry {
  readonly authority: string;
  readonly capturedAt: number;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly inflated: boolean;
  readonly recordId: string;
  readonly status: number;
  readonly state: number;
  readonly redirect: string;
  readonly capturedLength: number;
  readonly body: StoredBody | undefined;
}

interface StoredBody {
  readonly offset: number;
  readonly length: number;
  readonly sha256: Uint8Array;
}

/**
 * @param about what the archive is made from; stands in the file, with the counts
 * @returns the SHA-256 of the file and what it holds
 */
export async function writeArchive(
  path: string,
  captures: AsyncIterable<RobotsCapture>,
  about: () => Readonly<Record<string, unknown>>,
): Promise<{ readonly sha256: string; readonly counts: ArchiveCounts }> {
  disk.makeFolder(dirname(path));
  const temporary = `${path}.attempt-${process.pid}-${randomBytes(6).toString("hex")}`;
  const file = disk.create(temporary);
  try {
    const output = new Output(file);
    output.write(magic);
    const { entries, bodies, leftOut } = await writeBodies(output, captures);
    const authorities = writeIndex(output, entries);
    const counts: ArchiveCounts = {
      captures: entries.length,
      authorities: authorities.count,
      bodies,
      left_out: leftOut,
      states: tallyStates(entries),
    };
    const json = Buffer.from(JSON.stringify({ ...about(), counts }), "utf8");
    const aboutAt = output.at;
    output.write(json);
    output.write(
      encodeTrailer({
        captures: authorities.captures,
        captureCount: entries.length,
        keys: authorities.keys,
        keyCount: authorities.count,
        about: aboutAt,
        aboutLength: json.length,
        length: aboutAt + json.length + trailerSize,
      }),
    );
    const sha256 = output.finish();
    file.flush();
    file.close();
    disk.rename(temporary, path);
    disk.flushFolder(dirname(path));
    return { sha256, counts };
  } catch (error) {
    file.close();
    disk.remove(temporary);
    throw error;
  }
}

async function writeBodies(
  output: Output,
  captures: AsyncIterable<RobotsCapture>,
): Promise<{ entries: Entry[]; bodies: number; leftOut: number }> {
  const entries: Entry[] = [];
  const stored = new Map<string, StoredBody>();
  let leftOut = 0;
  for await (const capture of captures) {
    const judged = judge(capture);
    if (judged === undefined) {
      leftOut++;
      continue;
    }
    entries.push({
      authority: judged.authority,
      capturedAt: capture.capturedAt,
      file: capture.file,
      offset: capture.offset,
      length: capture.length,
      inflated: capture.unit === "inflated",
      recordId: capture.recordId,
      status: capture.status,
      state: archivedStates.indexOf(judged.state),
      redirect: judged.redirect,
      capturedLength: capture.body.length,
      body: judged.body.length === 0 ? undefined : store(output, stored, judged.body),
    });
  }
  return { entries, bodies: stored.size, leftOut };
}

function store(output: Output, stored: Map<string, StoredBody>, body: Uint8Array): StoredBody {
  const sha256 = createHash("sha256").update(body).digest();
  const key = sha256.toString("latin1");
  let found = stored.get(key);
  if (found === undefined) {
    found = { offset: output.at, length: body.length, sha256 };
    output.write(body);
    stored.set(key, found);
  }
  return found;
}

function writeIndex(output: Output, entries: Entry[]): { count: number; captures: number; keys: number } {
  entries.sort(
    (a, b) =>
      compare(a.authority, b.authority) || a.capturedAt - b.capturedAt || compare(a.file, b.file) || a.offset - b.offset,
  );
  const texts = new Texts(output);
  // First every text, then the fixed records that point at them. Of the texts only the names of files and redirects repeat.
  const references = entries.map((entry) => ({
    file: texts.shared(entry.file),
    recordId: texts.add(entry.recordId),
    redirect: texts.shared(entry.redirect),
  }));
  const keys: { authority: TextReference; first: number; count: number }[] = [];
  for (const [i, entry] of entries.entries()) {
    const last = keys.at(-1);
    if (last !== undefined && entries[i - 1]?.authority === entry.authority) last.count++;
    else keys.push({ authority: texts.add(entry.authority), first: i, count: 1 });
  }
  const captures = output.at;
  for (const [i, entry] of entries.entries()) {
    const reference = references[i];
    if (reference !== undefined) output.write(encodeCapture(recordOf(entry, reference)));
  }
  const keysAt = output.at;
  for (const key of keys) output.write(encodeKey(key));
  return { count: keys.length, captures, keys: keysAt };
}

function recordOf(entry: Entry, texts: Pick<CaptureRecord, "file" | "recordId" | "redirect">): CaptureRecord {
  const { capturedAt, offset, length, inflated, state, capturedLength, body } = entry;
  return {
    ...texts,
    capturedAt,
    offset,
    length,
    inflated,
    state,
    capturedLength,
    // A status that HTTP does not know is kept as 0.
    status: entry.status >= 100 && entry.status <= 999 ? Math.trunc(entry.status) : 0,
    bodyOffset: body?.offset ?? 0,
    bodyLength: body?.length ?? 0,
    bodySha256: body?.sha256 ?? new Uint8Array(32),
  };
}

function tallyStates(entries: readonly Entry[]): Record<ArchivedState, number> {
  const counts = Object.fromEntries(archivedStates.map((state) => [state, 0])) as Record<ArchivedState, number>;
  for (const { state } of entries) {
    const name = archivedStates[state];
    if (name !== undefined) counts[name]++;
  }
  return counts;
}

/** Code units compare as octets do, since authorities are ASCII. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

class Texts {
  readonly #shared = new Map<string, TextReference>();

  constructor(private readonly output: Output) {}

  /** A text may be 65,535 octets long; the rest of a longer one is cut. */
  add(text: string): TextReference {
    const bytes = Buffer.from(text, "utf8").subarray(0, 0xffff);
    const reference = { offset: this.output.at, length: bytes.length };
    this.output.write(bytes);
    return reference;
  }

  shared(text: string): TextReference {
    let reference = this.#shared.get(text);
    if (reference === undefined) {
      reference = this.add(text);
      this.#shared.set(text, reference);
    }
    return reference;
  }
}

/** Gathers small writes, counts and hashes. */
class Output {
  at = 0;
  readonly #hash = createHash("sha256");
  readonly #buffer = Buffer.allocUnsafe(1 << 20);
  #filled = 0;

  constructor(private readonly file: DiskFile) {}

  write(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#buffer.length) this.#empty();
    }
    this.at += bytes.length;
  }

  finish(): string {
    this.#empty();
    return this.#hash.digest("hex");
  }

  #empty(): void {
    const bytes = this.#buffer.subarray(0, this.#filled);
    this.#hash.update(bytes);
    this.file.write(bytes);
    this.#filled = 0;
  }
}
