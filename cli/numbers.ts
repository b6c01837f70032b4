/** Numbers as people read them, and as they write them. */
import { InvalidArgumentError } from "commander";

/** A whole number with commas between the thousands; toLocaleString would load the whole of Unicode's locale data for that. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 unit`, `6 units`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Percentages with one decimal that add up to 100.0: rounded down, and the tenths left over go to the largest remainders. */
export function shares(parts: readonly number[]): readonly string[] {
  const whole = parts.reduce((total, part) => total + part, 0);
  if (whole <= 0) return parts.map(() => "–");
  const exact = parts.map((part) => (1000 * part) / whole);
  const tenths = exact.map(Math.floor);
  const left = 1000 - tenths.reduce((total, tenth) => total + tenth, 0);
  const byRemainder = exact.map((value, index) => ({ index, rest: value % 1 })).sort((a, b) => b.rest - a.rest);
  for (const { index } of byRemainder.slice(0, left)) tenths[index] = (tenths[index] ?? 0) + 1;
  return tenths.map((tenth) => `${(tenth / 10).toFixed(1)} %`);
}

/** 75 → "1:15", 4000 → "1:06:40". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The argument of --workers. */
export function workerCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw new InvalidArgumentError("a whole number from 1 to 1024 is wanted");
  return value;
}

/** The argument of an option that is a whole number, 0 or above. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("a whole number is wanted");
  return value;
}
