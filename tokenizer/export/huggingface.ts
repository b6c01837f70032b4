/**
 * Shards as Hugging Face `datasets` reads them with load_from_disk: a folder of Arrow IPC streams, with dataset_info.json for the
 * features and state.json for the list of files (datasets/arrow_dataset.py, save_to_disk). Token ids are called input_ids and are
 * int32, which torch knows without a conversion; the bytes are those of the shards.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { type ArrowField, ArrowShardWriter, isBytes, type ListColumn, takeRows } from "../../formats/index.js";
import { type Run, readKept } from "../shard-reader.js";
import { type ExportFormat, type ExportOptions, type ExportResult, exportCorpus, type PartFile } from "./folder.js";

const schema: readonly ArrowField[] = [
  { name: "id", type: "binary" },
  { name: "input_ids", type: "list<int32>" },
  { name: "language", type: "utf8" },
  { name: "source", type: "utf8" },
  { name: "text_bytes", type: "uint32" },
];

/** datasets.Features, as its to_dict() writes them. */
const features = {
  id: { dtype: "binary", _type: "Value" },
  input_ids: { feature: { dtype: "int32", _type: "Value" }, _type: "List" },
  language: { dtype: "string", _type: "Value" },
  source: { dtype: "string", _type: "Value" },
  text_bytes: { dtype: "uint32", _type: "Value" },
};

const format: ExportFormat = {
  kind: "hf",
  files: (stem) => [`data-${stem}.arrow`],
  async write({ corpus, manifest, shard, gone }, [file]) {
    const writer = new ArrowShardWriter(file as PartFile, schema);
    let [documents, total] = [0, 0];
    for await (const { tokens, others, kept } of readKept(corpus, manifest, shard, gone, [
      "id",
      "language",
      "source",
      "text_bytes",
    ])) {
      if (kept.length === 0) continue;
      const { id, language, source, text_bytes } = others;
      if (!isBytes(id) || !isBytes(language) || !isBytes(source) || isBytes(text_bytes))
        throw new DataError("CORPUS_DAMAGED", {
          file: corpus.resolve(shard.path),
          detail: "its columns are not those of a shard",
        });
      const rows = kept.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
      const whole = rows.length === tokens.offsets.length - 1;
      const input_ids = whole ? tokens : takeLists(tokens, kept);
      writer.write({
        id: whole ? id : takeRows(id, rows),
        input_ids,
        language: whole ? language : takeRows(language, rows),
        source: whole ? source : takeRows(source, rows),
        text_bytes: { type: "uint32", values: Uint32Array.from(rows, (row) => text_bytes.values[row]) },
      });
      documents += rows.length;
      total += input_ids.values.length;
    }
    writer.finish();
    return { documents, tokens: total };
  },
  // A file of the right size that was hashed on its way out; its rows are told by datasets itself.
  fault: (folder, { files: [file] }) => (statSync(join(folder, file.name)).size === file.bytes ? undefined : "another size"),
  frame(record) {
    const { corpus, documents, parts, run_digest, version } = record;
    const bytes = parts.reduce((sum, { files: [file] }) => sum + file.bytes, 0);
    const info = {
      builder_name: "apertus-data",
      citation: "",
      dataset_name: corpus,
      dataset_size: bytes,
      description: `Version ${version} of the corpus ${corpus}, run ${run_digest}.`,
      features,
      homepage: "",
      license: "",
      splits: { train: { name: "train", num_bytes: bytes, num_examples: documents, dataset_name: corpus } },
    };
    const state = {
      _data_files: parts.map(({ files: [file] }) => ({ filename: file.name })),
      // What map and filter name their caches by: another content has to have another one.
      _fingerprint: digestOf(parts.map(({ files: [file] }) => file.sha256)).slice(0, 16),
      _format_columns: null,
      _format_kwargs: {},
      _format_type: null,
      _output_all_columns: false,
      _split: "train",
    };
    return new Map([
      ["dataset_info.json", `${JSON.stringify(info, null, 2)}\n`],
      ["state.json", `${JSON.stringify(state, null, 2)}\n`],
    ]);
  },
};

/** A folder for datasets.load_from_disk, of the documents that the version keeps. Errors: see exportCorpus. */
export function exportHuggingFace(options: ExportOptions): Promise<ExportResult> {
  return exportCorpus(format, options);
}

function takeLists({ values, offsets }: ListColumn, kept: readonly Run[]): ListColumn {
  const rows = kept.reduce((sum, { from, to }) => sum + to - from, 0);
  const tokens = kept.reduce((sum, { from, to }) => sum + offsets[to] - offsets[from], 0);
  const taken = { values: new Uint32Array(tokens), offsets: new Int32Array(rows + 1) };
  let [row, at] = [0, 0];
  for (const { from, to } of kept) {
    taken.values.set(values.subarray(offsets[from], offsets[to]), at);
    for (let i = from; i < to; i++) taken.offsets[++row] = at + offsets[i + 1] - offsets[from];
    at += offsets[to] - offsets[from];
  }
  return { type: "list<uint32>", ...taken };
}
