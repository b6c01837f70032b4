/**
 * A horizontal axis of time for inline SVG. Positions are percentages of the width, so that a chart follows the width of the page
 * while its text and marks keep their size.
 */

const dayMilliseconds = 86_400_000;

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export class TimeAxis {
  readonly #start: number;
  readonly #end: number;

  /** @param times milliseconds, at least one; the axis has room before the first and behind the last */
  constructor(times: readonly number[]) {
    let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const time of times) {
      start = Math.min(start, time);
      end = Math.max(end, time);
    }
    const room = Math.max((end - start) * 0.02, end - start < 20 * dayMilliseconds ? 10 * dayMilliseconds : 0);
    this.#start = start - room;
    this.#end = end + room;
  }

  /** Per cent of the width, 0 to 100. */
  at(time: number): number {
    return (100 * (time - this.#start)) / (this.#end - this.#start);
  }

  /** About four whole years, months or days. */
  ticks(): readonly Tick[] {
    const years = (this.#end - this.#start) / (365.25 * dayMilliseconds);
    const steps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];
    const months = steps.find((step) => (years * 12) / step <= 4.2) ?? 2400;
    if (years * 12 < 1.6) return this.#dayTicks();
    const first = new Date(this.#start);
    const ticks: Tick[] = [];
    for (let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months; ; month += months) {
      const time = Date.UTC(Math.floor(month / 12), month % 12, 1);
      if (time > this.#end) return ticks;
      if (time < this.#start) continue;
      ticks.push({ at: this.at(time), label: labelOf(time, months >= 12 ? "year" : "month") });
    }
  }

  #dayTicks(): readonly Tick[] {
    const days = Math.max(1, Math.ceil((this.#end - this.#start) / dayMilliseconds / 4));
    const ticks: Tick[] = [];
    for (
      let time = Math.ceil(this.#start / dayMilliseconds) * dayMilliseconds;
      time <= this.#end;
      time += days * dayMilliseconds
    ) {
      ticks.push({ at: this.at(time), label: labelOf(time, "day") });
    }
    return ticks;
  }
}

const formats = {
  year: new Intl.DateTimeFormat("en-GB", { year: "numeric", timeZone: "UTC" }),
  month: new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
};

function labelOf(time: number, unit: keyof typeof formats): string {
  return formats[unit].format(time);
}

/** A position with as many digits as a screen can show. */
export function fixed(percentage: number): string {
  return `${Math.round(percentage * 100) / 100}%`;
}

/** Keeps a label at its place from running over the edge of the chart. */
export function anchorAt(percentage: number): "start" | "middle" | "end" {
  return percentage < 8 ? "start" : percentage > 92 ? "end" : "middle";
}
