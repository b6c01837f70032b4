/**
 * Builds a robots archive out of captures in one pass: bodies go straight to the file, the index is kept in memory, sorted, and
 * written behind them. The file is made under a name of this attempt's own, flushed and then renamed, so it is there whole or not at all.
 */
import { createHash, randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { type DiskFile, disk } from "../../corpus/index.js";
import {
  type CaptureRecord,
  captureSize,
  encodeCapture,
  encodeKey,
  encodeTrailer,
  magic,
  type TextReference,
  trailerSize,
} from "./archive-layout.js";
import { type ArchivedState, archivedStates, captureUnits, judge, type RobotsCapture } from "./capture.js";

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
    const index = new Index();
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
  }
}

async function writeCaptures(
  output: Output,
  index: Index,
  captures: AsyncIterable<RobotsCapture>,
): Promise<{ bodies: number; leftOut: number }> {
  const stored = new Map<string, StoredBody>();
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
      bodyLength: body?.length ?? 0,
      bodySha256: body?.sha256 ?? new Uint8Array(32),
      file: texts.shared(file),
      recordId: texts.add(recordId),
      redirect: texts.shared(judged.redirect),
    });
  }
  return { bodies: stored.size, leftOut };
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

/** Captures in memory, 112 octets and two numbers each; authorities once. */
class Index {
  count = 0;
  readonly states = Object.fromEntries(archivedStates.map((state) => [state, 0])) as Record<ArchivedState, number>;
  readonly #authorities = new Map<string, number>();
  /** For each capture the number of its authority. */
  #authorityOf = new Uint32Array(1024);
  /** Blocks of encoded captures. */
  readonly #blocks: Buffer[] = [];

  add(authority: string, record: CaptureRecord): void {
    let id = this.#authorities.get(authority);
    if (id === undefined) {
      id = this.#authorities.size;
      this.#authorities.set(authority, id);
    }
    if (this.count === this.#authorityOf.length) {
      const grown = new Uint32Array(2 * this.count);
      grown.set(this.#authorityOf);
      this.#authorityOf = grown;
    }
    if (this.count % blockCaptures === 0) this.#blocks.push(Buffer.alloc(blockCaptures * captureSize));
    this.#authorityOf[this.count] = id;
    this.#record(this.count).set(encodeCapture(record));
    this.count++;
    const state = archivedStates[record.state];
    if (state !== undefined) this.states[state]++;
  }

  write(output: Output): { readonly captures: number; readonly keys: number; readonly keyCount: number } {
    // Code units compare as octets do, since authorities are ASCII.
    const authorities = [...this.#authorities].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const rank = new Uint32Array(authorities.length);
    for (const [i, [, id]] of authorities.entries()) rank[id] = i;
    const texts = new Texts(output);
    const names = authorities.map(([authority]) => texts.add(authority));
    const order = Uint32Array.from({ length: this.count }, (_, i) => i).sort((a, b) => this.#compare(rank, a, b));
    const captures = output.at;
    for (const capture of order) output.write(this.#record(capture));
    const keys = output.at;
    for (let first = 0, i = 0; i < names.length; i++) {
      let count = 0;
      while (first + count < order.length && rank[this.#authorityOf[order[first + count]]] === i) count++;
      output.write(encodeKey({ authority: names[i], first, count }));
      first += count;
    }
    return { captures, keys, keyCount: names.length };
  }

  #record(capture: number): Buffer {
    const at = (capture % blockCaptures) * captureSize;
    return this.#blocks[Math.floor(capture / blockCaptures)].subarray(at, at + captureSize);
  }

  /** By authority and time; captures of one moment in the order in which they came. */
  #compare(rank: Uint32Array, a: number, b: number): number {
    return rank[this.#authorityOf[a]] - rank[this.#authorityOf[b]] || this.#timeOf(a) - this.#timeOf(b) || a - b;
  }

  #timeOf(capture: number): number {
    return this.#blocks[Math.floor(capture / blockCaptures)].readDoubleLE((capture % blockCaptures) * captureSize);
  }
}

const blockCaptures = 8192;

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
