/** Ranked byte tokens in Base64 (RFC 4648), as tiktoken and tekken write them. */
import { type FileAtHand, invalid } from "./assemble.js";

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

/** @throws DataError TOKENIZER_INVALID */
export function bytesOfBase64(file: FileAtHand, text: string, where: string): Uint8Array {
  if (text.length % 4 !== 0 || !alphabet.test(text) || text === "") throw invalid(file, `${where} is no Base64`);
  return Buffer.from(text, "base64");
}

/** @throws DataError TOKENIZER_INVALID where two tokens have one id */
export function refuseRepeats(file: FileAtHand, tokens: readonly (readonly [number, Uint8Array])[]): void {
  const seen = new Set<number>();
  for (const [id] of tokens) {
    if (seen.has(id)) throw invalid(file, `two tokens have the rank ${id}`);
    seen.add(id);
  }
}
