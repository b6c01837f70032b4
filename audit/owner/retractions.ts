/** Pages that the run kept and a later version of the corpus took away (corpus/version.ts): which, since which version, and why. */
import { type CorpusFolder, deletedRows, type Manifest, readVersion, shardsDigest, type Version } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { Decision } from "./model.js";

/** How a retraction stands among the decisions: no filter has this name. */
const stage = "retract";
const rule = "retracted";

export class Retractions {
  readonly #deleted = new Map<string, ReadonlySet<number>>();
  /** Pages and first examples, by the version that took them away. */
  readonly #found = new Map<number, { pages: number; readonly examples: string[] }>();

  private constructor(
    private readonly corpus: CorpusFolder,
    readonly version: Version,
  ) {}

  /** @throws DataError VERSION_NOT_FOUND, CORPUS_DAMAGED */
  static open(corpus: CorpusFolder, manifest: Manifest, number?: number): Retractions {
    const version = readVersion(corpus, number);
    if (version.shards_digest !== shardsDigest(manifest)) {
      throw new DataError("CORPUS_DAMAGED", { file: corpus.version(version.version), detail: "it belongs to other shards" });
    }
    return new Retractions(corpus, version);
  }

  /** Whether the version leaves out this row of a shard. */
  async has(shard: string, row: number): Promise<boolean> {
    if (!this.version.deletions.some((deletion) => deletion.shard === shard)) return false;
    return (await this.#rows(this.version, shard)).has(row);
  }

  /** The version that took the row away, the first whose bitmap holds it. */
  async take(shard: string, row: number, url: string): Promise<number> {
    let first = this.version;
    while (first.parent !== null) {
      const parent = readVersion(this.corpus, first.parent);
      if (!(await this.#rows(parent, shard)).has(row)) break;
      first = parent;
    }
    const found = this.#found.get(first.version) ?? { pages: 0, examples: [] };
    found.pages++;
    if (found.examples.length < 3) found.examples.push(url);
    this.#found.set(first.version, found);
    return first.version;
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

  async #rows(version: Version, shard: string): Promise<ReadonlySet<number>> {
    const key = `${version.version} ${shard}`;
    let rows = this.#deleted.get(key);
    if (rows === undefined) {
      rows = new Set(await deletedRows(this.corpus, version, shard));
      // Pages of one site lie in many shards; what was asked last is not asked again.
      if (this.#deleted.size >= 64) this.#deleted.clear();
      this.#deleted.set(key, rows);
    }
    return rows;
  }
}
