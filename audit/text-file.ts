/** A text file that is there whole or not at all: reports are written piece by piece, under a name of their own until they are done. */
import { attemptSuffix, type DiskFile, disk } from "../corpus/index.js";

/** Characters that are gathered before they are written. */
const gathered = 1 << 16;

/** Has to be finished or abandoned. */
export class TextFile {
  readonly #temporary: string;
  readonly #file: DiskFile;
  #pieces: string[] = [];
  #length = 0;
  #done = false;

  constructor(private readonly path: string) {
    this.#temporary = `${path}${attemptSuffix()}`;
    this.#file = disk.create(this.#temporary);
  }

  write(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length >= gathered) this.#flush();
  }

  finish(): void {
    this.#flush();
    this.#file.close();
    this.#done = true;
    disk.rename(this.#temporary, this.path);
  }

  abandon(): void {
    if (!this.#done) this.#file.close();
    this.#done = true;
    disk.remove(this.#temporary);
  }

  #flush(): void {
    this.#file.write(Buffer.from(this.#pieces.join("")));
    this.#pieces = [];
    this.#length = 0;
  }
}
