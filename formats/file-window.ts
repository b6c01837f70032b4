/**
 * A file read forward in large reads through one handle, with a window on what comes next; the readers of this room ask for as
 * many bytes as they need and never hold the whole file.
 */
import { type FileHandle, open } from "node:fs/promises";
import { DataError } from "../errors/index.js";

const readSize = 2 ** 22;

/** Bytes one after the other, from a file or out of a decompressor. */
export interface ByteReader {
  /** Offset of the next byte. */
  readonly position: number;
  /** At least `count` next bytes without passing them, fewer only at the end; the view stays valid and is not written to again. */
  peek(count: number): Promise<Uint8Array>;
  /** Passes `count` bytes; the answer is smaller only at the end. */
  skip(count: number): Promise<number>;
}

export class FileWindow implements ByteReader {
  #buffer: Uint8Array = new Uint8Array(0);
  /** File offset of the buffer's first byte. */
  #bufferStart: number;
  #position: number;

  private constructor(
    private readonly file: FileHandle,
    start: number,
    /** Offset behind the last byte that this window shows. */
    readonly end: number,
  ) {
    this.#bufferStart = start;
    this.#position = start;
  }

  /** Opens [start, end) of a file; `end` is cut to the file's size. Throws INPUT_NOT_FOUND and INPUT_UNREADABLE. */
  static async open(path: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<FileWindow> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, "r");
      const stat = await file.stat();
      if (!stat.isFile()) throw new DataError("INPUT_UNREADABLE", { file: path, detail: "it is no regular file" });
      return new FileWindow(file, start, Math.min(end, stat.size));
    } catch (cause) {
      await file?.close();
      if (cause instanceof DataError) throw cause;
      const code = (cause as NodeJS.ErrnoException).code;
      if (code === "ENOENT") throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
      throw new DataError("INPUT_UNREADABLE", { file: path, detail: code ?? String(cause), cause });
    }
  }

  get position(): number {
    return this.#position;
  }

  /** Bytes between the position and the end. */
  get left(): number {
    return Math.max(0, this.end - this.#position);
  }

  async peek(count: number): Promise<Uint8Array> {
    const wanted = Math.min(count, this.left);
    let from = this.#position - this.#bufferStart;
    if (from < 0 || from > this.#buffer.length) {
      this.#buffer = new Uint8Array(0);
      this.#bufferStart = this.#position;
      from = 0;
    }
    if (this.#buffer.length - from < wanted) {
      // A new buffer, because views of the old one may still be in use.
      const kept = this.#buffer.subarray(from);
      const grown = Buffer.allocUnsafeSlow(Math.min(wanted > readSize ? 2 * wanted : readSize, this.left));
      grown.set(kept);
      let size = kept.length;
      while (size < grown.length) {
        const { bytesRead } = await this.file.read(grown, size, grown.length - size, this.#position + size);
        if (bytesRead === 0) break;
        size += bytesRead;
      }
      this.#buffer = grown.subarray(0, size);
      this.#bufferStart = this.#position;
      from = 0;
    }
    return this.#buffer.subarray(from);
  }

  async skip(count: number): Promise<number> {
    const skipped = Math.min(count, this.left);
    this.#position += skipped;
    return skipped;
  }

  /** Stands at another offset; going back inside the window costs nothing. */
  seek(offset: number): void {
    this.#position = offset;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
