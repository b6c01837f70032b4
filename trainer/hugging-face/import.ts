/** A Hugging Face folder of ApertusForCausalLM as weights: one file or several with an index, in float32, float16 or bfloat16. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { DataError } from "../../errors/index.js";
import { openSafetensors, type SafetensorsFile } from "../../formats/index.js";
import type { Weights } from "../model/weights.js";
import { readHuggingFaceConfig } from "./config.js";
import { modelTensors } from "./tensors.js";

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Has to be closed. @throws DataError HF_MODEL_UNSUPPORTED, SAFETENSORS_CORRUPT, INPUT_NOT_FOUND */
export function openHuggingFaceModel(folder: string): Weights {
  const config = join(folder, "config.json");
  const configuration = readHuggingFaceConfig(readFileSync(config, "utf8"), config);
  const unsupported = (detail: string): DataError => new DataError("HF_MODEL_UNSUPPORTED", { file: folder, detail });
  const open = new Map<string, SafetensorsFile>();
  const close = (): void => {
    for (const file of open.values()) file.close();
  };
  try {
    const files = new Map<string, SafetensorsFile>();
    const index = join(folder, "model.safetensors.index.json");
    for (const name of existsSync(index) ? namesOf(index) : ["model.safetensors"]) {
      const file = openSafetensors(join(folder, name));
      open.set(name, file);
      for (const tensor of file.tensors) files.set(tensor.name, file);
    }
    for (const { name, shape, constant } of modelTensors(configuration)) {
      const file = files.get(name);
      const stored = file?.tensors.find((tensor) => tensor.name === name);
      if (constant !== undefined) {
        if (file === undefined) continue;
        const [value = constant] = file.readFloats(name);
        // bfloat16 holds three digits of it.
        if (Math.abs(value - constant) > 0.01 * Math.abs(constant)) throw unsupported(`${name} is ${value}, not ${constant}`);
        continue;
      }
      if (stored === undefined) throw unsupported(`it has no ${name}`);
      if (stored.shape.join() !== shape.join())
        throw unsupported(`${name} is of shape [${stored.shape.join(", ")}], not [${shape.join(", ")}]`);
    }
    return {
      path: folder,
      configuration,
      read(name) {
        const file = files.get(name);
        if (file === undefined) throw unsupported(`it has no ${name}`);
        return file.readFloats(name);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** The files that an index names, all beside it. */
function namesOf(path: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new DataError("HF_MODEL_UNSUPPORTED", { file: path, detail: "it is no JSON", cause });
  }
  const found = indexSchema.safeParse(value);
  if (!found.success) throw new DataError("HF_MODEL_UNSUPPORTED", { file: path, detail: "it has no weight_map" });
  const names = [...new Set(Object.values(found.data.weight_map))];
  const outside = names.find((name) => name !== basename(name) || !name.endsWith(".safetensors"));
  if (outside !== undefined) throw new DataError("HF_MODEL_UNSUPPORTED", { file: path, detail: `it names ${outside}` });
  return names;
}
