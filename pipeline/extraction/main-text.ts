/**
 * Which blocks of a page are its main text. In the spirit of boilerplate detection by shallow features (Kohlschütter, Fankhauser
 * and Nejdl, WSDM 2010, doi 10.1145/1718487.1718542: length and link density of a block and its neighbours), of jusText (Pomikálek,
 * "Removing Boilerplate and Duplicate Content from Web Corpora", 2011: good blocks vouch for short ones near them), and of choosing
 * the one part of the page that holds most of the prose (Arc90's Readability). No dictionary and no grammar: how much text lies
 * where, how much of it is links, and what the markup says (hints.ts).
 *
 * The constants were chosen on half of the pages of the article extraction benchmark (bench/extraction); the other half measures.
 */
import { ARTICLE, BESIDE, COMMENTS, MAIN, OVERLAY } from "./hints.js";
import { Kind, type Skeleton } from "./skeleton.js";

/** Visible characters outside links that make a block prose if it is punctuated, and if it is not. */
const PROSE_CHARACTERS = 60;
const UNPUNCTUATED_CHARACTERS = 120;
/** Above this share of characters in links a block is a list of links. */
const BLOCK_LINKS = 0.5;
/** The same for a container: a list or table of links, whatever one of its items looks like. */
const CONTAINER_LINKS = 0.6;
/** The main part is the smallest container with this share of the page's prose, or with the second if its markup says so. */
const MAIN_SHARE = 0.85;
const NAMED_MAIN_SHARE = 0.4;
/** A part that its markup says is beside the text is believed to be, unless it holds more than this share of the prose. */
const DISBELIEF_SHARE = 0.5;
/** What calls itself the main part and holds this share of the prose speaks against hints on the parts around it. */
const MAIN_WITNESS_SHARE = 0.1;
/** Short blocks are kept between two blocks of prose that are at most so many blocks apart, and headings so many before one. */
const NEAR_BLOCKS = 16;
const HEADING_BLOCKS = 2;

/** One number a block: 1 where it belongs to the main text; none does where there is no prose. Linear in the text. */
export function chooseMainText(skeleton: Skeleton): Uint8Array {
  const prose = proseOf(skeleton);
  const excluded = excludedContainers(skeleton, prose);
  const main = mainContainer(
    skeleton,
    prose.map((characters, block) => (excluded[skeleton.container[block]] === 1 ? 0 : characters)),
  );
  const eligible = eligibleBlocks(skeleton, excluded, main);
  return keep(skeleton, prose, eligible);
}

/** Visible characters outside links of each block that is prose, 0 for others. */
function proseOf(skeleton: Skeleton): Float64Array {
  const { text, kind, linkCharacters } = skeleton;
  const prose = new Float64Array(text.length);
  for (let block = 0; block < prose.length; block++) {
    const line = text[block];
    const links = linkCharacters[block] / line.length;
    if (kind[block] === Kind.heading || links > BLOCK_LINKS) continue;
    const characters = visibleCharacters(line) * (1 - links);
    if (characters < PROSE_CHARACTERS) continue;
    if (characters >= UNPUNCTUATED_CHARACTERS || punctuation.test(line)) prose[block] = characters;
  }
  return prose;
}

/** What ends a sentence in the scripts of the world (a Unicode property), and the marks between clauses. */
const punctuation = /[\p{Sentence_Terminal},;:،؛、，；：]/u;

/** Characters that are not white space; ideographs, kana and hangul say about twice as much and count twice. */
function visibleCharacters(line: string): number {
  let count = 0;
  for (let i = 0; i < line.length; i++) {
    const unit = line.charCodeAt(i);
    if (unit > 0x20) count += unit >= 0x2e80 && unit < 0xd7b0 ? 2 : 1;
  }
  return count;
}

/** Per container: the sum of the values of the blocks in it and in all containers inside it. */
function sumOver(skeleton: Skeleton, values: ArrayLike<number>): Float64Array {
  const { container, parent } = skeleton;
  const sums = new Float64Array(parent.length);
  for (let block = 0; block < values.length; block++) sums[container[block]] += values[block];
  for (let c = sums.length - 1; c > 0; c--) sums[parent[c]] += sums[c];
  return sums;
}

