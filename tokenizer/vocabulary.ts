/**
 * Vocabularies in the box: assets/tokenizer/<name>.br, a Brotli stream (RFC 7932) of one line of JSON and the tokens by rank,
 * each as one byte of length and its bytes. assets/tokenizer/build.mjs writes it.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { DataError } from "../errors/index.js";

const require = createRequire(import.meta.url);

export interface Vocabulary {
  readonly name: string;
  /** The pre-tokenisation pattern, as its source writes it. */
  readonly pattern: string;
  readonly tokens: number;
  /** The tokens by rank, each as one byte of length and its bytes. */
  readonly packed: Uint8Array;
}

/** Throws TOKENIZER_DAMAGED where the file is missing or is not of this format. */
export async function readVocabulary(name: string): Promise<Vocabulary> {
  const file = `assets/tokenizer/${name}.br`;
  try {
    const plain = await promisify(brotliDecompress)(await readFile(require.resolve(`#assets/tokenizer/${name}.br`)));
    const end = plain.indexOf(0x0a);
    const header: unknown = JSON.parse(plain.toString("utf8", 0, end));
    if (!isHeader(header)) throw new TypeError("its first line is not a header of format 1");
    return { name: header.name, pattern: header.pattern, tokens: header.tokens, packed: plain.subarray(end + 1) };
  } catch (cause) {
    throw new DataError("TOKENIZER_DAMAGED", { file, detail: cause instanceof Error ? cause.message : "", cause });
  }
}

function isHeader(value: unknown): value is { name: string; pattern: string; tokens: number } {
  const header = value as Readonly<Record<string, unknown>> | null;
  return (
    typeof header === "object" &&
    header?.format === 1 &&
    typeof header.name === "string" &&
    typeof header.pattern === "string" &&
    typeof header.tokens === "number"
  );
}
