/** The documents that a retraction takes away, collected a batch at a time in tables that SQL joins with the corpus's own. */
import { join } from "node:path";
import { BytesBuilder, type BytesColumn, binaryColumn, utf8Column } from "../../formats/index.js";
import { TemporaryTable } from "../temporary-table.js";
import type { Gone } from "./row-group.js";

interface Counted {
  readonly documents: number;
  readonly tokens: number;
}

function plus(counted: Counted | undefined, tokens: number): Counted {
  return { documents: (counted?.documents ?? 0) + 1, tokens: (counted?.tokens ?? 0) + tokens };
}

/** What was decided, on its way into the version's tables. */
export class Changes {
  readonly rowsByShard = new Map<string, number[]>();
  readonly byRule: Record<string, Counted> = {};
  readonly byDecider: Counted[] = [];
  readonly rows: TemporaryTable;
  readonly evidence: TemporaryTable;
  readonly blobs: TemporaryTable;
  /** Of the rows that were added since the last flush. */
  #pending: Gone[] = [];
  readonly #blobs = new Set<string>();

  constructor(folder: string) {
    this.rows = new TemporaryTable(join(folder, "rows.parquet"), {
      shard: "utf8",
      row: "int32",
      host_key: "utf8",
      tokens: "int32",
      rule: "utf8",
      evidence: "utf8",
    });
    this.evidence = new TemporaryTable(join(folder, "evidence.parquet"), { id: "utf8", evidence: "utf8" });
    this.blobs = new TemporaryTable(join(folder, "blobs.parquet"), { sha256: "utf8", media_type: "utf8", bytes: "binary" });
  }

  /** A document that goes by this decider; its evidence is told by `explain`. */
  add(decider: number, gone: Gone): void {
    const { shard, row, tokens, rule } = gone;
    const rows = this.rowsByShard.get(shard);
    if (rows === undefined) this.rowsByShard.set(shard, [row]);
    else rows.push(row);
    this.byRule[rule] = plus(this.byRule[rule], tokens);
    this.byDecider[decider] = plus(this.byDecider[decider], tokens);
    this.#pending.push(gone);
  }

  /** Canonical JSON by its id; the same may come again. */
  explain(evidence: ReadonlyMap<string, string>): void {
    if (evidence.size > 0) this.evidence.write({ id: utf8Column(evidence.keys()), evidence: utf8Column(evidence.values()) });
  }

  keep(blobs: readonly { readonly sha256: string; readonly media_type: string; readonly bytes: Uint8Array }[]): void {
    const fresh = blobs.filter(({ sha256 }) => !this.#blobs.has(sha256));
    if (fresh.length === 0) return;
    for (const { sha256 } of fresh) this.#blobs.add(sha256);
    this.blobs.write({
      sha256: utf8Column(fresh.map((blob) => blob.sha256)),
      media_type: utf8Column(fresh.map((blob) => blob.media_type)),
      bytes: binaryColumn(fresh.map((blob) => blob.bytes)),
    });
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const text = (key: "shard" | "host_key" | "rule" | "evidence"): BytesColumn => {
      const builder = new BytesBuilder("utf8");
      for (const change of this.#pending) builder.appendString(change[key]);
      return builder.finish();
    };
    this.rows.write({
      shard: text("shard"),
      row: { type: "int32", values: Int32Array.from(this.#pending, ({ row }) => row) },
      host_key: text("host_key"),
      tokens: { type: "int32", values: Int32Array.from(this.#pending, ({ tokens }) => tokens) },
      rule: text("rule"),
      evidence: text("evidence"),
    });
    this.#pending = [];
  }

  close(): void {
    this.flush();
    for (const table of [this.rows, this.evidence, this.blobs]) table.close();
  }
}
