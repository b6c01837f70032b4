// What the model is trained with; docs/models/language.md repeats it.
export const settings = {
  /** Lines a label: the cap and, by repetition, the floor. */
  lines: 400,
  noiseLines: 1500,
  dim: 64,
  bucket: 100_000,
  minn: 2,
  maxn: 5,
  minCount: 100,
  lr: 1.6,
  epoch: 3,
  dsub: 2,
  seed: 1,
};

export const noiseLabel = "zxx_Zyyy";

/**
 * Taken out after training: their only text is one translation of 33 lines in the same characters as Chinese, and they took more
 * lines of simplified Chinese than the label of Chinese did.
 */
export const removed = ["cjy_Hani", "gan_Hani", "hak_Hani", "hsn_Hani", "nan_Hani", "wuu_Hani"];
