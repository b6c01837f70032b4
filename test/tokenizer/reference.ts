/**
 * The tokenizer as its definition says it, slow and plain: the tekken pattern as a regular expression, then the first merge of
 * the list, leftmost first, until none applies. An ill-formed byte is one symbol that is neither letter, digit nor white space.
 */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const plain = brotliDecompressSync(readFileSync(new URL("../../assets/tokenizer/tekken-v3.br", import.meta.url)));
const lineEnd = plain.indexOf(0x0a);
const { pattern } = JSON.parse(plain.toString("utf8", 0, lineEnd)) as { pattern: string };
/** White space is Unicode's, not ECMAScript's. */
const pretokens = new RegExp(pattern.replaceAll("\\S", "\\P{White_Space}").replaceAll("\\s", "\\p{White_Space}"), "gu");

/** A byte string as a JavaScript string of the same length. */
const ranks = new Map<string, number>();
for (let at = lineEnd + 1; at < plain.length; at += 1 + plain[at]) {
  ranks.set(plain.toString("latin1", at + 1, at + 1 + plain[at]), ranks.size);
}

const illFormed = "\u{10fffe}";

/** The tokens of one text without the mathematics tokens. The text does not contain U+10FFFE. */
export function referenceEncode(bytes: Uint8Array): number[] {
  const held: string[] = [];
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((n) => isCharacter(bytes.subarray(at, at + n), n));
    if (length === undefined) held.push(String.fromCharCode(bytes[at]));
    text += length === undefined ? illFormed : Buffer.from(bytes.subarray(at, at + length)).toString("utf8");
    at += length ?? 1;
  }
  return [...text.matchAll(pretokens)].flatMap(([pretoken]) => {
    const raw = [...pretoken].map((c) => (c === illFormed ? held.shift() : Buffer.from(c, "utf8").toString("latin1"))).join("");
    return merge(raw).map((token) => 1000 + (ranks.get(token) ?? Number.NaN));
  });
}

function isCharacter(bytes: Uint8Array, length: number): boolean {
  if (bytes.length !== length) return false;
  try {
    return [...new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)].length === 1;
  } catch {
    return false;
  }
}

function merge(pretoken: string): string[] {
  if (ranks.has(pretoken)) return [pretoken];
  const parts = [...pretoken];
  for (;;) {
    let best: { readonly at: number; readonly joined: number; readonly left: number } | undefined;
    for (let at = 0; at + 1 < parts.length; at++) {
      const joined = ranks.get(`${parts[at]}${parts[at + 1]}`);
      const left = ranks.get(parts[at]);
      if (joined === undefined || left === undefined) continue;
      if (best === undefined || joined < best.joined || (joined === best.joined && left < best.left))
        best = { at, joined, left };
    }
    if (best === undefined) return parts;
    parts.splice(best.at, 2, `${parts[best.at]}${parts[best.at + 1]}`);
  }
}
