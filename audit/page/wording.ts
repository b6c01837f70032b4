/** Numbers, dates and names in the words of the report. Dates are in UTC. Runs in Node and in the browser. */

const numbers = new Intl.NumberFormat("en-GB");
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const shortDays = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** `1,234`. */
export function count(value: number): string {
  return numbers.format(value);
}

/** `1 page`, `1,234 pages`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** `52%`; never 0 or 100 where that is not the exact share. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0%";
  if (part === whole) return "100%";
  const share = (100 * part) / whole;
  if (share < 1) return "under 1%";
  return share > 99 ? "over 99%" : `${Math.round(share)}%`;
}

/** `26 May 2024`; what is no date stands as it is. */
export function day(instant: string): string {
  const time = Date.parse(instant);
  return Number.isNaN(time) ? instant : days.format(time);
}

/** `26 May 2024` with the month in three letters, for tables. */
export function shortDay(instant: string | number): string {
  const time = typeof instant === "number" ? instant : Date.parse(instant);
  return Number.isNaN(time) ? String(instant) : shortDays.format(time);
}

/** `26 May 2024, 04:27:00 UTC`. */
export function moment(instant: string | number): string {
  const time = typeof instant === "number" ? instant : Date.parse(instant);
  if (Number.isNaN(time)) return String(instant);
  return `${days.format(time)}, ${new Date(time).toISOString().slice(11, 19)} UTC`;
}

/** `between A and B`, `on A`, or nothing. */
export function span(first: string | null, last: string | null): string | undefined {
  if (first === null || last === null) return undefined;
  const [from, to] = [day(first), day(last)];
  return from === to ? `on ${from}` : `between ${from} and ${to}`;
}

/** `1.4 MB` of 1,000,000 bytes. */
export function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return unit === 0 ? counted(value, "byte") : `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** `a`, `a and b`, `a, b and c`; of more than `most`, the first ones and a count. */
export function listed(items: readonly string[], most = Number.POSITIVE_INFINITY): string {
  const shown = items.length > most ? [...items.slice(0, most), `${count(items.length - most)} more`] : items;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

export const statusWords = { in: "in the corpus", out: "left out", retracted: "taken out later" } as const;
