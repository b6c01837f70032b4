/** Reading a corpus: verifying it and looking into it. Nothing here changes a corpus. */
export { decodeTokens, findBlob, findEvidence, findRows, findText, type Look, type Row, readTokens } from "./inspect.js";
export type * from "./owner/model.js";
export { makeOwnerReport, type OwnerReportOptions, type ReportedPage } from "./owner/report.js";
export { type Asked, parseSubject } from "./owner/subject.js";
export { type Fault, type Verification, verifyCorpus } from "./verify.js";
