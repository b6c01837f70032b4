// What native/fuzz.mjs feeds the trainer: shapes, batches and documents that mostly fit together and sometimes do not.

/** One model and some calls; `random(below)` picks. Whatever is refused must be refused as an error that says so. */
export async function fuzzTrainer(native, random) {
  const odd = (value) => (random(40) === 0 ? [0, -1, 0.5, Number.NaN, 2 ** 31, 2 ** 53, undefined][random(7)] : value);
  const kvHeads = 1 + random(3);
  const headWidth = 2 * (1 + random(20));
  const shape = {
    vocabulary: odd(1 + random(60)),
    width: odd(1 + random(40)),
    layers: odd(1 + random(2)),
    heads: odd(kvHeads * (1 + random(3))),
    kvHeads: odd(kvHeads),
    headWidth: odd(headWidth),
    hidden: odd(1 + random(70)),
    normEpsilon: odd(1e-5),
    inverseFrequencies: Float64Array.from({ length: headWidth / 2 }, () => random(100) / 100),
  };
  const rows = 1 + random(3);
  const length = 1 + random(100);
  const near = (count) => Math.max(0, count + (random(30) === 0 ? random(3) - 1 : 0));
  const batch = () => ({
    tokens: Int32Array.from({ length: near(rows * (length + 1)) }, () =>
      random(random(3000) === 0 ? 2 ** 31 : shape.vocabulary || 1),
    ),
    rows: odd(rows),
    length: odd(length),
    ...(random(2) === 0 ? { mask: Uint8Array.from({ length: near(rows * length) }, () => random(3)) } : {}),
    ...(random(2) === 0 ? { documents: documents(rows, length, random) } : {}),
    scale: odd(1),
  });
  const step = { kind: ["adamw", "ademamix"][random(2)], learningRate: 0.1, beta1: 0.9, beta2: 0.99, beta3: 0.999, alpha: 8 };
  try {
    const dtype = ["float32", "bfloat16"][random(2)];
    const instructions = random(3) === 0 ? "plain" : undefined;
    const model = new native.NativeModel(shape, { threads: 1 + random(3), dtype, instructions });
    model.initialise(random(100), 1);
    await model.accumulate(batch());
    await model.step({ ...step, correction1: 0.1, correction2: 0.01, epsilon: 1e-8, weightDecay: 0.1, gradientScale: odd(1) });
    await model.averageWeights(odd(0.5));
    await model.losses(batch());
    const generator = model.generator(odd(1 + random(40)));
    for (let n = random(4); n > 0; n--)
      await generator.next(Int32Array.from({ length: random(20) }, () => random(shape.vocabulary)));
  } catch (error) {
    const refused = error instanceof RangeError || error instanceof TypeError || error?.code === "TRAINING_OUT_OF_MEMORY";
    if (!refused) throw error;
  }
}

function documents(rows, length, random) {
  const boundaries = [];
  const offsets = [0];
  for (let row = 0; row < rows; row++) {
    boundaries.push(0);
    for (let at = 1; at < length; at++) if (random(12) === 0) boundaries.push(at);
    boundaries.push(length);
    offsets.push(boundaries.length);
  }
  for (const list of [boundaries, offsets])
    if (random(30) === 0) list[random(list.length)] = random(2) === 0 ? random(2 ** 32) | 0 : random(30);
  return { boundaries: Int32Array.from(boundaries), offsets: Int32Array.from(offsets) };
}
