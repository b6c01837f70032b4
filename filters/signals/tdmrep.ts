/**
 * TDM Reservation Protocol (W3C community group report, 10 May 2024): `tdm-reservation` is 1 where text and data mining is
 * reserved and 0 where it is not, anything else is an error and leaves it unset; `tdm-policy` is the address of a policy. It stands
 * in /.well-known/tdmrep.json, in a response header or in a meta element, and the later of these overrides the earlier.
 */
import { Glob } from "../consent/glob.js";
import { normalisePath, octetsOfText } from "../consent/octets.js";
import type { Location, StatementValue } from "./statement.js";

/** "Processing priority": from the weakest to the strongest. */
export const tdmOrder: readonly Location[] = ["tdmrep.json", "header", "meta"];

/** The value of a header or of a meta element. */
export function parseReservation(value: string): StatementValue {
  const text = value.trim();
  if (text === "0") return "allow";
  // Lines of one field may come as a list (RFC 9110, section 5.3); quotes and parameters leave no doubt of a denial either.
  const denied = text.split(",").some((item) => /^"?1"?$/.test((item.split(";", 1)[0] ?? "").trim()));
  return denied ? "deny" : "unknown";
}

export interface TdmEntry {
  /** Counted from 1, in the file's order. */
  readonly number: number;
  readonly location: string;
  readonly value: StatementValue;
  /** Empty where there is none. */
  readonly policy: string;
}

/** A tdmrep.json made ready to be asked. */
export class TdmFile {
  /** False where it is not the array that the report asks for, nor an entry by itself. */
  readonly readable: boolean;
  readonly #entries: readonly (TdmEntry & { readonly glob: Glob })[];
  /** Estimated octets of memory. */
  readonly cost: number;

  constructor(bytes: Uint8Array) {
    const json = parseJson(bytes);
    const entries = Array.isArray(json) ? json : isEntry(json) ? [json] : undefined;
    this.readable = entries !== undefined;
    this.#entries = (entries ?? []).flatMap(entryOf);
    this.cost = 512 + this.#entries.reduce((sum, { glob, location }) => sum + 300 + glob.cost + 2 * location.length, 0);
  }

  /**
   * The first entry whose location matches, not the longest ("TDM File on the Origin Server"); undefined where none does.
   *
   * @param target path and query as an octet string
   */
  match(target: string): TdmEntry | undefined {
    const fragment = target.indexOf("#");
    const path = normalisePath(fragment < 0 ? target : target.slice(0, fragment), false);
    return this.#entries.find(({ glob }) => glob.matches(path));
  }
}

function entryOf(entry: unknown, index: number): readonly (TdmEntry & { readonly glob: Glob })[] {
  if (typeof entry !== "object" || entry === null) return [];
  const { location, "tdm-reservation": reservation, "tdm-policy": policy } = entry as Readonly<Record<string, unknown>>;
  if (typeof location !== "string" || reservation === undefined) return [];
  // A reservation in quotes is an error, yet there is no doubt what it asks for.
  const value = reservation === 1 || reservation === "1" ? "deny" : reservation === 0 ? "allow" : "unknown";
  // An address in place of a path is an error too: it reserves its path, and frees nothing, as it may be another site's.
  const [origin] = /^\s*(?:(?:https?:)?\/\/[^/?#]*|\s)/i.exec(location) ?? [""];
  if (origin !== "" && value !== "deny") return [];
  const octets = octetsOfText(location.slice(origin.length).trim().toWellFormed());
  const glob = new Glob(normalisePath(/^[/*]/.test(octets) ? octets : `/${octets}`, true));
  return [{ number: index + 1, location, value, policy: typeof policy === "string" ? policy : "", glob }];
}

function isEntry(json: unknown): boolean {
  return typeof json === "object" && json !== null && "location" in json && "tdm-reservation" in json;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
