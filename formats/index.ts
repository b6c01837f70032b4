/** File formats as bytes: reading and writing, nothing about what the bytes mean. */
export type { ListColumn } from "./arrow/decode.js";
export { type BatchPlace, type ListLayout, readListLayout } from "./arrow/layout.js";
export { type ArrowChoice, type ArrowColumn, readArrow, readArrowSchema } from "./arrow/reader.js";
export * from "./arrow/writer.js";
export * from "./columns.js";
export { compressionOf, openBytes } from "./compression.js";
export { type Fingerprint, type FoundFile, findFiles, fingerprintOf } from "./files.js";
export { headerEnd } from "./header-fields.js";
export { type HttpFault, type HttpLimits, type HttpResponse, parseHttpResponse } from "./http.js";
export { contentType, HttpHeaders, type MediaType } from "./http-headers.js";
export { defaultInflateLimits, type InflateLimits } from "./inflate-budget.js";
export { type Line, type LineFault, parseJsonObject, readLines } from "./jsonl.js";
export * from "./parquet/reader.js";
export * from "./parquet/writer.js";
export {
  openSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  safetensorsHeader,
  type TensorType,
  tensorBytes,
  toBfloat16,
} from "./safetensors.js";
export { type FileFormat, formatOf, sniffFormat } from "./sniff.js";
export { literal, openQuerySql, openSql, type Sql } from "./sql.js";
export { readWarc, walkWarc } from "./warc.js";
export { warcTargetUri } from "./warc-header.js";
export type * from "./warc-record.js";
export { type ByteSink, type NewWarcRecord, WarcWriter, type WarcWriterOptions } from "./warc-writer.js";
export { loadZstd, unzstd, zstdFrameLimit } from "./zstd.js";
