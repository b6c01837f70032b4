/** Text to token ids and back, exactly as Apertus does it. */
export type { TokenBatch } from "../native/index.js";
export { checkGolden, type Golden } from "./golden.js";
export type { SpecialTokens } from "./special.js";
export { type DecodeOptions, type EncodeOptions, type OpenOptions, openTokenizer, type Tokenizer } from "./tokenizer.js";
