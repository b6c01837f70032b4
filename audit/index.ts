/** Reading a corpus: verifying it, looking into it, and answering the owners of its pages. Retraction adds a version; nothing else changes a corpus. */
export { diffVersions, type VersionDiff } from "./diff.js";
export {
  decodeTokens,
  findBlob,
  findEvidence,
  findRows,
  findText,
  type Holdings,
  holdings,
  type Look,
  type Row,
  readTokens,
  rulesOf,
} from "./inspect.js";
export { diffLines, type LineChange } from "./line-diff.js";
export { csvCell, csvHeader, csvLine } from "./owner/csv.js";
export { type Explanation, explainPage, type RobotsExplanation } from "./owner/explain.js";
export { reportName, type WrittenReport, writeOwnerReport } from "./owner/files.js";
export { reportJson } from "./owner/json.js";
export type * from "./owner/model.js";
export { makeOwnerReport, type OwnerReportOptions } from "./owner/report.js";
export type { ReportedPage } from "./owner/reported-page.js";
export type { SecondOpinion } from "./owner/second-opinion.js";
export { type Asked, parseSubject } from "./owner/subject.js";
export { renderOwnerPage } from "./page/index.js";
export * as page from "./page/parts.js";
export { type QueryOptions, queryCorpus } from "./query.js";
export {
  type Decider,
  hostDecider,
  type RobotsChoice,
  robotsDecider,
  robotsSignalsDecider,
  signalsDecider,
  urlListDecider,
} from "./retract/deciders.js";
export { type Retraction, type RetractOptions, retract } from "./retract/retract.js";
export { type AuthorityHistory, type CaptureHistory, type ChangedLine, robotsHistory } from "./robots-history.js";
export { type Sample, type SampleGroup, sampleCorpus } from "./sample.js";
export { type WrittenSummary, writeSummary } from "./summary/files.js";
export { type LanguageCoverage, languageCoverage } from "./summary/languages.js";
export { makeSummary, type SummaryOptions } from "./summary/make.js";
export type { CorpusSummary, Share } from "./summary/model.js";
export { type Fault, type Verification, verifyCorpus } from "./verify.js";
