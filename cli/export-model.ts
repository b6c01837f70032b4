/** `apertus-data export model`: a trained model as a Hugging Face folder. */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { ModelExportOptions } from "../trainer/index.js";
import { exitCodes, printable } from "./exit.js";
import { bytes, count, counted } from "./numbers.js";

interface ExportModelFlags {
  readonly checkpoint: string;
  readonly out: string;
  readonly dtype: ModelExportOptions["dtype"];
  readonly json: boolean;
}

export function exportModelCommand(finish: (code: number) => void): Command {
  return new Command("model")
    .summary("a model folder for Hugging Face transformers")
    .description(
      "Writes a trained model as a folder that ApertusForCausalLM.from_pretrained opens: config.json, safetensors, tokenizer.json.\nThere is no import: `train` and `generate` take such a folder as it is.",
    )
    .requiredOption("--checkpoint <folder>", "a run's folder, a checkpoint's, or an average")
    .requiredOption("--out <folder>", "where the model goes; must not exist yet")
    .addOption(new Option("--dtype <type>", "of the tensors").choices(["float32", "bfloat16"]).default("bfloat16"))
    .option("--json", "print one JSON object", false)
    .addHelpText("after", "\nExample:\n  apertus-data export model --checkpoint apertus-training --out ./model")
    .action(async (flags: ExportModelFlags) => {
      const { exportHuggingFaceModel } = await import("../trainer/index.js");
      const { checkpoint, dtype, json } = flags;
      const { out, files, tensors, parameters } = await exportHuggingFaceModel({ checkpoint, out: resolve(flags.out), dtype });
      const written = files.reduce((sum, file) => sum + file.bytes, 0);
      if (json) console.log(JSON.stringify({ out, tensors, parameters, files }));
      else {
        console.log(
          `${count(parameters)} parameters in ${counted(tensors, "tensor")}, ${counted(files.length, "file")} of ${bytes(written)}: ${printable(out)}`,
        );
        console.log(`to open it: transformers.AutoModelForCausalLM.from_pretrained(${JSON.stringify(out)})`);
      }
      finish(exitCodes.done);
    });
}
