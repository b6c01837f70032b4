// The labelled lines of the sources, normalised as the filter normalises.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { normaliseForLanguage } from "../../dist/native/index.js";
import { leftOut, shards } from "./settings.mjs";

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

/** Map of label to { shard: number of lines with a letter in them }, by label. */
export function readSources(folder) {
  const labels = new Map();
  for (const shard of shards) {
    const lines = readLines(join(folder, `${shard}.tsv.zst`));
    const { offsets } = normalise(lines.map(([, text]) => text));
    lines.forEach(([label], i) => {
      if (offsets[i + 1] === offsets[i] || leftOut.includes(label)) return;
      const kinds = labels.get(label) ?? {};
      labels.set(label, kinds);
      kinds[shard] = (kinds[shard] ?? 0) + 1;
    });
  }
  return new Map([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}
