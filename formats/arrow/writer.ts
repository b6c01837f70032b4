/**
 * Writes token shards: the Arrow IPC stream format (Arrow columnar format 1.5, "IPC Streaming Format"), uncompressed, with every
 * buffer at a multiple of 64 bytes from the start of the file, so that a memory-mapped shard can be read in place with any vector
 * width. apache-arrow's own writer aligns to 8; the messages are its, the padding is ours.
 */
import { createRequire } from "node:module";
import type { DataType } from "apache-arrow";
import type { BufferRegion, FieldNode, Message } from "apache-arrow/ipc/metadata/message";
import type { BytesColumn } from "../columns.js";
import type { SyncByteSink } from "../parquet/writer.js";
import type { ListColumn } from "./decode.js";

export interface Uint32Column {
  readonly type: "uint32";
  readonly values: Uint32Array;
}

export type ShardColumn = BytesColumn | ListColumn | Uint32Column;

export interface ArrowField {
  readonly name: string;
  /** list<int32> has the bytes of list<uint32>: its columns are lists of numbers below 2^31. */
  readonly type: ShardColumn["type"] | "list<int32>";
}

/** Where a batch lies: its message begins at `offset`, its body `metadataBytes` further on. */
export interface ArrowExtent {
  readonly offset: number;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

const alignment = 64;

// Loaded where a shard is written: it takes as long as half of everything else that a command loads, and most commands write none.
const require = createRequire(import.meta.url);
const arrow = (): typeof import("apache-arrow") => require("apache-arrow");
const messages = (): typeof import("apache-arrow/ipc/metadata/message") => require("apache-arrow/ipc/metadata/message");

export class ArrowShardWriter {
  #position = 0;

  constructor(
    private readonly sink: SyncByteSink,
    private readonly fields: readonly ArrowField[],
  ) {
    const { Field, Schema } = arrow();
    this.#writeMessage(
      messages().Message.from(new Schema(fields.map(({ name, type }) => new Field(name, arrowType(type), false)))),
    );
  }

  /** All fields, with equal numbers of rows. */
  write(columns: Readonly<Record<string, ShardColumn>>): ArrowExtent {
    const { BufferRegion, FieldNode, Message, RecordBatch } = messages();
    const nodes: FieldNode[] = [];
    const regions: BufferRegion[] = [];
    const buffers: Uint8Array[] = [];
    let size = 0;
    let rows = 0;
    const add = (bytes: Uint8Array): void => {
      regions.push(new BufferRegion(size, bytes.length));
      buffers.push(bytes);
      size += padded(bytes.length);
    };
    for (const { name } of this.fields) {
      const column = columns[name];
      rows = column.type === "uint32" ? column.values.length : column.offsets.length - 1;
      nodes.push(new FieldNode(rows, 0));
      // No validity bitmap: there are no nulls.
      add(new Uint8Array(0));
      if (column.type === "uint32") {
        add(viewOf(column.values));
        continue;
      }
      add(viewOf(column.offsets));
      if (column.type === "list<uint32>") {
        nodes.push(new FieldNode(column.values.length, 0));
        add(new Uint8Array(0));
      }
      add(viewOf(column.values));
    }
    const offset = this.#position;
    this.#writeMessage(Message.from(new RecordBatch(rows, nodes, regions, null), size));
    const metadataBytes = this.#position - offset;
    for (const buffer of buffers) {
      this.#write(buffer);
      this.#write(new Uint8Array(padded(buffer.length) - buffer.length));
    }
    return { offset, metadataBytes, bodyBytes: size };
  }

  finish(): void {
    this.#write(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
  }

  /** Continuation marker, length, flatbuffer, padding: together a multiple of 64 bytes. */
  #writeMessage(message: Message): void {
    const flatbuffer = messages().Message.encode(message);
    const length = padded(flatbuffer.length + 8);
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, -1, true);
    view.setInt32(4, length - 8, true);
    bytes.set(flatbuffer, 8);
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.sink.write(bytes);
    this.#position += bytes.length;
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function viewOf(array: Uint8Array | Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function arrowType(type: ArrowField["type"]): DataType {
  const { Binary, Field, Int32, List, Uint32, Utf8 } = arrow();
  switch (type) {
    case "binary":
      return new Binary();
    case "utf8":
      return new Utf8();
    case "uint32":
      return new Uint32();
    case "list<uint32>":
      return new List(new Field("item", new Uint32(), false));
    case "list<int32>":
      return new List(new Field("item", new Int32(), false));
  }
}
