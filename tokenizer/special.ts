/**
 * What is special in a vocabulary; and the 1,000 ids in front of the Apertus vocabulary, by name, as in the tokenizer.json that Swiss AI publishes with
 * Apertus-8B-2509 and Apertus-70B-2509 (names and flags checked against swiss-ai/apertus-omni-tokenizer).
 */

export interface SpecialTokens {
  /** Begin of document, as `<s>`; null where a vocabulary has none. */
  readonly bos: number | null;
  /** End of document, as `</s>`. */
  readonly eos: number | null;
  readonly pad: number | null;
  readonly unk: number | null;
  /** The names of the special ids, by id. */
  readonly names: ReadonlyMap<number, string>;
  /** The token that stands for a redacted span of a kind (corpus/verdict.ts, Redactions). */
  readonly placeholders: ReadonlyMap<string, number>;
  /** Ids that are found in ordinary text: Hugging Face's added tokens that are not special. All others never come from text. */
  readonly inText: readonly number[];
}

const named = [
  ...["<unk>", "<s>", "</s>", "<pad>"],
  // left over from Mistral Nemo
  ...[
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "<SPECIAL_10>",
  ],
  ...["[PREFIX]", "[MIDDLE]", "[SUFFIX]"],
  // mathematics
  ...["\\begin{", "\\end{", "\\text{", "\\boxed{"],
  // code, as in StarCoder
  ...["<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>", "<issue_closed>"],
  ...["<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<empty_output>"],
  ...["<commit_before>", "<commit_msg>", "<commit_after>", "<reponame>"],
  ...["<think>", "</think>", "<answer>", "</answer>"],
  ...["<iban-pii>", "<email-pii>", "<ip-pii>"],
  ...["<file_sep>", "<code_to_intermediate>", "<intermediate_to_code>"],
  ...["<pr>", "<pr_status>", "<pr_is_merged>", "<pr_base>", "<pr_file>", "<pr_base_code>", "<pr_diff>", "<pr_diff_hunk>"],
  ...["<pr_comment>", "<pr_event_id>", "<pr_review>", "<pr_review_state>", "<pr_review_comment>"],
  ...["<pr_in_reply_to_review_id>", "<pr_in_reply_to_comment_id>", "<pr_diff_hunk_comment_line>"],
  ...["<|fim_begin|>", "<|fim_hole|>", "<|fim_end|>"],
  // chat
  ...["<|system_start|>", "<|system_end|>", "<|developer_start|>", "<|developer_end|>"],
  ...["<|user_start|>", "<|user_end|>", "<|assistant_start|>", "<|assistant_end|>"],
  ...["<|inner_prefix|>", "<|inner_suffix|>", "<|tools_prefix|>", "<|tools_suffix|>"],
];

/** By id. */
export const apertusNames: readonly string[] = Array.from({ length: 1000 }, (_, id) => named[id] ?? `<SPECIAL_${id}>`);
export const apertusIds = { unk: 0, bos: 1, eos: 2, pad: 3 } as const;

export const apertusSpecial: SpecialTokens = {
  ...apertusIds,
  names: new Map(apertusNames.map((name, id) => [id, name])),
  placeholders: new Map([
    ["iban", 36],
    ["email", 37],
    ["ip", 38],
  ]),
  inText: [14, 15, 16, 17],
};
