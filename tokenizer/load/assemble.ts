/** What all kinds of vocabulary files have in common: tokens by id, special tokens and their roles, and the digest over both. */
import { digestOf, sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { AddedToken, BpeSettings, SplitStage } from "../../native/index.js";
import type { Normaliser } from "../normalise.js";
import type { SpecialTokens } from "../special.js";
import type { TokenizerParts } from "../tokenizer.js";
import { unicodeVersion } from "./patterns.js";

export interface LoadOptions {
  /**
   * Special tokens that are found in text, by name; all others are text wherever a text has their names. Default: none. Never for
   * text that others wrote: a page could end its document.
   */
  readonly allowedSpecial?: "all" | readonly string[];
  /** Whether added tokens of a tokenizer.json that are not special are found in text, as Hugging Face does. Default true. */
  readonly addedTokens?: boolean;
  /** For a .tiktoken file: the name of its encoding, which gives pattern and special tokens; else taken from the file's name. */
  readonly encoding?: string;
  /** For a .tiktoken file of no known name: its pattern and its special tokens with their ids. */
  readonly pattern?: string;
  readonly specialTokens?: Readonly<Record<string, number>>;
  /** Special tokens by their roles, by name, where the file does not say it or says otherwise. */
  readonly bos?: string;
  readonly eos?: string;
  readonly pad?: string;
  /** The token that stands for a redacted span of a kind. Default: `<email-pii>` and so on, where there are such tokens. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

export interface FileAtHand {
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A vocabulary file, read. */
export interface FileContent {
  /** Bytes by id; no id of an added token, unless that token is not special and has these bytes. */
  readonly tokens: readonly (readonly [id: number, bytes: Uint8Array])[];
  readonly order: BpeSettings["order"];
  /** Left and right index into `tokens`. */
  readonly merges?: Uint32Array;
  readonly wholeFirst: boolean;
  readonly stages: readonly SplitStage[];
  readonly normaliser?: Normaliser;
  readonly added: readonly FileToken[];
  readonly roles?: { readonly bos?: string | undefined; readonly eos?: string | undefined };
  readonly lossless: boolean;
}

export interface FileToken extends Omit<AddedToken, "text" | "find"> {
  readonly content: string;
  readonly special: boolean;
  /** Looked for in the normalised text. */
  readonly normalised: boolean;
}

/** Raised whenever a text may get other tokens than before. */
const version = 1;
const mostIds = 1 << 22;

const usual = {
  bos: ["<s>", "<|begin_of_text|>", "<|startoftext|>", "<｜begin▁of▁sentence｜>", "<bos>", "<BOS>"],
  eos: ["</s>", "<|end_of_text|>", "<|endoftext|>", "<｜end▁of▁sentence｜>", "<eos>", "<EOS>", "<EOT>"],
  pad: ["<pad>", "<|pad|>", "<｜▁pad▁｜>", "[PAD]", "<PAD>", "<|finetune_right_pad_id|>"],
  unk: ["<unk>", "<UNK>", "[UNK]"],
} as const;

export function invalid({ path }: FileAtHand, detail: string, cause?: unknown): DataError {
  return new DataError("TOKENIZER_INVALID", { file: path, detail, cause });
}

/** @throws DataError TOKENIZER_INVALID */
export function assemble(file: FileAtHand, content: FileContent, options: LoadOptions): TokenizerParts {
  const { tokens, added, stages, normaliser } = content;
  const refuseUnlikely = (id: number): void => {
    if (!Number.isInteger(id) || id < 0 || id >= mostIds) throw invalid(file, `a token has the id ${id}`);
  };
  for (const [id] of tokens) refuseUnlikely(id);
  for (const { id } of added) refuseUnlikely(id);
  const ids = Uint32Array.from(tokens, ([id]) => id);
  const follows = ids.every((id, rank) => id === ids[0] + rank);
  const special = specialOf(file, content, options);
  const normalise = (text: string): string => normaliser?.reduce(step, text) ?? text;
  const native = ({ content: text, special: isSpecial, normalised, ...token }: FileToken): AddedToken => ({
    ...token,
    text: Buffer.from(normalised ? normalise(text) : text),
    find: isSpecial ? isAllowed(text, options.allowedSpecial) : (options.addedTokens ?? true),
  });
  const vocabularySize =
    Math.max(
      -1,
      ...added.map(({ id }) => id),
      ids.reduce((most, id) => Math.max(most, id), -1),
    ) + 1;
  return {
    name: file.name,
    file: file.path,
    digest: digestOf({ version, unicode: unicodeVersion, file: sha256(file.bytes), options: normalOptions(options) }),
    vocabularySize,
    special,
    settings: {
      packed: pack(tokens.map(([, bytes]) => bytes)),
      order: content.order,
      ...(content.merges === undefined ? {} : { merges: content.merges }),
      ...(follows ? { firstId: ids[0] ?? 0 } : { ids }),
      wholeFirst: content.wholeFirst,
      stages,
      raw: added.filter(({ normalised }) => !normalised).map(native),
      normalised: added.filter(({ normalised }) => normalised).map(native),
    },
    ...(normaliser === undefined ? {} : { normaliser }),
    lossless: content.lossless,
    holes: holesOf(vocabularySize, ids, added),
  };
}

function step(text: string, next: Normaliser[number]): string {
  if (next.kind === "form") return text.normalize(next.form);
  return next.kind === "prepend" ? next.text + text : text.replaceAll(next.from, () => next.to);
}

function isAllowed(name: string, allowed: LoadOptions["allowedSpecial"]): boolean {
  return allowed === "all" || (allowed?.includes(name) ?? false);
}

/** Options that say nothing but what holds anyway do not change the digest. */
function normalOptions({ allowedSpecial, addedTokens, ...rest }: LoadOptions): unknown {
  const allowed = allowedSpecial === "all" ? "all" : [...new Set(allowedSpecial)].sort();
  return { ...rest, allowedSpecial: allowed, addedTokens: addedTokens ?? true };
}

function specialOf(file: FileAtHand, { added, roles }: FileContent, options: LoadOptions): SpecialTokens {
  const byName = new Map(added.map(({ content, id }) => [content, id]));
  const named = (name: string): number => {
    const id = byName.get(name);
    if (id === undefined) throw invalid(file, `it has no special token ${name}`);
    return id;
  };
  const role = (key: keyof typeof usual, given: string | undefined, found: string | undefined): number | null => {
    if (given !== undefined) return named(given);
    if (found !== undefined) return named(found);
    const name = usual[key].find((candidate) => byName.has(candidate));
    return name === undefined ? null : named(name);
  };
  const placeholders = new Map(Object.entries(options.placeholders ?? {}).map(([kind, name]) => [kind, named(name)]));
  for (const kind of ["iban", "email", "ip"]) {
    const id = byName.get(`<${kind}-pii>`);
    if (id !== undefined && !placeholders.has(kind)) placeholders.set(kind, id);
  }
  for (const name of options.allowedSpecial === "all" ? [] : (options.allowedSpecial ?? [])) named(name);
  return {
    bos: role("bos", options.bos, roles?.bos),
    eos: role("eos", options.eos, roles?.eos),
    pad: role("pad", options.pad, undefined),
    unk: role("unk", undefined, undefined),
    names: new Map(added.map(({ id, content }) => [id, content])),
    placeholders,
    inText: added.filter(({ special, content }) => !special || isAllowed(content, options.allowedSpecial)).map(({ id }) => id),
  };
}

function holesOf(size: number, ids: Uint32Array, added: readonly FileToken[]): ReadonlySet<number> {
  const used = new Uint8Array(size);
  for (const id of ids) used[id] = 1;
  for (const { id } of added) used[id] = 1;
  const holes = new Set<number>();
  used.forEach((is, id) => {
    if (is === 0) holes.add(id);
  });
  return holes;
}

/** Tokens in the layout of BpeSettings.packed. */
function pack(tokens: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(tokens.reduce((size, token) => size + token.length + (token.length > 255 ? 5 : 1), 0));
  let at = 0;
  for (const token of tokens) {
    if (token.length > 255) {
      new DataView(packed.buffer).setUint32(at + 1, token.length, true);
      at += 5;
    } else packed[at++] = token.length;
    packed.set(token, at);
    at += token.length;
  }
  return packed;
}
