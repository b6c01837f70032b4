/** The captured robots.txt files that a report shows or proves something with, each once, within a bound on all of them together. */
import { sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { CapturedFile } from "./model.js";

/** Bytes of one file that are shown as text, and up to which it is given whole. */
const shownBytes = 64 * 1024;
const wholeBytes = 512 * 1024;
/** Bytes of all files together; behind them a file is named and no longer shown. */
const roomBytes = 16 * 1024 * 1024;

export class CapturedFiles {
  readonly #files = new Map<string, CapturedFile>();
  #room = roomBytes;

  /** @param read gives the bytes @throws DataError CORPUS_DAMAGED where they have another digest */
  add(digest: string, read: () => Uint8Array): void {
    if (this.#files.has(digest)) return;
    const bytes = read();
    if (sha256(bytes) !== digest) throw new DataError("CORPUS_DAMAGED", { detail: `robots.txt ${digest} has another digest` });
    this.#files.set(digest, capturedFile(bytes, bytes.length <= this.#room));
    this.#room -= bytes.length;
  }

  finish(): Readonly<Record<string, CapturedFile>> {
    return Object.fromEntries(this.#files);
  }
}

/** @param shown false gives its name and size alone */
export function capturedFile(bytes: Uint8Array, shown = true): CapturedFile {
  const cut = bytes.subarray(0, shown ? shownBytes : 0);
  return {
    sha256: sha256(bytes),
    bytes: bytes.length,
    text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(cut),
    shown_bytes: cut.length,
    base64: shown && bytes.length <= wholeBytes ? Buffer.from(bytes).toString("base64") : null,
  };
}
