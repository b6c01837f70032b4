/**
 * Weights as a folder that ApertusForCausalLM.from_pretrained opens: config.json, the tensors in one safetensors file or several with an
 * index, generation_config.json, and the tokenizer. It is there whole or not at all.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { attemptSuffix, disk } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import { toBfloat16 } from "../../formats/index.js";
import { huggingFaceTokenizer } from "../../tokenizer/index.js";
import { bytesOf, type TensorToWrite, type WrittenFile, writeTensors, writeText } from "../checkpoint/tensors.js";
import { openTokenizerFor, openWeights } from "../checkpoint/weights.js";
import type { Weights } from "../model/weights.js";
import { type FloatType, huggingFaceConfig } from "./config.js";
import { modelTensors } from "./tensors.js";

export interface ModelExportOptions {
  /** What openWeights opens. */
  readonly checkpoint: string;
  /** A folder that does not exist yet. */
  readonly out: string;
  readonly dtype: FloatType;
  /** Bytes of tensors in a file, at most; a larger tensor has a file of its own. Default: 5 GB, as transformers writes. */
  readonly fileBytes?: number;
}

export interface ModelExport {
  readonly out: string;
  readonly files: readonly WrittenFile[];
  readonly tensors: number;
  readonly parameters: number;
}

/** @throws DataError EXPORT_FOLDER_OTHER, and what openWeights throws */
export async function exportHuggingFaceModel({
  checkpoint,
  out,
  dtype,
  fileBytes = 5e9,
}: ModelExportOptions): Promise<ModelExport> {
  if (existsSync(out)) throw new DataError("EXPORT_FOLDER_OTHER", { file: out, mend: "give an --out that does not exist yet" });
  const weights = openWeights(checkpoint);
  const temporary = `${out}${attemptSuffix()}`;
  try {
    await openTokenizerFor(weights);
    const { files: tokenizer, ids } = await huggingFaceTokenizer(weights.configuration.maxLength);
    disk.makeFolder(temporary);
    const json = (name: string, value: unknown): WrittenFile =>
      writeText(join(temporary, name), `${JSON.stringify(value, null, 2)}\n`);
    const tensors = tensorsOf(weights, dtype);
    const files = [
      json("config.json", huggingFaceConfig(weights.configuration, ids, dtype)),
      json("generation_config.json", {
        _from_model_config: true,
        bos_token_id: ids.bos,
        eos_token_id: ids.eos,
        pad_token_id: ids.pad,
      }),
      ...writeShards(temporary, tensors, fileBytes, json),
      ...Object.entries(tokenizer).map(([name, text]) => writeText(join(temporary, name), text)),
    ];
    disk.flushFolder(temporary);
    disk.rename(temporary, out);
    disk.flushFolder(dirname(out));
    const parameters = modelTensors(weights.configuration)
      .filter(({ constant }) => constant === undefined)
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    return { out, files, tensors: tensors.length, parameters };
  } catch (error) {
    disk.remove(temporary);
    throw error;
  } finally {
    weights.close();
  }
}

function tensorsOf(weights: Weights, dtype: FloatType): readonly TensorToWrite[] {
  return modelTensors(weights.configuration).map(({ name, shape, constant }) => ({
    name,
    shape,
    type: dtype === "float32" ? ("F32" as const) : ("BF16" as const),
    values: () => {
      const values = constant === undefined ? weights.read(name) : Float32Array.of(constant);
      return bytesOf(dtype === "float32" ? values : toBfloat16(values));
    },
  }));
}

/** One file, or several whose names say how many there are, with an index. */
function writeShards(
  folder: string,
  tensors: readonly TensorToWrite[],
  fileBytes: number,
  json: (name: string, value: unknown) => WrittenFile,
): readonly WrittenFile[] {
  const sizeOf = ({ type, shape }: TensorToWrite): number =>
    shape.reduce((product, size) => product * size, type === "F32" ? 4 : 2);
  const groups: TensorToWrite[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const size = sizeOf(tensor);
    if (groups.length === 0 || size > room) {
      groups.push([]);
      room = fileBytes;
    }
    groups.at(-1)?.push(tensor);
    room -= size;
  }
  const metadata = { format: "pt" };
  if (groups.length === 1) return [writeTensors(join(folder, "model.safetensors"), tensors, metadata)];
  const five = (number: number): string => String(number).padStart(5, "0");
  const named = groups.map((group, i) => ({ group, name: `model-${five(i + 1)}-of-${five(groups.length)}.safetensors` }));
  const files = named.map(({ group, name }) => writeTensors(join(folder, name), group, metadata));
  return [
    ...files,
    json("model.safetensors.index.json", {
      metadata: { total_size: tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0) },
      weight_map: Object.fromEntries(named.flatMap(({ group, name }) => group.map((tensor) => [tensor.name, name]))),
    }),
  ];
}
