/** A tekken.json of Mistral (mistral-common): ranked byte tokens behind special ids, and the pattern. */
import { z } from "zod";
import { type FileAtHand, type FileContent, type FileToken, invalid } from "./assemble.js";
import { knownPattern } from "./patterns.js";
import { bytesOfBase64, refuseRepeats } from "./ranks.js";

const schema = z.looseObject({
  config: z.looseObject({
    pattern: z.string(),
    default_vocab_size: z
      .number()
      .int()
      .min(1)
      .max(1 << 22),
    default_num_special_tokens: z
      .number()
      .int()
      .min(0)
      .max(1 << 20),
  }),
  vocab: z.array(z.unknown()),
  special_tokens: z.array(z.looseObject({ rank: z.number().int(), token_str: z.string() })).nullish(),
});

/** Of the files that do not name their special tokens (tekken v3); all further ones are placeholders. */
const named = [
  ...["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]"],
  ...["[/TOOL_RESULTS]", "[TOOL_CALLS]", "<pad>", "[PREFIX]", "[MIDDLE]", "[SUFFIX]"],
];

/** @throws DataError TOKENIZER_INVALID */
export function readTekken(file: FileAtHand, root: unknown): FileContent {
  const result = schema.safeParse(root);
  if (!result.success)
    throw invalid(file, result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)[0] ?? "");
  const { config, vocab, special_tokens } = result.data;
  const first = config.default_num_special_tokens;
  const count = config.default_vocab_size - first;
  if (count < 0 || count > vocab.length) throw invalid(file, `it has ${vocab.length} tokens, not the ${count} that it says`);
  const tokens = vocab.slice(0, count).map((entry, rank) => {
    const { rank: said, token_bytes } = (entry ?? {}) as { readonly rank?: unknown; readonly token_bytes?: unknown };
    if (said !== rank || typeof token_bytes !== "string") throw invalid(file, `vocab[${rank}] is no token of the rank ${rank}`);
    return [first + rank, bytesOfBase64(file, token_bytes, `vocab[${rank}]`)] as const;
  });
  refuseRepeats(file, tokens);
  const names = new Map(special_tokens?.map(({ rank, token_str }) => [rank, token_str]));
  const added = Array.from({ length: first }, (_, id): FileToken => {
    const content = names.get(id) ?? (special_tokens ? undefined : named[id]) ?? `<SPECIAL_${id}>`;
    return { id, content, special: true, normalised: false };
  });
  const known = knownPattern(config.pattern, "tiktoken");
  const pattern = { pattern: Buffer.from(config.pattern), behaviour: "Isolated", invert: false } as const;
  return {
    tokens,
    order: "ranks",
    wholeFirst: true,
    stages: [known === undefined ? pattern : { known }],
    added,
    roles: { bos: names.get(1) ?? "<s>", eos: names.get(2) ?? "</s>" },
    lossless: true,
  };
}
