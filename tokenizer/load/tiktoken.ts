/** A file of ranks of OpenAI's tiktoken: a token in Base64 and its rank on each line. Pattern and special tokens go by its name. */
import { DataError } from "../../errors/index.js";
import { type FileAtHand, type FileContent, type FileToken, invalid, type LoadOptions } from "./assemble.js";
import { cl100kPattern, gpt2Pattern, knownPattern, llama3Pattern, o200kPattern, qwen2Pattern } from "./patterns.js";
import { bytesOfBase64, refuseRepeats } from "./ranks.js";

interface Encoding {
  readonly pattern: string;
  readonly special: (ranks: number) => Readonly<Record<string, number>>;
  readonly bos?: string;
  readonly eos: string;
}

const numbered = (names: readonly string[], from: number): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name, i) => [name, from + i]));
const reserved = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => `<|reserved_special_token_${from + i}|>`);
const end = "<|endoftext|>";
const fim = ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"];

/** Patterns and special tokens as tiktoken, Llama and Qwen have them in their programs. */
const encodings: Readonly<Record<string, Encoding>> = {
  gpt2: { pattern: gpt2Pattern, special: () => ({ [end]: 50256 }), eos: end },
  r50k_base: { pattern: gpt2Pattern, special: () => ({ [end]: 50256 }), eos: end },
  p50k_base: { pattern: gpt2Pattern, special: () => ({ [end]: 50256 }), eos: end },
  cl100k_base: {
    pattern: cl100kPattern,
    special: () => ({ ...numbered([end, ...fim], 100257), "<|endofprompt|>": 100276 }),
    eos: end,
  },
  o200k_base: { pattern: o200kPattern, special: () => ({ [end]: 199999, "<|endofprompt|>": 200018 }), eos: end },
  llama3: {
    pattern: llama3Pattern,
    special: (ranks) =>
      numbered(
        [
          ...["<|begin_of_text|>", "<|end_of_text|>", ...reserved(0, 4), "<|start_header_id|>", "<|end_header_id|>"],
          ...[...reserved(4, 5), "<|eot_id|>", ...reserved(5, 251)],
        ],
        ranks,
      ),
    bos: "<|begin_of_text|>",
    eos: "<|end_of_text|>",
  },
  qwen: {
    pattern: qwen2Pattern,
    special: (ranks) =>
      numbered([end, "<|im_start|>", "<|im_end|>", ...Array.from({ length: 205 }, (_, i) => `<|extra_${i}|>`)], ranks),
    eos: end,
  },
};

/** @throws DataError TOKENIZER_INVALID; TOKENIZER_UNKNOWN where nothing says which pattern the file goes with */
export function readTiktoken(file: FileAtHand, options: LoadOptions): FileContent {
  const tokens = ranksOf(file);
  const name = options.encoding ?? file.name.replace(/\.tiktoken$/, "");
  const encoding = Object.hasOwn(encodings, name) ? encodings[name] : undefined;
  const pattern = options.pattern ?? encoding?.pattern;
  if (pattern === undefined) {
    throw new DataError("TOKENIZER_UNKNOWN", {
      file: file.path,
      detail: `a file of ranks goes with a pattern, and none is known for ${name}`,
      mend: `name its encoding (${Object.keys(encodings).join(", ")}), or give its pattern and special tokens`,
    });
  }
  const special = options.specialTokens ?? encoding?.special(tokens.length) ?? {};
  const known = knownPattern(pattern, "tiktoken");
  return {
    tokens,
    order: "ranks",
    wholeFirst: true,
    stages: [known === undefined ? { pattern: Buffer.from(pattern), behaviour: "Isolated", invert: false } : { known }],
    // The program of the first Qwen normalises before it cuts.
    ...(name === "qwen" ? { normaliser: [{ kind: "form", form: "NFC" }] as const } : {}),
    added: Object.entries(special).map(([content, id]): FileToken => ({ id, content, special: true, normalised: false })),
    roles: options.specialTokens === undefined ? { bos: encoding?.bos, eos: encoding?.eos } : {},
    lossless: name !== "qwen",
  };
}

function ranksOf(file: FileAtHand): readonly (readonly [number, Uint8Array])[] {
  const tokens: (readonly [number, Uint8Array])[] = [];
  let number = 0;
  for (const line of Buffer.from(file.bytes).toString("latin1").split("\n")) {
    number++;
    if (line.trim() === "") continue;
    const [, token, rank] = /^(\S+) (\d{1,9})\r?$/.exec(line) ?? [];
    if (token === undefined || rank === undefined) throw invalid(file, `line ${number} is no token and rank`);
    tokens.push([Number(rank), bytesOfBase64(file, token, `line ${number}`)]);
  }
  tokens.sort(([a], [b]) => a - b);
  refuseRepeats(file, tokens);
  return tokens;
}
