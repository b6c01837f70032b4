/**
 * Captures put in order by authority, then time, then as they came, in bounded memory: an external merge sort (Knuth, The Art of
 * Computer Programming 3, §5.4). What fits into one run stays in memory; runs beyond it are written beside the archive, and merged
 * while they are read, as often as is asked.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { disk } from "../../corpus/index.js";
import { captureSize } from "./archive-layout.js";

export interface SortedCapture {
  readonly authority: string;
  /** As encodeCapture gives it; good until the next one is taken. */
  readonly record: Uint8Array;
}

/** A quarter of a million: 29 MB of records, and their authorities. */
const runCaptures = 1 << 18;
const blockBytes = 1 << 20;
/** An entry of a run: two octets of length, the authority in Latin-1, the record. */
const lengthBytes = 2;

export class CaptureSort {
  count = 0;
  #authorities: string[] = [];
  #records = Buffer.alloc(1024 * captureSize);
  readonly #runs: string[] = [];

  /**
   * @param runPath where the runs lie, by their numbers
   * @param runLength captures of a run
   */
  constructor(
    private readonly runPath: (number: number) => string,
    private readonly runLength = runCaptures,
  ) {}

  /** @param authority at most 65,535 octets of ASCII */
  add(authority: string, record: Uint8Array): void {
    const at = this.#authorities.push(authority) - 1;
    if (this.#records.length < (at + 1) * captureSize) {
      this.#records = Buffer.concat([this.#records], 2 * this.#records.length);
    }
    this.#records.set(record, at * captureSize);
    this.count++;
    if (this.#authorities.length === this.runLength) this.#spill();
  }

  /** All captures in order, each time anew; nothing may be added after the first time. */
  *sorted(): Generator<SortedCapture> {
    const open: Run[] = this.#runs.map((path, number) => new StoredRun(number, path));
    if (this.#authorities.length > 0) open.push(this.#inMemory());
    try {
      if (open.length === 1) {
        for (const [run] = open; run?.current !== undefined; run.next()) yield run.current;
        return;
      }
      const heap = new Heap(open.filter(({ current }) => current !== undefined));
      for (let least = heap.least; least?.current !== undefined; least = heap.least) {
        yield least.current;
        least.next();
        heap.settle();
      }
    } finally {
      for (const run of open) run.close();
    }
  }

  close(): void {
    for (const path of this.#runs) disk.remove(path);
  }

  #inMemory(): MemoryRun {
    const authorities = this.#authorities;
    const records = this.#records;
    const timeOf = (at: number): number => records.readDoubleLE(at * captureSize);
    // Code units compare as octets do, since authorities are ASCII.
    const order = Uint32Array.from(authorities, (_, i) => i).sort((a, b) => {
      const [left = "", right = ""] = [authorities[a], authorities[b]];
      return left < right ? -1 : left > right ? 1 : timeOf(a) - timeOf(b) || a - b;
    });
    return new MemoryRun(this.#runs.length, order, authorities, records);
  }

  #spill(): void {
    const path = this.runPath(this.#runs.length);
    const file = disk.create(path);
    const block = Buffer.alloc(blockBytes + 0x10000 + captureSize);
    let filled = 0;
    try {
      const run = this.#inMemory();
      for (; run.current !== undefined; run.next()) {
        const { authority, record } = run.current;
        filled = block.writeUInt16LE(authority.length, filled);
        filled += block.write(authority, filled, "latin1");
        block.set(record, filled);
        filled += captureSize;
        if (filled < blockBytes) continue;
        file.write(block.subarray(0, filled));
        filled = 0;
      }
      file.write(block.subarray(0, filled));
    } finally {
      file.close();
    }
    this.#runs.push(path);
    this.#authorities = [];
  }
}

interface Run {
  /** Runs hold captures in the order in which they came: of equals the one of the lower run is first. */
  readonly number: number;
  readonly current: (SortedCapture & { readonly time: number }) | undefined;
  next(): void;
  close(): void;
}

class MemoryRun implements Run {
  current: Run["current"];
  #at = 0;

  constructor(
    readonly number: number,
    private readonly order: Uint32Array,
    private readonly authorities: readonly string[],
    private readonly records: Buffer,
  ) {
    this.#read();
  }

  next(): void {
    this.#at++;
    this.#read();
  }

  close(): void {
    this.current = undefined;
  }

  #read(): void {
    const capture = this.order[this.#at];
    if (capture === undefined) this.current = undefined;
    else {
      const from = capture * captureSize;
      const record = this.records.subarray(from, from + captureSize);
      this.current = { authority: this.authorities[capture] ?? "", record, time: this.records.readDoubleLE(from) };
    }
  }
}

class StoredRun implements Run {
  current: Run["current"];
  readonly #handle: number;
  #block = Buffer.alloc(0);
  #at = 0;
  #offset = 0;

  constructor(
    readonly number: number,
    path: string,
  ) {
    this.#handle = openSync(path, "r");
    this.next();
  }

  next(): void {
    if (!this.#holds(lengthBytes)) {
      this.current = undefined;
      return;
    }
    const length = this.#block.readUInt16LE(this.#at);
    const entry = lengthBytes + length + captureSize;
    if (!this.#holds(entry)) throw new RangeError("a run of the sort is cut off");
    const from = this.#at + lengthBytes;
    const record = this.#block.subarray(from + length, from + length + captureSize);
    this.current = { authority: this.#block.toString("latin1", from, from + length), record, time: record.readDoubleLE(0) };
    this.#at += entry;
  }

  close(): void {
    closeSync(this.#handle);
  }

  /** Whether so many octets lie ahead; reads on where the block does not hold them. A record that was given out stays as it is. */
  #holds(octets: number): boolean {
    const rest = this.#block.length - this.#at;
    if (rest >= octets) return true;
    const block = Buffer.allocUnsafeSlow(rest + blockBytes);
    this.#block.copy(block, 0, this.#at);
    const read = readSync(this.#handle, block, rest, blockBytes, this.#offset);
    this.#offset += read;
    this.#block = block.subarray(0, rest + read);
    this.#at = 0;
    return this.#block.length >= octets;
  }
}

/** Runs with the least current capture on top. */
class Heap {
  constructor(private readonly runs: Run[]) {
    for (let at = runs.length >> 1; at >= 0; at--) this.#sink(at);
  }

  get least(): Run | undefined {
    return this.runs[0];
  }

  /** The least run went on, or came to its end. */
  settle(): void {
    const [least] = this.runs;
    const last = this.runs.at(-1);
    if (least?.current === undefined && last !== undefined) {
      this.runs[0] = last;
      this.runs.pop();
    }
    this.#sink(0);
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#before(child, least)) least = child;
      const [a, b] = [this.runs[at], this.runs[least]];
      if (least === at || a === undefined || b === undefined) return;
      this.runs[at] = b;
      this.runs[least] = a;
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.runs[a], this.runs[b]];
    const [one, other] = [left?.current, right?.current];
    if (left === undefined || right === undefined || one === undefined || other === undefined) return false;
    if (one.authority !== other.authority) return one.authority < other.authority;
    return one.time === other.time ? left.number < right.number : one.time < other.time;
  }
}
