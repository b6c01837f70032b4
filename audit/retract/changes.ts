/** What deciders take away, collected a row group at a time in tables that SQL joins with the corpus's own. */
import { join } from "node:path";
import { binaryColumn, type NumberColumn, utf8Column } from "../../formats/index.js";
import { TemporaryTable } from "../temporary-table.js";
import type { GroupDecisions, RowGroup } from "./row-group.js";

const int32 = (values: Iterable<number>): NumberColumn => ({ type: "int32", values: Int32Array.from(values) });

export class Changes {
  /** A row for each document that goes: where it stands in the documents table, by whom, and why. */
  readonly rows: TemporaryTable;
  /** A row for each that stays in doubt. */
  readonly doubts: TemporaryTable;
  readonly evidence: TemporaryTable;
  readonly blobs: TemporaryTable;
  readonly #blobs = new Set<string>();
  #documents = 0;
  #doubted = 0;

  constructor(folder: string) {
    const place = { file: "int32", at: "int32" } as const;
    const table = (name: string, schema: ConstructorParameters<typeof TemporaryTable>[1]): TemporaryTable =>
      new TemporaryTable(join(folder, `${name}.parquet`), schema);
    this.rows = table("rows", { ...place, decider: "int32", rule: "utf8", evidence: "utf8" });
    this.doubts = table("doubts", { ...place, why: "utf8" });
    this.evidence = table("evidence", { id: "utf8", evidence: "utf8" });
    this.blobs = table("blobs", { sha256: "utf8", media_type: "utf8", bytes: "binary" });
  }

  /** Documents that go, whether or not an earlier version left them out. */
  get documents(): number {
    return this.#documents;
  }

  get doubted(): number {
    return this.#doubted;
  }

  /** Each document goes by the first decider that takes it. */
  add({ file }: RowGroup, decisions: readonly GroupDecisions[]): void {
    const taken = new Set<number>();
    for (const { decider, gone, evidence, blobs } of decisions) {
      // A thread tells each body once, whether or not an earlier decider took this group's documents.
      this.#keep(blobs);
      const fresh = gone.filter(({ at }) => !taken.has(at));
      if (fresh.length === 0) continue;
      for (const { at } of fresh) taken.add(at);
      this.#documents += fresh.length;
      this.rows.write({
        file: int32(fresh.map(() => file)),
        at: int32(fresh.map(({ at }) => at)),
        decider: int32(fresh.map(() => decider)),
        rule: utf8Column(fresh.map(({ rule }) => rule)),
        evidence: utf8Column(fresh.map((document) => document.evidence)),
      });
      this.evidence.write({ id: utf8Column(evidence.keys()), evidence: utf8Column(evidence.values()) });
    }
    const doubts = decisions.flatMap(({ unsure }) =>
      unsure.filter(({ at }) => {
        const isFirst = !taken.has(at);
        taken.add(at);
        return isFirst;
      }),
    );
    if (doubts.length === 0) return;
    this.#doubted += doubts.length;
    this.doubts.write({
      file: int32(doubts.map(() => file)),
      at: int32(doubts.map(({ at }) => at)),
      why: utf8Column(doubts.map(({ why }) => why)),
    });
  }

  close(): void {
    for (const table of [this.rows, this.doubts, this.evidence, this.blobs]) table.close();
  }

  #keep(blobs: GroupDecisions["blobs"]): void {
    const fresh = blobs.filter(({ sha256 }) => !this.#blobs.has(sha256));
    if (fresh.length === 0) return;
    for (const { sha256 } of fresh) this.#blobs.add(sha256);
    this.blobs.write({
      sha256: utf8Column(fresh.map((blob) => blob.sha256)),
      media_type: utf8Column(fresh.map((blob) => blob.media_type)),
      bytes: binaryColumn(fresh.map((blob) => blob.bytes)),
    });
  }
}
