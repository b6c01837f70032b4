/**
 * Really Simple Licensing (RSL 1.0, 2025): a `License:` line of robots.txt, a Link header or element of type application/rsl+xml,
 * or the licence itself in a script element names terms in XML. The terms are not read here: that there are some is recorded, and
 * what they permit stays unknown.
 */
import type { Stated } from "./statement.js";

export const rslType = "application/rsl+xml";

/** The value of a `License:` line: one absolute URL. Undefined for anything else. */
export function parseRslLine(value: string): readonly Stated[] | undefined {
  return /^https?:\/\/[^\s]+$/i.test(value) ? rslStated : undefined;
}

export const rslStated: readonly Stated[] = [{ category: "reuse", value: "unknown" }];
