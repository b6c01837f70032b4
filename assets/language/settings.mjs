// What the model is trained with; docs/models/language.md repeats it.

/** Best evidence first. Two more shards exist (share-alike and GPL texts); a model that ships must not see them. */
export const shards = ["text_permissive", "freq", "words_permissive", "ngram"];

export const noiseLabel = "zxx_Zyyy";
export const noiseLines = 3000;

/**
 * Not learnt: their only text is one translation of 33 lines in the same characters as Chinese, and they took more lines of simplified
 * Chinese than the label of Chinese did.
 */
export const leftOut = ["cjy_Hani", "gan_Hani", "hak_Hani", "hsn_Hani", "nan_Hani", "wuu_Hani"];

/** As `apertus-data model train language` reads it; docs/classifiers.md explains each. */
export const settings = {
  dimensions: 128,
  epochs: 5,
  rate: 0.8,
  least_count: 100,
  most_words: 30_000,
  buckets: 250_000,
  shortest: 2,
  longest: 5,
  /** The same number for every label: uneven numbers shift the prior and cost up to 10 points. */
  lines_per_label: 600,
  most_lines: 3000,
  /** Crawled text is often short. */
  cut: 0.75,
  cut_to: [15, 60],
  dropout: 0.25,
  seed: 1,
};

export const quantise = { dsub: 2, norms: true };
