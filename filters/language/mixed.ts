/**
 * How much of a page is in other languages than the page as a whole: paragraphs are identified one by one. Reading is bounded: at
 * most 8 paragraphs of a page, spread over it, and 192 bytes of each.
 */
import type { BytesColumn } from "../../formats/index.js";

const lf = 10;
/** A shorter paragraph says too little about its language: a menu entry, a date, a name. */
const shortest = 80;
const mostParagraphs = 8;
const mostBytes = 192;

export interface Paragraphs {
  /** The part of each paragraph that is read; rows of one page follow each other. */
  readonly values: Uint8Array;
  readonly offsets: Int32Array;
  /** Paragraphs of row i of the batch: pages[i] .. pages[i + 1]; a page with fewer than two has none. */
  readonly pages: Int32Array;
  /** Bytes of each paragraph, all of it. */
  readonly sizes: readonly number[];
}

export function paragraphsOf({ values, offsets }: BytesColumn): Paragraphs {
  const rows = offsets.length - 1;
  const pages = new Int32Array(rows + 1);
  const pieces: Uint8Array[] = [];
  const sizes: number[] = [];
  const ends = [0];
  let end = 0;
  for (let row = 0; row < rows; row++) {
    const found = linesOf(values.subarray(offsets[row], offsets[row + 1]));
    if (found.length > 1) {
      const taken = Math.min(found.length, mostParagraphs);
      for (let i = 0; i < taken; i++) {
        const paragraph = found[taken === found.length ? i : Math.floor((i * (found.length - 1)) / (taken - 1))];
        if (paragraph === undefined) continue;
        const piece = paragraph.subarray(0, mostBytes);
        pieces.push(piece);
        sizes.push(paragraph.length);
        end += piece.length;
        ends.push(end);
      }
    }
    pages[row + 1] = sizes.length;
  }
  const joined = new Uint8Array(end);
  pieces.forEach((piece, i) => {
    joined.set(piece, ends[i]);
  });
  return { values: joined, offsets: Int32Array.from(ends), pages, sizes };
}

function linesOf(text: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf(lf, at);
    const stop = found < 0 ? text.length : found;
    if (stop - at >= shortest) lines.push(text.subarray(at, stop));
    at = stop + 1;
  }
  return lines;
}

/**
 * The share, by size, of the paragraphs whose language could be told that are in another one than `language`; of a page in no
 * language that could be told, another one than most of it. 0 to 1, 4 decimals; 0 where fewer than two paragraphs could be told.
 */
export function otherShare(
  paragraphs: readonly { readonly language: string; readonly size: number }[],
  language: string | undefined,
): number {
  if (paragraphs.length < 2) return 0;
  const sizes = new Map<string, number>();
  for (const paragraph of paragraphs) sizes.set(paragraph.language, (sizes.get(paragraph.language) ?? 0) + paragraph.size);
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const main = language === undefined ? Math.max(...sizes.values()) : (sizes.get(language) ?? 0);
  return Math.round((1 - main / all) * 1e4) / 1e4;
}
