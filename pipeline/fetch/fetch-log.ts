/**
 * Where a fetch writes: WARC files and the journal of this start. What comes in a tenth of a second is written together: WARC
 * records first, flushed, then the lines that name them, flushed. A kill loses at most that tenth of a second, and no more than
 * what it asked for then is asked for again.
 */
import { join } from "node:path";
import { type DiskFile, disk } from "../../corpus/index.js";
import { type NewWarcRecord, WarcWriter } from "../../formats/index.js";
import { type ExchangeLine, type Journal, type JournalLine, journalName, type Purpose } from "./journal.js";
import { warcinfoRecord } from "./warc-records.js";

/** Milliseconds. */
const gathering = 100;
const gatheredBytes = 16 << 20;

interface OpenWarc {
  readonly name: string;
  readonly file: DiskFile;
  readonly writer: WarcWriter;
  bytes: number;
}

export class FetchLog {
  #warc: OpenWarc | undefined;
  #journal: DiskFile | undefined;
  #number: number;
  readonly #files: string[] = [];
  #records: Uint8Array[] = [];
  #recordBytes = 0;
  #lines: JournalLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  /**
   * @param about what stands in each file's warcinfo
   * @param fileBytes a WARC file is ended once it has so many
   */
  constructor(
    private readonly folder: string,
    private readonly purpose: Purpose,
    private readonly about: readonly (readonly [string, string])[],
    private readonly fileBytes: number,
    private readonly before: Journal,
  ) {
    const last = before.files.at(-1);
    this.#number = last === undefined ? 0 : Number(/-(\d+)\./.exec(last)?.[1] ?? 0) + 1;
  }

  /** Names of the WARC files that this start wrote. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** Writes an exchange's records and its line. @throws DataError DISK_FULL, DISK_FAILED, CORPUS_NOT_WRITABLE */
  async exchange(records: readonly NewWarcRecord[], line: Omit<ExchangeLine, "kind" | "warc">): Promise<void> {
    const warc = this.#open();
    // The writer hands each record on before it first waits, so nothing comes between the records of one exchange.
    const places = await Promise.all(records.map((record) => warc.writer.write(record)));
    const offset = places[0]?.offset ?? 0;
    const length = places.reduce((sum, place) => sum + place.length, 0);
    this.#add({ kind: "exchange", ...line, warc: { file: warc.name, offset, length } });
  }

  /** Says that a target is done. */
  target(line: Extract<JournalLine, { kind: "target" }>): void {
    this.#add(line);
  }

  close(): void {
    this.#flush();
    this.#warc?.file.close();
    this.#journal?.close();
  }

  #add(line: JournalLine): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#lines.push(line);
    if (this.#recordBytes > gatheredBytes) this.#flush();
    else
      this.#timer ??= setTimeout(() => {
        try {
          this.#flush();
        } catch (error) {
          // Nobody waits for the timer; the next line meets it.
          this.#failure = error;
        }
      }, gathering);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#warc !== undefined && this.#records.length > 0) {
      const { file } = this.#warc;
      for (const bytes of this.#records) file.write(bytes);
      file.flush();
      this.#records = [];
      this.#recordBytes = 0;
    }
    if (this.#lines.length === 0) return;
    this.#journal ??= this.#startJournal();
    this.#journal.write(Buffer.from(this.#lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
    this.#journal.flush();
    this.#lines = [];
  }

  #startJournal(): DiskFile {
    const journal = disk.create(join(this.folder, journalName(this.before.starts)));
    const head: JournalLine = { kind: "start", format: 1, purpose: this.purpose };
    journal.write(Buffer.from(`${JSON.stringify(head)}\n`));
    disk.flushFolder(this.folder);
    return journal;
  }

  #open(): OpenWarc {
    if (this.#warc !== undefined && this.#warc.bytes < this.fileBytes) return this.#warc;
    this.#flush();
    this.#warc?.file.close();
    const name = `${this.purpose}-${String(this.#number++).padStart(5, "0")}.warc.gz`;
    const file = disk.create(join(this.folder, name));
    disk.flushFolder(this.folder);
    const warc: OpenWarc = {
      name,
      file,
      bytes: 0,
      writer: new WarcWriter({
        write: (bytes) => {
          this.#records.push(bytes);
          this.#recordBytes += bytes.length;
          warc.bytes += bytes.length;
        },
      }),
    };
    this.#warc = warc;
    this.#files.push(name);
    void warc.writer.write(warcinfoRecord(name, this.about, new Date()));
    return warc;
  }
}
