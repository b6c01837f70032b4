/** A tokenizer.json of Hugging Face's tokenizers (0.23): byte-level BPE with what stands around it. */
import { DataError } from "../../errors/index.js";
import { type FileAtHand, type FileContent, type FileToken, invalid } from "./assemble.js";
import { bytesOfLetters } from "./byte-letters.js";
import { checkDecoder, normaliserOf, preTokenizerOf, templateOf } from "./components.js";

type Json = Readonly<Record<string, unknown>>;

/** @throws DataError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function readHuggingFace(file: FileAtHand, root: Json): FileContent {
  const model = objectOf(file, "model", root.model);
  checkModel(file, model);
  const vocabulary = vocabularyOf(file, model.vocab);
  const added = addedOf(file, root.added_tokens, vocabulary);
  const special = new Set(added.filter((token) => token.special).map(({ content }) => content));
  const plain = new Set(added.map(({ content }) => content));
  const tokens: (readonly [number, Uint8Array])[] = [];
  const indexOf = new Map<string, number>();
  for (const [token, id] of [...vocabulary].sort(([, a], [, b]) => a - b)) {
    // A special token that could come from merges would be one that a page can write.
    if (special.has(token)) continue;
    const bytes = bytesOfLetters(token);
    // No text has a token with a letter of no byte; what is an added token, too, is known as that.
    if (bytes === undefined) continue;
    if (plain.has(token) && Buffer.compare(bytes, Buffer.from(token)) !== 0) continue;
    indexOf.set(token, tokens.length);
    tokens.push([id, bytes]);
  }
  const normaliser = normaliserOf(file, root.normalizer);
  const { stages, lossless } = preTokenizerOf(file, root.pre_tokenizer);
  checkDecoder(file, root.decoder);
  const stripped = added.some(({ leftStrip, rightStrip }) => leftStrip === true || rightStrip === true);
  return {
    tokens,
    order: "listed",
    merges: mergesOf(file, model.merges, vocabulary, indexOf),
    wholeFirst: model.ignore_merges === true,
    stages,
    ...(normaliser.length === 0 ? {} : { normaliser }),
    added,
    roles: templateOf(file, root.post_processor),
    lossless: lossless && normaliser.length === 0 && !stripped,
  };
}

function objectOf(file: FileAtHand, what: string, value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw invalid(file, `${what} is no object`);
}

function checkModel({ path }: FileAtHand, model: Json): void {
  const refuse = (detail: string): never => {
    throw new DataError("TOKENIZER_UNSUPPORTED", { file: path, detail });
  };
  // Files from before 2021 do not say which model they have.
  const { type = "BPE" } = model;
  if (type !== "BPE") refuse(`the model ${String(type)}`);
  if (typeof model.dropout === "number" && model.dropout > 0) refuse("a BPE model with dropout");
  for (const key of ["continuing_subword_prefix", "end_of_word_suffix"]) {
    if (typeof model[key] === "string" && model[key] !== "") refuse(`a BPE model with ${key}`);
  }
}

function vocabularyOf(file: FileAtHand, value: unknown): ReadonlyMap<string, number> {
  const vocabulary = new Map<string, number>();
  const owners = new Map<number, string>();
  for (const [token, id] of Object.entries(objectOf(file, "model.vocab", value))) {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0) throw invalid(file, `the token ${token} has no id`);
    const owner = owners.get(id);
    if (owner !== undefined) throw invalid(file, `${owner} and ${token} have the id ${id}`);
    owners.set(id, token);
    vocabulary.set(token, id);
  }
  return vocabulary;
}

function mergesOf(
  file: FileAtHand,
  value: unknown,
  vocabulary: ReadonlyMap<string, number>,
  indexOf: ReadonlyMap<string, number>,
): Uint32Array {
  if (!Array.isArray(value)) throw invalid(file, "model.merges is no array");
  const merges = new Uint32Array(value.length * 2);
  let size = 0;
  for (const [place, merge] of (value as readonly unknown[]).entries()) {
    if (typeof merge === "string" && merge.startsWith("#version")) continue;
    const pair: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(file, `merge ${place} is not of two tokens`);
    const [left, right] = pair as readonly unknown[];
    if (typeof left !== "string" || typeof right !== "string") throw invalid(file, `merge ${place} is not of two tokens`);
    const [a, b, joined] = [indexOf.get(left), indexOf.get(right), indexOf.get(left + right)];
    if (a === undefined || b === undefined || joined === undefined) {
      for (const token of [left, right, left + right]) {
        if (!vocabulary.has(token)) throw invalid(file, `merge ${place} needs the token ${token}, which is not there`);
      }
      // Of tokens that no text has, or of special ones.
      continue;
    }
    merges[size++] = a;
    merges[size++] = b;
  }
  return merges.subarray(0, size);
}

/** Ids as Hugging Face gives them when it reads the file: it does not believe those that the file names. */
function addedOf(file: FileAtHand, value: unknown, vocabulary: ReadonlyMap<string, number>): readonly FileToken[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(file, "added_tokens is no array");
  let most = -1;
  return (value as readonly unknown[]).map((item, place): FileToken => {
    const token = objectOf(file, `added token ${place}`, item);
    const { content, id } = token;
    if (typeof content !== "string" || content === "") throw invalid(file, `added token ${place} has no content`);
    const given = vocabulary.get(content) ?? (most >= vocabulary.size ? most + 1 : vocabulary.size);
    if (id !== given) throw invalid(file, `the added token ${content} has the id ${String(id)}, its place gives it ${given}`);
    most = Math.max(most, given);
    const is = (key: string): boolean => token[key] === true;
    return {
      id: given,
      content,
      special: is("special"),
      normalised: is("normalized"),
      leftStrip: is("lstrip"),
      rightStrip: is("rstrip"),
      singleWord: is("single_word"),
    };
  });
}
