/** Texts from JSON lines, one document a line, with the field names that dolma, DCLM, FineWeb and RedPajama use. */
import { isUtf8 } from "node:buffer";
import { captureId, parseDate } from "../../corpus/index.js";
import { parseJsonObject, readLines } from "../../formats/index.js";
import type { InputFile } from "../inputs.js";
import { ChunkBuilder, isUnread, untilDamage } from "./rows.js";
import type { Chunk, SourceOptions } from "./source.js";

/** Where each field is looked for, in order; a dot goes into an object. */
export const fieldPaths = {
  text: ["text", "content", "raw_content"],
  url: ["url", "metadata.url", "metadata.WARC-Target-URI"],
  date: ["date", "captured_at", "created", "timestamp", "metadata.WARC-Date"],
  id: ["id", "metadata.WARC-Record-ID"],
  language: ["language", "metadata.language"],
} as const;

export type Field = keyof typeof fieldPaths;

export function pathsOf(input: Pick<InputFile, "columns">, field: Field): readonly string[] {
  const named = input.columns[field];
  return named === undefined ? fieldPaths[field] : [named];
}

export function readJsonlSource(options: SourceOptions): AsyncGenerator<Chunk> {
  const chunks = new ChunkBuilder(options);
  return untilDamage(chunks, readRows(chunks, options));
}

async function* readRows(chunks: ChunkBuilder, options: SourceOptions): AsyncGenerator<Chunk> {
  const { input, slice, recordBytes, select } = options;
  let index = 0;
  for await (const line of readLines(input.path, { start: slice.start, end: slice.end, maxLineBytes: recordBytes })) {
    const { offset, length, unit } = line;
    const place = { offset, length, unit, index, url: "", countKnown: true };
    const decision = select(index++);
    if (decision === "ignore") continue;
    if (decision === "quarantine") {
      chunks.quarantine({ ...place, reason: "worker-death", detail: "reading it killed its worker twice" });
      continue;
    }
    if (line.kind === "fault") {
      chunks.quarantine({ ...place, reason: line.fault, detail: line.detail, countKnown: !line.tail });
      continue;
    }
    if (isBlank(line.bytes)) {
      chunks.skip("empty-line");
      continue;
    }
    if (!isUtf8(line.bytes)) {
      chunks.quarantine({ ...place, reason: "bad-utf8", detail: "the line is not UTF-8" });
      continue;
    }
    const object = parseJsonObject(line.bytes);
    if (object === undefined) {
      chunks.quarantine({ ...place, reason: "bad-json", detail: "the line is not a JSON object" });
      continue;
    }
    const text = find(object, pathsOf(input, "text"));
    if (typeof text !== "string") {
      chunks.quarantine({ ...place, reason: "no-text", detail: `none of ${pathsOf(input, "text").join(", ")} is a string` });
      continue;
    }
    if (text.length === 0) {
      chunks.skip("empty-text");
      continue;
    }
    const bytes = Buffer.from(text.toWellFormed());
    const sourceId = textOf(find(object, pathsOf(input, "id")));
    const url = textOf(find(object, pathsOf(input, "url"))) || (/^https?:\/\//.test(sourceId) ? sourceId : "");
    const stated = find(object, pathsOf(input, "date"));
    const date = parseDate(stated);
    const known = url !== "" && !Number.isNaN(date);
    yield* chunks.add("documents", {
      id: known ? captureId(Buffer.from(url.toWellFormed()), date, bytes) : chunks.positionId(offset),
      url,
      captured_at: date,
      locator_file: input.file,
      locator_offset: offset,
      locator_length: length,
      locator_unit: unit,
      source_id: sourceId,
      text: bytes,
      title: textOf(find(object, ["title", "metadata.title"])),
      declared_language: textOf(find(object, pathsOf(input, "language"))),
      unread_date: isUnread(stated, date),
    });
  }
}

/** Nothing but what JSON takes for white space: a line to whoever wrote the file, and no record (RFC 8259, section 2). */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function find(object: Readonly<Record<string, unknown>>, paths: readonly string[]): unknown {
  for (const path of paths) {
    let value: unknown = object;
    for (const key of Object.hasOwn(object, path) ? [path] : path.split(".")) {
      value =
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined;
    }
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
