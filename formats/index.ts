/** File formats as bytes: reading and writing, nothing about what the bytes mean. */
export * from "./columns.js";
export { compressionOf, openBytes } from "./compression.js";
export { defaultInflateLimits, type InflateLimits } from "./inflate-budget.js";
export { literal, openSql, type Sql } from "./sql.js";
export { readWarc, walkWarc } from "./warc.js";
export { warcTargetUri } from "./warc-header.js";
export type * from "./warc-record.js";
export { loadZstd, unzstd, zstdFrameLimit } from "./zstd.js";
