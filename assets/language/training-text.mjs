// The lines that the model is trained on: the permissively licensed shards, normalised as the filter normalises, the same number
// of lines for every label (uneven numbers shift the prior and cost up to 10 points), half of them cut short, because crawled
// text is often short.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { normaliseForLanguage } from "../../dist/native/index.js";
import { random } from "./random.mjs";
import { excluded } from "./settings.mjs";

/** Best evidence first. Two more shards exist (share-alike and GPL texts); a model that ships must not see them. */
export const shards = ["text_permissive", "freq", "words_permissive", "ngram"];

/** [label, text] of each line of a `label<TAB>text` file compressed with zstd. */
export function readLines(path) {
  const text = execFileSync("zstd", ["-dc", path], { maxBuffer: 2 ** 31 - 1 }).toString("utf8");
  return text
    .split("\n")
    .map((line) => line.split("\t"))
    .filter((fields) => fields.length === 2);
}

/** Each text as the filter would show it to the model. NFC, which nearly all of the web is in, is given by hand. */
export function normalise(texts) {
  const rows = texts.map((text) => Buffer.from(text.normalize("NFC")));
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i] + row.length;
  });
  return normaliseForLanguage(Buffer.concat(rows), offsets);
}

export function normalisedStrings(texts) {
  const { values, offsets } = normalise(texts);
  const buffer = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return texts.map((_, i) => buffer.toString("utf8", offsets[i], offsets[i + 1]));
}

/** Map of label to { shard: normalised lines } over the shards, best evidence first. */
export function readSources(folder) {
  const labels = new Map();
  for (const shard of shards) {
    const lines = readLines(join(folder, `${shard}.tsv.zst`));
    const texts = normalisedStrings(lines.map(([, text]) => text));
    lines.forEach(([label], i) => {
      if (texts[i] === "" || excluded.includes(label)) return;
      if (!labels.has(label)) labels.set(label, {});
      const kinds = labels.get(label);
      kinds[shard] ??= [];
      kinds[shard].push(texts[i]);
    });
  }
  return new Map([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `count` lines of one label: its best evidence first, repeated where there is too little. */
export function sampleLines(kinds, count, seed) {
  const r = random(seed);
  const all = shards.flatMap((shard) => r.shuffled(kinds[shard] ?? []));
  const lines = [];
  for (let round = 0; lines.length < count; round++) {
    for (const line of round === 0 ? all : r.shuffled(all)) {
      if (lines.length === count) break;
      lines.push(round >= 2 || r.next() < 0.5 ? crop(line, r) : line);
    }
  }
  return lines;
}

/** 15 to 60 characters of the line, at word boundaries. */
function crop(line, r) {
  const wanted = 15 + r.below(46);
  if (line.length <= wanted) return line;
  const words = line.split(" ");
  let at = r.below(words.length);
  let text = words[at++];
  while (text.length < wanted && at < words.length) text += ` ${words[at++]}`;
  return text.length >= 8 ? text : line;
}
