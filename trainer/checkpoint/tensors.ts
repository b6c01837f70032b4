/** Tensors of a model into safetensors files, one at a time, so that memory holds one tensor beside the model, whatever its size. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { disk, replaceFile } from "../../corpus/index.js";
import { type StoredTensor, safetensorsHeader, tensorBytes } from "../../formats/index.js";

export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface TensorToWrite extends StoredTensor {
  /** The values as they are stored, of the size that type and shape say. */
  values(): Uint8Array;
}

/** What one call to the disk takes. */
const mostWritten = 1 << 30;

/** A new file, flushed to disk. */
export function writeTensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): WrittenFile {
  const file = disk.create(path);
  const hash = createHash("sha256");
  let bytes = 0;
  const write = (part: Uint8Array): void => {
    for (let at = 0; at < part.length; at += mostWritten) file.write(part.subarray(at, at + mostWritten));
    hash.update(part);
    bytes += part.length;
  };
  try {
    write(safetensorsHeader(tensors, metadata));
    for (const tensor of tensors) {
      const values = tensor.values();
      if (values.length !== tensorBytes(tensor)) throw new RangeError(`${tensor.name} has ${values.length} bytes`);
      write(values);
    }
    file.flush();
  } finally {
    file.close();
  }
  return { name: basename(path), bytes, sha256: hash.digest("hex") };
}

/** A small text beside them, flushed to disk. */
export function writeText(path: string, text: string): WrittenFile {
  const bytes = Buffer.from(text);
  replaceFile(path, bytes);
  return { name: basename(path), bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
