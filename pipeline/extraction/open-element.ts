/**
 * What the reader remembers of an open element, and what it decides when an element opens: how its lines are, and whether it is
 * shown at all (WHATWG HTML, section 15.3.1 "Hidden elements").
 */
import { BLOCK, CELL, CONTAINER, HEADING, ITEM, PREFORMATTED, SCOPE } from "./elements.js";
import { Kind } from "./skeleton.js";

export interface OpenElement {
  /** Empty once an end tag behind a block has ended it. */
  name: string;
  readonly bits: number;
  readonly kind: Kind;
  /** This element or one around it is not read. */
  readonly skipped: boolean;
  readonly preformatted: boolean;
  link: boolean;
  readonly hints: number;
  /** Index in the skeleton; -1 until text comes. */
  container: number;
  /** Stack index of the nearest block (this one counts); of the nearest that is no paragraph, or bounds a table; of the latter. */
  readonly block: number;
  readonly boundary: number;
  readonly scope: number;
}

/** Stands below all elements of a page. */
export const root: OpenElement = {
  name: "",
  bits: BLOCK | CONTAINER | SCOPE,
  kind: Kind.text,
  skipped: false,
  preformatted: false,
  link: false,
  hints: 0,
  container: 0,
  block: 0,
  boundary: 0,
  scope: 0,
};

/** The end of a table or a part of it reaches out of cells; other end tags inside a cell do not. */
export function endsTableParts(name: string, bits: number): boolean {
  return (bits & (SCOPE | CELL)) !== 0 || /^t(?:r|body|head|foot)$/.test(name);
}

export function kindOf(bits: number, name: string): Kind {
  if ((bits & HEADING) !== 0) return Kind.heading;
  if ((bits & PREFORMATTED) !== 0) return Kind.preformatted;
  if ((bits & ITEM) !== 0) return Kind.item;
  return name === "p" ? Kind.paragraph : Kind.text;
}

export function isHidden(name: string, bits: number, attributes: ReadonlyMap<string, string>): boolean {
  if (name === "dialog" && !attributes.has("open")) return true;
  if (attributes.size === 0) return false;
  const hidden = attributes.get("hidden");
  if (hidden !== undefined && hidden.toLowerCase() !== "until-found") return true;
  const style = attributes.get("style");
  if (style !== undefined && /display\s?:\s?none|visibility\s?:\s?hidden/i.test(style)) return true;
  return attributes.get("aria-hidden") === "true" && (bits & (BLOCK | CELL)) === 0;
}
