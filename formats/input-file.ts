/** One input file, read at any place: the positions come from the file itself, so each is checked against its size. */
import { type FileHandle, open } from "node:fs/promises";
import { DataError } from "../errors/index.js";
import { Malformed } from "./malformed.js";
import { uninitialised } from "./memory.js";

export class InputFile {
  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  /** @throws DataError INPUT_NOT_FOUND, INPUT_UNREADABLE */
  static async open(path: string): Promise<InputFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "r");
      const stat = await handle.stat();
      if (!stat.isFile()) throw new DataError("INPUT_UNREADABLE", { file: path, detail: "it is no regular file" });
      return new InputFile(path, stat.size, handle);
    } catch (cause) {
      await handle?.close();
      if (cause instanceof DataError) throw cause;
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
      if (code === "ENOENT") throw new DataError("INPUT_NOT_FOUND", { file: path, cause });
      throw new DataError("INPUT_UNREADABLE", { file: path, detail: code, cause });
    }
  }

  /** The bytes [start, end), in a buffer of their own. */
  async read(start: number, end: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end > this.size) {
      throw new Malformed(`bytes ${start} to ${end} lie outside the file of ${this.size} bytes`);
    }
    const bytes = uninitialised(end - start);
    for (let done = 0; done < bytes.length; ) {
      // One read call takes at most 2 GiB - 1.
      const { bytesRead } = await this.handle.read(bytes, done, Math.min(bytes.length - done, 2 ** 30), start + done);
      if (bytesRead === 0) throw new Malformed(`the file ends at byte ${start + done}`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
