/** The loader: its order against a plain reference, its packing against arrays, and files that are not what they say. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { writeDeletions, writeManifest } from "../../corpus/index.js";
import { readListLayout } from "../../formats/index.js";
import { openSequenceLoader, openTokenStream, type SequenceBatch, type TokenStream } from "../../native/index.js";
import { cuSeqlens, type LoaderSource, openLoader } from "../../trainer/index.js";
import { codeOf, root, scratchFolder } from "../pipeline/corpora.js";
import { documents, makeCorpus, type Shards, type SmallCorpus } from "../tokenizer/small-corpus.js";
import { placeAt, sequenceOf } from "./loader-reference.js";

const { folder, remove } = scratchFolder("loader");
afterAll(remove);
let corpora = 0;
const make = (shards: Shards): Promise<SmallCorpus> => makeCorpus(join(folder, `corpus-${corpora++}`), shards);
const sourceOf = ({ corpus }: SmallCorpus, name = "a"): LoaderSource => ({ name, corpus });

/** A stream of so many tokens whose file is never opened: enough for the order. */
function streamOf(tokens: number): TokenStream {
  const parts = Array.from({ length: Math.ceil(tokens / 2e9) }, (_, i) => [0, 1, 0, 64, Math.min(2e9, tokens - i * 2e9)]);
  return openTokenStream({
    paths: ["nowhere"],
    sizes: Float64Array.of(2 ** 40),
    batches: Float64Array.from(parts.flat()),
    gone: new Float64Array(0),
    vocabularySize: 131_072,
  });
}

const orderOf = (
  seed: number,
  sizes: readonly number[],
  stages: readonly { sequences: number; weights: readonly number[] }[],
) =>
  openSequenceLoader(
    sizes.map((size) => streamOf(size + 1)),
    1,
    seed,
    Float64Array.from(stages.flatMap(({ sequences, weights }) => [sequences, ...weights])),
  );

function rowsOf(places: Float64Array): [number, number, number][] {
  return Array.from({ length: places.length / 3 }, (_, i) => [
    places[3 * i] ?? 0,
    places[3 * i + 1] ?? 0,
    places[3 * i + 2] ?? 0,
  ]);
}

