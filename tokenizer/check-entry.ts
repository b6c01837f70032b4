/**
 * Whether the tokenizer at hand is the one that a corpus was written with. Whoever reads tokens asks this first: ids of another
 * vocabulary are numbers like any others, and nothing later would notice.
 */
import type { CorpusFolder, TokenizerEntry } from "../corpus/index.js";
import { DataError } from "../errors/index.js";
import { openTokenizer } from "./bundled.js";
import { checkGolden } from "./golden.js";
import type { LoadOptions } from "./load/assemble.js";
import { loadTokenizer } from "./load/load.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * Opens the tokenizer that a manifest names, from the corpus's own copy where it is none of those that ship; its digest and its
 * golden encodings have to be those of the manifest.
 *
 * @throws DataError TOKENIZER_UNKNOWN, TOKENIZER_MISMATCH, TOKENIZER_DAMAGED, and what loadTokenizer throws
 */
export async function openTokenizerOf(corpus: CorpusFolder, entry: TokenizerEntry): Promise<Tokenizer> {
  const { vocabulary } = entry;
  const tokenizer =
    vocabulary === undefined
      ? await openTokenizer(entry.name as "apertus")
      : await loadTokenizer(corpus.resolve(vocabulary.file.path), vocabulary.options as LoadOptions);
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
