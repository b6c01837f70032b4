/**
 * Walks the records of a WARC file (ISO 28500:2017) where Content-Length, and in a compressed file the end of the member,
 * decide where the next one begins. Nothing is searched for: a page can contain a forged record or a forged gzip member, so
 * damage whose extent is not certain ends the walk with one fault for the rest.
 */
import { DataError } from "../errors/index.js";
import { ChunkReader } from "./chunk-reader.js";
import { type MemberInflater, memberInflater, sniffCompression } from "./compression.js";
import { type ByteReader, FileWindow } from "./file-window.js";
import { type CompressionFault, defaultInflateLimits, InflateBudget } from "./inflate-budget.js";
import { parseWarcHeader } from "./warc-header.js";
import type { WarcFault, WarcFaultName, WarcLimits, WarcReadOptions, WarcRecord } from "./warc-record.js";

type Unnumbered<T> = Omit<T, "index">;
export type Scanned = Unnumbered<WarcRecord> | Unnumbered<WarcFault>;

const defaultLimits: WarcLimits = { ...defaultInflateLimits, blockBytes: 2 ** 26, headerBytes: 2 ** 16 };

/** Records and faults in file order; blocks stay empty unless `keepBlocks`. */
export async function* scanWarc(path: string, options: WarcReadOptions, keepBlocks: boolean): AsyncGenerator<Scanned, void> {
  const limits = { ...defaultLimits, ...options.limits };
  const start = options.start ?? 0;
  const window = await FileWindow.open(path, 0, options.end);
  try {
    const head = await window.peek(10);
    const inflate = memberInflater(sniffCompression(head), path);
    if (inflate === undefined) {
      if (head.length > 0) refuseOtherFormats(head, path);
      window.seek(start);
      const end = window.end;
      yield* scanRecords(new RecordReader(window, limits, keepBlocks, true), "bytes", () => end);
      return;
    }
    window.seek(start);
    yield* new MemberScan(path, window, inflate, limits, keepBlocks).scan(start === 0);
  } finally {
    await window.close();
  }
}

function refuseOtherFormats(head: Uint8Array, file: string): void {
  const text = Buffer.from(head.subarray(0, 10)).toString("latin1");
  if (text.startsWith("WARC/")) return;
  if (text.startsWith("filedesc:")) throw new DataError("ARC_UNSUPPORTED", { file });
  throw new DataError("INPUT_NOT_WARC", { file, detail: `it begins with ${JSON.stringify(text)}` });
}

/** The records of a plain file, or of a compressed stream that holds many. */
async function* scanRecords(
  records: RecordReader,
  unit: "bytes" | "inflated",
  end: () => number,
): AsyncGenerator<Scanned, void> {
  for (;;) {
    const offset = records.position;
    const next = await records.next();
    if (next.kind === "end") return;
    if (next.kind === "fault" && !next.certain) {
      const { fault, detail } = next;
      yield { kind: "fault", fault, detail, tail: true, offset, length: end() - offset, unit };
      return;
    }
    yield scanned(next, { offset, length: records.position - offset, unit }, false);
  }
}

/** The records of a compressed file, one a member as the standard's annex D recommends, until a member holds several. */
class MemberScan {
  constructor(
    private readonly path: string,
    private readonly window: FileWindow,
    private readonly inflate: MemberInflater,
    private readonly limits: WarcLimits,
    private readonly keepBlocks: boolean,
  ) {}

  async *scan(fromStart: boolean): AsyncGenerator<Scanned, void> {
    const budget = new InflateBudget(this.limits);
    let inflated = 0;
    let unknown = fromStart;
    while (this.window.left > 0) {
      const offset = this.window.position;
      const member = new ChunkReader(this.inflate(this.window, budget), inflated);
      try {
        if (unknown) {
          const head = await member.peek(10);
          if (member.failure === undefined && head.length > 0) refuseOtherFormats(head, this.path);
          unknown = head.length === 0;
        }
        const records = new RecordReader(member, this.limits, this.keepBlocks, false);
        const skipped = await records.skipNewlines();
        const next = await records.next();
        if (isWhole(next) && (await startsRecord(member))) {
          if (!fromStart) throw new DataError("WARC_NOT_CUTTABLE", { file: this.path, record: `at byte ${offset}` });
          const first = inflated + skipped;
          yield scanned(next, { offset: first, length: member.position - first, unit: "inflated" }, false);
          member.continueWith(this.#furtherMembers(budget));
          yield* this.#scanShared(member);
          return;
        }
        const rest = (await member.peek(1)).length;
        await member.drain();
        this.#refuseUnsupported(member.failure);
        const tail = member.failure?.tail ?? false;
        const extent = { offset, length: (tail ? this.window.end : this.window.position) - offset, unit: "bytes" } as const;
        const found = judgeMember(next, member.failure, rest > 0);
        if (found.kind !== "end") yield scanned(found, extent, tail);
        if (tail) return;
        inflated = member.position;
      } finally {
        await member.close();
      }
    }
  }

  async *#scanShared(member: ChunkReader): AsyncGenerator<Scanned, void> {
    yield* scanRecords(new RecordReader(member, this.limits, this.keepBlocks, true), "inflated", () => member.position);
    this.#refuseUnsupported(member.failure);
  }

