/**
 * One spelling for each JSON value (RFC 8785, JSON Canonicalization Scheme, for the values that we store: no lone surrogates):
 * keys sorted by UTF-16 code unit, no white space, numbers as ECMAScript prints them. Digests are taken over it.
 */
import { createHash } from "node:crypto";

export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.toWellFormed());
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    let items = "";
    for (const item of value) items += `${items === "" ? "" : ","}${canonicalJson(item ?? null)}`;
    return `[${items}]`;
  }
  if (typeof value === "object" && value !== null) return canonicalObject(value as Readonly<Record<string, unknown>>);
  throw new TypeError(`${typeof value} ${String(value)} has no canonical JSON`);
}

function canonicalObject(value: Readonly<Record<string, unknown>>): string {
  let members = "";
  // Without a comparison function names are compared by UTF-16 code unit.
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(item)}`;
  }
  return `{${members}}`;
}

/** SHA-256 in lower-case hex. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}
