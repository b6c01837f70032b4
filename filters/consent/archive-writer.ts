/**
 * Builds a robots archive out of captures in one pass: bodies go straight to the file, the index is sorted outside of memory
 * (capture-sort.ts) and written behind them. Of what grows with the captures 24 octets a body and 24 an authority are in memory.
 * The file is made under a name of this attempt's own, flushed and then renamed, so it is there whole or not at all.
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { attemptSuffix, type DiskFile, disk } from "../../corpus/index.js";
import {
  type CaptureRecord,
  encodeCapture,
  encodeKey,
  encodeTrailer,
  keySize,
  magic,
  type TextReference,
  trailerSize,
} from "./archive-layout.js";
import { BodyTable } from "./body-table.js";
import { BoundedCache } from "./bounded-cache.js";
import { type ArchivedState, archivedStates, captureUnits, judge, type RobotsCapture } from "./capture.js";
import { CaptureSort } from "./capture-sort.js";

export interface ArchiveCounts {
  readonly captures: number;
  readonly authorities: number;
  readonly bodies: number;
  /** Captures of another address than /robots.txt, or whose answer says nothing (304, 1xx). */
  readonly left_out: number;
  readonly states: Readonly<Record<ArchivedState, number>>;
}

interface StoredBody {
  readonly offset: number;
  readonly sha256: Uint8Array;
}

/** Texts that many captures share, and that are written once: names of files, targets of redirects. */
const sharedTexts = 65_536;

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
  const suffix = attemptSuffix();
  const temporary = path + suffix;
  const index = new Index((number) => `${path}.run-${number}${suffix}`);
  const file = disk.create(temporary);
  try {
    const output = new Output(file);
    output.write(magic);
    const { bodies, leftOut } = await writeCaptures(output, index, captures);
    const sections = index.write(output);
    const counts: ArchiveCounts = {
      captures: index.count,
      authorities: sections.keyCount,
      bodies,
      left_out: leftOut,
      states: index.states,
    };
    const json = Buffer.from(JSON.stringify({ ...about(), counts }), "utf8");
    const aboutAt = output.at;
    output.write(json);
    output.write(
      encodeTrailer({
        ...sections,
        captureCount: index.count,
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
  } finally {
    index.close();
  }
}

async function writeCaptures(
  output: Output,
  index: Index,
  captures: AsyncIterable<RobotsCapture>,
): Promise<{ bodies: number; leftOut: number }> {
  const stored = new BodyTable();
  const texts = new Texts(output);
  let leftOut = 0;
  for await (const capture of captures) {
    const judged = judge(capture);
    if (judged === undefined) {
      leftOut++;
      continue;
    }
    const { capturedAt, offset, length, unit, status, file, recordId } = capture;
    const body = judged.body.length === 0 ? undefined : store(output, stored, judged.body);
    index.add(judged.authority, {
      capturedAt,
      offset,
      length,
      unit: captureUnits.indexOf(unit),
      // A status that HTTP does not know is kept as 0, and so is none.
      status: status !== null && status >= 100 && status <= 999 ? Math.trunc(status) : 0,
      state: archivedStates.indexOf(judged.state),
      capturedLength: capture.body.length,
      bodyOffset: body?.offset ?? 0,
      bodyLength: judged.body.length,
      bodySha256: body?.sha256 ?? new Uint8Array(32),
      file: texts.shared(file),
      recordId: texts.add(recordId),
      redirect: texts.shared(judged.redirect),
    });
  }
  return { bodies: stored.size, leftOut };
}

function store(output: Output, stored: BodyTable, body: Uint8Array): StoredBody {
  const sha256 = createHash("sha256").update(body).digest();
  let offset = stored.get(sha256);
  if (offset === undefined) {
    offset = output.at;
    output.write(body);
    stored.set(sha256, offset);
  }
  return { offset, sha256 };
}

class Index {
  readonly states = Object.fromEntries(archivedStates.map((state) => [state, 0])) as Record<ArchivedState, number>;
  readonly #captures: CaptureSort;

  constructor(runPath: (number: number) => string) {
    this.#captures = new CaptureSort(runPath);
  }

  get count(): number {
    return this.#captures.count;
  }

  add(authority: string, record: CaptureRecord): void {
    this.#captures.add(authority, encodeCapture(record));
    const state = archivedStates[record.state];
    if (state !== undefined) this.states[state]++;
  }

  /** Names and, in a second pass, captures; the keys are made on the first. */
  write(output: Output): { readonly captures: number; readonly keys: number; readonly keyCount: number } {
    const texts = new Texts(output);
    const keys = new Blocks();
    let last: { readonly name: string; readonly authority: TextReference; readonly first: number } | undefined;
    let read = 0;
    const end = (): void => {
      if (last !== undefined) keys.add(encodeKey({ ...last, count: read - last.first }));
    };
    for (const { authority } of this.#captures.sorted()) {
      if (last?.name !== authority) {
        end();
        last = { name: authority, authority: texts.add(authority), first: read };
      }
      read++;
    }
    end();
    const captures = output.at;
    for (const { record } of this.#captures.sorted()) output.write(record);
    const keysAt = output.at;
    for (const block of keys.blocks()) output.write(block);
    return { captures, keys: keysAt, keyCount: keys.count };
  }

  close(): void {
    this.#captures.close();
  }
}

/** Records of keys, without an object for each. */
class Blocks {
  count = 0;
  readonly #blocks: Buffer[] = [];

  add(record: Uint8Array): void {
    const at = this.count++ % blockKeys;
    if (at === 0) this.#blocks.push(Buffer.alloc(blockKeys * keySize));
    this.#blocks.at(-1)?.set(record, at * keySize);
  }

  *blocks(): Generator<Uint8Array> {
    for (const [i, block] of this.#blocks.entries()) yield block.subarray(0, (this.count - i * blockKeys) * keySize);
  }
}

const blockKeys = 8192;

class Texts {
  readonly #shared = new BoundedCache<string, TextReference>(sharedTexts);

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
