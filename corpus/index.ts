/** What a capture, a document, a verdict, a unit, a shard and a version are, and how they lie in the corpus folder. */
export { Batch, captureColumns, documentColumns, identityColumns } from "./batch.js";
export { canonicalJson, digestOf, sha256 } from "./canonical.js";
export { captureId, recordId } from "./identity.js";
export { hostKey } from "./surt.js";
export { drop, type Evidence, type EvidenceBlob, type EvidenceValue, KEEP, type Redactions, type Verdict } from "./verdict.js";
