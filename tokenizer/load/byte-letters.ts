/** GPT-2's printable letters for bytes (Radford et al. 2019): how a tokenizer.json spells the bytes of its tokens. */

const byteOf = new Int16Array(324).fill(-1);
let next = 256;
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  byteOf[printable ? byte : next++] = byte;
}

/** The bytes that a token's letters stand for; undefined where it has a letter of no byte. */
export function bytesOfLetters(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOf[token.charCodeAt(i)] ?? -1;
    if (byte < 0) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
