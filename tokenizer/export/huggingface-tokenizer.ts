/**
 * The tokenizer as tokenizer.json of Hugging Face's `tokenizers`, byte for byte the file that Swiss AI publishes with Apertus (but for its
 * later token for images): byte-level BPE with every way in which a token is made of two others, in the order of the tokens, which merges
 * as ranks do. One thing is other than in our own: there, a special token that is written in a text becomes that token.
 */
import { apertusIds, apertusNames, apertusSpecial } from "../special.js";
import { readVocabulary } from "../vocabulary.js";

export interface HuggingFaceTokenizer {
  /** Contents by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly ids: { readonly bos: number; readonly eos: number; readonly pad: number };
}

/** @param length of the longest text that the model is made for, in tokens */
export async function huggingFaceTokenizer(length: number): Promise<HuggingFaceTokenizer> {
  const { bos, eos, pad, unk } = apertusIds;
  const names = apertusNames;
  const special = { bos_token: names[bos], eos_token: names[eos], pad_token: names[pad], unk_token: names[unk] };
  const settings = {
    ...{ add_bos_token: true, add_eos_token: false, clean_up_tokenization_spaces: false },
    ...{ tokenizer_class: "PreTrainedTokenizerFast", model_max_length: length, ...special },
  };
  written ??= tokenizerJson();
  return {
    files: {
      "tokenizer.json": await written,
      "tokenizer_config.json": `${JSON.stringify(settings, null, 2)}\n`,
      "special_tokens_map.json": `${JSON.stringify(special, null, 2)}\n`,
    },
    ids: { bos, eos, pad },
  };
}

/** 16 MB that take some seconds to make, and are always the same. */
let written: Promise<string> | undefined;

async function tokenizerJson(): Promise<string> {
  const { pattern, packed } = await readVocabulary("tekken-v3");
  const { bos, eos } = apertusIds;
  const names = apertusNames;
  const { inText } = apertusSpecial;
  const ordinary = unpack(packed);
  // Written as text: an object would put the digits first, whose names look like indices.
  const vocabulary = [...names, ...ordinary].map((name, id) => `      ${JSON.stringify(name)}: ${id}`).join(",\n");
  const added = names.map((content, id) => ({
    id,
    content,
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    special: !inText.includes(id),
  }));
  const begin = (side: number) => ({ SpecialToken: { id: names[bos], type_id: side } });
  const text = (id: "A" | "B", side: number) => ({ Sequence: { id, type_id: side } });
  const template = (id: number) => ({ id: names[id], ids: [id], tokens: [names[id]] });
  // Keys and their order are the published file's.
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [begin(0), text("A", 0)],
      pair: [begin(0), text("A", 0), begin(1), text("B", 1)],
      special_tokens: { [names[eos]]: template(eos), [names[bos]]: template(bos) },
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      ...{ dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null },
      ...{ fuse_unk: false, byte_fallback: false, ignore_merges: true },
      vocab: {},
      merges: mergesOf(ordinary),
    },
  };
  return JSON.stringify(tokenizer, null, 2).replace('"vocab": {}', () => `"vocab": {\n${vocabulary}\n    }`);
}

/** Tokens by rank, each byte as the character that byte-level BPE writes for it (Radford et al. 2019). */
function unpack(packed: Uint8Array): readonly string[] {
  const letters = byteLetters();
  const tokens: string[] = [];
  for (let at = 0; at < packed.length; ) {
    const end = at + 1 + packed[at];
    let token = "";
    for (let i = at + 1; i < end; i++) token += letters[packed[i]];
    tokens.push(token);
    at = end;
  }
  return tokens;
}

/** Printable bytes stand for themselves, the others for letters from U+0100 on. */
function byteLetters(): readonly string[] {
  const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

function mergesOf(tokens: readonly string[]): readonly (readonly [string, string])[] {
  const ranks = new Map(tokens.map((token, rank) => [token, rank]));
  return tokens.flatMap((token) => {
    const cuts: { cut: number; left: number; right: number }[] = [];
    for (let cut = 1; cut < token.length; cut++) {
      const left = ranks.get(token.slice(0, cut));
      const right = left === undefined ? undefined : ranks.get(token.slice(cut));
      if (left !== undefined && right !== undefined) cuts.push({ cut, left, right });
    }
    cuts.sort((a, b) => a.left - b.left || a.right - b.right);
    return cuts.map(({ cut }) => [token.slice(0, cut), token.slice(cut)] as const);
  });
}
