/**
 * The Apertus tokenizer: byte-level BPE with the tekken v3 vocabulary of Mistral Nemo behind 1,000 special ids (Apertus technical
 * report 2.2). Same ids as the tokenizer.json that Swiss AI publishes, but for one thing: no special token comes from text.
 */
import { digestOf, type Redactions, sha256 } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import type { BytesColumn } from "../formats/index.js";
import { type AddedToken, type Bpe, openBpe, type TokenBatch } from "../native/index.js";
import { type Golden, goldenOf } from "./golden.js";
import { apertusSpecial, type SpecialTokens } from "./special.js";
import { readVocabulary, type Vocabulary } from "./vocabulary.js";

export interface EncodeOptions {
  /**
   * Spans that become the one placeholder token of their kind. The text between spans is tokenised piece by piece, each as if it
   * stood alone.
   */
  readonly redactions?: Redactions;
  /** Put the begin-of-document token in front of each row. */
  readonly bos: boolean;
  /** Put the end-of-document token behind each row. */
  readonly eos: boolean;
}

export interface DecodeOptions {
  /** What special tokens become: nothing, or their names. */
  readonly special: "nothing" | "names";
}

export interface Tokenizer {
  readonly name: string;
  /** SHA-256, hex, over everything that decides which tokens a text has: vocabulary, special ids, pattern, version. */
  readonly digest: string;
  /** Ids are below this number. */
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
  /** Fixed texts with their tokens, to be stored in the manifest; see checkGolden. */
  readonly golden: readonly Golden[];
  /**
   * Takes any bytes: an ill-formed byte counts as one symbol that is neither letter, digit nor white space.
   * Throws PLACEHOLDER_UNKNOWN for a redaction of a kind without a token, RangeError for spans out of order or out of bounds.
   */
  encodeBatch(text: BytesColumn, options: EncodeOptions): TokenBatch;
  /** The bytes that the ids were encoded from, for every list of ids that came from text. Throws TOKEN_UNKNOWN. */
  decode(ids: Uint32Array, options?: DecodeOptions): Uint8Array;
  /** Number of tokens of one text, without begin and end. */
  count(text: Uint8Array): number;
}

export interface OpenOptions {
  /**
   * Whether the mathematics tokens (`\begin{`, `\end{`, `\text{`, `\boxed{`: ids 14 to 17) are found in text, as Hugging Face
   * does for added tokens that are not special, and so Apertus did. Without them the text is ordinary. Default true.
   */
  readonly mathematicsTokens?: boolean;
}

/** Raised whenever a text may get other tokens than before. */
const version = 1;
/** The pattern that native/src/bpe_scanner.h implements, and the Unicode version of its table. */
const scanner = {
  pattern:
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|" +
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|" +
    "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  unicode: "16.0",
};

/** Opens a tokenizer for this thread, in about 0.1 s. Throws TOKENIZER_UNKNOWN, TOKENIZER_DAMAGED. */
export async function openTokenizer(name: "apertus", options: OpenOptions = {}): Promise<Tokenizer> {
  // Names reach this from recipes, too.
  if (name !== "apertus") throw new DataError("TOKENIZER_UNKNOWN", { detail: String(name) });
  return new BpeTokenizer(name, await readVocabulary("tekken-v3"), apertusSpecial, options.mathematicsTokens ?? true);
}

class BpeTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly digest: string;
  readonly golden: readonly Golden[];
  readonly #bpe: Bpe;
  readonly #special: ReadonlySet<number>;

  constructor(
    readonly name: string,
    vocabulary: Vocabulary,
    readonly special: SpecialTokens,
    mathematicsTokens: boolean,
  ) {
    const file = `assets/tokenizer/${vocabulary.name}.br`;
    if (vocabulary.pattern !== scanner.pattern) throw new DataError("TOKENIZER_DAMAGED", { file, detail: "unknown pattern" });
    const encoder = new TextEncoder();
    const added = special.inText.map((id): AddedToken => ({ id, text: encoder.encode(special.names[id]) }));
    this.vocabularySize = special.names.length + vocabulary.tokens;
    this.#special = new Set([...special.names.keys()].filter((id) => !special.inText.includes(id)));
    try {
      this.#bpe = openBpe(vocabulary.packed, special.names.length, added, mathematicsTokens);
    } catch (cause) {
      throw new DataError("TOKENIZER_DAMAGED", { file, detail: cause instanceof Error ? cause.message : "", cause });
    }
    this.digest = digestOf({
      version,
      scanner,
      vocabulary: sha256(vocabulary.packed),
      special: special.names,
      inText: mathematicsTokens ? special.inText : [],
      placeholders: Object.fromEntries(special.placeholders),
      bos: special.bos,
      eos: special.eos,
    });
    this.golden = goldenOf(this);
  }

  encodeBatch(text: BytesColumn, { redactions, bos, eos }: EncodeOptions): TokenBatch {
    return this.#bpe.encodeBatch(
      text.values,
      text.offsets,
      bos ? this.special.bos : -1,
      eos ? this.special.eos : -1,
      redactions && { ...redactions, ids: Uint32Array.from(redactions.kinds, (kind) => this.#placeholder(kind)) },
    );
  }

  decode(ids: Uint32Array, options: DecodeOptions = { special: "nothing" }): Uint8Array {
    const unknown = ids.findIndex((id) => id >= this.vocabularySize);
    if (unknown !== -1) throw new DataError("TOKEN_UNKNOWN", { record: unknown, detail: String(ids[unknown]) });
    if (options.special === "nothing") return this.#bpe.decode(ids);
    const parts: Uint8Array[] = [];
    let done = 0;
    for (const [at, id] of ids.entries()) {
      if (!this.#special.has(id)) continue;
      parts.push(this.#bpe.decode(ids.subarray(done, at)), new TextEncoder().encode(this.special.names[id]));
      done = at + 1;
    }
    parts.push(this.#bpe.decode(ids.subarray(done)));
    return Buffer.concat(parts);
  }

  count(text: Uint8Array): number {
    return this.#bpe.count(text);
  }

  #placeholder(kind: string): number {
    const id = this.special.placeholders.get(kind);
    if (id === undefined) throw new DataError("PLACEHOLDER_UNKNOWN", { detail: kind });
    return id;
  }
}
