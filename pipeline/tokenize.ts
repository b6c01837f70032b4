/** The stage that turns kept text into token ids. Its parameters, and what a tokenizer must give the shards. */
import { z } from "zod";

export const tokenizeParameters = z
  .strictObject({
    tokenizer: z
      .literal("apertus")
      .default("apertus")
      .describe("`apertus`: tekken v3 with the special tokens of Apertus, 131,072 ids."),
  })
  .describe("Text to token ids: BOS, the text with each redaction as its one placeholder token, EOS.");
