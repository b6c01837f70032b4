/** Reading a corpus: verifying it and looking into it. Nothing here changes a corpus. */
export { diffVersions, type VersionDiff } from "./diff.js";
export { decodeTokens, findBlob, findEvidence, findRows, findText, type Look, type Row, readTokens } from "./inspect.js";
export { diffLines, type LineChange } from "./line-diff.js";
export { type AuthorityHistory, type CaptureHistory, type ChangedLine, robotsHistory } from "./robots-history.js";
export { makeSummary, type SummaryOptions } from "./summary/make.js";
export type { CorpusSummary } from "./summary/model.js";
export { type Fault, type Verification, verifyCorpus } from "./verify.js";
