/**
 * Bytes to octet strings and back (octets.ts says what those are). On Node its Buffer converts, which is several times as fast; a
 * browser has none, and TextDecoder's "latin1" is windows-1252 (WHATWG Encoding §4.2), so there the codes are copied one by one.
 * Both give the same strings: an owner's report runs this engine in the reader's browser.
 */

export interface Latin1 {
  /** One char code a byte. */
  decode(bytes: Uint8Array): string;
  /** One byte a char code; codes above 255 keep their low byte. */
  encode(octets: string): Uint8Array;
  /** The UTF-8 octets of a text; lone surrogates become U+FFFD. */
  decodeText(text: string): string;
}

const bufferLatin1: Latin1 = {
  decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"),
  encode: (octets) => Buffer.from(octets, "latin1"),
  decodeText: (text) => Buffer.from(text, "utf8").toString("latin1"),
};

/** Codes that one call takes as its arguments, well below any engine's limit. */
const step = 8192;

/** Needs nothing but the language and TextEncoder. */
export const portableLatin1: Latin1 = {
  decode(bytes) {
    let octets = "";
    for (let i = 0; i < bytes.length; i += step) octets += String.fromCharCode(...bytes.subarray(i, i + step));
    return octets;
  },
  encode(octets) {
    const bytes = new Uint8Array(octets.length);
    for (let i = 0; i < octets.length; i++) bytes[i] = octets.charCodeAt(i);
    return bytes;
  },
  decodeText: (text) => portableLatin1.decode(new TextEncoder().encode(text)),
};

export const latin1: Latin1 = typeof Buffer === "undefined" ? portableLatin1 : bufferLatin1;
