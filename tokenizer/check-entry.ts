/**
 * Whether the tokenizer at hand is the one that a corpus was written with. Whoever reads tokens asks this first: ids of another
 * vocabulary are numbers like any others, and nothing later would notice.
 */
import type { TokenizerEntry } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { openTokenizer } from "./bundled.js";
import { checkGolden } from "./golden.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * Opens the tokenizer that a manifest names; its digest and its golden encodings have to be those of the manifest.
 *
 * @throws DataError TOKENIZER_UNKNOWN, TOKENIZER_MISMATCH, TOKENIZER_DAMAGED
 */
export async function openTokenizerOf(entry: TokenizerEntry): Promise<Tokenizer> {
  const tokenizer = await openTokenizer(entry.name as "apertus");
  if (entry.digest !== tokenizer.digest) {
    throw new DataError("TOKENIZER_MISMATCH", {
      detail: `the manifest names the digest ${entry.digest}, this ${entry.name} has ${tokenizer.digest}`,
    });
  }
  checkGolden(tokenizer, entry.golden);
  const { vocabularySize, special } = tokenizer;
  const [stored, found] = [
    [entry.vocabulary_size, entry.bos, entry.eos, entry.pad],
    [vocabularySize, special.bos, special.eos, special.pad],
  ].map((numbers) => numbers.join(", "));
  if (stored !== found) {
    throw new DataError("TOKENIZER_MISMATCH", {
      detail: `vocabulary size, begin, end and padding are ${stored} in the manifest, ${found} here`,
    });
  }
  return tokenizer;
}
