/** What a capture, a document, a verdict, a unit, a shard and a version are, and how they lie in the corpus folder. */
export { Batch, captureColumns, documentColumns, identityColumns } from "./batch.js";
export { canonicalJson, digestOf, sha256 } from "./canonical.js";
export * from "./commit.js";
export { type Counts, CountsBuilder, imbalance, sum, tally } from "./counts.js";
export { parseDate } from "./dates.js";
export { coded, codeOf, type Disk, type DiskFile, disk, interceptDisk } from "./disk.js";
export { captureId, recordId } from "./identity.js";
export { CorpusFolder, formatVersion, type Phase, phases, type TableName, tableFolder, tables } from "./layout.js";
export { lockCorpus } from "./lock.js";
export * from "./manifest.js";
export * from "./redactions.js";
export { hostKey, hostOfKey, parseUrl } from "./surt.js";
export { drop, type Evidence, type EvidenceBlob, type EvidenceValue, KEEP, type Redactions, type Verdict } from "./verdict.js";
export * from "./version.js";
