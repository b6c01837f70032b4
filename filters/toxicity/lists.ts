/**
 * The word lists that ship (assets/toxicity/: "List of Dirty, Naughty, Obscene, and Otherwise Bad Words", CC BY 4.0), and which of
 * their entries are counted. An entry keeps the index it has in its source, so that evidence can name it for years.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { z } from "zod";
import { sha256 } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { utf8Column } from "../../formats/index.js";
import { WordLists } from "../../native/index.js";
import type { Asset } from "../filter.js";
import { listNames } from "./languages.js";
import { neutralEntries } from "./neutral.js";

const schema = z.object({
  lists: z.record(z.string(), z.object({ sha256: z.string(), entries: z.array(z.string()) })),
});

/** The file, found through the package's own import map, so that it is there after installation as well. */
export function wordListsAsset(): Asset {
  const path = createRequire(import.meta.url).resolve("#assets/toxicity/wordlists.json");
  const bytes = readFileSync(path);
  const { lists } = schema.parse(JSON.parse(bytes.toString("utf8")));
  return {
    name: "toxicity-wordlists",
    path,
    sha256: sha256(bytes),
    provenance: {
      source: "https://github.com/LDNOOBW/naughty-words-js",
      license: "CC-BY-4.0",
      lists: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.sha256])),
    },
  };
}

export interface OpenLists {
  readonly matcher: WordLists;
  /** The bit of a list in a row's mask. */
  readonly bitOf: (list: string) => number;
  /** SHA-256 of a list's source file. */
  readonly digestOf: (list: string) => string;
  /** The list of the matcher's entry, and its index there, from 0. */
  readonly sourceOf: (entry: number) => readonly [list: string, index: number];
}

/** Opens the lists from the file that the run was planned with; throws ASSET_CHANGED where it is another one by now. */
export function openLists(asset: Asset): OpenLists {
  const bytes = readFileSync(asset.path);
  if (sha256(bytes) !== asset.sha256) throw new DataError("ASSET_CHANGED", { file: asset.path, detail: asset.name });
  const { lists } = schema.parse(JSON.parse(bytes.toString("utf8")));
  const counted = listNames.flatMap((list, number) =>
    (lists[list]?.entries ?? []).flatMap((text, index) => (isCounted(list, text) ? [{ list, number, index, text }] : [])),
  );
  const { values, offsets } = utf8Column(counted.map(({ text }) => text));
  return {
    matcher: new WordLists(
      values,
      offsets,
      Uint8Array.from(counted, ({ number }) => number),
    ),
    bitOf: (list) => 1 << listNames.indexOf(list),
    digestOf: (list) => lists[list]?.sha256 ?? "",
    sourceOf: (entry) => [counted[entry].list, counted[entry].index],
  };
}

const letterOrEmoji = /[\p{L}\p{Emoji_Presentation}]/u;
const oneLetter = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}]\p{M}*$/u;

/**
 * Left out are entries without a letter or an emoji ("13."), single letters of scripts without spaces between words (the Chinese
 * for "nature" is one), and neutral words.
 */
function isCounted(list: string, text: string): boolean {
  return letterOrEmoji.test(text) && !oneLetter.test(text) && !(neutralEntries[list] ?? []).includes(text);
}
