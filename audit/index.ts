/** Reading a corpus: verifying it and looking into it. Nothing here changes a corpus. */
export { decodeTokens, findBlob, findEvidence, findRows, findText, type Look, type Row, readTokens } from "./inspect.js";
export { type Fault, type Verification, verifyCorpus } from "./verify.js";
