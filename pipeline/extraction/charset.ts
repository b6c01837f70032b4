/**
 * Bytes to text: the encoding is decided as browsers do (WHATWG HTML, section 13.2.3 "The input byte stream"; Encoding Standard),
 * and what decided it is told. A byte order mark wins, then the HTTP header, then a declaration in the first 1,024 bytes; where
 * nothing is declared, bytes that read as UTF-8 are UTF-8, then a late declaration counts, and the rest is windows-1252.
 *
 * One departure from browsers, since nobody looks at these pages: where two declarations disagree and one of them is UTF-8, the
 * bytes decide, for text of another encoding is next to never well-formed UTF-8 beyond ASCII.
 */
import { isUtf8 } from "node:buffer";
import { type DeclaredLabel, labelInContent, prescan, xmlLabel } from "./prescan.js";

/**
 * `bom` · `http` (Content-Type) · `meta` · `xml` (declaration) · `conflict` (declarations disagree about UTF-8 and the bytes
 * settled it) · `utf8` (undeclared, reads as such) · `late-meta` (declared behind the first 1,024 bytes) · `fallback`.
 */
export type CharsetEvidence = "bom" | "http" | "meta" | "xml" | "conflict" | "utf8" | "late-meta" | "fallback";

export interface DecodedText {
  readonly text: string;
  /** Name in the Encoding Standard, lower case, e.g. "windows-1252" for the label "iso-8859-1". */
  readonly encoding: string;
  readonly evidence: CharsetEvidence;
}

/** What may declare an encoding inside the bytes. */
export type Markup = "html" | "xhtml" | "none";

/** How far a meta element is looked for: where the standard stops, and where a parser that meets it late would start anew. */
const PRESCAN_BYTES = 1024;
const LATE_PRESCAN_BYTES = 65_536;

/** Decodes a body. `contentType` is the value of the HTTP header, empty where there is none. Total: any bytes give a text. */
export function decodeBytes(bytes: Uint8Array, contentType: string, markup: Markup): DecodedText {
  const { encoding, evidence } = decideEncoding(bytes, contentType, markup);
  return { text: decodeAs(bytes, encoding), encoding, evidence };
}

interface Decision {
  readonly encoding: string;
  readonly evidence: CharsetEvidence;
}

function decideEncoding(bytes: Uint8Array, contentType: string, markup: Markup): Decision {
  const bom = byteOrderMark(bytes);
  if (bom !== undefined) return { encoding: bom, evidence: "bom" };
  const http = encodingOf(labelInContent(contentType));
  const declared = declaration(bytes, PRESCAN_BYTES, markup);
  if (http !== undefined && declared !== undefined && (http === "utf-8") !== (declared.encoding === "utf-8")) {
    const other = http === "utf-8" ? declared.encoding : http;
    if (!other.startsWith("utf-16")) return { encoding: readsAsUtf8(bytes) ? "utf-8" : other, evidence: "conflict" };
  }
  if (http !== undefined) return { encoding: http, evidence: "http" };
  if (declared !== undefined) return declared;
  if (readsAsUtf8(bytes)) return { encoding: "utf-8", evidence: "utf8" };
  const late = declaration(bytes, LATE_PRESCAN_BYTES, markup);
  if (late !== undefined) return { encoding: late.encoding, evidence: "late-meta" };
  return { encoding: "windows-1252", evidence: "fallback" };
}

/**
 * Well-formed UTF-8, or so nearly that it is UTF-8 with a blemish (a body cut inside a character, one field of another encoding):
 * at least nine good characters beyond ASCII for each U+FFFD. Text of another encoding has few by chance.
 */
function readsAsUtf8(bytes: Uint8Array): boolean {
  if (isUtf8(bytes)) return true;
  const beyondAscii = new TextDecoder("utf-8").decode(bytes).replace(/[\0-\x7F]+/g, "");
  let bad = 0;
  for (let at = beyondAscii.indexOf("\uFFFD"); at >= 0; at = beyondAscii.indexOf("\uFFFD", at + 1)) bad++;
  return beyondAscii.length - bad >= bad * 9;
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return undefined;
}

function declaration(bytes: Uint8Array, limit: number, markup: Markup): Decision | undefined {
  if (markup === "none") return undefined;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(limit, bytes.length)).toString("latin1");
  const found = firstDeclaration(head, markup);
  const encoding = encodingOf(found?.label);
  if (found === undefined || encoding === undefined) return undefined;
  // A declaration that could be read as ASCII is not in UTF-16 (HTML, same section); x-user-defined is not meant there.
  if (encoding.startsWith("utf-16") && !head.slice(0, 2).includes("\0")) return { encoding: "utf-8", evidence: found.from };
  return { encoding: encoding === "x-user-defined" ? "windows-1252" : encoding, evidence: found.from };
}

function firstDeclaration(head: string, markup: "html" | "xhtml"): DeclaredLabel | undefined {
  if (markup === "html") return prescan(head);
  const label = xmlLabel(head);
  return label === undefined ? prescan(head) : { label, from: "xml" };
}

/** "Get an encoding" from a label (Encoding Standard, section 4.2); undefined where no encoding has it. */
function encodingOf(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  const key = label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "").toLowerCase();
  const own = ownLabels.get(key);
  if (own !== undefined) return own;
  try {
    return new TextDecoder(key).encoding;
  } catch {
    return undefined;
  }
}

/** Labels of the three encodings that Node's TextDecoder does not have. */
const ownLabels: ReadonlyMap<string, string> = new Map([
  ["iso-8859-16", "iso-8859-16"],
  ["x-user-defined", "x-user-defined"],
  ...["replacement", "csiso2022kr", "hz-gb-2312", "iso-2022-cn", "iso-2022-cn-ext", "iso-2022-kr"].map(
    (label) => [label, "replacement"] as const,
  ),
]);

function decodeAs(bytes: Uint8Array, encoding: string): string {
  switch (encoding) {
    case "windows-1252":
      return decodeSingleByte(bytes, /[\x80-\x9F]/g, (byte) => WINDOWS_1252.charAt(byte - 0x80));
    case "iso-8859-16":
      return decodeSingleByte(bytes, /[\xA0-\xFF]/g, (byte) => ISO_8859_16.charAt(byte - 0xa0));
    case "x-user-defined":
      return decodeSingleByte(bytes, /[\x80-\xFF]/g, (byte) => String.fromCharCode(0xf700 + byte));
    case "replacement":
      // Encodings that are dangerous to read as anything else: the standard gives one U+FFFD for the whole body.
      return bytes.length === 0 ? "" : "\uFFFD";
    default:
      return new TextDecoder(encoding).decode(bytes);
  }
}

/** By hand, since TextDecoder of several Node releases reads windows-1252 as ISO 8859-1 (no curly quotes, no euro sign). */
function decodeSingleByte(bytes: Uint8Array, mapped: RegExp, character: (byte: number) => string): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  return latin1.replace(mapped, (found) => character(found.charCodeAt(0)));
}

/** Bytes 0x80 to 0x9F (Encoding Standard, index windows-1252). */
const WINDOWS_1252 =
  "\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F" +
  "\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178";

/** Bytes 0xA0 to 0xFF (Encoding Standard, index iso-8859-16). */
const ISO_8859_16 =
  "\xA0ĄąŁ€„Š§š©Ș«Ź\xADźŻ°±ČłŽ”¶·žčș»ŒœŸż" + "ÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚß" + "àáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ";
