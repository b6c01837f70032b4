/** Pages that the run kept and a later version of the corpus took away (corpus/version.ts): which, since which version, and why. */
import {
  type CorpusFolder,
  deletedRows,
  type Manifest,
  openVersion,
  parentOf,
  readVersion,
  type Version,
} from "../../corpus/index.js";
import type { Decision } from "./model.js";

/** How a retraction stands among the decisions: no filter has this name. */
const stage = "retract";
const rule = "retracted";

export class Retractions {
  /** By shard, for those asked last. */
  readonly #histories = new Map<string, Promise<readonly Step[]>>();
  /** The shards that lack rows in the version that is reported on. */
  readonly #shards: ReadonlySet<string>;
  /** Pages and first examples, by the version that took them away. */
  readonly #found = new Map<number, { pages: number; readonly examples: string[] }>();

  private constructor(
    private readonly corpus: CorpusFolder,
    readonly version: Version,
  ) {
    this.#shards = new Set(version.deletions.map(({ shard }) => shard));
  }

  /** @throws DataError VERSION_NOT_FOUND, CORPUS_DAMAGED */
  static open(corpus: CorpusFolder, manifest: Manifest, number?: number): Retractions {
    return new Retractions(corpus, openVersion(corpus, manifest, number));
  }

  /** The version and those that it goes back to, the newest first. */
  chain(): readonly Version[] {
    const versions = [this.version];
    for (let at = parentOf(this.corpus, this.version); at !== undefined; at = parentOf(this.corpus, at)) versions.push(at);
    return versions;
  }

  /**
   * Counts a page that the run kept. Gives the version that took it away, the first whose bitmap holds its row; undefined at once
   * where its shard lacks nothing.
   */
  take(shard: string, row: number, url: string): Promise<number | undefined> | undefined {
    return this.#shards.has(shard) ? this.#take(shard, row, url) : undefined;
  }

  /** A decision for each version that took pages away. */
  decisions(): ReadonlyMap<number, Decision> {
    return new Map(
      [...this.#found].map(([number, { pages, examples }]) => {
        const { created_at, reasons } = readVersion(this.corpus, number);
        const evidence = { version: number, created_at, reasons };
        const meaning = "The page was taken out of the corpus after the run, by a version that leaves it out.";
        return [number, { stage, rule, meaning, pages, examples, evidences: 1, evidence_id: null, evidence, robots: null }];
      }),
    );
  }

  async #take(shard: string, row: number, url: string): Promise<number | undefined> {
    const history = await this.#history(shard);
    const version = history.find(({ rows }) => rows.has(row))?.version;
    if (version === undefined) return undefined;
    const found = this.#found.get(version) ?? { pages: 0, examples: [] };
    found.pages++;
    if (found.examples.length < 3) found.examples.push(url);
    this.#found.set(version, found);
    return version;
  }

  #history(shard: string): Promise<readonly Step[]> {
    let history = this.#histories.get(shard);
    if (history === undefined) {
      // Pages of one site lie in many shards, and a shard may lack many rows.
      if (this.#histories.size >= rememberedShards) this.#histories.clear();
      history = this.#read(shard);
      this.#histories.set(shard, history);
    }
    return history;
  }

  /** The versions that took rows of a shard away, the oldest first. */
  async #read(shard: string): Promise<readonly Step[]> {
    const steps: Step[] = [];
    let bitmap = "";
    for (let at: Version | undefined = this.version; at !== undefined; ) {
      const deletion = at.deletions.find((entry) => entry.shard === shard);
      if (deletion === undefined) break;
      // The same bitmap as the version behind it: that one took nothing away here.
      if (deletion.sha256 === bitmap) steps.pop();
      bitmap = deletion.sha256;
      steps.push({ version: at.version, rows: new Set(await deletedRows(this.corpus, at, shard)) });
      at = parentOf(this.corpus, at);
    }
    return steps.reverse();
  }
}

/** The rows of a shard that are gone in a version. */
interface Step {
  readonly version: number;
  readonly rows: ReadonlySet<number>;
}

const rememberedShards = 16;
