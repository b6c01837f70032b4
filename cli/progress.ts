/**
 * How a run goes, for whoever watches: on a terminal one line that is redrawn, elsewhere a plain line every few seconds. The rate
 * and the time left come from the phase under way.
 */
import type { RunEvent } from "../pipeline/index.js";
import { printable } from "./exit.js";
import { bytes, clock, count, counted, percent } from "./numbers.js";

export interface Progress {
  hear(event: RunEvent): void;
  end(): void;
}

/** What each phase does, shown until there is a rate to show. */
const phases = {
  plan: "finding and cutting the inputs",
  read: "reading, and the stages before any barrier",
  cluster: "comparing the documents of all units",
  refine: "the stages behind the barrier",
  finalise: "shards and tables",
} as const;

export function createProgress(stream: NodeJS.WriteStream, now: () => number = () => performance.now()): Progress {
  return new Line(stream, now);
}

class Line implements Progress {
  #phase: keyof typeof phases = "plan";
  #units = 0;
  #done = 0;
  #found = 0;
  #records = 0;
  #documents = 0;
  #kept = 0;
  #bytes = 0;
  #began: number;
  #drawn = Number.NEGATIVE_INFINITY;
  readonly #everyMilliseconds: number;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly now: () => number,
  ) {
    this.#began = now();
    this.#everyMilliseconds = stream.isTTY ? 100 : 5000;
  }

  hear(event: RunEvent): void {
    switch (event.type) {
      case "warning":
        this.#clear();
        this.stream.write(`warning: ${printable(event.message)}\n`);
        return;
      case "plan":
        this.#clear();
        this.stream.write(
          `${counted(event.files, "input file")}, ${bytes(event.bytes)}, ${counted(event.units, "unit")} of work\n`,
        );
        return;
      case "phase": {
        const isNew = event.phase !== this.#phase;
        if (isNew || event.done === event.found) this.#enter(event.phase);
        this.#units = event.units;
        this.#done = event.done;
        this.#found = event.found;
        this.#draw(isNew && event.units > 0);
        return;
      }
      case "progress":
        this.#records += event.records;
        this.#documents += event.documents;
        this.#kept += event.kept;
        this.#bytes += event.bytes;
        this.#draw(false);
    }
  }

  end(): void {
    this.#clear();
  }

  #enter(phase: keyof typeof phases): void {
    this.#phase = phase;
    this.#records = this.#documents = this.#kept = this.#bytes = 0;
    this.#began = this.now();
  }

  #draw(force: boolean): void {
    const now = this.now();
    if (!force && now - this.#drawn < this.#everyMilliseconds) return;
    this.#drawn = now;
    const text = this.#text((now - this.#began) / 1000);
    if (this.stream.isTTY) this.stream.write(`\r\x1b[2K${text.slice(0, Math.max(20, (this.stream.columns ?? 80) - 1))}`);
    else this.stream.write(`${text}\n`);
  }

  #text(seconds: number): string {
    const share = this.#units === 0 ? 1 : this.#done / this.#units;
    const parts = [`${this.#phase.padEnd(8)} ${bar(share)} ${count(this.#done)}/${count(this.#units)}`];
    if (this.#documents > 0 && seconds > 0) {
      parts.push(
        `${count(Math.round(this.#documents / seconds))} documents/s`,
        `${(this.#bytes / 1e6 / seconds).toFixed(1)} MB/s`,
      );
      parts.push(`kept ${percent(this.#kept, this.#documents)}`);
    } else parts.push(phases[this.#phase]);
    const todo = this.#units - this.#done;
    const did = this.#done - this.#found;
    if (todo > 0 && did > 0) parts.push(`${clock((seconds * todo) / did)} left`);
    if (this.#found > 0) parts.push(`${count(this.#found)} done before`);
    return parts.join(" · ");
  }

  #clear(): void {
    if (this.stream.isTTY) this.stream.write("\r\x1b[2K");
  }
}

/** Of 20 characters. */
export function bar(share: number): string {
  const width = 20;
  const full = Math.round(width * Math.min(1, share));
  return "█".repeat(full) + "░".repeat(width - full);
}
