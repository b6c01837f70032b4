/** How a fetch goes: on a terminal one line that is redrawn, elsewhere a plain line every few seconds. */
import type { FetchEvent } from "../pipeline/index.js";
import { bytes, clock, count, counted } from "./numbers.js";
import { bar } from "./progress.js";

export class FetchProgress {
  #targets = 0;
  #before = 0;
  #done = 0;
  #bytes = 0;
  #failed = 0;
  #began: number;
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#began = now();
  }

  hear(event: FetchEvent): void {
    if (event.type === "start") {
      const { hosts, targets, before } = event;
      const earlier = before === 0 ? "" : `, ${count(before)} done before`;
      this.stream.write(`${counted(targets, "target")} on ${counted(hosts, "host")}${earlier}\n`);
      this.#targets = targets;
      this.#before = before;
      this.#began = this.now();
    } else {
      this.#done++;
      this.#bytes += event.bytes;
      if (/^(?:unreachable|unreadable|refused)/.test(event.state)) this.#failed++;
    }
    this.#draw();
  }

  end(): void {
    if (this.stream.isTTY) this.stream.write("\r\x1b[2K");
  }

  #draw(): void {
    const now = this.now();
    if (now - this.#drawn < (this.stream.isTTY ? 100 : 5000)) return;
    this.#drawn = now;
    const text = this.#text((now - this.#began) / 1000);
    if (this.stream.isTTY) this.stream.write(`\r\x1b[2K${text.slice(0, Math.max(20, (this.stream.columns ?? 80) - 1))}`);
    else this.stream.write(`${text}\n`);
  }

  #text(seconds: number): string {
    const all = this.#before + this.#done;
    const parts = [`fetch ${bar(this.#targets === 0 ? 1 : all / this.#targets)} ${count(all)}/${count(this.#targets)}`];
    if (this.#done > 0 && seconds > 0) parts.push(`${(this.#done / seconds).toFixed(1)}/s`, bytes(this.#bytes));
    if (this.#failed > 0) parts.push(`${count(this.#failed)} failed`);
    const left = this.#targets - all;
    if (left > 0 && this.#done > 0) parts.push(`${clock((seconds * left) / this.#done)} left`);
    return parts.join(" · ");
  }
}