describe("the order", () => {
  test("is that of the plain reference, for any seed, sources, stages and place", () => {
    const source = fc.tuple(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.array(source, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (seed, sources, lengths, at) => {
          const sizes = sources.map(([size]) => size);
          const stages = lengths.map((sequences, i) => ({
            sequences,
            weights: sources.map(([, weight]) => weight + (i === 0 ? 1 : 0) + 1),
          }));
          const first = Math.floor(at * lengths.reduce((a, b) => a + b));
          const [place] = rowsOf(orderOf(seed, sizes, stages).places(first, 1));
          expect(place).toEqual(placeAt(seed, sizes, stages, first));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("is pinned: a seed gives the same order in every release, or orderVersion is raised", () => {
    const places = rowsOf(orderOf(28, [1000, 10], [{ sequences: 3000, weights: [3, 1] }]).places(997, 4));
    expect(places).toEqual([
      [1, 24, 6],
      [0, 0, 874],
      [0, 0, 760],
      [0, 0, 383],
    ]);
  });

  test("has every sequence of every source once in an epoch in proportion to sizes", () => {
    const sizes = [1, 70_000, 333, 2];
    const all = sizes.reduce((a, b) => a + b);
    const places = rowsOf(orderOf(5, sizes, [{ sequences: all, weights: sizes }]).places(0, all));
    expect(places.every(([, epoch]) => epoch === 0)).toBe(true);
    expect(new Set(places.map(String)).size).toBe(all);
  });

  test("gives each source its weight, and begins no epoch far before the last one has ended", () => {
    const sequences = 300_000;
    const weights = [700, 299, 1];
    const places = rowsOf(orderOf(9, [100_000, 10_000, 50], [{ sequences, weights }]).places(0, sequences));
    for (const [source, weight] of weights.entries()) {
      const of = places.filter(([one]) => one === source);
      expect(Math.abs(of.length - (sequences * weight) / 1000)).toBeLessThanOrEqual(3);
      const size = [100_000, 10_000, 50][source] ?? 0;
      const counted = new Map<string, number>();
      for (const [, epoch, sequence] of of) counted.set(`${epoch}/${sequence}`, (counted.get(`${epoch}/${sequence}`) ?? 0) + 1);
      expect([...counted.values()].every((times) => times === 1)).toBe(true);
      expect(of.reduce((last, [, epoch]) => Math.max(last, epoch), 0)).toBe(Math.ceil(of.length / size) - 1);
    }
    // Within 1,024 places an epoch of the second source ends and the next one begins; no place lies further out of order.
    let [last, least] = [0, 0];
    for (const [i, [source, epoch]] of places.entries()) {
      if (i % 1024 === 0) least = last;
      if (source !== 1) continue;
      expect(epoch).toBeGreaterThanOrEqual(least);
      last = Math.max(last, epoch);
    }
  });

  test("goes on in the next stage where a source stopped", () => {
    const order = orderOf(
      1,
      [100, 100],
      [
        { sequences: 60, weights: [1, 1] },
        { sequences: 70, weights: [1, 0] },
        { sequences: 70, weights: [0, 1] },
      ],
    );
    expect(new Set(rowsOf(order.places(0, 200)).map(String)).size).toBe(200);
  });

  test("mixes far and near: neighbours in the run are neighbours in the source no more often than by chance", () => {
    const size = 100_000;
    const places = rowsOf(orderOf(3, [size], [{ sequences: size, weights: [1] }]).places(0, size)).map(([, , one]) => one);
    const near = places.filter((one, i) => i > 0 && Math.abs(one - (places[i - 1] ?? 0)) <= 50).length;
    expect(near / size).toBeGreaterThan(0.0005);
    expect(near / size).toBeLessThan(0.0015);
    // Each tenth of the run takes a tenth of each tenth of the source.
    const table = Array.from({ length: 100 }, () => 0);
    for (const [i, one] of places.entries()) {
      const cell = Math.floor(i / 10_000) * 10 + Math.floor(one / 10_000);
      table[cell] = (table[cell] ?? 0) + 1;
    }
    expect(Math.min(...table)).toBeGreaterThan(850);
    expect(Math.max(...table)).toBeLessThan(1150);
  });

  test("works for a source of a billion sequences without memory for them", () => {
    const order = orderOf(3, [4e12], [{ sequences: 4e12, weights: [1] }]);
    const places = rowsOf(order.places(3e12, 1000)).map(([, , one]) => one);
    expect(new Set(places).size).toBe(1000);
    expect(places.every((one) => one < 4e12)).toBe(true);
  });
});

const shards: Shards = [
  [documents([3, 9, 2]), documents([40, 5], 1100)],
  [documents([17, 8, 8, 30, 4], 1200)],
  [documents([25], 1400), documents([6, 6, 6], 1500)],
];

function sequences(
  { tokens, boundaries, offsets }: SequenceBatch,
  length: number,
): { tokens: number[]; boundaries: number[] }[] {
  return Array.from({ length: offsets.length - 1 }, (_, i) => ({
    tokens: [...tokens.subarray(i * (length + 1), (i + 1) * (length + 1))],
    boundaries: [...boundaries.subarray(offsets[i], offsets[i + 1])],
  }));
}

describe("sequences", () => {
  test("are the kept documents one after the other, with the places where documents begin, whatever is deleted", async () => {
    const lists = fc.array(
      fc.array(fc.array(fc.integer({ min: 0, max: 131_071 }), { maxLength: 12 }), { minLength: 1, maxLength: 8 }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(lists, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.boolean()),
        fc.integer({ min: 1, max: 20 }),
        async (all, coins, length) => {
          const { corpus, manifest } = await make(all);
          const kept: number[][] = [];
          const gone = new Map<string, number[]>();
          for (const [index, batches] of all.entries()) {
            const rows: number[] = [];
            for (const [row, ids] of batches.flat().entries())
              if (coins.next().value === true) rows.push(row);
              else kept.push(ids);
            gone.set(manifest.shards[index].path, rows);
          }
          await writeDeletions(corpus, manifest, gone, [], new Date());
          const count = Math.max(0, Math.floor((kept.flat().length - 1) / length));
          const options = { sources: [{ name: "a", corpus }], length, seed: 1 };
          if (count === 0) {
            expect(await codeOf(openLoader(options))).toBe("LOADER_INVALID");
            return;
          }
          const loader = await openLoader(options);
          expect([loader.sequences, loader.sources[0]?.documents]).toEqual([count, kept.length]);
          const order = rowsOf(loader.places(0, count)).map(([, , sequence]) => sequence);
          expect(sequences(loader.read(0, count), length)).toEqual(order.map((one) => sequenceOf(kept, length, one)));
          rmSync(corpus.root, { recursive: true });
        },
      ),
      { numRuns: 10 },
    );
  });

  test("are the same for any number of ranks, from any step, and in another thread", async () => {
    const sources = [sourceOf(await make(shards), "a"), sourceOf(await make([[documents([50, 60, 70], 5000)]]), "b")];
    const stages = [{ sequences: 24, weights: { a: 1, b: 2 } }, { sequences: 24 }];
    const options = { sources, length: 7, seed: 42, stages };
    const loader = await openLoader(options);
    const whole = sequences(loader.read(0, 48), 7);
    for (const ranks of [1, 3]) {
      const readers = await Promise.all(Array.from({ length: ranks }, () => openLoader(options)));
      const steps = readers.map((reader, rank) => [...reader.batches({ size: 12, rank, ranks, from: 1 })]);
      for (const step of [0, 1, 2]) {
        expect(steps.flatMap((batches) => sequences(batches[step] as SequenceBatch, 7))).toEqual(
          whole.slice(12 * (step + 1), 12 * (step + 2)),
        );
      }
    }
    const roots = sources.map(({ name, corpus }) => ({ name, root: corpus.root }));
    const script = `
      const { parentPort, workerData } = await import("node:worker_threads");
      const { openLoader } = await import(workerData.trainer);
      const { CorpusFolder } = await import(workerData.corpus);
      const sources = workerData.roots.map(({ name, root }) => ({ name, corpus: new CorpusFolder(root) }));
      const loader = await openLoader({ ...workerData.options, sources });
      parentPort.postMessage({ digest: loader.digest, tokens: loader.read(0, 48).tokens });`;
    const built = (room: string) => pathToFileURL(join(root, `dist/${room}/index.js`)).href;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { trainer: built("trainer"), corpus: built("corpus"), roots, options: { length: 7, seed: 42, stages } },
    });
    const answer = await new Promise<{ digest: string; tokens: Int32Array }>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    expect([answer.digest, [...answer.tokens]]).toEqual([loader.digest, [...loader.read(0, 48).tokens]]);
  });

  test("go into an array that is given, and one row of a packed batch has the boundaries of all", async () => {
    const loader = await openLoader({ sources: [sourceOf(await make(shards))], length: 10, seed: 7 });
    const into = new Int32Array(4 * 11);
    const batch = loader.read(3, 4, into);
    expect(batch.tokens).toBe(into);
    expect([...into]).toEqual([...loader.read(3, 4).tokens]);
    const expected = sequences(batch, 10).flatMap(({ boundaries }, i) => boundaries.slice(0, -1).map((at) => 10 * i + at));
    expect([...cuSeqlens(batch, 10)]).toEqual([...expected, 40]);
    expect([...batch.sources]).toEqual([0, 0, 0, 0]);
  });

  test("a saved place is taken up again, and refused where the order is another", async () => {
    const small = await make(shards);
    const options = { sources: [sourceOf(small)], length: 10, seed: 7 };
    const loader = await openLoader(options);
    const state = JSON.parse(JSON.stringify(loader.state(5)));
    expect((await openLoader(options)).resume(state)).toBe(5);
    for (const other of [{ seed: 8 }, { length: 9 }, { stages: [{ sequences: 9 }] }]) {
      const opened = await openLoader({ ...options, ...other });
      expect(() => opened.resume(state)).toThrow(expect.objectContaining({ code: "LOADER_STATE_DIFFERS" }));
    }
    await writeDeletions(small.corpus, small.manifest, new Map([[small.manifest.shards[1].path, [0]]]), [], new Date());
    const later = await openLoader(options);
    expect(() => later.resume(state)).toThrow(expect.objectContaining({ code: "LOADER_STATE_DIFFERS" }));
    const before = await openLoader({ ...options, sources: [{ ...sourceOf(small), version: 0 }] });
    expect(before.resume(state)).toBe(5);
  });
});

describe("what is wrong is told", () => {
  test.each([
    ["no sources", { sources: [] }],
    ["a length of 0", { length: 0 }],
    ["a seed that is no whole number", { seed: 0.5 }],
    ["a length that no source reaches", { length: 1e6 }],
    ["a stage without a weight", { stages: [{ sequences: 1, weights: {} }] }],
    ["a weight of no source", { stages: [{ sequences: 1, weights: { x: 1 } }] }],
    ["a weight below 0", { stages: [{ sequences: 1, weights: { a: -1 } }] }],
    ["a part of a sequence", { stages: [{ sequences: 0.5 }] }],
  ])("%s", async (_, change) => {
    const sources = [sourceOf(await make(shards))];
    expect(await codeOf(openLoader({ sources, length: 10, seed: 1, ...change }))).toBe("LOADER_INVALID");
  });

  test("a place behind the end, a rank that is none, a step that ranks cannot share", async () => {
    const loader = await openLoader({ sources: [sourceOf(await make(shards))], length: 10, seed: 1 });
    expect(() => loader.read(loader.sequences, 1)).toThrow(RangeError);
    expect(() => loader.read(-1, 1)).toThrow(RangeError);
    expect(() => loader.read(0, 2, new Int32Array(11))).toThrow(RangeError);
    for (const options of [{ size: 3, ranks: 2 }, { size: 2, ranks: 2, rank: 2 }, { size: 0 }])
      expect(() => loader.batches(options).next()).toThrow(expect.objectContaining({ code: "LOADER_INVALID" }));
  });

  test("an object that is no stream", () => {
    for (const wrong of [{}, new Map(), 1, null])
      expect(() => openSequenceLoader([wrong as unknown as TokenStream], 1, 1, Float64Array.of(1, 1))).toThrow(TypeError);
  });

  test("a tokenizer that is not the corpus's, and ids at the ends that are not the manifest's", async () => {
    const { corpus, manifest } = await make(shards);
    const other = await makeCorpus(join(folder, "other"), shards, { digest: "0".repeat(64) });
    expect(await codeOf(openLoader({ sources: [sourceOf(other)], length: 5, seed: 1 }))).toBe("TOKENIZER_MISMATCH");
    writeManifest(corpus, { ...manifest, shards: manifest.shards.map((shard) => ({ ...shard, last_ids: [7] })) });
    expect(await codeOf(openLoader({ sources: [{ name: "a", corpus }], length: 5, seed: 1 }))).toBe("CORPUS_DAMAGED");
  });

  test("a shard that is missing, cut off, or grows another size once it is open", async () => {
    for (const harm of [rmSync, (path: string) => truncateSync(path, 100)]) {
      const { corpus, manifest } = await make(shards);
      harm(corpus.resolve(manifest.shards[0].path));
      expect(await codeOf(openLoader({ sources: [{ name: "a", corpus }], length: 5, seed: 1 }))).toBe("CORPUS_DAMAGED");
    }
    const { corpus, manifest } = await make(shards);
    const loader = await openLoader({ sources: [{ name: "a", corpus }], length: 5, seed: 1 });
    for (const { path } of manifest.shards) truncateSync(corpus.resolve(path), 100);
    expect(() => loader.read(0, loader.sequences)).toThrow(expect.objectContaining({ code: "CORPUS_DAMAGED" }));
  });

  test("any bytes in the place of a shard's are tokens or a coded error", async () => {
    const { corpus, manifest } = await make(shards);
    const shard = manifest.shards[1];
    const path = corpus.resolve(manifest.shards[1].path);
    const honest = readFileSync(path);
    /** As openSource does it, with rows 1 and 2 deleted, and without a tokenizer to open. */
    const streamOfShard = (): TokenStream => {
      const layouts = readListLayout(path, shard.bytes, "tokens", shard.batches);
      return openTokenStream({
        paths: [path],
        sizes: Float64Array.of(shard.bytes),
        batches: Float64Array.from(
          layouts.flatMap(({ rows, offsetsAt, valuesAt, values }) => [0, rows, offsetsAt, valuesAt, values]),
        ),
        gone: Float64Array.of(0, 1, 0, 2),
        vocabularySize: 131_072,
      });
    };
    const codes = new Set<unknown>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(honest.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 128, 127))), {
          minLength: 1,
          maxLength: 6,
        }),
        async (changes) => {
          const bytes = Buffer.from(honest);
          for (const [at, byte] of changes) bytes[at] = byte;
          writeFileSync(path, bytes);
          const work = async (): Promise<void> => {
            const loader = openSequenceLoader([streamOfShard()], 6, 1, Float64Array.of(5, 1));
            const { boundaries } = loader.read(0, 5, new Int32Array(5 * 7));
            expect(boundaries.every((at) => at >= 0 && at <= 6)).toBe(true);
          };
          codes.add(await codeOf(work()));
        },
      ),
      { numRuns: 1000 },
    );
    // A batch that says that it holds fewer ids may hold fewer than a sequence.
    const known = ["no error", "CORPUS_DAMAGED", "ARROW_CORRUPT", "ARROW_UNSUPPORTED"];
    expect([...codes].filter((code) => !known.includes(String(code)) && !(code instanceof RangeError))).toEqual([]);
    expect([...codes].length).toBeGreaterThan(2);
  });
});
