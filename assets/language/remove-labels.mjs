// Takes labels out of a trained, quantised fastText model: their entries in the dictionary and their rows of the output matrix.
// What is left is the same model, conditioned on the answer being another label. Layout: native/src/fasttext_model.cc.

/** `file`: a .ftz with norms (-qnorm) whose output is not quantised. Returns the new file. */
export function removeLabels(file, names) {
  const gone = new Set(names.map((name) => `__label__${name}`));
  const headerEnd = 64; // magic, version, twelve settings, the sampling threshold
  const words = file.readInt32LE(headerEnd + 4);
  const labels = file.readInt32LE(headerEnd + 8);
  const kept = Number(file.readBigInt64LE(headerEnd + 20));
  const dimensions = file.readInt32LE(8);

  let at = headerEnd + 28;
  const entries = [];
  const rows = [];
  for (let i = 0; i < words + labels; i++) {
    const zero = file.indexOf(0, at);
    const end = zero + 10; // the closing zero, a 64-bit count, the type
    if (i < words || !gone.has(file.toString("utf8", at, zero))) {
      entries.push(file.subarray(at, end));
      if (i >= words) rows.push(i - words);
    }
    at = end;
  }
  if (rows.length !== labels - gone.size) throw new Error(`not all of ${[...gone].join(", ")} are labels of the model`);
  const inputStart = at;
  at += Math.max(kept, 0) * 8;
  if (file[at] !== 1 || file[at + 1] !== 1) throw new Error("the model is not quantised with norms");
  const inputRows = Number(file.readBigInt64LE(at + 2));
  const codes = file.readInt32LE(at + 18);
  at += 22 + codes + 16 + dimensions * 256 * 4 + inputRows + 16 + 256 * 4;
  if (file[at] !== 0) throw new Error("the model's output is quantised");
  const outputStart = at + 17; // the flag, two 64-bit sizes
  const width = dimensions * 4;
  if (outputStart + labels * width !== file.length) throw new Error("the model does not end where its sizes say");

  const dictionary = Buffer.from(file.subarray(headerEnd, headerEnd + 28));
  dictionary.writeInt32LE(words + rows.length, 0);
  dictionary.writeInt32LE(rows.length, 8);
  const outputHead = Buffer.from(file.subarray(at, outputStart));
  outputHead.writeBigInt64LE(BigInt(rows.length), 1);
  const output = rows.map((row) => file.subarray(outputStart + row * width, outputStart + (row + 1) * width));
  return Buffer.concat([file.subarray(0, headerEnd), dictionary, ...entries, file.subarray(inputStart, at), outputHead, ...output]);
}
