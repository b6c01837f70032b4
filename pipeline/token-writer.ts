/** Writes a unit's token lists as Arrow batches of about four MiB of ids, in the shards' own schema. */
import type { Attempt, Batch, BatchEntry } from "../corpus/index.js";
import { type ArrowField, ArrowShardWriter, BytesBuilder, bytesAt } from "../formats/index.js";
import type { TokenLists } from "./segment.js";

/** The columns of a shard. docs/corpus-format.md says the same for readers. */
export const shardSchema: readonly ArrowField[] = [
  { name: "id", type: "binary" },
  { name: "tokens", type: "list<uint32>" },
  { name: "language", type: "utf8" },
  { name: "source", type: "utf8" },
  { name: "text_bytes", type: "uint32" },
];

/** What building the shards needs to know of one batch: where it lies, and the ids at its two ends. */
export interface TokenBatch extends BatchEntry {
  readonly tokens: number;
  readonly first_ids: readonly number[];
  readonly last_ids: readonly number[];
}

const tokensInBatch = 1 << 20;
const edgeIds = 16;

export class TokenWriter {
  #writer: ArrowShardWriter | undefined;
  #columns = newColumns();
  #values: Uint32Array[] = [];
  #size = 0;
  #batches: TokenBatch[] = [];
  #rows = 0;

  constructor(
    private readonly attempt: Attempt,
    private readonly source: string,
  ) {}

  add(batch: Batch, tokens: TokenLists): void {
    const [id, text] = [batch.bytes("id"), batch.bytes("text")];
    const language = batch.has("language") ? batch.bytes("language") : undefined;
    for (let row = 0; row < batch.rows; row++) {
      this.#columns.id.append(bytesAt(id, row));
      this.#columns.language.append(language === undefined ? new Uint8Array(0) : bytesAt(language, row));
      this.#columns.source.appendString(this.source);
      this.#columns.textBytes.push(text.offsets[row + 1] - text.offsets[row]);
      this.#columns.ends.push(this.#size + tokens.offsets[row + 1] - tokens.offsets[0]);
    }
    const values = tokens.values.subarray(tokens.offsets[0], tokens.offsets[batch.rows]);
    this.#values.push(values);
    this.#size += values.length;
    if (this.#size >= tokensInBatch) this.#flush();
  }

  /** Ends the file and tells its batches; there are none, and no file, where no document came. */
  finish(): readonly TokenBatch[] {
    this.#flush();
    this.#writer?.finish();
    this.attempt.setRows("tokens.arrow", this.#rows);
    return this.#batches;
  }

  #flush(): void {
    const rows = this.#columns.textBytes.length;
    if (rows === 0) return;
    this.#writer ??= new ArrowShardWriter(this.attempt.create("tokens.arrow"), shardSchema);
    const values = new Uint32Array(this.#size);
    let at = 0;
    for (const part of this.#values) {
      values.set(part, at);
      at += part.length;
    }
    const { offset, metadataBytes, bodyBytes } = this.#writer.write({
      id: this.#columns.id.finish(),
      tokens: { type: "list<uint32>", values, offsets: Int32Array.from(this.#columns.ends) },
      language: this.#columns.language.finish(),
      source: this.#columns.source.finish(),
      text_bytes: { type: "uint32", values: Uint32Array.from(this.#columns.textBytes) },
    });
    const [first_ids, last_ids] = [Array.from(values.subarray(0, edgeIds)), Array.from(values.subarray(-edgeIds))];
    const tokens = values.length;
    this.#batches.push({ offset, metadata_bytes: metadataBytes, body_bytes: bodyBytes, rows, tokens, first_ids, last_ids });
    this.#rows += rows;
    this.#columns = newColumns();
    this.#values = [];
    this.#size = 0;
  }
}

function newColumns() {
  return {
    id: new BytesBuilder("binary"),
    language: new BytesBuilder("utf8"),
    source: new BytesBuilder("utf8"),
    textBytes: [] as number[],
    ends: [0],
  };
}
