/**
 * One spelling for each path, so that rules and URLs compare octet by octet (RFC 9309 §2.2.2, RFC 3986 §2.2-2.4, §6.2.2).
 *
 * Text here is an *octet string*: a JavaScript string in which each char code is one octet (latin1), because robots.txt files and
 * URLs are bytes of any encoding and lengths are counted in octets.
 */
import { latin1 } from "./latin1.js";

/** The bytes as an octet string. */
export function octetsOf(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}

/** The UTF-8 octets of a text. */
export function octetsOfText(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : latin1.decodeText(text);
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text that the octets spell as UTF-8; what is malformed becomes U+FFFD. */
export function textOf(octets: string): string {
  return /^[\0-\x7f]*$/.test(octets) ? octets : utf8.decode(latin1.encode(octets));
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
/** Reserved characters that mean the same whether escaped or not, since no rule and no hierarchy hangs on them. */
const inPath = tableOf(`${unreserved}!&'()+,:;=@[]`);
/** Behind "?", a slash is data, while "&", "=" and "+" divide the fields of a form and so differ from their escapes. */
const inQuery = tableOf(`${unreserved}!'(),:;@[]/?`);
const literalInQuery = tableOf(`${unreserved}!&'()+,:;=@[]/?`);
/** Every octet that stays as it is in both parts; what holds nothing else needs no work. */
const nothingToDo = /^[A-Za-z0-9\-._~/!&'()+,:;=@[\]?]*$/;

const escapes = Array.from({ length: 256 }, (_, octet) => `%${octet.toString(16).toUpperCase().padStart(2, "0")}`);

/**
 * The normal form of a URL's path and query, or of a rule's pattern:
 * escapes of unreserved octets are decoded (`%62` is `b`), all other escapes are in upper case, octets outside ASCII and
 * those that no URI may hold are escaped. The RFC has reserved octets escaped before they are compared; here the escaped and the
 * plain spelling become the plain one, which makes the same pairs equal and counts an octet as one, as other parsers do.
 * A slash or question mark in the path, and `&`, `=`, `+` in the query, stay apart from their escapes: they divide.
 *
 * @param pattern keeps `*`, and `$` at the very end, as the wildcards they are; elsewhere both become `%2A` and `%24`
 */
export function normalisePath(octets: string, pattern: boolean): string {
  if (nothingToDo.test(octets)) return octets;
  let out = "";
  let query = false;
  for (let i = 0; i < octets.length; i++) {
    const code = octets.charCodeAt(i);
    if (code === 0x25) {
      const value = hexAt(octets, i + 1);
      if (value < 0) {
        out += "%25";
        continue;
      }
      out += (query ? inQuery : inPath)[value] === 1 ? String.fromCharCode(value) : escapes[value];
      i += 2;
    } else if (code === 0x3f) {
      query = true;
      out += "?";
    } else if (pattern && (code === 0x2a || (code === 0x24 && i === octets.length - 1))) {
      out += octets[i];
    } else if (code === 0x2f || (query ? literalInQuery : inPath)[code] === 1) {
      out += octets[i];
    } else {
      out += escapes[code];
    }
  }
  return out;
}

/** The octet that two hexadecimal digits spell, or -1. */
export function hexAt(octets: string, at: number): number {
  const high = digit(octets.charCodeAt(at));
  const low = digit(octets.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

function tableOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}

/**
 * The octets as text fit for a report or a terminal: at most `limit` octets, control and direction-changing characters and
 * lone escapes spelled as `\u{…}`, malformed UTF-8 as U+FFFD, an ellipsis where something was cut.
 */
export function printable(octets: string, limit: number): string {
  const cut = octets.length > limit;
  return (
    textOf(octets.slice(0, limit)).replace(
      /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
      (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
    ) + (cut ? "…" : "")
  );
}
