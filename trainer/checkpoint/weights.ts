/**
 * Weights of whatever form: a checkpoint of ours, one of its safetensors files (an average, say), the newest checkpoint of a run's folder,
 * or a Hugging Face folder. So nothing has to be imported before it is trained further, sampled from, or exported.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../errors/index.js";
import { openSafetensors } from "../../formats/index.js";
import { openTokenizer, type Tokenizer } from "../../tokenizer/index.js";
import { openHuggingFaceModel } from "../hugging-face/import.js";
import type { Weights } from "../model/weights.js";
import { checkFile, listCheckpoints, weightsFile } from "./checkpoint.js";
import { configurationSchema, readState, stateFile } from "./state.js";

/** Has to be closed. @throws DataError CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED, SAFETENSORS_CORRUPT, HF_MODEL_UNSUPPORTED */
export function openWeights(path: string): Weights {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return openOurs(path);
  if (existsSync(join(path, weightsFile))) {
    if (existsSync(join(path, stateFile))) {
      for (const file of readState(path).files) if (file.name === weightsFile) checkFile(path, file);
    }
    return openOurs(join(path, weightsFile));
  }
  if (existsSync(join(path, "config.json"))) return openHuggingFaceModel(path);
  const newest = listCheckpoints(path).at(-1);
  if (newest === undefined) throw new DataError("CHECKPOINT_NOT_FOUND", { file: path });
  return openWeights(newest.folder);
}

/**
 * The tokenizer for text in and out of a model. Only the vocabulary that ships is at hand outside of a corpus.
 * @throws DataError TOKENIZER_MISMATCH where the model was trained with another
 */
export async function openTokenizerFor(weights: Weights): Promise<Tokenizer> {
  const tokenizer = await openTokenizer("apertus");
  if (weights.tokenizer === undefined || weights.tokenizer === tokenizer.digest) return tokenizer;
  throw new DataError("TOKENIZER_MISMATCH", {
    file: weights.path,
    detail: `the model was trained with the tokenizer ${weights.tokenizer}`,
    mend: "text is read and written, and models are exported, with the Apertus vocabulary only",
  });
}

function openOurs(path: string): Weights {
  const file = openSafetensors(path);
  try {
    const configuration = configurationSchema.parse(JSON.parse(file.metadata.configuration ?? ""));
    const { tokenizer } = file.metadata;
    const known = tokenizer === undefined ? {} : { tokenizer };
    return { path, configuration, ...known, read: (name) => file.readFloats(name), close: () => file.close() };
  } catch (cause) {
    file.close();
    throw new DataError("CHECKPOINT_DAMAGED", { file: path, detail: "its metadata do not name the model's shape", cause });
  }
}
