// The JavaScript side of model.py: reads a checkpoint or a Hugging Face folder and rows of token ids as JSON, and writes the logits
// [rows, length, vocabulary] as little-endian float32.

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { NativeModel } from "../../dist/native/index.js";
import { nativeShape, openWeights } from "../../dist/trainer/index.js";

const [checkpoint, input, output] = process.argv.slice(2);
const rows = JSON.parse(readFileSync(input, "utf8"));
const weights = openWeights(checkpoint);
const model = new NativeModel(nativeShape(weights.configuration), { threads: availableParallelism(), dtype: "float32" });
for (const { name } of model.tensors) model.write("weight", name, weights.read(name));
weights.close();
const logits = await model.logits(Int32Array.from(rows.flat()), rows.length, rows[0].length);
writeFileSync(output, new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
console.log(model.backend);