/** Containers whose hints are believed, and all inside them. */
function excludedContainers(skeleton: Skeleton, prose: Float64Array): Uint8Array {
  const { parent, hints } = skeleton;
  const sums = sumOver(skeleton, prose);
  const aroundMain = new Uint8Array(sums.length);
  for (let c = sums.length - 1; c > 0; c--) {
    if ((hints[c] & MAIN) !== 0 && sums[c] >= sums[0] * MAIN_WITNESS_SHARE) aroundMain[c] = 1;
    if (aroundMain[c] === 1) aroundMain[parent[c]] = 1;
  }
  const excluded = new Uint8Array(sums.length);
  for (let c = 1; c < excluded.length; c++) {
    const hint = hints[c] & (aroundMain[c] === 1 ? COMMENTS | OVERLAY : BESIDE | COMMENTS | OVERLAY);
    excluded[c] = excluded[parent[c]] === 1 || (hint !== 0 && sums[c] <= sums[0] * DISBELIEF_SHARE) ? 1 : 0;
  }
  return excluded;
}

function mainContainer(skeleton: Skeleton, prose: Float64Array): number {
  const { parent, hints } = skeleton;
  const sums = sumOver(skeleton, prose);
  if (sums[0] === 0) return 0;
  const within = new Uint8Array(parent.length);
  within[0] = 1;
  let main = 0;
  // Parents have lower indices than their children, so each container that qualifies inside the main one so far is a smaller one.
  for (let c = 1; c < sums.length; c++) {
    if (parent[c] < main || within[parent[c]] === 0) continue;
    within[c] = 1;
    const share = (hints[c] & (MAIN | ARTICLE)) === 0 ? MAIN_SHARE : NAMED_MAIN_SHARE;
    if (sums[c] >= sums[0] * share) main = c;
  }
  return main;
}

/** Blocks of the main part that are neither excluded nor links. */
function eligibleBlocks(skeleton: Skeleton, excluded: Uint8Array, main: number): Uint8Array {
  const { text, container, parent, linkCharacters } = skeleton;
  const links = sumOver(skeleton, linkCharacters);
  const characters = sumOver(
    skeleton,
    text.map((line) => line.length),
  );
  const open = new Uint8Array(parent.length);
  for (let c = main; c < open.length; c++) {
    const inside = c === main || (parent[c] >= main && open[parent[c]] !== 0);
    // A list of links shuts out its blocks, not the containers inside it: one of them may be text.
    if (inside && excluded[c] === 0) open[c] = links[c] <= characters[c] * CONTAINER_LINKS ? 2 : 1;
  }
  return Uint8Array.from(text, (line, block) =>
    open[container[block]] === 2 && linkCharacters[block] <= line.length * BLOCK_LINKS ? 1 : 0,
  );
}

/** Prose, what stands in one container with prose, short blocks between prose, and the headings above it. */
function keep(skeleton: Skeleton, prose: Float64Array, eligible: Uint8Array): Uint8Array {
  const { kind, container, parent } = skeleton;
  const hosts = new Uint8Array(parent.length);
  prose.forEach((characters, block) => {
    if (characters > 0) hosts[container[block]] = 1;
  });
  for (let c = 1; c < hosts.length; c++) hosts[c] |= hosts[parent[c]];
  const kept = new Uint8Array(prose.length);
  let last = -1;
  for (let block = 0; block < kept.length; block++) {
    if (eligible[block] === 0) continue;
    if (prose[block] === 0) {
      if (kind[block] !== Kind.heading) kept[block] = hosts[container[block]];
      continue;
    }
    kept[block] = 1;
    const near = last >= 0 && block - last <= NEAR_BLOCKS;
    for (let before = block - 1; before >= (near ? last + 1 : Math.max(0, block - HEADING_BLOCKS)); before--) {
      if (eligible[before] === 1 && (near || kind[before] === Kind.heading)) kept[before] = 1;
    }
    last = block;
  }
  return kept;
}
