/** Stored numbers that both Parquet and Arrow hold, and JavaScript has no array for. */

/** IEEE 754 binary16, by its bits. */
export function halfFloat(bits: number): number {
  const sign = bits >>> 15 === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** Rounded down, before 1970 too: microseconds and nanoseconds as whole milliseconds. */
export function floorDivided(value: bigint, divisor: bigint): number {
  const quotient = value / divisor;
  return Number(value < 0n && quotient * divisor !== value ? quotient - 1n : quotient);
}
