/** English and the rest: the split that a corpus is compared with Apertus's by. */

/** Apertus technical report (arXiv 2509.14233): of its pretraining tokens about 40 % are not English. */
export const apertusEnglishShare = 0.6;

export function isEnglish(label: string): boolean {
  return /^en(?:g)?(?:[_-]|$)/.test(label);
}
