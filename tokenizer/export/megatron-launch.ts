/**
 * How an export is handed to the training program of Swiss AI, a fork of Megatron-LM (github.com/swiss-ai/Megatron-LM): the arguments
 * about data and loss with which Apertus was trained. Model, parallelism and optimiser are the cluster's business.
 */
import type { ExportRecord } from "./folder.js";

/**
 * Lines for a shell. Goldfish loss leaves one token in k out of the loss, by a hash of the h labels up to it (Hans et al. 2024,
 * arXiv:2406.10209); Apertus has k = h = 50. Prefixes without weights are read in proportion to their sizes.
 */
export function megatronLaunch(out: string, { tokenizer }: Pick<ExportRecord, "tokenizer">): readonly string[] {
  const model = tokenizer.name === "apertus" ? "swiss-ai/Apertus-8B-2509" : tokenizer.name;
  return [
    `DATA=${out}`,
    'sed "s|^|$DATA/|" "$DATA/prefixes.txt" > data-args.txt',
    "torchrun … pretrain_gpt.py … \\",
    `  --tokenizer-type HuggingFaceTokenizer --tokenizer-model ${model} \\`,
    "  --data-args-path data-args.txt --split 100,0,0 --seq-length 4096 \\",
    "  --reset-position-ids --reset-attention-mask --eod-mask-loss \\",
    "  --goldfish-loss --goldfish-k 50 --goldfish-h 50",
  ];
}
