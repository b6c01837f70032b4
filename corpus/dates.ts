/** Dates as web corpora write them: ISO 8601, the 14 digits of web archives, and seconds or milliseconds since 1970. */

/** Milliseconds of a date in any of the forms that web corpora use, or NaN. A bare date means its first moment, UTC. */
export function parseDate(value: unknown): number {
  // Seconds until the year 5138, milliseconds from 1973 on; a Date ends at 8.64e15.
  if (typeof value === "number") return Math.abs(value) < 1e11 ? value * 1000 : Math.abs(value) <= 8.64e15 ? value : Number.NaN;
  if (typeof value !== "string" || value.length > 64) return Number.NaN;
  const text = value.trim();
  if (/^\d{14}$/.test(text)) return Date.parse(text.replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return Number.NaN;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`;
  return Date.parse(zoned.replace(" ", "T"));
}
