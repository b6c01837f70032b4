/**
 * Captures from WARC files, and texts from WET files: responses of status 200 with a page or a text in them, and conversion
 * records. Everything else is skipped by type and counted (ISO 28500:2017, section 6, has the record types).
 */
import { captureId, parseDate } from "../../corpus/index.js";
import { parseHttpResponse, readWarc, type WarcRecord, warcTargetUri } from "../../formats/index.js";
import { repairUtf8 } from "../../native/index.js";
import { ChunkBuilder, isUnread, type Row, untilDamage } from "./rows.js";
import type { Chunk, SourceOptions } from "./source.js";

/** Media types that extraction reads; an absent one is looked at there. */
const readable = new Set(["text/html", "application/xhtml+xml", "text/plain", ""]);

export function readWarcSource(options: SourceOptions): AsyncGenerator<Chunk> {
  const chunks = new ChunkBuilder(options);
  return untilDamage(chunks, readRecords(chunks, options));
}

async function* readRecords(chunks: ChunkBuilder, options: SourceOptions): AsyncGenerator<Chunk> {
  const { input, slice, recordBytes, select } = options;
  const limits = { blockBytes: recordBytes };
  for await (const record of readWarc(input.path, { start: slice.start, end: slice.end, limits })) {
    const { offset, length, unit, index } = record;
    const place = { offset, length, unit, index };
    const decision = select(index);
    if (decision === "ignore") continue;
    if (decision === "quarantine") {
      chunks.quarantine({
        ...place,
        url: record.kind === "fault" ? "" : (warcTargetUri(record.fields) ?? ""),
        reason: "worker-death",
        detail: "reading it killed its worker twice",
        countKnown: true,
      });
    } else if (record.kind === "fault") {
      chunks.quarantine({ ...place, url: "", reason: record.fault, detail: record.detail, countKnown: !record.tail });
    } else {
      yield* addRecord(chunks, record, options);
    }
  }
}

function* addRecord(chunks: ChunkBuilder, record: WarcRecord, options: SourceOptions): Generator<Chunk> {
  const url = warcTargetUri(record.fields) ?? "";
  const stated = record.fields.get("warc-date");
  const captured_at = parseDate(stated);
  const common = { url, captured_at, unread_date: isUnread(stated, captured_at), ...locator(record, options) };
  switch (record.type) {
    case "response":
      if (!/^https?:/i.test(url)) return chunks.skip("not-http");
      if (isRobotsTxt(url)) return chunks.skip("robots-txt");
      return yield* addResponse(chunks, record, common, options);
    case "resource":
    case "conversion": {
      if (record.type === "resource" && isRobotsTxt(url)) return chunks.skip("robots-txt");
      const mediaType = (record.fields.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
      if (record.type === "conversion") {
        if (mediaType !== "text/plain" && mediaType !== "") return chunks.skip("media-type");
        if (record.block.length === 0) return chunks.skip("empty-text");
        const declared = record.fields.get("warc-identified-content-language")?.split(",")[0] ?? "";
        const row = { ...common, id: idOf(common, record.block, chunks, record), text: repairUtf8(record.block) };
        return yield* chunks.add("documents", { ...row, title: "", declared_language: declared });
      }
      if (!readable.has(mediaType)) return chunks.skip("media-type");
      const id = idOf(common, record.block, chunks, record);
      return yield* chunks.add("captures", { ...common, id, media_type: mediaType, payload: record.block, headers: "" });
    }
    default:
      return chunks.skip(/^[a-z-]{1,32}$/.test(record.type) ? record.type : "unknown-type");
  }
}

function* addResponse(chunks: ChunkBuilder, record: WarcRecord, common: Common, options: SourceOptions): Generator<Chunk> {
  const response = parseHttpResponse(record.block, { bodyBytes: options.recordBytes });
  const { offset, length, unit, index } = record;
  if (response.kind === "fault") {
    const { fault, detail } = response;
    return chunks.quarantine({ offset, length, unit, index, url: common.url, reason: fault, detail, countKnown: true });
  }
  if (response.status !== 200) return chunks.skip("status");
  if (!readable.has(response.mediaType)) return chunks.skip("media-type");
  if (response.body.length === 0) return chunks.skip("empty-payload");
  yield* chunks.add("captures", {
    ...common,
    id: idOf(common, response.body, chunks, record),
    status: response.status,
    headers: response.headers.block,
    media_type: response.mediaType,
    payload: response.body,
  });
}

type Common = Row & { readonly url: string; readonly captured_at: number };

function idOf(common: Common, payload: Uint8Array, chunks: ChunkBuilder, record: WarcRecord): Uint8Array {
  if (common.url === "" || Number.isNaN(common.captured_at)) return chunks.positionId(record.offset);
  return captureId(Buffer.from(common.url), common.captured_at, payload);
}

function locator(record: WarcRecord, options: SourceOptions): Row {
  return {
    locator_file: options.input.file,
    locator_offset: record.offset,
    locator_length: record.length,
    locator_unit: record.unit,
    source_id: record.fields.get("warc-record-id") ?? "",
  };
}

function isRobotsTxt(url: string): boolean {
  return /^https?:\/\/[^/]*\/robots\.txt$/i.test(url);
}
