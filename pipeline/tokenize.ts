/** The stage that turns kept text into token ids: its parameters, its tokenizer, and what of that the corpus keeps. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { type CorpusFolder, replaceFile, sha256, type TokenizerEntry } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import type { Asset } from "../filters/index.js";
import { type LoadOptions, loadTokenizer, openTokenizer, type Tokenizer } from "../tokenizer/index.js";

const loaded = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      "A tokenizer.json of Hugging Face, a tekken.json or a .tiktoken file of ranks, relative to the recipe. The corpus keeps a copy.",
    ),
  encoding: z
    .string()
    .optional()
    .describe(
      "For a .tiktoken file whose name does not say it: cl100k_base, o200k_base, p50k_base, r50k_base, gpt2, llama3 or qwen.",
    ),
  pattern: z.string().optional().describe("For a .tiktoken file of another encoding: its pattern."),
  special_tokens: z
    .record(z.string(), z.number().int().nonnegative())
    .optional()
    .describe("For a .tiktoken file of another encoding: its special tokens, by name, with their ids."),
  added_tokens: z
    .boolean()
    .default(true)
    .describe("Whether added tokens of a tokenizer.json that are not special are found in text, as Hugging Face does."),
  bos: z.string().optional().describe("The name of the token at the begin of a document, where the file does not say it."),
  eos: z.string().optional().describe("The name of the token at the end of a document, where the file does not say it."),
  pad: z.string().optional().describe("The name of the token for padding, where the file does not say it."),
  placeholders: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "The names of the tokens for redacted spans, by kind: `email`, `ip`, `iban`. Those called `<email-pii>` and so on are found.",
    ),
});

export const tokenizeParameters = z
  .strictObject({
    tokenizer: z
      .union([z.literal("apertus"), loaded])
      .default("apertus")
      .describe(
        "`apertus`: tekken v3 with the special tokens of Apertus, 131,072 ids; or the file of another vocabulary (docs/tokenizer.md).",
      ),
  })
  .describe("Text to token ids: BOS, the text with each redaction as its one placeholder token, EOS.");

type Named = z.infer<typeof loaded>;

function optionsOf({ path, encoding, pattern, special_tokens, added_tokens, bos, eos, pad, placeholders }: Named): LoadOptions {
  const name = encoding ?? (path.endsWith(".tiktoken") ? basename(path, ".tiktoken") : undefined);
  const given = {
    encoding: name,
    pattern,
    specialTokens: special_tokens,
    addedTokens: added_tokens,
    bos,
    eos,
    pad,
    placeholders,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A tokenize stage's parameters without what differs between machines, and its tokenizer as an asset. */
export interface PreparedTokenizer {
  readonly portable: unknown;
  readonly assets: readonly Asset[];
  readonly tokenizer: Tokenizer;
}

/**
 * @param assetFolder where the vocabulary is copied to; undefined where nothing is to be written
 * @param prepared what another process prepared
 * @throws DataError TOKENIZER_UNKNOWN, TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED
 */
export async function prepareTokenizer(
  parameters: unknown,
  baseFolder: string,
  assetFolder: string | undefined,
  prepared: readonly Asset[] | undefined,
): Promise<PreparedTokenizer> {
  const { tokenizer: named } = tokenizeParameters.parse(parameters);
  if (named === "apertus") {
    const tokenizer = await openTokenizer(named);
    const assets = [{ name: "tokenizer", path: "", sha256: tokenizer.digest, provenance: { name: named } }];
    return { portable: { tokenizer: named }, assets, tokenizer };
  }
  const portable = { tokenizer: { ...named, path: isAbsolute(named.path) ? basename(named.path) : named.path } };
  const path = prepared?.[0]?.path ?? vocabularyFile(resolve(baseFolder, named.path), assetFolder);
  const tokenizer = await loadTokenizer(path, optionsOf(named));
  if (tokenizer.special.eos === null) {
    throw new DataError("TOKENIZER_UNSUPPORTED", {
      file: named.path,
      detail: "a vocabulary that does not say which token ends a document",
      mend: "name the token in the recipe: `tokenizer: { path: …, eos: … }`",
    });
  }
  const provenance = { name: basename(named.path), file_sha256: sha256(readFileSync(path)), options: optionsOf(named) };
  return { portable, assets: prepared ?? [{ name: "tokenizer", path, sha256: tokenizer.digest, provenance }], tokenizer };
}

/** A copy of the vocabulary in the corpus, by its digest and name; the file itself where there is no folder. */
function vocabularyFile(path: string, assetFolder: string | undefined): string {
  if (assetFolder === undefined) return path;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new DataError("TOKENIZER_UNKNOWN", { file: path, detail: cause instanceof Error ? cause.message : "", cause });
  }
  const digest = sha256(bytes);
  const copy = join(assetFolder, `tokenizer-${digest.slice(0, 16)}-${basename(path)}`);
  if (!existsSync(copy) || sha256(readFileSync(copy)) !== digest) replaceFile(copy, bytes);
  return copy;
}

/** @param assets of the stage, as they were prepared */
export async function openStageTokenizer(parameters: unknown, assets: readonly Asset[]): Promise<Tokenizer> {
  const { tokenizer: named } = tokenizeParameters.parse(parameters);
  return named === "apertus" ? openTokenizer(named) : loadTokenizer(assets[0]?.path ?? named.path, optionsOf(named));
}

export async function tokenizerEntry(
  corpus: CorpusFolder,
  parameters: unknown,
  assets: readonly Asset[],
): Promise<TokenizerEntry> {
  const { tokenizer: named } = tokenizeParameters.parse(parameters);
  const { name, digest, vocabularySize, golden, special } = await openStageTokenizer(parameters, assets);
  const { bos, eos, pad } = special;
  const entry = { name, digest, vocabulary_size: vocabularySize, bos, eos, pad, golden };
  const [asset] = assets;
  if (named === "apertus" || asset === undefined) return entry;
  const path = asset.path.slice(join(corpus.root, "/").length);
  const file = {
    name: basename(path),
    path,
    bytes: statSync(asset.path).size,
    rows: 0,
    sha256: String(asset.provenance.file_sha256),
  };
  return { ...entry, name: basename(named.path), vocabulary: { file, options: { ...optionsOf(named) } } };
}
