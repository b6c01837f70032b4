/**
 * Loads the vocabulary of another model: a tokenizer.json of Hugging Face, a tekken.json of Mistral, or a file of ranks of tiktoken,
 * told apart by their content. A file is as likely broken or made to do harm as any other input: it is read within bounds, and what
 * is not implemented is refused by name, since a tokenizer that does almost the same is worse than none.
 */
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { codeOf } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { makeTokenizer, type Tokenizer } from "../tokenizer.js";
import { assemble, type FileAtHand, type FileContent, invalid, type LoadOptions } from "./assemble.js";
import { readHuggingFace } from "./hugging-face.js";
import { readTekken } from "./tekken.js";
import { readTiktoken } from "./tiktoken.js";

const mostBytes = 256 << 20;
const deepest = 100;
/** Commas and opening brackets, so objects, arrays and their members. */
const mostMembers = 8 << 20;

/**
 * @param path a tokenizer.json, tekken.json or .tiktoken file
 * @throws DataError TOKENIZER_UNKNOWN, TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED, TOKENIZER_TOO_LARGE
 */
export async function loadTokenizer(path: string, options: LoadOptions = {}): Promise<Tokenizer> {
  const file = { path, name: basename(path), bytes: await readBounded(path) };
  return makeTokenizer(assemble(file, contentOf(file, options), options));
}

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > mostBytes) throw new DataError("TOKENIZER_TOO_LARGE", { file: path, detail: `${size} bytes` });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof DataError || codeOf(cause) === undefined) throw cause;
    throw new DataError("TOKENIZER_UNKNOWN", { file: path, detail: (cause as Error).message, cause });
  }
}

function contentOf(file: FileAtHand, options: LoadOptions): FileContent {
  const start = file.bytes.findIndex((byte) => byte > 0x20);
  if (file.bytes[start] !== 0x7b) return readTiktoken(file, options);
  checkShape(file);
  let root: unknown;
  try {
    root = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.bytes));
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : "no JSON", cause);
  }
  const object = root as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(object, "config") && Object.hasOwn(object, "vocab")) return readTekken(file, root);
  return readHuggingFace(file, object);
}

/** How deep and how rich JSON is, before anything is made of it. */
function checkShape({ path, bytes }: FileAtHand): void {
  let [depth, members] = [0, 0];
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) inString = !inString;
    else if (inString) {
      if (byte === 0x5c) at++;
    } else if (byte === 0x7b || byte === 0x5b) {
      members++;
      if (++depth > deepest) throw new DataError("TOKENIZER_TOO_LARGE", { file: path, detail: "it is nested too deep" });
    } else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === 0x2c) members++;
  }
  if (members > mostMembers) throw new DataError("TOKENIZER_TOO_LARGE", { file: path, detail: `${members} values` });
}
