/** Text to token ids and back, exactly as Apertus does it; and a corpus's tokens in the formats of training programs. */
export type { TokenBatch } from "../native/index.js";
export { type OpenOptions, openTokenizer } from "./bundled.js";
export { openTokenizerOf } from "./check-entry.js";
export type { ExportedPart, ExportOptions, ExportRecord, ExportResult } from "./export/folder.js";
export { exportHuggingFace } from "./export/huggingface.js";
export { type HuggingFaceTokenizer, huggingFaceTokenizer } from "./export/huggingface-tokenizer.js";
export { exportMegatron, type MegatronType, megatronType } from "./export/megatron.js";
export { megatronLaunch } from "./export/megatron-launch.js";
export { exportText } from "./export/text.js";
export { checkGolden, type Golden } from "./golden.js";
export type { LoadOptions } from "./load/assemble.js";
export { loadTokenizer } from "./load/load.js";
export { goneRows } from "./shard-reader.js";
export type { SpecialTokens } from "./special.js";
export type { DecodeOptions, EncodeOptions, Tokenizer } from "./tokenizer.js";
