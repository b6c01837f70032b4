/**
 * The Apertus tokenizer: byte-level BPE with the tekken v3 vocabulary of Mistral Nemo behind 1,000 special ids (Apertus technical
 * report 2.2). Same ids as the tokenizer.json that Swiss AI publishes, but for one thing: no special token comes from text.
 */
import { digestOf, sha256 } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import type { AddedToken } from "../native/index.js";
import { knownPattern, unicodeVersion } from "./load/patterns.js";
import { apertusSpecial } from "./special.js";
import { makeTokenizer, type Tokenizer } from "./tokenizer.js";
import { readVocabulary, type Vocabulary } from "./vocabulary.js";

export interface OpenOptions {
  /**
   * Whether the mathematics tokens (`\begin{`, `\end{`, `\text{`, `\boxed{`: ids 14 to 17) are found in text, as Hugging Face
   * does for added tokens that are not special, and so Apertus did. Without them the text is ordinary. Default true.
   */
  readonly mathematicsTokens?: boolean;
}

/** Raised whenever a text may get other tokens than before. */
const version = 1;

/** Opens a tokenizer for this thread, in about 0.1 s. Throws TOKENIZER_UNKNOWN, TOKENIZER_DAMAGED. */
export async function openTokenizer(name: "apertus", options: OpenOptions = {}): Promise<Tokenizer> {
  // Names reach this from recipes, too.
  if (name !== "apertus") throw new DataError("TOKENIZER_UNKNOWN", { detail: String(name) });
  return apertus(await readVocabulary("tekken-v3"), options.mathematicsTokens ?? true);
}

function apertus(vocabulary: Vocabulary, find: boolean): Tokenizer {
  const special = apertusSpecial;
  const file = `assets/tokenizer/${vocabulary.name}.br`;
  const damaged = (detail: string, cause?: unknown): DataError => new DataError("TOKENIZER_DAMAGED", { file, detail, cause });
  if (knownPattern(vocabulary.pattern, "tiktoken") !== "tekken") throw damaged("unknown pattern");
  const encoder = new TextEncoder();
  const raw = special.inText.map((id): AddedToken => ({ id, text: encoder.encode(special.names.get(id)), find }));
  try {
    return makeTokenizer({
      name: "apertus",
      file,
      digest: digestOf({
        version,
        scanner: { pattern: vocabulary.pattern, unicode: unicodeVersion },
        vocabulary: sha256(vocabulary.packed),
        special: [...special.names.values()],
        inText: find ? special.inText : [],
        placeholders: Object.fromEntries(special.placeholders),
        bos: special.bos,
        eos: special.eos,
      }),
      vocabularySize: special.names.size + vocabulary.tokens,
      special,
      settings: {
        packed: vocabulary.packed,
        order: "derived",
        firstId: special.names.size,
        wholeFirst: true,
        stages: [{ known: "tekken" }],
        raw,
      },
      lossless: true,
    });
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw damaged(cause.site.detail ?? "", cause);
  }
}