  async *#furtherMembers(budget: InflateBudget): AsyncGenerator<Uint8Array, void> {
    while (this.window.left > 0) yield* this.inflate(this.window, budget);
  }

  #refuseUnsupported(failure: CompressionFault | undefined): void {
    if (failure?.fault !== "unsupported") return;
    throw new DataError("COMPRESSION_UNSUPPORTED", { file: this.path, detail: failure.message });
  }
}

/** What a member that holds one record, or none, comes to: damage of the member outweighs what was read from it. */
function judgeMember(next: Next, failure: CompressionFault | undefined, rest: boolean): Next {
  if (failure !== undefined) return faultOf(failure);
  // The member is whole, so it is the record that says the wrong length.
  if (next.kind === "fault" && next.fault === "truncated") return { ...next, fault: "bad-length" };
  if (next.kind === "record" && rest) {
    return { kind: "fault", fault: "bad-length", detail: "a member goes on behind its record", certain: true };
  }
  return next;
}

async function startsRecord(reader: ByteReader): Promise<boolean> {
  const head = await reader.peek(5);
  return head.length >= 5 && Buffer.from(head.subarray(0, 5)).toString("latin1") === "WARC/";
}

interface ReadFault {
  readonly kind: "fault";
  readonly fault: WarcFaultName;
  readonly detail: string;
  /** True where the reader stands behind the record. */
  readonly certain: boolean;
}

type Next = Pick<WarcRecord, "kind" | "type" | "fields" | "block"> | ReadFault | { readonly kind: "end" };

function isWhole(next: Next): next is Exclude<Next, { readonly kind: "end" }> {
  return next.kind === "record" || (next.kind === "fault" && next.certain);
}

function faultOf(failure: CompressionFault): ReadFault {
  // The callers throw where the file's compression is not supported, so the name is never seen.
  const fault = failure.fault === "unsupported" ? "corrupt-member" : failure.fault;
  // No record follows in these bytes; whether another member does is for the member's reader to say.
  return { kind: "fault", fault, detail: failure.message, certain: false };
}

function scanned(
  next: Exclude<Next, { readonly kind: "end" }>,
  extent: Pick<Scanned, "offset" | "length" | "unit">,
  tail: boolean,
): Scanned {
  if (next.kind === "record") return { ...next, ...extent };
  return { kind: "fault", fault: next.fault, detail: next.detail, tail, ...extent };
}

const noBytes: Uint8Array = new Uint8Array(0);

/** Reads one record after the other from bytes, wherever they come from. */
class RecordReader {
  constructor(
    private readonly reader: ByteReader & { readonly failure?: CompressionFault | undefined },
    private readonly limits: WarcLimits,
    private readonly keepBlocks: boolean,
    /** Whether the reader's views hold much more than one record, so that a block kept as a view would keep all that alive. */
    private readonly copy: boolean,
  ) {}

  get position(): number {
    return this.reader.position;
  }

  async next(): Promise<Next> {
    const { reader, limits } = this;
    const view = await reader.peek(limits.headerBytes);
    if (view.length === 0) return reader.failure === undefined ? { kind: "end" } : faultOf(reader.failure);
    const header = parseWarcHeader(view, limits.headerBytes);
    if ("fault" in header)
      return header.fault === "truncated" ? this.#cut(header.detail) : { kind: "fault", ...header, certain: false };
    await reader.skip(header.length);
    const { fields, contentLength } = header;
    const tooLarge = contentLength > limits.blockBytes;
    let block = noBytes;
    if (this.keepBlocks && !tooLarge && contentLength > 0) {
      const found = (await reader.peek(contentLength)).subarray(0, contentLength);
      block = this.copy ? new Uint8Array(found) : found;
    }
    const passed = await reader.skip(contentLength);
    if (passed < contentLength) return this.#cut(`Content-Length is ${contentLength}, ${passed} bytes are left`);
    if ((await this.skipNewlines()) === 0 && (await reader.peek(1)).length > 0) {
      return { kind: "fault", fault: "bad-length", detail: "no line end follows the record's block", certain: false };
    }
    if (tooLarge) {
      const detail = `Content-Length is ${contentLength}, the limit is ${limits.blockBytes}`;
      return { kind: "fault", fault: "too-large", detail, certain: true };
    }
    const type = fields.get("warc-type")?.toLowerCase();
    if (!type) return { kind: "fault", fault: "bad-header", detail: "the record has no WARC-Type", certain: true };
    return { kind: "record", type, fields, block };
  }

  /** Passes the line ends behind a block: two by the standard, more or fewer as archives have them. */
  async skipNewlines(): Promise<number> {
    let skipped = 0;
    for (;;) {
      const view = await this.reader.peek(4);
      let count = 0;
      while (count < view.length && (view[count] === 13 || view[count] === 10)) count++;
      await this.reader.skip(count);
      skipped += count;
      if (count === 0 || count < view.length) return skipped;
    }
  }

  #cut(detail: string): ReadFault {
    const { failure } = this.reader;
    return failure === undefined ? { kind: "fault", fault: "truncated", detail, certain: false } : faultOf(failure);
  }
}
