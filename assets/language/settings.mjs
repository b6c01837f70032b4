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
