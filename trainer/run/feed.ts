/**
 * The sequences of a run: the loader's order, less those that are held out. These are the ones that the order brings first, and wherever it
 * brings one of them again it is passed over. So what comes next depends on one number, the place in the order.
 */
import { resolve } from "node:path";
import { CorpusFolder } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { SequenceBatch } from "../../native/index.js";
import { type Loader, type LoaderStage, type LoaderState, openLoader } from "../loader/loader.js";
import type { TrainRecipe } from "../recipe.js";

/** Sequences that are handed out together, with where each comes from. */
export interface FedBatch extends SequenceBatch {
  readonly rows: number;
  /** [rows, 2]: source, and number of the sequence in the source's own order. */
  readonly origins: readonly Origin[];
}

export interface Origin {
  readonly source: number;
  readonly sequence: number;
}

/** The last stage has no end: far above what any run reads, and sums of stages stay below 2^53. */
const endless = 2 ** 50;

export class Feed {
  #place = 0;
  readonly #held: ReadonlyMap<string, number>;

  private constructor(
    readonly loader: Loader,
    readonly length: number,
    heldOut: number,
  ) {
    this.#held = firstPlaces(loader, heldOut);
  }

  /** @throws DataError LOADER_INVALID, and what openLoader throws */
  static async open(data: TrainRecipe["data"], baseFolder: string): Promise<Feed> {
    const loader = await openLoader({
      sources: data.sources.map(({ name, corpus, version }) => ({
        name,
        corpus: new CorpusFolder(resolve(baseFolder, corpus)),
        ...(version === undefined ? {} : { version }),
      })),
      length: data.length,
      seed: data.seed,
      stages: stagesOf(data),
    });
    return new Feed(loader, data.length, data.held_out);
  }

  /** Where the run stands, for its checkpoint. */
  get state(): LoaderState {
    return this.loader.state(this.#place);
  }

  /** @throws DataError LOADER_STATE_DIFFERS */
  resume(state: LoaderState): void {
    this.#place = this.loader.resume(state);
  }

  /** The next sequences of the run, in batches of at most `micro` rows. */
  take(count: number, micro: number): readonly FedBatch[] {
    const places: number[] = [];
    const origins: Origin[] = [];
    while (places.length < count) {
      const wanted = count - places.length;
      for (const [i, origin] of originsOf(this.loader, this.#place, wanted).entries()) {
        if (this.#held.has(keyOf(origin))) continue;
        places.push(this.#place + i);
        origins.push(origin);
      }
      this.#place += wanted;
    }
    return this.#batches(places, origins, micro);
  }

  /** What is held out, in batches of at most `micro` rows. */
  evaluation(micro: number): readonly FedBatch[] {
    const places = [...this.#held.values()];
    return this.#batches(
      places,
      places.flatMap((place) => originsOf(this.loader, place, 1)),
      micro,
    );
  }

  #batches(places: readonly number[], origins: readonly Origin[], micro: number): readonly FedBatch[] {
    const batches: FedBatch[] = [];
    for (let at = 0; at < places.length; at += micro) {
      const rows = Math.min(micro, places.length - at);
      batches.push({ ...this.#read(places.slice(at, at + rows)), rows, origins: origins.slice(at, at + rows) });
    }
    return batches;
  }

  /** Places that follow each other are read together. */
  #read(places: readonly number[]): SequenceBatch {
    const width = this.length + 1;
    const tokens = new Int32Array(places.length * width);
    const boundaries: number[] = [];
    const offsets = [0];
    const sources: number[] = [];
    for (let at = 0; at < places.length; ) {
      let end = at + 1;
      while (end < places.length && places[end] === places[end - 1] + 1) end++;
      const part = this.loader.read(places[at], end - at, tokens.subarray(at * width, end * width));
      const before = boundaries.length;
      for (const boundary of part.boundaries) boundaries.push(boundary);
      for (const offset of part.offsets.subarray(1)) offsets.push(before + offset);
      for (const source of part.sources) sources.push(source);
      at = end;
    }
    return {
      tokens,
      boundaries: Int32Array.from(boundaries),
      offsets: Int32Array.from(offsets),
      sources: Int32Array.from(sources),
    };
  }
}

/** Sequences that are looked at for each that is held out: far more than an order repeats itself. */
const patience = 4096;

/**
 * Where the order brings its first different sequences.
 * @throws DataError LOADER_INVALID where too few are left to train on
 */
function firstPlaces(loader: Loader, count: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const held = loader.sources.map(() => 0);
  for (let place = 0; found.size < count; place++) {
    if (place > patience * (count + 1)) throw tooMany("the order has not as many different sequences");
    const [{ source, sequence }] = originsOf(loader, place, 1);
    const key = keyOf({ source, sequence });
    if (found.has(key)) continue;
    found.set(key, place);
    held[source]++;
    // A source of which all is held out would be searched for more for ever.
    const { name, sequences } = loader.sources[source];
    if (held[source] >= sequences) throw tooMany(`all ${sequences} sequences of ${name} would be held out`);
  }
  return found;
}

function tooMany(detail: string): DataError {
  return new DataError("LOADER_INVALID", {
    detail,
    mend: "set a smaller `data.held_out`, or shorter sequences with `data.length`",
  });
}

function stagesOf({ stages }: TrainRecipe["data"]): readonly LoaderStage[] {
  const last = stages.length - 1;
  const given = stages.length === 0 ? [{}] : stages;
  return given.map(({ sequences, weights }: TrainRecipe["data"]["stages"][number], index) => {
    const isLast = index >= last;
    if (isLast !== (sequences === undefined)) {
      const detail = isLast ? "the last stage has no end, so no `sequences`" : `stage ${index + 1} lacks its \`sequences\``;
      throw new DataError("LOADER_INVALID", { detail });
    }
    return { sequences: sequences ?? endless, ...(weights === undefined ? {} : { weights }) };
  });
}

function originsOf(loader: Loader, first: number, count: number): readonly Origin[] {
  const places = loader.places(first, count);
  return Array.from({ length: count }, (_, i) => ({ source: places[3 * i], sequence: places[3 * i + 2] }));
}

function keyOf({ source, sequence }: Origin): string {
  return `${source}/${sequence}`;
}
